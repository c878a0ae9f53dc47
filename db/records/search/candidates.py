"""What may answer a search: rows of the text index, never more than a few hundred, whatever was typed.

Each way of looking has a bound of its own, so that a word that every record contains costs no more than a rare one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    TableClause,
    and_,
    any_,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    union_all,
)
from sqlalchemy import tuple_ as pair
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op
from sqlmodel import Session, SQLModel, col

from db.access.reach import within_reach
from db.access.rules import Actor
from db.records.kinds.rules import RecordKind
from db.records.search.rules import DEEPEST, PREFIX, TRIGRAM, escaped, grams, is_beginning, is_near, variants
from db.records.search.tables import SearchEntry, SearchWord

PREFIXED = 24  # of each kind
WINDOW = 2000  # newest entries looked through for a word that is everywhere
SCANNED = 2000  # hits of the index that are looked at
REACHED = 3000  # of a kind, looked through one by one
MOST = 200
ENOUGH = 40
NEAREST = 5
COMBINATIONS = 24  # of spellings
OWNER = "owner_id"
Words = Sequence[Sequence[str]]  # fragments that must all occur, each in one of several spellings

_FTS, _STARTS = table("search_fts", column("rowid")), table("search_fts_start", column("rowid"))
_COLUMNS = (
    "number", "kind", "record_id", "permission", "title", "subtitle", "folded", "fields", "parent_kind", "parent_id",
)  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """A row of the text index."""

    number: int
    kind: str
    record_id: UUID
    permission: str
    title: str
    subtitle: str
    folded: str
    fields: str | None
    parent_kind: str | None
    parent_id: UUID | None


def is_sqlite(session: Session) -> bool:
    """Test which of the two databases this is."""
    return session.get_bind().dialect.name == "sqlite"


def contains(words: Words) -> ColumnElement[bool]:
    """Return the condition that the text contains every fragment, in one of its spellings, be it within a word."""
    folded = col(SearchEntry.folded)
    return and_(
        literal(True), *(or_(*(folded.like(f"%{escaped(one)}%", escape="\\") for one in same)) for same in words)
    )


def with_title_prefix(session: Session, *, kinds: Sequence[str], typed: str) -> list[Candidate]:
    """Return the records of each kind whose title begins with what was typed, in the order of their titles."""
    start = typed[:PREFIX]
    if not start or not kinds:
        return []
    beginning: ColumnElement[str] = literal_column(f"substr(search_entry.folded, 1, {PREFIX})")  # as it is indexed
    least, most = (">=", "<") if is_sqlite(session) else ("~>=~", "~<~")
    within = and_(beginning.op(least)(start), beginning.op(most)(start + DEEPEST))
    of_each = [
        select(_entries().where(col(SearchEntry.kind) == kind, within).limit(PREFIXED).subquery()) for kind in kinds
    ]
    return _read(session, union_all(*of_each))


def newest_with(
    session: Session, *, words: Words, permissions: Sequence[str], kinds: Sequence[RecordKind], by: Actor
) -> list[Candidate]:
    """Return the newest records that contain every fragment that the text index can find."""
    sought = sought_by_index(words)
    if not sought:
        return []
    visible = [contains(words), col(SearchEntry.permission).in_(permissions), *_within_reach(kinds, by)]
    newest = _entries().where(*visible).order_by(col(SearchEntry.number).desc()).limit(MOST)
    if is_sqlite(session):
        found = full_text(sought)
        hits = found.order_by(found.selected_columns[0].desc()).limit(SCANNED).subquery()
        return _read(session, newest.join(hits, hits.c.rowid == col(SearchEntry.number)))
    oldest = select(col(SearchEntry.number)).order_by(col(SearchEntry.number).desc()).offset(WINDOW).limit(1)
    everywhere = _read(session, newest.where(col(SearchEntry.number) > func.coalesce(oldest.scalar_subquery(), 0)))
    if len(everywhere) >= ENOUGH:
        return everywhere
    named = by_grams(sought).cte("named").prefix_with("materialized", dialect="postgresql")
    last = select(named.c.number).order_by(named.c.number.desc()).limit(SCANNED).scalar_subquery()
    return _read(session, newest.where(col(SearchEntry.number) == any_(func.array(last))))


def sought_by_index(words: Words) -> list[Sequence[str]]:
    """Return the fragments that the text index can find."""
    return [same for same in words if all(len(one) >= TRIGRAM or is_beginning(one) for one in same)]


def has_more_hits(session: Session, *, words: Words) -> bool:
    """Test if the index has more hits than were looked at."""
    sought = sought_by_index(words)
    if not sought:
        return False
    hits = (full_text(sought) if is_sqlite(session) else by_grams(sought)).limit(SCANNED).subquery()
    return (session.connection().execute(select(func.count()).select_from(hits)).scalar() or 0) >= SCANNED


def of_reach(session: Session, *, words: Words, kinds: Sequence[RecordKind], by: Actor) -> list[Candidate]:
    """Return records that contain every fragment, sought among the newest of each kind that the person reaches."""
    found: list[Candidate] = []
    for kind in kinds:
        records = SQLModel.metadata.tables[kind.table]
        narrowed = within_reach(by, kind.read, records.c[OWNER]) if OWNER in records.c else []
        hers = select(records.c.id).where(*narrowed).order_by(records.c.id.desc()).limit(REACHED)
        wanted = _entries().where(
            col(SearchEntry.kind) == kind.kind, col(SearchEntry.record_id).in_(hers), contains(words)
        )
        found += _read(session, wanted.limit(MOST))
    return found


def _within_reach(kinds: Sequence[RecordKind], by: Actor) -> list[ColumnElement[bool]]:
    """Return the conditions that keep to what the person reaches, for the kinds of which she does not have all."""
    conditions: list[ColumnElement[bool]] = []
    for kind in kinds:
        records = SQLModel.metadata.tables[kind.table]
        narrowed = within_reach(by, kind.read, records.c[OWNER]) if OWNER in records.c else []
        if narrowed:
            hers = select(records.c.id).where(records.c.id == col(SearchEntry.record_id), *narrowed)
            conditions.append(or_(col(SearchEntry.kind) != kind.kind, hers.correlate(SearchEntry).exists()))
    return conditions


def entries_of(session: Session, *, places: Sequence[tuple[str, UUID]]) -> list[Candidate]:
    """Return the entries of given records."""
    if not places:
        return []
    return _read(session, _entries().where(pair(col(SearchEntry.kind), col(SearchEntry.record_id)).in_(places)))


def near_words(session: Session, *, typed: str) -> list[str]:
    """Return words of the firm's texts that are one typing error away, at most five."""
    if not 4 <= len(typed) <= 20 or not typed.isalpha():
        return []
    wanted = select(col(SearchWord.word)).where(col(SearchWord.variant).in_(sorted(variants(typed)))).distinct()
    known = session.connection().execute(wanted.limit(MOST)).scalars()
    return sorted(word for word in known if word != typed and is_near(typed, word))[:NEAREST]


