"""Finding records by fragments of their text."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Integer, Select, column, func, literal, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.rules import PERMISSIONS, PRIVATE, Actor, may, may_see_field
from db.kernel.errors import BadInput
from db.records.kinds.rules import KINDS, readable_kinds
from db.records.reach.queries import reached
from db.records.recent.queries import recent_targets
from db.records.search import candidates
from db.records.search.candidates import Candidate, Words, contains, full_text, is_sqlite
from db.records.search.rules import escaped, fold, has_words, is_beginning, place_of, rank, search_words, visible_text
from db.records.search.tables import SearchEntry

FEW = 3  # with fewer hits, typing errors are looked for
AT_ONCE = 60
SAMPLE, EVERYWHERE = 200, 60  # of the newest; a fragment in so many of them narrows nothing
MOST_APART = 20_000  # so many numbers fit into one question
LISTED = 4000  # so many are looked up in the index once and for all


@dataclass(frozen=True)
class Found:
    """One record that a search found; what hangs on another record names it as its parent."""

    kind: str
    record_id: UUID
    title: str
    subtitle: str
    parent_kind: str = ""
    parent_id: UUID | None = None
    is_recent: bool = False
    is_near: bool = False  # found by another spelling than what was typed


def matching_numbers(session: Session, *, kind: str, query: str) -> Select[Any]:
    """Return a subquery of the `search_number` of the records of a kind that contain every fragment.

    On SQLite the text index alone answers; numbers of other kinds may then be among them, which no record of this kind
    bears. What no index finds (signs that are no words) is looked for in each text.
    """
    words = [[word] for word in search_words(query)]
    sought = candidates.sought_by_index(words)
    if is_sqlite(session):
        if len(sought) == len(words):
            return full_text(sought)
        odd = [same for same in words if same not in sought]
        wanted = select(col(SearchEntry.number)).where(col(SearchEntry.kind) == kind, contains(odd))
        return wanted.where(col(SearchEntry.number).in_(full_text(sought))) if sought else wanted
    wanted = select(col(SearchEntry.number)).where(col(SearchEntry.kind) == kind, contains(words))
    sought = [same for same in sought if is_beginning(same[0]) or not _is_everywhere(session, kind, same)]
    return wanted.where(col(SearchEntry.number).in_(candidates.by_grams(sought))) if sought else wanted


def _is_everywhere(session: Session, kind: str, same: Sequence[str]) -> bool:
    """Test if so many of the newest records contain a fragment that reading all is quicker than PostgreSQL's index."""
    newest = select(col(SearchEntry.folded)).where(col(SearchEntry.kind) == kind)
    sample = newest.order_by(col(SearchEntry.number).desc()).limit(SAMPLE).subquery()
    held = or_(*(sample.c.folded.like(f"%{escaped(one)}%", escape="\\") for one in same))
    share = session.connection().execute(select(func.count().filter(held), func.count()).select_from(sample)).one()
    return bool(share[1] == SAMPLE and share[0] >= EVERYWHERE)


def numbers_seen(session: Session, *, kind: str, query: str, by: Actor) -> Select[Any]:
    """Return the numbers of the records of a kind that contain every fragment in a field that the person may see.

    What finds few records is looked up in the index here, once; the questions that follow are given their numbers.

    Raises: BadInput: far too many records, of which some only by a hidden field.
    """
    numbers = matching_numbers(session, kind=kind, query=query)
    is_hidden = _hidden(kind, by)
    return listed_if_few(session, numbers) if is_hidden is None else _by_sight(session, kind, query, numbers, is_hidden)


def _by_sight(
    session: Session, kind: str, query: str, numbers: Select[Any], is_hidden: Callable[[str], bool]
) -> Select[Any]:
    """Return those of some numbers whose records contain every fragment outside the hidden fields."""
    words = [[word] for word in search_words(query)]
    wanted = select(col(SearchEntry.number), col(SearchEntry.fields), col(SearchEntry.folded))
    rows = session.connection().execute(
        wanted.where(col(SearchEntry.kind) == kind, col(SearchEntry.number).in_(numbers))
    )
    by_sight: dict[bool, list[int]] = {True: [], False: []}
    for number, fields, folded in rows:
        by_sight[bool(fields) and has_words(visible_text(fields, folded, is_hidden), words)].append(number)
    if min(len(some) for some in by_sight.values()) > MOST_APART:
        raise BadInput("Cette recherche trouve trop de fiches : précisez-la.")
    if len(by_sight[True]) <= len(by_sight[False]):
        return listed(session, by_sight[True])
    seen = select(col(SearchEntry.number)).where(col(SearchEntry.kind) == kind, col(SearchEntry.number).in_(numbers))
    return seen.where(col(SearchEntry.number).not_in(listed(session, by_sight[False])))


