"""Keeping the search text in step; always inside the deed that changed the record."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col

from db.access.gate import bookkeeping, gate
from db.access.rules import Actor
from db.records.kinds.rules import kind_called
from db.records.relations.queries import Place
from db.records.search.queries import next_numbers
from db.records.search.rules import learnable, search_lines, variants
from db.records.search.tables import SearchEntry, SearchWord

CHUNK = 500
LONGEST_TITLE = 120
CHANGING = ("title", "subtitle", "folded", "fields")


@dataclass(frozen=True)
class Findable:
    """How one record wants to be found; `fields` and `folded` come from `rules.search_lines`."""

    number: int
    kind: str
    record_id: UUID
    permission: str
    title: str
    subtitle: str
    folded: str
    fields: str | None = None
    parent_kind: str | None = None
    parent_id: UUID | None = None


@gate("records.write_note")
def add_search_entries(session: Session, *, entries: Sequence[Findable], by: Actor, at: datetime) -> None:
    """Make new records findable."""
    if entries:
        session.connection().execute(insert(SearchEntry), [vars(entry) for entry in entries])
        _learn(session, (entry.folded for entry in entries))


@gate("records.write_note")
def change_search_entries(session: Session, *, entries: Sequence[Findable], by: Actor, at: datetime) -> None:
    """Let records be found by their new text."""
    if not entries:
        return
    table = SQLModel.metadata.tables["search_entry"]
    statement = (
        update(table)
        .where(table.c.number == bindparam("b_number"))
        .values({name: bindparam(f"b_{name}") for name in CHANGING})
    )
    rows = [{f"b_{name}": getattr(entry, name) for name in ("number", *CHANGING)} for entry in entries]
    session.connection().execute(statement, rows)
    _learn(session, (entry.folded for entry in entries))


@gate("records.write_note")
def remove_search_entries(session: Session, *, numbers: Sequence[int], by: Actor, at: datetime) -> None:
    """Let records no longer be found."""
    for start in range(0, len(numbers), CHUNK):
        chunk = list(numbers[start : start + CHUNK])
        session.connection().execute(delete(SearchEntry).where(col(SearchEntry.number).in_(chunk)))


@gate("records.write_note")
def make_part_findable(
    session: Session, *, place: Place, parent: Place, title: str, text: str, by: Actor, at: datetime
) -> None:
    """Make what hangs on a record (a note, a file's name) findable by those who reach the record."""
    [number] = next_numbers(session, count=1)
    named, folded = search_lines([("title", title), ("text", text)])
    read = kind_called(parent[0]).read
    entry = Findable(number, *place, read, title[:LONGEST_TITLE], "", folded, named, *parent)
    add_search_entries(session, entries=[entry], by=by, at=at)


@gate("records.write_note")
def hide_part(session: Session, *, place: Place, by: Actor, at: datetime) -> None:
    """Let what hung on a record no longer be found."""
    kind, record_id = place
    gone = delete(SearchEntry).where(col(SearchEntry.kind) == kind, col(SearchEntry.record_id) == record_id)
    session.connection().execute(gone)


@bookkeeping("records.learn_words")
def learn_words(session: Session, *, by: Actor, at: datetime) -> int:
    """Learn the words of all that can be found anew, and so forget those that are gone; return how many there are."""
    words: set[str] = set()
    for (folded,) in session.connection().execute(select(col(SearchEntry.folded)).execution_options(yield_per=5000)):
        words |= learnable(folded)
    session.connection().execute(delete(SearchWord))
    _keep(session, words)
    return len(words)


def _learn(session: Session, texts: Iterable[str]) -> None:
    words: set[str] = set().union(*(learnable(text) for text in texts))
    in_order, unknown = sorted(words), set(words)
    for start in range(0, len(in_order), CHUNK):
        chunk = in_order[start : start + CHUNK]
        wanted = select(col(SearchWord.word)).where(
            col(SearchWord.variant).in_(chunk), col(SearchWord.variant) == col(SearchWord.word)
        )
        unknown -= set(session.connection().execute(wanted).scalars())
    _keep(session, unknown)


def _keep(session: Session, words: set[str]) -> None:
    rows = [{"variant": variant, "word": word} for word in sorted(words) for variant in sorted(variants(word))]
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    make = sqlite.insert if is_sqlite else postgresql.insert
    for start in range(0, len(rows), 10_000):
        session.connection().execute(make(SearchWord).on_conflict_do_nothing(), rows[start : start + 10_000])
