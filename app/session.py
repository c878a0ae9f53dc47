"""Who is signed in. Imports nothing else of app, so that everything may ask."""

import asyncio
import logging
from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from db.access.people.queries import actor_of, actor_of_session
from db.access.people.sessions.actions import note_seen
from db.access.people.sessions.rules import SEEN_STEP
from db.access.rules import NOBODY, Actor
from db.session import UnderMaintenance, reading, transaction

SESSION_COOKIE = "boussole_session"
log = logging.getLogger("boussole.session")


def session_token(cookie_header: str) -> str | None:
    """Return the session's token out of a `Cookie` header."""
    for part in cookie_header.split(";"):  # one by one: a foreign cookie that cannot be read must not hide ours
        try:
            found = SimpleCookie(part.strip()).get(SESSION_COOKIE)
        except CookieError:
            continue
        if found is not None and found.value:
            return found.value
    return None


def who_is(cookie_header: str) -> Actor | None:
    """Return who is signed in with these cookies; None for a visitor, and while the second factor is still to come."""
    token = session_token(cookie_header)
    if token is None:
        return None
    at = datetime.now(UTC)
    with reading() as session:
        found = actor_of_session(session, token=token, at=at)
    if found is None:
        return None
    actor, browser = found
    if at - browser.last_seen_at >= SEEN_STEP:
        _note_seen(browser.id, at)
    return actor


def _note_seen(session_id: UUID, at: datetime) -> None:
    try:
        with transaction() as session:
            note_seen(session, session_id=session_id, at=at)
    except (
        DBAPIError,
        UnderMaintenance,
    ) as problem:  # the next click notes it; no page fails for that
        log.info("last use not noted: %s", problem)


def actor_of_user(user_id: UUID, via: str = "job") -> Actor:
    """Return a person with her roles of now, without a browser (jobs, command line).

    Raises:
        PersonClosed: she has left.
    """
    with reading() as session:
        return actor_of(session, user_id=user_id, via=via, at=datetime.now(UTC))


async def current_actor(state: Any) -> Actor:
    """Return who is behind a Reflex state; `NOBODY` for a visitor. Cookies are those of the socket's handshake."""
    cookie_header = state.router.headers.cookie
    return await asyncio.to_thread(who_is, cookie_header) or NOBODY
