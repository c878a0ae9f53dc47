"""How the search follows a record that comes back, changes back or goes: the same for every kind of record."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlmodel import Session

from db.access.rules import Actor
from db.records.custom_fields.actions import index_record, remove_values
from db.records.search.actions import Findable, add_search_entries, change_search_entries, remove_search_entries


def search_follows(findable: Callable[[Session, Any], Findable]) -> dict[str, Any]:
    """Return `refresh`, `forget` and `remember` of an `Undoer` whose records are found as `findable` says."""

    def refresh(session: Session, row: Any, *, by: Actor, at: datetime) -> None:
        change_search_entries(session, entries=[findable(session, row)], by=by, at=at)

    def forget(session: Session, row: Any, *, by: Actor, at: datetime) -> None:
        remove_search_entries(session, numbers=[row.search_number], by=by, at=at)

    def remember(session: Session, row: Any, *, by: Actor, at: datetime) -> None:
        add_search_entries(session, entries=[findable(session, row)], by=by, at=at)

    return {"refresh": refresh, "forget": forget, "remember": remember}


def search_and_index_follow(findable: Callable[[Session, Any], Findable], kind: str) -> dict[str, Any]:
    """Return the same for a kind with added fields: the index of their values follows too."""
    search = search_follows(findable)

    def refresh(session: Session, row: Any, *, by: Actor, at: datetime) -> None:
        search["refresh"](session, row, by=by, at=at)
        index_record(session, kind=kind, record=row, by=by, at=at)

    def forget(session: Session, row: Any, *, by: Actor, at: datetime) -> None:
        search["forget"](session, row, by=by, at=at)
        remove_values(session, record_ids=[row.id], by=by, at=at)

    def remember(session: Session, row: Any, *, by: Actor, at: datetime) -> None:
        search["remember"](session, row, by=by, at=at)
        index_record(session, kind=kind, record=row, by=by, at=at)

    return {"refresh": refresh, "forget": forget, "remember": remember}
