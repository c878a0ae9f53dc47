"""Finding records by fragments of their text."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
    text,
)
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.rules import PERMISSIONS, Actor, may
from db.records.search.rules import escaped, search_words, trigrams
from db.records.search.tables import SearchEntry

_FTS = table("search_fts", column("rowid"))


@dataclass(frozen=True)
class Found:
    """One record that a search found."""

    kind: str
    record_id: UUID
    title: str
    subtitle: str


def matching_numbers(session: Session, *, kind: str, query: str) -> Select[Any]:
    """Return a subquery of the `search_number` of the records of a kind that contain every fragment.

    On SQLite the text index alone answers when no fragment is shorter than a trigram; numbers of other kinds may
    then be among them, which no record of this kind bears.
    """
    words = search_words(query)
    if words and _is_sqlite(session) and all(len(word) >= 3 for word in words):
        return _hits(words)
    return select(col(SearchEntry.number)).where(col(SearchEntry.kind) == kind, _contains(session, query))


def _contains(session: Session, query: str) -> ColumnElement[bool]:
    words = search_words(query)
    long = [word for word in words if len(word) >= 3]
    likes = [col(SearchEntry.folded).like(f"%{escaped(word)}%", escape="\\") for word in words]
    if _is_sqlite(session):
        short = [like for like, word in zip(likes, words, strict=True) if len(word) < 3]
        return and_(*_full_text(long), *short, literal(True))
    grams = sorted({gram for word in long for gram in trigrams(word)})
    by_index = [func.search_trigrams(SearchEntry.folded).op("@>")(_text_array(grams))] if grams else []
    return and_(*by_index, *likes, literal(True))


def _full_text(long: list[str]) -> list[ColumnElement[bool]]:
    if not long:
        return []
    return [col(SearchEntry.number).in_(_hits(long))]


def _hits(long: list[str]) -> Select[Any]:
    phrase = " AND ".join('"' + word.replace('"', '""') + '"' for word in long)
    return select(_FTS.c.rowid).where(literal_column("search_fts").op("match")(phrase))


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _text_array(grams: list[str]) -> Any:
    from sqlalchemy import Text
    from sqlalchemy.dialects.postgresql import ARRAY

    return literal(grams, ARRAY(Text))


def next_numbers(session: Session, *, count: int) -> list[int]:
    """Return `count` unused entry numbers, rising; they are the caller's within its transaction."""
    if session.get_bind().dialect.name == "sqlite":
        last = session.connection().execute(select(func.coalesce(func.max(SearchEntry.number), 0))).scalar_one()
        return list(range(last + 1, last + 1 + count))
    drawn = text("select nextval(pg_get_serial_sequence('search_entry', 'number')) from generate_series(1, :n)")
    return sorted(session.connection().execute(drawn, {"n": count}).scalars().all())


@readable("records.read")
def found_records(session: Session, *, query: str, by: Actor, limit: int = 8) -> list[Found]:
    """Return the first records of any kind that the actor may know of and that contain every fragment."""
    if not search_words(query):
        return []
    allowed = [permission for permission in PERMISSIONS if may(by, permission)]
    wanted = (
        select(col(SearchEntry.kind), col(SearchEntry.record_id), col(SearchEntry.title), col(SearchEntry.subtitle))
        .where(_contains(session, query), col(SearchEntry.permission).in_(allowed))
        .limit(limit)
    )
    return [Found(*row) for row in session.connection().execute(wanted)]