def listed_if_few(session: Session, numbers: Select[Any]) -> Select[Any]:
    """Return the numbers that a query finds as a list when they are few, else the query itself.

    PostgreSQL shall find the many first: it would rather walk the order and look at the text of each record in turn.
    """
    some = list(session.connection().execute(numbers.limit(LISTED + 1)).scalars())
    if len(some) <= LISTED:
        return listed(session, some)
    if is_sqlite(session):
        return numbers
    return select(numbers.cte("sought").prefix_with("materialized").c.number)


def listed(session: Session, numbers: Sequence[int]) -> Select[Any]:
    """Return a query that yields these numbers, which travel as one parameter."""
    if is_sqlite(session):
        each = func.json_each(json.dumps(list(numbers))).table_valued(column("value", Integer))
        return select(each.c.value).execution_options(listed=True)
    return select(func.unnest(literal(list(numbers), ARRAY(BigInteger)))).execution_options(listed=True)


def is_listed(numbers: Select[Any]) -> bool:
    """Test if a query yields numbers that were looked up already."""
    return bool(numbers.get_execution_options().get("listed"))


def next_numbers(session: Session, *, count: int) -> list[int]:
    """Return `count` unused entry numbers, rising; they are the caller's within its transaction."""
    if is_sqlite(session):
        last = session.connection().execute(select(func.coalesce(func.max(SearchEntry.number), 0))).scalar_one()
        return list(range(last + 1, last + 1 + count))
    drawn = text("select nextval(pg_get_serial_sequence('search_entry', 'number')) from generate_series(1, :n)")
    return sorted(session.connection().execute(drawn, {"n": count}).scalars().all())


@readable("records.open")
def found_records(
    session: Session, *, query: str, by: Actor, limit: int = 8, per_kind: int | None = None
) -> list[Found]:
    """Return records that the actor may know of and that contain every fragment, the likeliest first.

    First those whose title begins with what was typed, then those that the person used last, then words at the
    beginning of the title's words. When few contain the fragments, words that are one typing error away count too.
    """
    words = [[word] for word in search_words(query)]
    if not words:
        return []
    used = _used(session, by)
    seen = _Reader(session, by, limit, per_kind)
    exact = seen.first([*_prefixed(session, query, by), *used.values(), *_newest(session, words, by)], words, used)
    found = [_found(one, used, is_near=False) for one in exact]
    if len(found) < min(FEW, limit) and _is_narrow(by) and candidates.has_more_hits(session, words=words):
        exact = seen.first(candidates.of_reach(session, words=words, kinds=readable_kinds(by), by=by), words, used)
        found += [_found(one, used, is_near=False) for one in exact]
    spellings = _spellings(session, words) if len(found) < min(FEW, limit) else None
    if spellings:
        near = seen.first(_newest(session, spellings, by), spellings, used)
        found += [_found(one, used, is_near=True) for one in near]
    return found


@readable("records.open")
def recent_records(session: Session, *, by: Actor, limit: int = 8) -> list[Found]:
    """Return the records that the person used last and still reaches, last used first."""
    used = _used(session, by)
    seen = _Reader(session, by, limit, None)
    return [_found(one, used, is_near=False) for one in seen.first(list(used.values()), [], used)]


@readable("records.open")
def titles_of(session: Session, *, places: Sequence[tuple[str, UUID]], by: Actor) -> dict[tuple[str, UUID], str]:
    """Return how records are called, for those of them that the person reaches."""
    seen = reached(session, places=list(dict.fromkeys(places)), by=by)
    told = [_as_told(one, [], by) for one in candidates.entries_of(session, places=list(seen))]
    return {(one.kind, one.record_id): one.title for one in told if one is not None}


