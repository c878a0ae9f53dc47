"""Looking for duplicates among all records of a kind, and saying that two are none."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlmodel import Session, col

from db.access.gate import bookkeeping, gate
from db.access.rules import Actor, check_may
from db.jobs.actions import ask_for_job
from db.kernel.errors import NotFound
from db.kernel.record import uuid7
from db.records.duplicates.queries import source_of
from db.records.duplicates.rules import Pair, in_order
from db.records.duplicates.tables import DuplicatePair, NoDuplicate
from db.records.kinds.rules import kind_called
from db.records.reach.queries import check_record

SEARCH = "records.find_duplicates"
CHUNK = 1000
MOST_PAIRS = 20_000


@gate("records.merge")
def ask_for_search(session: Session, *, kind: str, by: Actor, at: datetime) -> UUID:
    """Let the worker look for duplicates of a kind; return the job's id.

    Raises: NotFound, NotAllowed.
    """
    check_may(by, kind_called(kind).read)
    source_of(kind)
    return ask_for_job(session, kind=SEARCH, arguments={"kind": kind}, by=by, at=at)


@bookkeeping("records.merge")
def keep_pairs(session: Session, *, kind: str, pairs: Sequence[Pair], by: Actor, at: datetime) -> int:
    """Replace the pairs of the last search by those of a new one; return how many are kept, the likeliest."""
    session.connection().execute(delete(DuplicatePair).where(col(DuplicatePair.kind) == kind))
    kept = list(pairs)[:MOST_PAIRS]
    rows = [
        {
            "id": uuid7(),
            "kind": kind,
            "one_id": pair.one,
            "other_id": pair.other,
            "score": round(pair.score * 1000),
            "reasons": list(pair.reasons),
            "found_at": at,
        }
        for pair in kept
    ]
    for start in range(0, len(rows), CHUNK):
        session.connection().execute(insert(DuplicatePair), rows[start : start + CHUNK])
    return len(kept)


@gate("records.merge")
def say_not_double(session: Session, *, kind: str, one_id: UUID, other_id: UUID, by: Actor, at: datetime) -> None:
    """Remember that two records are not the same, so that nobody is asked again. Can be undone.

    Raises: NotFound: one of them is out of reach.
    """
    if one_id == other_id:
        raise NotFound("Choisissez deux fiches différentes.")
    for record_id in (one_id, other_id):
        check_record(session, kind=kind, record_id=record_id, by=by)
    one, other = in_order(one_id, other_id)
    known = select(NoDuplicate).where(col(NoDuplicate.kind) == kind, col(NoDuplicate.one_id) == one)
    if session.scalars(known.where(col(NoDuplicate.other_id) == other)).first() is None:
        session.add(NoDuplicate(kind=kind, one_id=one, other_id=other))
        session.flush()
