"""How notes, views and custom fields come back when a deed is undone."""

from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from db.access.rules import Actor
from db.records.custom_fields.tables import CustomFieldDefinition, CustomValue
from db.records.notes.tables import Note
from db.records.search.actions import hide_part, make_part_findable
from db.records.undo.rules import CannotUndo, Undoer, register_undoer


def _forget_note(session: Session, note: Note, *, by: Actor, at: datetime) -> None:
    hide_part(session, place=("note", note.id), by=by, at=at)


def _remember_note(session: Session, note: Note, *, by: Actor, at: datetime) -> None:
    title, parent = note.text.partition("\n")[0], (note.kind, note.record_id)
    make_part_findable(session, place=("note", note.id), parent=parent, title=title, text=note.text, by=by, at=at)


def _forget_field(session: Session, field: CustomFieldDefinition, *, by: Actor, at: datetime) -> None:
    if session.scalar(select(func.count()).where(col(CustomValue.field_id) == field.id)):
        raise CannotUndo(
            "Des fiches ont une valeur dans le champ « {label} » : retirez-le plutôt dans les réglages.",
            label=field.label,
        )


register_undoer(Undoer("note", edit="records.write_note", forget=_forget_note, remember=_remember_note))
register_undoer(Undoer("saved_view", edit="records.save_view", owner=""))
register_undoer(Undoer("no_duplicate", edit="records.merge"))
register_undoer(Undoer("custom_field", edit="records.manage_fields", forget=_forget_field))
