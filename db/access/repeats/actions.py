"""Carry a request out once, however often it comes. The product's own books: no deed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from db.access.gate import bookkeeping
from db.access.repeats.rules import KEPT, KeyReused, StillRunning, check_key
from db.access.repeats.tables import IdempotencyKey
from db.access.rules import Actor


@dataclass(frozen=True)
class KeptAnswer:
    """What was answered the first time."""

    status: int
    headers: dict[str, str]
    body: bytes


@bookkeeping("api.use")
def begin_request(session: Session, *, key: str, request: str, by: Actor, at: datetime) -> KeptAnswer | None:
    """Note that a request begins; return the kept answer when it was carried out before.

    Raises:
        KeyReused: another request bore this key.
        StillRunning: this one is being carried out.
    """
    check_key(key)
    wanted = select(IdempotencyKey).where(IdempotencyKey.user_id == by.user_id, IdempotencyKey.key == key)
    known = session.exec(wanted.with_for_update()).first()
    if known is not None and known.at <= at - KEPT:
        session.delete(known)
        session.flush()
        known = None
    if known is None:
        _note(session, key, request, by, at)
        return None
    if known.request != request:
        raise KeyReused("Cette clé (Idempotency-Key) a déjà servi à une autre demande : prenez-en une nouvelle.")
    if known.status is None:
        raise _running()
    return KeptAnswer(known.status, known.headers, known.body)


@bookkeeping("api.use")
def keep_answer(
    session: Session, *, key: str, status: int, headers: dict[str, str], body: bytes, by: Actor, at: datetime
) -> None:
    """Keep what was answered."""
    for row in session.exec(_of(key, by)):
        row.status, row.headers, row.body = status, headers, body


@bookkeeping("api.use")
def forget_request(session: Session, *, key: str, by: Actor, at: datetime) -> None:
    """Let a request that failed by our fault be sent again under its key."""
    for row in session.exec(_of(key, by)):
        session.delete(row)


@bookkeeping("access.forget_answers")
def forget_old_answers(session: Session, *, by: Actor, at: datetime) -> int:
    """Remove the answers that are kept no longer; return how many."""
    done = session.connection().execute(delete(IdempotencyKey).where(col(IdempotencyKey.at) <= at - KEPT))
    return int(done.rowcount)


def _note(session: Session, key: str, request: str, by: Actor, at: datetime) -> None:
    assert by.user_id is not None, "tokens belong to people"
    session.add(IdempotencyKey(user_id=by.user_id, key=key, request=request, at=at))
    try:
        session.flush()
    except IntegrityError:
        raise _running() from None


def _of(key: str, by: Actor) -> Any:
    return select(IdempotencyKey).where(IdempotencyKey.user_id == by.user_id, IdempotencyKey.key == key)


def _running() -> StillRunning:
    return StillRunning("La demande de cette clé est en cours ; attendez, puis lisez ce qu’elle a fait.")
