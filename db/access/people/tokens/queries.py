"""Which programs have a key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from db.access.gate import readable
from db.access.people.tokens.tables import ApiToken


@dataclass(frozen=True)
class Key:
    """A program's key; the key itself was shown once and is not known any more."""

    id: UUID
    label: str
    scopes: Sequence[str]
    made_at: datetime
    expires_at: datetime


@readable("access.use_own_account")
def keys_of(session: Session, *, user_id: UUID, at: datetime) -> Sequence[Key]:
    """List the keys of a person that still open something, the newest first."""
    wanted = (
        select(ApiToken)
        .where(ApiToken.user_id == user_id, col(ApiToken.revoked_at).is_(None), ApiToken.expires_at > at)
        .order_by(col(ApiToken.made_at).desc())
    )
    return [Key(key.id, key.label, key.scopes, key.made_at, key.expires_at) for key in session.exec(wanted)]
