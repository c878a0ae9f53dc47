"""The two doors between the outside and the business: `ask` (queries) and `do` (actions).

Session, transaction, policy, time and retries are dealt with here, once, for screens, API, command line and jobs.
"""

import logging
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, is_dataclass
from datetime import UTC, datetime
from decimal import InvalidOperation
from typing import Any, Generic, TypeVar

from sqlalchemy.exc import DataError, DBAPIError
from sqlmodel import Session

from db import schema  # noqa: F401 - every table is known, whatever the action touches
from db.access.rules import Actor, check_may, may
from db.kernel.errors import BadInput
from db.records.undo.rules import MOVING, UNDOERS
from db.session import reading, transaction

Answer = TypeVar("Answer")
log = logging.getLogger("boussole.doors")

NOT_KEPT = "Une valeur contient un caractère nul ou un nombre trop grand : elle ne peut pas être enregistrée."
RETRIES = 5
BUSY_SIGNS = (
    "database is locked",
    "deadlock detected",
    "could not serialize",
    "40001",
    "40P01",
    "duplicate key value violates unique constraint",  # somebody was faster: on the second try the area itself says so
)


def now() -> datetime:
    """Return the instant at which the outside world does something."""
    return datetime.now(UTC)


@contextmanager
def _refusing_what_cannot_be_kept() -> Iterator[None]:
    """Turn the database's own refusal of a value (a null character, a number beyond its range) into words.

    Raises:
        BadInput: in place of the error.
    """
    try:
        yield
    except DataError as problem:
        log.info("a value that the database cannot keep: %s", problem.orig)
    except InvalidOperation:
        log.info("a number beyond what is reckoned with")
    except OverflowError as problem:
        if "SQLite" not in str(problem):
            raise
        log.info("a number that the database cannot keep")
    else:
        return
    raise BadInput(NOT_KEPT)


def ask(by: Actor, query: Callable[..., Answer], /, **arguments: Any) -> Answer:
    """Return the answer to a question that the actor may ask; a query that takes `by` answers for this actor.

    Raises:
        NotAllowed: the query declares no permission, or one that the actor lacks.
    """
    check_may(by, getattr(query, "permission", "undeclared"))
    if getattr(query, "takes_by", False):
        arguments["by"] = by
    with _refusing_what_cannot_be_kept(), reading() as session:
        return query(session, **arguments)


NULL = "\x00"
DEEPEST = 4
MOST_LOOKED_AT = 300  # of a list; what imports and bulk deeds bring was read by its own rules


def _check_texts(value: Any, depth: int = 0) -> None:
    """Refuse a text that only one of the two databases can keep.

    Raises:
        BadInput: a text holds a null character.
    """
    if isinstance(value, str):
        if NULL in value:
            raise BadInput(NOT_KEPT)
    elif depth < DEEPEST:
        for part in _parts(value):
            _check_texts(part, depth + 1)


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    if isinstance(value, list | tuple):
        return value[:MOST_LOOKED_AT]
    return vars(value).values() if is_dataclass(value) and not isinstance(value, Actor | type) else ()


@dataclass(frozen=True)
class Done(Generic[Answer]):
    """What an action returned, and the deed by which it can be undone ("" when it wrote none)."""

    result: Answer
    deed: str


_DEEDS: ContextVar[list[str] | None] = ContextVar("deeds", default=None)


def note_deeds() -> None:
    """Begin to note the deeds that can be undone, for the notice that tells of them (the guard of every event does)."""
    _DEEDS.set([])


def noted_deeds() -> str:
    """Return the deeds noted since, in their order; threads that were started meanwhile note theirs here too."""
    return ",".join(_DEEDS.get() or ())


def _deed_to_undo(session: Session, by: Actor) -> str:
    """Return the deed just done when its person could undo it, else nothing."""
    deed, touched = session.info.get("done"), session.info.get("touched", set())
    if deed is None or not touched or not may(by, "records.undo"):
        return ""
    can = touched <= UNDOERS.keys() or deed.action in MOVING
    return str(deed.id) if can and ".imports." not in deed.action else ""


def do_undoable(
    by: Actor, action: Callable[..., Answer], /, *, at: datetime | None = None, **arguments: Any
) -> Done[Answer]:
    """Run an action as `do` does; return its result together with its deed, for the notice that offers *Annuler*.

    Raises:
        BusinessError: the action refused; nothing was changed.
    """
    return _run(by, action, at, arguments)


def do(
    by: Actor,
    action: Callable[..., Answer],
    /,
    *,
    at: datetime | None = None,
    **arguments: Any,
) -> Answer:
    """Run an action in one transaction; try the whole of it again when the database is busy.

    Raises:
        BusinessError: the action refused; nothing was changed.
    """
    return _run(by, action, at, arguments).result


def do_noting(
    by: Actor,
    action: Callable[..., Answer],
    note: Callable[[Session, Answer], None],
    /,
    *,
    at: datetime | None = None,
    **arguments: Any,
) -> Answer:
    """Run an action as `do` does and note its result in the same transaction: a job that goes on knows what is done.

    Raises:
        BusinessError: the action refused; nothing was changed, and nothing noted.
    """
    return _run(by, action, at, arguments, note).result


def _run(
    by: Actor,
    action: Callable[..., Answer],
    at: datetime | None,
    arguments: dict[str, Any],
    note: Callable[[Session, Answer], None] = lambda *_: None,
) -> Done[Answer]:
    if not hasattr(action, "permission"):
        raise TypeError(f"{action.__name__} has no gate")
    _check_texts(arguments)
    for attempt in range(RETRIES):
        try:
            with _refusing_what_cannot_be_kept(), transaction() as session:
                result = action(session, by=by, at=at or now(), **arguments)
                note(session, result)
                done = Done(result, _deed_to_undo(session, by))
            if done.deed and (deeds := _DEEDS.get()) is not None:
                deeds.append(done.deed)
            return done
        except DBAPIError as problem:
            if attempt == RETRIES - 1 or not any(sign in str(problem) for sign in BUSY_SIGNS):
                raise
            log.info("busy, trying again: %s", action.__name__)
            time.sleep(random.uniform(0.02, 0.2) * (attempt + 1))
    raise AssertionError("unreachable")


def rehearse(by: Actor, action: Callable[..., Answer], /, *, at: datetime | None = None, **arguments: Any) -> Answer:
    """Return what an action would answer now, and keep nothing of what it did.

    Raises:
        BusinessError: the action would refuse.
    """
    if not hasattr(action, "permission"):
        raise TypeError(f"{action.__name__} has no gate")
    with transaction() as session:
        answer = action(session, by=by, at=at or now(), **arguments)
        session.rollback()
        return answer
