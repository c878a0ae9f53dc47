"""Which records are likely the same: as somebody types, and as the last search through all of them found."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlmodel import Session, SQLModel, col

from db.access.gate import readable
from db.access.people.queries import user_names
from db.access.rules import Actor, check_may, may_see_field
from db.kernel.errors import NotFound
from db.records.duplicates.rules import LIKELY, SURE, Pair, Traits, compared, in_order, traits_of
from db.records.duplicates.tables import DuplicatePair, NoDuplicate
from db.records.kinds.rules import kind_called
from db.records.reach.queries import OWNER, reached
from db.records.search import candidates

MOST_TYPED = 12  # candidates that are compared for one thing typed
MOST_SHOWN = 4
LARGEST_PAGE = 100
FIELD_OF = {"near_name": "name", "place": "postal_code", "company": "company_name"}  # what a reason tells of
TRAITS: dict[str, "Source"] = {}


@dataclass(frozen=True)
class Source:
    """Where a kind's traits are: columns of its table by the names that `traits_of` knows, and what groups records."""

    kind: str
    columns: tuple[str, ...]
    group: str = ""  # a column


def register_source(source: Source) -> None:
    """Let duplicates of a kind be found."""
    TRAITS[source.kind] = source


def source_of(kind: str) -> Source:
    """Return where a kind's traits are.

    Raises: NotFound: its duplicates are not looked for.
    """
    found = TRAITS.get(kind)
    if found is None:
        raise NotFound("Les doublons de ce genre de fiches ne se cherchent pas.")
    return found


@dataclass(frozen=True)
class Likely:
    """A record that is likely the same as what is typed. Without an id it is one that the person does not reach.

    `field` is the one under which the warning belongs.
    """

    field: str
    reasons: tuple[str, ...]
    record_id: UUID | None = None
    name: str = ""
    detail: str = ""
    owner_name: str = ""


@readable("records.open")
def likely_doubles(
    session: Session, *, kind: str, group: str, values: Mapping[str, str], besides: UUID | None, by: Actor
) -> list[Likely]:
    """Return the records of a kind that what is typed likely doubles, the likeliest first.

    Only indexes are asked. Of records out of reach it is told that they exist and who answers for them, and only where
    company number, e-mail or telephone are the same.
    """
    check_may(by, kind_called(kind).read)
    typed = traits_of(besides or uuid4(), group, {name: str(text)[:200] for name, text in values.items()})
    found = []
    for traits in _near(session, source_of(kind), typed, by):
        if traits.record_id == besides:
            continue
        pair = compared(typed, traits) or _sure(typed, traits)
        if pair is not None:
            found.append((pair, traits))
    found.sort(key=lambda one: (-one[0].score, one[1].record_id))
    return _as_told(session, kind, found, by)[:MOST_SHOWN]


def _sure(typed: Traits, known: Traits) -> Pair | None:
    """Return a pair for a shared number or address, which is worth a word while somebody types, whatever the names."""
    shared = [what for what, same in _same(typed, known).items() if same]
    return Pair(*in_order(typed.record_id, known.record_id), LIKELY / 2, tuple(shared)) if shared else None


def _same(one: Traits, other: Traits) -> dict[str, bool]:
    return {
        "uid": bool(one.uid) and one.uid == other.uid,
        "email": bool(set(one.emails) & set(other.emails)),
        "phone": bool(set(one.phones) & set(other.phones)),
    }


def _near(session: Session, source: Source, typed: Traits, by: Actor) -> list[Traits]:
    """Return records that the text index finds for a number, an address or the name; each way looks at few."""
    words = sorted(typed.words, key=len, reverse=True)
    sure = [one for one in (*typed.emails, *typed.phones, typed.uid) if len(one) >= 5]
    sought: list[list[list[str]]] = [[[one]] for one in sure]
    if words and len(words[0]) >= 3:
        sought.append([[word] for word in words if len(word) >= 3])
        spelt = candidates.near_words(session, typed=words[0])
        sought += [[[near]] for near in spelt[:2]]
        if len(words) > 1:
            sought.append([[words[0]]])
    ids: dict[UUID, None] = {}
    for each in sought:
        read = kind_called(source.kind).read
        hits = candidates.newest_with(session, words=each, permissions=[read], kinds=[], by=by)
        ids |= dict.fromkeys([one.record_id for one in hits if one.kind == source.kind][:MOST_TYPED])
    return list(load_traits(session, source.kind, by=by, ids=list(ids)))