class _Reader:
    """Takes the first candidates that a person may see; none is shown twice."""

    def __init__(self, session: Session, by: Actor, limit: int, per_kind: int | None) -> None:
        self._session, self._by, self._limit, self._per_kind = session, by, limit, per_kind
        self._shown: dict[int, Candidate] = {}
        self._of_kind: Counter[str] = Counter()

    def first(self, given: Iterable[Candidate], words: Words, used: dict[int, Candidate]) -> list[Candidate]:
        """Return the next of them in their order, as many as may still be shown."""
        typed = " ".join(same[0] for same in words)
        order = {number: place for place, number in enumerate(used)}
        fresh = {one.number: one for one in given if one.number not in self._shown}
        ranked = sorted(fresh.values(), key=lambda one: rank(typed, one.folded, order.get(one.number), one.number))
        taken: list[Candidate] = []
        for start in range(0, len(ranked), AT_ONCE):
            for one in self._visible(ranked[start : start + AT_ONCE], words):
                if len(self._shown) >= self._limit:
                    return taken
                if self._per_kind is None or self._of_kind[one.kind] < self._per_kind:
                    self._of_kind[one.kind] += 1
                    self._shown[one.number] = one
                    taken.append(one)
        return taken

    def _visible(self, some: Sequence[Candidate], words: Words) -> Iterator[Candidate]:
        told = [shown for one in some if (shown := _as_told(one, words, self._by)) is not None]
        places = {one.number: _place(one) for one in told}
        reach = reached(self._session, places=list(set(places.values())), by=self._by)
        return (one for one in told if places[one.number] in reach)


def _place(one: Candidate) -> tuple[str, UUID]:
    if one.parent_kind is not None and one.parent_id is not None:
        return one.parent_kind, one.parent_id
    return one.kind, one.record_id


def _as_told(one: Candidate, words: Words, by: Actor) -> Candidate | None:
    """Return a candidate as the person may see it; None when only a hidden field made it one."""
    if not may(by, one.permission):
        return None
    is_hidden = _hidden(_place(one)[0], by)
    if is_hidden is None:
        return one if has_words(one.folded, words) else None
    names = (one.fields or "").split(",")
    if not one.fields or is_hidden(names[0]) or not has_words(visible_text(one.fields, one.folded, is_hidden), words):
        return None
    return Candidate(**{**vars(one), "subtitle": ""}) if any(is_hidden(name) for name in names) else one


def _hidden(kind: str, by: Actor) -> Callable[[str], bool] | None:
    """Return what tells the hidden fields of a kind; None when the person may see all of them."""
    described = KINDS.get(kind)
    if described is None or not any(name.startswith(described.table + ".") for name in by.hidden):
        return None
    table = described.table
    return lambda name: bool(name) and not may_see_field(by, table, name)


def _prefixed(session: Session, query: str, by: Actor) -> list[Candidate]:
    kinds = [kind.kind for kind in readable_kinds(by)]
    return candidates.with_title_prefix(session, kinds=kinds, typed=fold(query))


def _newest(session: Session, words: Words, by: Actor) -> list[Candidate]:
    allowed = [permission for permission in PERMISSIONS if may(by, permission)]
    kinds = readable_kinds(by)
    return candidates.newest_with(session, words=words, permissions=allowed, kinds=kinds, by=by)


def _is_narrow(by: Actor) -> bool:
    """Test if there may be records that the person does not reach among those that the index names first."""
    kinds = readable_kinds(by)
    return not by.system and (bool(by.owners) or len(KINDS) > len(kinds) or any(one.read in PRIVATE for one in kinds))


def _used(session: Session, by: Actor) -> dict[int, Candidate]:
    """Return the entries of the records that the person used, last used first, by number."""
    places = [place for target in recent_targets(session, by=by) if (place := place_of(target)) is not None]
    entries = {(one.kind, one.record_id): one for one in candidates.entries_of(session, places=places)}
    in_order = [entries[place] for place in places if place in entries]
    return {one.number: one for one in in_order}


def _spellings(session: Session, words: Words) -> list[list[str]] | None:
    """Return for each word its likely spellings; None when there is no other than what was typed."""
    each = [[*same, *candidates.near_words(session, typed=same[0])] for same in words]
    return each if any(len(same) > 1 for same in each) else None


def _found(one: Candidate, used: dict[int, Candidate], *, is_near: bool) -> Found:
    return Found(
        one.kind,
        one.record_id,
        one.title,
        one.subtitle,
        one.parent_kind or "",
        one.parent_id,
        one.number in used,
        is_near,
    )


def title_of(session: Session, *, kind: str, record_id: UUID) -> str:
    """Return what a record is called, for those who are told about it; "" while it is not findable."""
    wanted = select(col(SearchEntry.title)).where(
        col(SearchEntry.kind) == kind, col(SearchEntry.record_id) == record_id
    )
    return session.scalars(wanted).first() or ""
