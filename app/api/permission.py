"""Who calls the API, and may they: every route names its permission with `Depends(allowed("area.permission"))`.

Only tokens are accepted (`Authorization: Bearer …`), never a browser's session cookie, so that no foreign page can
use the API with somebody's session.
"""

from collections.abc import Callable
from typing import Annotated

from fastapi import Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.doors import now
from db.access.rules import ANYBODY, NOBODY, Actor, check_may
from db.kernel.errors import BusinessError
from db.session import reading

BEARER = HTTPBearer(
    auto_error=False, scheme_name="jeton", description="Le jeton d'accès d'une personne (page « Compte »)."
)
Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)]


class NotSignedIn(BusinessError):
    """The call carries no token, or one that is not valid any more."""


def allowed(permission: str) -> Callable[[Credentials], Actor]:
    """Return the dependency that lets a caller with the permission through and gives the route its actor.

    Raises:
        NotSignedIn: no valid token. NotAllowed: the person, or her token's scopes, lack the permission.
    """

    def caller(credentials: Credentials) -> Actor:
        if credentials is None and permission == ANYBODY:
            return NOBODY
        actor = actor_of(credentials.credentials if credentials else "")
        check_may(actor, permission)
        return actor

    caller.permission = permission  # type: ignore[attr-defined]
    return caller


def actor_of(token: str) -> Actor:
    """Return the person whom a token stands for, as she may act now.

    Raises:
        NotSignedIn: the token is missing, unknown, revoked or expired.
    """
    from db.access.people.queries import actor_of_token

    actor = None
    if token:
        with reading() as session:
            actor = actor_of_token(session, token=token, at=now())
    if actor is None:
        raise NotSignedIn("Un jeton d'accès valide est nécessaire : en-tête « Authorization: Bearer … ».")
    return actor
