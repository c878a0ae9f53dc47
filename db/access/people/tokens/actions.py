"""Give keys to programs and take them back."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from db.access.gate import gate
from db.access.people.queries import find_user
from db.access.people.tokens.rules import PREFIX, check_expiry, check_scopes, new_token, token_hash
from db.access.people.tokens.tables import ApiToken
from db.access.rules import Actor, may
from db.kernel.errors import BadInput, NotAllowed, NotFound


@gate("access.use_own_account")
def issue_token(
    session: Session,
    *,
    user_id: UUID,
    scopes: Iterable[str],
    expires_at: datetime,
    label: str,
    by: Actor,
    at: datetime,
) -> str:
    """Return a new key with which a program may do, as the person, what `scopes` name and she may; it is shown once.

    Raises:
        NotAllowed: it would be somebody else's, or wider than what `by` may.
        BadInput: scopes, expiry or label will not do.
    """
    chosen = frozenset(scopes)
    check_scopes(chosen)
    check_expiry(expires_at, at=at)
    if not 1 <= len(label.strip()) <= 80:
        raise BadInput("Donnez à la clé un nom de 1 à 80 caractères.")
    if not by.system and user_id != by.user_id:
        raise NotAllowed("Une clé se crée pour soi-même.")
    beyond = sorted(scope for scope in chosen if not may(by, scope))
    if beyond:
        raise NotAllowed("Vous n’avez pas vous-même ces droits : {names}.", names=", ".join(beyond))
    find_user(session, user_id)

    token = new_token(PREFIX)
    session.add(
        ApiToken(
            user_id=user_id,
            token_hash=token_hash(token),
            label=label.strip(),
            scopes=sorted(chosen),
            made_at=at,
            expires_at=expires_at,
        )
    )
    return token


@gate("access.use_own_account")
def revoke_token(session: Session, *, token_id: UUID, by: Actor, at: datetime) -> None:
    """Take a key back.

    Raises:
        NotFound: it is not one's own.
    """
    key = session.get(ApiToken, token_id, with_for_update=True)
    if key is None or (key.user_id != by.user_id and not by.system):
        raise NotFound("Cette clé n’existe pas.")
    key.revoked_at = key.revoked_at or at
    session.add(key)
