"""How long a browser stays signed in, and how long to wait after wrong passwords."""

import hashlib
from datetime import datetime, timedelta

from db.kernel.errors import NotAllowed

IDLE_LIMIT = timedelta(hours=12)
LIFE_LIMIT = timedelta(days=30)
CODE_LIMIT = timedelta(minutes=10)  # between the password and the second factor
FRESH_TIME = timedelta(minutes=10)
SEEN_STEP = timedelta(minutes=5)  # `last_seen_at` is not written at every click

FREE_FAILURES = {"account": 5, "code": 5, "address": 20, "reset": 3}
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=24)


class TooManyAttempts(NotAllowed):
    """Somebody has to wait before the next attempt."""


class WrongCredentials(NotAllowed):
    """Address and password do not belong together, or the code is wrong."""


def is_alive(opened_at: datetime, last_seen_at: datetime, ended_at: datetime | None, *, at: datetime) -> bool:
    """Test if a session was not ended, was used in the last 12 hours, and is younger than 30 days."""
    return ended_at is None and at - last_seen_at < IDLE_LIMIT and at - opened_at < LIFE_LIMIT


def attempt_key(kind: str, who: str) -> str:
    """Return under which key failures are counted (hashed: people type passwords into the wrong field)."""
    return f"{kind}:{hashlib.sha256(who.strip().lower().encode()).hexdigest()}"


def wait_after(kind: str, failures: int) -> timedelta:
    """Return the pause after so many failures in a row: none at first, then 1, 2, 4, 8, 15 minutes."""
    beyond = failures - FREE_FAILURES[kind]
    return timedelta(0) if beyond < 0 else min(timedelta(minutes=2 ** min(beyond, 10)), LONGEST_WAIT)


def remaining_wait(kind: str, failures: int, last_at: datetime, *, at: datetime) -> timedelta:
    """Return how long is still to wait at an instant (0 or less = nothing)."""
    pause = wait_after(kind, failures)
    if at - last_at >= FORGOTTEN_AFTER or not pause:  # without a pause it does not matter who came a blink earlier
        return timedelta(0)
    return last_at + pause - at


def check_wait(remaining: timedelta) -> None:
    """Refuse while a pause lasts.

    Raises:
        TooManyAttempts: with the minutes to wait.
    """
    if remaining > timedelta(0):
        minutes = -(-int(remaining.total_seconds()) // 60) or 1
        raise TooManyAttempts("Trop d’essais. Réessayez dans {minutes} min.", minutes=minutes)
