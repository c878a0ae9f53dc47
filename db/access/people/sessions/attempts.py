"""Counting what fails, before it is known whether it fails: attempts at the same time cannot slip through together."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from db.access.people.sessions.rules import FORGOTTEN_AFTER, attempt_key, check_wait, remaining_wait
from db.access.people.sessions.tables import SignInAttempt

Tries = Sequence[tuple[str, str]]  # kind ("account", "address", "code", "reset") and who


def count_attempt(session: Session, *, tries: Tries, at: datetime) -> None:
    """Count an attempt as a failure under each key, unless a pause lasts (bookkeeping, no deed).

    Raises:
        TooManyAttempts: with the minutes to wait; nothing is counted then.
    """
    rows = [(kind, _row(session, attempt_key(kind, who), at)) for kind, who in sorted(tries)]
    for kind, row in rows:
        check_wait(remaining_wait(kind, row.failures, row.last_at, at=at))
    for _, row in rows:
        stale = at - row.last_at >= FORGOTTEN_AFTER
        row.failures, row.last_at = (1 if stale else row.failures + 1), at


def forget_attempt(session: Session, *, tries: Tries, at: datetime) -> None:
    """Take back what was counted before a success; an account starts anew, an address keeps what others failed."""
    for kind, who in sorted(tries):
        row = _row(session, attempt_key(kind, who), at)
        row.failures = max(row.failures - 1, 0) if kind == "address" else 0


def forget_old_attempts(session: Session, *, at: datetime) -> None:
    """Delete what does not count any more."""
    session.connection().execute(delete(SignInAttempt).where(col(SignInAttempt.last_at) < at - FORGOTTEN_AFTER))


def _row(session: Session, key: str, at: datetime) -> SignInAttempt:
    """Return the locked counter of a key, made when it does not exist."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    made = insert(SignInAttempt).values(key=key, failures=0, last_at=at).on_conflict_do_nothing()
    session.connection().execute(made)
    return session.exec(select(SignInAttempt).where(SignInAttempt.key == key).with_for_update()).one()
