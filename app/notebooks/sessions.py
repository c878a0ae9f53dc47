"""Who has entered the notebooks' origin with a ticket, and may still be there.

Kept in memory of the one proxy process: when it ends, the editors end too, and everybody enters anew with a ticket.
"""

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.cookies import CookieError, SimpleCookie
from uuid import UUID

from app.doors import now
from app.session import actor_of_user
from db.access.rules import Actor, may
from db.access.tickets.queries import is_signed_in_still
from db.kernel.errors import BusinessError
from db.session import reading

COOKIE = "boussole_notebook"
LIFE = timedelta(hours=12)
ASK_AGAIN_SECONDS = 5.0


@dataclass
class Visit:
    """A browser that entered; `subjects` are the frozen notebooks that its tickets opened."""

    user_id: UUID
    app_session_id: UUID | None
    entered_at: datetime
    subjects: set[str] = field(default_factory=set)
    actor: Actor | None = None
    asked: float = float("-inf")


@dataclass
class Visits:
    """All browsers that entered. `find_actor` tells who a visit is now, None once she has left or signed out."""

    find_actor: Callable[[Visit], Actor | None]
    by_digest: dict[str, Visit] = field(default_factory=dict)

    def enter(self, user_id: UUID, app_session_id: UUID | None, *, before: Visit | None = None) -> tuple[str, Visit]:
        """Let a browser in; return the cookie's value. The same person keeps what her browser had opened `before`."""
        self._forget_old()
        token = secrets.token_urlsafe(32)
        same = before is not None and (before.user_id, before.app_session_id) == (user_id, app_session_id)
        visit = Visit(user_id, app_session_id, now(), set(before.subjects) if before is not None and same else set())
        self.by_digest[_digest(token)] = visit
        return token, visit

    def of(self, cookie_header: str) -> Visit | None:
        """Return the visit of a browser, None when it has not entered."""
        token = cookie_value(cookie_header)
        visit = self.by_digest.get(_digest(token)) if token else None
        return visit if visit is not None and now() - visit.entered_at < LIFE else None

    def who(self, visit: Visit) -> Actor | None:
        """Return the person behind a visit with her rights of now (asked again every few seconds)."""
        if time.monotonic() - visit.asked > ASK_AGAIN_SECONDS:
            visit.actor, visit.asked = self.find_actor(visit), time.monotonic()
        return visit.actor

    def may(self, visit: Visit, permission: str) -> bool:
        """Test if the person behind a visit has a permission now."""
        return may(self.who(visit), permission)

    def _forget_old(self) -> None:
        self.by_digest = {key: visit for key, visit in self.by_digest.items() if now() - visit.entered_at < LIFE}


def present_actor(visit: Visit) -> Actor | None:
    """Return who a visit is, as long as she works here and the session she came from is open."""
    with reading() as session:
        if visit.app_session_id is not None and not is_signed_in_still(
            session, session_id=visit.app_session_id, at=now()
        ):
            return None
    try:
        return actor_of_user(visit.user_id, via="notebook")
    except BusinessError:
        return None


def cookie_value(cookie_header: str) -> str | None:
    """Return our cookie out of a `Cookie` header; the product's own session cookie opens nothing here."""
    for part in cookie_header.split(";"):
        try:
            found = SimpleCookie(part.strip()).get(COOKIE)
        except CookieError:
            continue
        if found is not None and found.value:
            return found.value
    return None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