def full_text(words: Words) -> Select[Any]:
    """Return the hits of SQLite's two text indexes: that of trigrams, and that of the beginnings of words."""
    long = [same for same in words if not any(map(is_beginning, same))]
    short = [same for same in words if any(map(is_beginning, same))]
    if not short:
        return _matching(_FTS, "search_fts", long, "")
    begun = _matching(_STARTS, "search_fts_start", short, "*")
    return _matching(_FTS, "search_fts", long, "").where(_tested(_FTS.c.rowid).in_(begun)) if long else begun


def _tested(number: Any) -> Any:
    """Return a number that SQLite compares with each hit, sooner than it looks for the hits of each number in turn."""
    return UnaryExpression(number, operator=custom_op("+"), type_=number.type)


def _matching(index: TableClause, name: str, words: Words, rest: str) -> Select[Any]:
    phrase = " AND ".join(
        "(" + " OR ".join('"' + one.replace('"', '""') + '"' + rest for one in same) + ")" for same in words
    )
    return select(index.c.rowid).where(literal_column(name).op("match")(phrase))


def by_grams(words: Words) -> Select[Any]:
    """Return the entries that PostgreSQL's index gives; they may still lack fragments of more than three characters.

    One condition per combination of spellings, so that the index alone answers: computing the trigrams of a row costs
    more than everything else.
    """
    held = func.search_grams(SearchEntry.folded)
    each = []
    for spelt in islice(product(*words), COMBINATIONS):
        wanted = sorted({gram for word in spelt for gram in grams(word)})
        each.append(select(col(SearchEntry.number)).where(held.op("@>")(_text_array(wanted))))
    if len(each) == 1:
        return each[0]
    either = union_all(*each).subquery()
    return select(either.c.number)


def _entries() -> Select[Any]:
    return select(*(getattr(SearchEntry, name) for name in _COLUMNS))


def _read(session: Session, wanted: Any) -> list[Candidate]:
    return [Candidate(*row) for row in session.connection().execute(wanted)]


def _text_array(grams: list[str]) -> Any:
    from sqlalchemy import Text
    from sqlalchemy.dialects.postgresql import ARRAY

    return literal(grams, ARRAY(Text))
