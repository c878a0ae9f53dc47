"""Undoing a deed, which is a deed itself and can be undone; and removing what nothing hangs on."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import gate
from db.access.rules import Actor, check_may, reaches_owner
from db.access.tables import Change
from db.kernel.errors import NotAllowed, NotFound
from db.records.timeline.actions import add_entry
from db.records.undo.queries import NO_INVERSE, inverse_of, lock_rows, record_class, undo_plan, what_hangs_on
from db.records.undo.restoring import take_back
from db.records.undo.rules import UNDOERS, CannotUndo, UndoPlan


@gate("records.undo")
def undo_deed(session: Session, *, undoes: UUID, by: Actor, at: datetime) -> UndoPlan:
    """Bring back what a deed changed, as far as nobody has touched it since; return what was done and what stayed.

    Raises:
        NotFound: there is no such deed.
        CannotUndo: nothing of it can come back; the sentence says why.
    """
    _lock(session, undoes)
    plan = undo_plan(session, deed_id=undoes, by=by)
    if not plan.can:
        first = plan.kept[0] if plan.kept else None
        message_id = plan.blocked or (first.message_id if first else "Il n’y a rien à annuler.")
        raise CannotUndo(message_id, **(plan.blocked_params or (first.params if first else {})))
    told: set[tuple[str, UUID]] = set()
    for step in plan.steps:
        take_back(session, step, by=by, at=at)
        undoer = UNDOERS.get(step.table)
        if undoer is not None and undoer.kind and step.operation != "create":
            told.add((undoer.kind, step.record_id))
    for kind, record_id in sorted(told):
        params = {"who": plan.actor_name}
        message_id = "Un acte de {who} a été annulé"
        add_entry(
            session, kind=kind, record_id=record_id, icon="undone", message_id=message_id, params=params, by=by, at=at
        )
    return plan


@gate("records.undo")
def remove_record(session: Session, *, table: str, record_id: UUID, by: Actor, at: datetime) -> str:
    """Remove a record that is neither posted nor sent and on which nothing hangs; return its name. Can be undone.

    Raises:
        NotFound: it does not exist, or nothing of its kind can be removed.
        NotAllowed: rights, or what hangs on it.
    """
    undoer = UNDOERS.get(table)
    if undoer is not None:
        check_may(by, undoer.edit)
    record = session.get(record_class(table), record_id, with_for_update=True) if undoer else None
    if undoer is None or record is None:
        raise NotFound("Cette fiche n’existe pas ou plus.")
    if undoer.owner and not reaches_owner(by, undoer.edit, getattr(record, undoer.owner)):
        raise NotFound("Cette fiche n’existe pas ou plus.")
    name = str(getattr(record, "name", ""))
    if inverse_of(session, table, record_id) is not None:
        raise NotAllowed(NO_INVERSE)
    hanging = what_hangs_on(session, table, record_id)
    if hanging:
        raise NotAllowed("D’autres fiches tiennent à « {name} » : {what}.", name=name, what=", ".join(hanging))
    if undoer.forget is not None:
        undoer.forget(session, record, by=by, at=at)
    session.delete(record)
    session.flush()
    return name


def _lock(session: Session, deed_id: UUID) -> None:
    wanted = select(col(Change.record_kind), col(Change.record_id)).where(col(Change.deed_id) == deed_id)
    lock_rows(session, [(table, record_id) for table, record_id in session.execute(wanted)])
