"""What a person has to prove that she is herself."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlmodel import Session, col, func, select

from db.access.gate import readable
from db.access.people.queries import find_user
from db.access.people.second_factor.rules import STEP_SECONDS, code_at
from db.access.people.second_factor.tables import RecoveryCode
from db.access.people.sessions.queries import is_demonstration
from db.kernel.errors import NotAllowed


@dataclass(frozen=True)
class SecondFactor:
    """Since when a person has a second factor (None = none) and how many recovery codes are left."""

    since: datetime | None
    recovery_codes_left: int


@readable("access.use_own_account")
def second_factor(session: Session, *, user_id: UUID) -> SecondFactor:
    """Return what a person has as second factor."""
    left = select(func.count()).select_from(RecoveryCode)
    left = left.where(RecoveryCode.user_id == user_id, col(RecoveryCode.used_at).is_(None))
    return SecondFactor(find_user(session, user_id).totp_since, session.exec(left).one())


@readable("access.use_own_account")
def demonstration_code(session: Session, *, user_id: UUID, at: datetime) -> str:
    """Return the code that a person of the demonstration would read on her phone now ("" = she has none).

    Right after a code was used it is already the next one, because a code is good once.

    Raises:
        NotAllowed: the database is a real firm's.
    """
    if not is_demonstration(session):
        raise NotAllowed("Le code ne se montre que dans la démonstration.")
    user = find_user(session, user_id)
    if user.totp_secret is None:
        return ""
    unused = datetime.fromtimestamp(((user.totp_last_step or 0) + 1) * STEP_SECONDS, UTC)
    return code_at(user.totp_secret, at=max(at, unused))
