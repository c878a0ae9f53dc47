"""How hours come back when a deed is undone; closed months and overlaps refuse by themselves."""

from datetime import datetime

from sqlmodel import Session

from db.access.rules import Actor
from db.people.hours.actions import check_open, derive, findable
from db.people.hours.rules import KIND, MANAGE
from db.people.hours.tables import WorkSpan
from db.records.search.actions import add_search_entries, change_search_entries, remove_search_entries
from db.records.undo.rules import Undoer, register_undoer


def _refresh(session: Session, row: WorkSpan, *, by: Actor, at: datetime) -> None:
    check_open(session, row.owner_id, row.started_at, row.ended_at)
    change_search_entries(session, entries=findable(session, row), by=by, at=at)


def _forget(session: Session, row: WorkSpan, *, by: Actor, at: datetime) -> None:
    check_open(session, row.owner_id, row.started_at, row.ended_at)
    remove_search_entries(session, numbers=[row.search_number], by=by, at=at)


def _remember(session: Session, row: WorkSpan, *, by: Actor, at: datetime) -> None:
    check_open(session, row.owner_id, row.started_at, row.ended_at)
    add_search_entries(session, entries=findable(session, row), by=by, at=at)


register_undoer(
    Undoer(
        "work_span",
        edit=MANAGE,
        kind=KIND,
        owner="owner_id",
        together=(frozenset({"started_at", "ended_at", "break_minutes", "break_began_at"}),),
        derive=derive,
        refresh=_refresh,
        forget=_forget,
        remember=_remember,
    )
)