def load_traits(session: Session, kind: str, *, by: Actor, ids: Sequence[UUID] | None = None) -> Iterable[Traits]:
    """Return the traits of records, of all when no ids are given; fields that the person may not see tell nothing."""
    source, described = source_of(kind), kind_called(kind)
    table = SQLModel.metadata.tables[described.table]
    names = [name for name in source.columns if may_see_field(by, described.table, name)]
    wanted = select(table.c.id, table.c[source.group] if source.group else table.c.id, *(table.c[n] for n in names))
    if ids is not None:
        wanted = wanted.where(table.c.id.in_(ids))
    for row in session.connection().execute(wanted.execution_options(yield_per=5000)):
        record_id, group, *values = row
        yield traits_of(record_id, str(group) if source.group else "", dict(zip(names, values, strict=True)))


def _as_told(session: Session, kind: str, found: Sequence[tuple[Pair, Traits]], by: Actor) -> list[Likely]:
    seen = reached(session, places=[(kind, traits.record_id) for _, traits in found], by=by)
    entries = {one.record_id: one for one in candidates.entries_of(session, places=list(seen))}
    told = []
    for pair, traits in found:
        entry = entries.get(traits.record_id)
        if entry is not None:
            told.append(Likely(_field(pair), pair.reasons, traits.record_id, entry.title, entry.subtitle))
        elif (kind, traits.record_id) not in seen and SURE & set(pair.reasons):
            owner = _owner_of(session, kind, traits.record_id)
            reasons = tuple(one for one in pair.reasons if one in SURE)
            told.append(Likely(_field(pair), reasons, owner_name=owner))
    return told


def _field(pair: Pair) -> str:
    return next((one for one in ("uid", "email", "phone") if one in pair.reasons), "name")


def _owner_of(session: Session, kind: str, record_id: UUID) -> str:
    table = SQLModel.metadata.tables[kind_called(kind).table]
    if OWNER not in table.c:
        return ""
    owner = session.connection().execute(select(table.c[OWNER]).where(table.c.id == record_id)).scalar()
    return user_names(session).get(owner, "") if owner else ""


@dataclass(frozen=True)
class Found:
    """A pair that the last search found; `names` and `details` in the order of the ids."""

    pair_id: UUID
    ids: tuple[UUID, UUID]
    names: tuple[str, str]
    details: tuple[str, str]
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class FoundPage:
    """Pairs of one kind, the likeliest first, how many there are in all, and when they were looked for."""

    pairs: tuple[Found, ...]
    total: int
    found_at: datetime | None


@readable("records.merge")
def found_pairs(session: Session, *, kind: str, size: int, by: Actor) -> FoundPage:
    """Return the likeliest pairs of which the person reaches both records."""
    described = kind_called(kind)
    check_may(by, described.read)
    source_of(kind)
    of_kind = select(DuplicatePair).where(col(DuplicatePair.kind) == kind)
    newest = session.scalar(select(func.max(DuplicatePair.found_at)).where(col(DuplicatePair.kind) == kind))
    total = session.scalar(select(func.count()).select_from(of_kind.subquery())) or 0
    ordered = of_kind.order_by(col(DuplicatePair.score).desc(), col(DuplicatePair.id))
    dismissed, shown = dismissed_pairs(session, kind=kind), list[Found]()
    for row in session.scalars(ordered.limit(min(size, LARGEST_PAGE) * 3)):
        found = None if (row.one_id, row.other_id) in dismissed else _found(session, row, by)
        if found is not None and len(shown) < size:
            shown.append(found)
    return FoundPage(tuple(shown), total, newest)


def _found(session: Session, row: DuplicatePair, by: Actor) -> Found | None:
    places = [(row.kind, row.one_id), (row.kind, row.other_id)]
    seen = reached(session, places=places, by=by)
    entries = {one.record_id: one for one in candidates.entries_of(session, places=list(seen))}
    if len(entries) != 2:
        return None
    both = entries[row.one_id], entries[row.other_id]
    return Found(
        row.id,
        (row.one_id, row.other_id),
        (both[0].title, both[1].title),
        (both[0].subtitle, both[1].subtitle),
        row.score / 1000,
        tuple(one for one in row.reasons if may_see_field(by, kind_called(row.kind).table, FIELD_OF.get(one, one))),
    )


def dismissed_pairs(session: Session, *, kind: str) -> frozenset[tuple[UUID, UUID]]:
    """Return the pairs of which somebody said that they are not the same."""
    wanted = select(col(NoDuplicate.one_id), col(NoDuplicate.other_id)).where(col(NoDuplicate.kind) == kind)
    return frozenset((one, other) for one, other in session.connection().execute(wanted))
