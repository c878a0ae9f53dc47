"""Keeping the search text in step; always inside the deed that changed the record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, update
from sqlmodel import Session, SQLModel, col

from db.access.gate import gate
from db.access.rules import Actor
from db.records.search.tables import SearchEntry


@dataclass(frozen=True)
class Findable:
    """How one record wants to be found."""

    number: int
    kind: str
    record_id: UUID
    permission: str
    title: str
    subtitle: str
    folded: str


@gate("records.write_note")
def add_search_entries(session: Session, *, entries: Sequence[Findable], by: Actor, at: datetime) -> None:
    """Make new records findable."""
    if entries:
        session.connection().execute(insert(SearchEntry), [vars(entry) for entry in entries])


@gate("records.write_note")
def change_search_entries(session: Session, *, entries: Sequence[Findable], by: Actor, at: datetime) -> None:
    """Let records be found by their new text."""
    if not entries:
        return
    table = SQLModel.metadata.tables["search_entry"]
    statement = (
        update(table)
        .where(table.c.number == bindparam("b_number"))
        .values(
            title=bindparam("b_title"),
            subtitle=bindparam("b_subtitle"),
            folded=bindparam("b_folded"),
        )
    )
    rows = [
        {
            "b_number": e.number,
            "b_title": e.title,
            "b_subtitle": e.subtitle,
            "b_folded": e.folded,
        }
        for e in entries
    ]
    session.connection().execute(statement, rows)


@gate("records.write_note")
def remove_search_entries(session: Session, *, numbers: Sequence[int], by: Actor, at: datetime) -> None:
    """Let records no longer be found."""
    for start in range(0, len(numbers), 500):
        chunk = list(numbers[start : start + 500])
        session.connection().execute(delete(SearchEntry).where(col(SearchEntry.number).in_(chunk)))
