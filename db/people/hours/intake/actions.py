"""Hours of work out of a file: portion by portion, known ones put right, and all of it undone but for closed months."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.access.history import as_json
from db.access.people.queries import user_names
from db.access.rules import Actor, reaches_owner
from db.documents.imports.deeds import import_deeds
from db.kernel.errors import BadInput
from db.people.hours.actions import check_open, derive, edit_span, findable, import_span
from db.people.hours.intake.queries import meant_hours
from db.people.hours.intake.rules import HoursRow, Meant
from db.people.hours.rules import MANAGE, SpanDraft, local_day
from db.people.hours.tables import WorkSpan
from db.people.months.rules import MonthClosed
from db.records.intake.actions import Taking, remember_touched, undo_touched
from db.records.intake.rules import Touched, Undone, Written
from db.records.search.actions import change_search_entries, remove_search_entries
from db.records.timeline.actions import remove_timeline

IMPORT = "people.import_hours"
REASON = "Repris d’un fichier"
CLOSED = "Le mois est clôturé : ces heures restent."
PARTS = ("ended_at", "break_minutes", "break_began_at", "task", "note", "party_id")


def _write_rows(session: Session, *, import_id: UUID, rows: Sequence[HoursRow], by: Actor, at: datetime) -> Written:
    """Write one portion.

    Raises: BadInput, BadSpan, MonthClosed: hours cannot be kept so; nothing is written.
    """
    meanings = meant_hours(session, rows, by)
    touched: list[Touched] = []
    known = 0
    for row in rows:
        meant = meanings[row.line]
        if meant.problem or meant.owner_id is None:
            raise BadInput(meant.problem)
        known += meant.span_id is not None
        touched += _change(session, row, meant, by=by, at=at) if meant.span_id else _add(session, row, meant, by, at)
    remember_touched(session, import_id=import_id, table="work_span", touched=touched, by=by, at=at)
    new = len(rows) - known
    return Written(new, known, known - (len(touched) - new))


def _add(session: Session, row: HoursRow, meant: Meant, by: Actor, at: datetime) -> list[Touched]:
    assert meant.owner_id is not None
    values = {name: getattr(row, name) for name in PARTS if name != "party_id"}
    draft = SpanDraft(meant.owner_id, row.started_at, party_id=meant.party_id, **values)
    return [Touched(import_span(session, draft=draft, reason=REASON, by=by, at=at))]


def _change(session: Session, row: HoursRow, meant: Meant, *, by: Actor, at: datetime) -> list[Touched]:
    span = session.get_one(WorkSpan, meant.span_id, with_for_update=True)
    given = {name: getattr(row, name) for name in PARTS if name in row.said and name != "party_id"}
    given |= {"party_id": meant.party_id} if row.company else {}
    new = {name: value for name, value in given.items() if getattr(span, name) != value}
    if not new:
        return []
    before = {name: as_json(getattr(span, name)) for name in (*new, "reason")}
    version = span.row_version
    made = edit_span(session, span_id=span.id, values=new, reason=REASON, expected_version=version, by=by, at=at)
    return [Touched(span.id, made, before)]


def _undo_part(session: Session, *, import_id: UUID, by: Actor, at: datetime) -> Undone:
    """Undo the next part of an import; hours that were changed since or whose month is closed are left and named."""
    names = user_names(session)
    taking = Taking(
        WorkSpan,
        remove=lambda found: _remove(session, found, by=by, at=at),
        restore=lambda pairs: _give_back(session, pairs, by=by, at=at),
        named=lambda span: f"{names.get(span.owner_id, '')}, {local_day(span.started_at):%d.%m.%Y}",
        reaches=lambda span: reaches_owner(by, MANAGE, span.owner_id),
        keeps=lambda span: _closed(session, span),
    )
    return undo_touched(session, import_id=import_id, taking=taking, by=by, at=at)


HOURS_IMPORT = import_deeds(
    "hours", module=__name__, permissions=(IMPORT, IMPORT), write_rows=_write_rows, undo_part=_undo_part
)


def _closed(session: Session, span: WorkSpan) -> str:
    try:
        check_open(session, span.owner_id, span.started_at, span.ended_at)
    except MonthClosed:
        return CLOSED
    return ""


def _remove(session: Session, found: Sequence[Any], *, by: Actor, at: datetime) -> None:
    ids, numbers = [span.id for span in found], [span.search_number for span in found]
    for span in found:
        session.delete(span)
    session.flush()
    remove_search_entries(session, numbers=numbers, by=by, at=at)
    remove_timeline(session, kind="work_span", record_ids=ids, by=by, at=at)


def _give_back(session: Session, pairs: Sequence[tuple[Any, dict[str, Any]]], *, by: Actor, at: datetime) -> None:
    for span, before in pairs:
        for name, value in before.items():
            setattr(span, name, value)
        derive(span)
    session.flush()
    entries = [entry for span, _ in pairs for entry in findable(session, span)]
    change_search_entries(session, entries=entries, by=by, at=at)
