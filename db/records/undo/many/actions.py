"""Undoing in portions what is too much for one transaction: row by row, nothing twice, what stays is told."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlmodel import Session, col, select

from db.access.gate import gate
from db.access.rules import Actor
from db.access.tables import Deed
from db.jobs.actions import ask_for_job
from db.jobs.rules import JobState
from db.jobs.tables import Job
from db.kernel.errors import BusinessError, NotFound
from db.kernel.record import uuid7
from db.records.timeline.actions import add_entry
from db.records.undo.many.tables import UndoConflict
from db.records.undo.queries import NO_INVERSE, Row, changes_of_row, inverse_of, lock_rows, not_undone, refusal, what_of
from db.records.undo.restoring import take_back
from db.records.undo.rules import UNDOERS, CannotUndo, Kept

JOB = "records.undo"


@gate("records.undo")
def ask_for_undo(session: Session, *, deeds: Sequence[UUID], by: Actor, at: datetime) -> UUID:
    """Have deeds undone in portions, the last first; return the job, the one under way for the same deeds if any.

    Raises: NotFound, CannotUndo: one of them cannot be undone at all.
    """
    for deed_id in deeds:
        _check(session, deed_id, by)
    arguments = {"deeds": [str(one) for one in deeds]}
    is_open = col(Job.state).in_([JobState.WAITING.value, JobState.RUNNING.value])
    for earlier in session.exec(select(Job).where(Job.kind == JOB, is_open)):
        if earlier.arguments == arguments:
            return earlier.id
    return ask_for_job(session, kind=JOB, arguments=arguments, by=by, at=at)


def _check(session: Session, deed_id: UUID, by: Actor) -> Deed:
    deed = session.get(Deed, deed_id)
    if deed is None:
        raise NotFound("Cet acte n’existe pas.")
    refused = refusal(session, deed, by)
    if refused is not None:
        raise CannotUndo(refused[0], **refused[1])
    return deed


@gate("records.undo")
def undo_part(session: Session, *, undoes: UUID, rows: Sequence[Row], job_id: UUID, by: Actor, at: datetime) -> int:
    """Bring back some rows of a deed, each as far as nobody has touched it since; return how many.

    Raises: NotFound, CannotUndo: the deed cannot be undone (any more).
    """
    deed = _check(session, undoes, by)
    left = not_undone(session, undoes, rows)
    lock_rows(session, left)
    kept: list[Kept] = []
    done = 0
    for row in left:
        came_back = _undo_row(session, undoes, row, kept, by=by, at=at)
        done += came_back
        if came_back:
            _tell(session, row, deed.actor_name, by=by, at=at)
    _keep(session, job_id, kept)
    return done


def _undo_row(session: Session, undoes: UUID, row: Row, kept: list[Kept], *, by: Actor, at: datetime) -> bool:
    """Undo what a deed did to one row, last first; note what stays. Return whether something came back."""
    came_back = False
    for change, values in changes_of_row(session, undoes, row):
        undoer = UNDOERS.get(row[0])
        if undoer is None or inverse_of(session, *row) is not None:
            kept.append(Kept(*row, "", "", "Cet acte ne s’annule pas." if undoer is None else NO_INVERSE))
            return came_back
        steps, stays = what_of(session, change, values, undoer, by, besides=None)
        kept += stays
        for step in steps:
            try:
                with session.begin_nested():
                    take_back(session, step, by=by, at=at)
            except BusinessError as problem:
                kept.append(Kept(*row, step.name, "", problem.message_id, problem.params))
                return came_back
            came_back = True
        if stays and change.operation != "update":
            return came_back
    return came_back


def _tell(session: Session, row: Row, who: str, *, by: Actor, at: datetime) -> None:
    """Tell in a record's story that a deed was undone; a record that is gone has none."""
    undoer, record_id = UNDOERS[row[0]], row[1]
    if not undoer.kind or not lock_rows(session, [row]):
        return
    message_id, params = "Un acte de {who} a été annulé", {"who": who}
    add_entry(
        session,
        kind=undoer.kind,
        record_id=record_id,
        icon="undone",
        message_id=message_id,
        params=params,
        by=by,
        at=at,
    )


def _keep(session: Session, job_id: UUID, kept: Sequence[Kept]) -> None:
    rows = [
        {
            "id": uuid7(),
            "job_id": job_id,
            "table": one.table,
            "record_id": one.record_id,
            "name": one.name,
            "field": one.column,
            "message_id": one.message_id,
            "params": dict(one.params),
        }
        for one in kept
    ]
    if rows:
        session.connection().execute(insert(UndoConflict), rows)
