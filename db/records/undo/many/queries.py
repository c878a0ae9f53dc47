"""How much an undoing is, what of it is left to do, and what it could not bring back."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.rules import Actor
from db.access.tables import Change, Deed
from db.jobs.queries import job
from db.records.undo.many.tables import UndoConflict
from db.records.undo.queries import Row, rows_left
from db.records.undo.rules import Kept

MOST_SHOWN = 100_000


@dataclass(frozen=True)
class ManyUndone:
    """What a job undid: records that came back, and the deeds by which (they can be undone in their turn)."""

    records: int
    deeds: tuple[UUID, ...]


@readable("records.undo")
def undo_size(session: Session, *, deeds: Sequence[UUID]) -> int:
    """Return how many changes deeds made."""
    counted = select(func.count()).select_from(Change).where(col(Change.deed_id).in_(deeds))
    return session.scalar(counted) or 0


@readable("records.undo")
def rows_to_undo(session: Session, *, deed_id: UUID) -> list[Row]:
    """Return the rows of a deed that no undoing has dealt with, those that hang on others before these."""
    return rows_left(session, deed_id)


@readable("records.undo")
def many_undone(session: Session, *, deeds: Sequence[UUID]) -> ManyUndone:
    """Return what the undoing of deeds has brought back so far, whoever began it."""
    undoing = session.scalars(select(Deed.id).where(col(Deed.undoes).in_(deeds)).order_by(col(Deed.id))).all()  # type: ignore[call-overload]
    touched = select(func.count(func.distinct(col(Change.record_id)))).join(Deed, col(Deed.id) == col(Change.deed_id))
    return ManyUndone(session.scalar(touched.where(col(Deed.undoes).in_(deeds))) or 0, tuple(undoing))


@readable("records.undo")
def undo_conflicts(session: Session, *, job_id: UUID, by: Actor, most: int = MOST_SHOWN) -> list[Kept]:
    """Return what a job left as it was, and why, to those who may see the job.

    Raises: NotFound: no such job, or somebody else's.
    """
    job(session, job_id=job_id, by=by)
    wanted = select(UndoConflict).where(col(UndoConflict.job_id) == job_id).order_by(col(UndoConflict.id)).limit(most)
    return [
        Kept(one.table, one.record_id, one.name, one.field, one.message_id, one.params)
        for one in session.scalars(wanted)
    ]


@readable("records.undo")
def conflict_count(session: Session, *, job_id: UUID) -> int:
    """Return how many fields and rows a job left as they were."""
    counted = select(func.count()).select_from(UndoConflict).where(col(UndoConflict.job_id) == job_id)
    return session.scalar(counted) or 0
