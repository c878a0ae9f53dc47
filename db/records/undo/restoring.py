"""How one row comes back; called by the actions of this area only."""

from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from db.access.history import from_json
from db.access.rules import Actor
from db.access.tables import Change, Deed
from db.kernel.record import Record
from db.records.search.queries import next_numbers
from db.records.undo.queries import record_class
from db.records.undo.rules import LEAVING, RETURNED, UNDOERS, Step, Undoer


def take_back(session: Session, step: Step, *, by: Actor, at: datetime) -> None:
    """Bring one row back as a plan says, through what its area does besides."""
    undoer, kind = UNDOERS.get(step.table) or Undoer(step.table, edit=""), record_class(step.table)
    if step.operation == "delete":
        record = kind(**from_json(kind, step.values))
        record.created_at, record.row_version = _past(session, step)
        if hasattr(record, "search_number"):
            [record.search_number] = next_numbers(session, count=1)
        _derive(undoer, record)
        session.add(record)
        session.flush()
        hook = undoer.remember
    else:
        record = session.get_one(kind, step.record_id)
        for name, value in from_json(kind, step.values).items():
            setattr(record, name, value)
        _derive(undoer, record)
        hook = undoer.refresh if step.operation == "update" else undoer.forget
    for led in LEAVING if step.operation == "create" else ():
        led(session, record, by=by, at=at)
    if hook is not None:
        hook(session, record, by=by, at=at)
    for led in RETURNED if step.operation == "delete" else ():
        led(session, record, by=by, at=at)
    if step.operation == "create":
        session.delete(record)
    session.flush()


def _past(session: Session, step: Step) -> tuple[datetime, int]:
    """Return when a record that comes back was first made, and a version that it never had."""
    wanted = select(func.min(Deed.at), func.count()).join(Change, col(Change.deed_id) == col(Deed.id))
    theirs = wanted.where(col(Change.record_kind) == step.table, col(Change.record_id) == step.record_id)
    first, changes = session.execute(theirs).one()
    return first, changes + 1


def _derive(undoer: Undoer, record: Record) -> None:
    if undoer.derive is not None:
        undoer.derive(record)
