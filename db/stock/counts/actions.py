"""Opening a count, entering what is there, and turning the approved differences into moves."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlmodel import Session, col

from db.access.bulk import insert_rows
from db.access.gate import gate
from db.access.rules import Actor
from db.catalog.items.queries import item_by_code
from db.catalog.items.rules import ItemKind, ItemState
from db.catalog.items.tables import Item
from db.kernel.errors import BadInput, ChangedMeanwhile, NotFound
from db.kernel.findings import Finding
from db.records.listing.changes import Change, Changed, each
from db.records.search.actions import Findable, add_search_entries
from db.records.search.queries import next_numbers
from db.records.search.rules import fold, search_lines
from db.records.timeline.actions import add_entry
from db.stock.counts.queries import reviewed
from db.stock.counts.rules import (
    COUNT_LIFE,
    KIND,
    MOST_LINES,
    BadCount,
    CountClosed,
    CountDraft,
    CountState,
    Entering,
    Tally,
    clean_count,
    tallied,
)
from db.stock.counts.tables import StockCount, StockCountLine
from db.stock.moves.actions import move_goods
from db.stock.moves.queries import net_since
from db.stock.moves.rules import MoveDraft, MoveKind, Origin
from db.stock.moves.tables import StockLevel
from db.stock.places.queries import place_facts

SWISS_TIME = ZoneInfo("Europe/Zurich")
COUNT = "stock.count"


@gate(COUNT)
def open_count(session: Session, *, draft: CountDraft, by: Actor, at: datetime) -> UUID:
    """Open a count with the items that lie at the place, or with all active articles of a group; return its id.

    Raises: BadCount.
    """
    place = place_facts(session, place_id=draft.place_id) if draft.place_id else None
    day = f"{at.astimezone(SWISS_TIME):%d.%m.%Y}"
    draft = clean_count(draft, place=place.name if place else "", day=day)
    assert draft.place_id is not None, "checked"
    items = _items_to_count(session, draft)
    [number] = next_numbers(session, count=1)
    row = StockCount(
        **vars(draft), opened_at=at, opened_by=by.user_id, name_order=fold(draft.name), search_number=number
    )
    session.add(row)
    session.flush()
    lines = [{"count_id": row.id, "item_id": one, "place_in_sheet": place + 1} for place, one in enumerate(items)]
    insert_rows(session, StockCountLine, lines)
    named, folded = search_lines([("name", row.name)])
    entry = Findable(
        row.search_number, KIND, row.id, "stock.read", row.name, place.name if place else "", folded, named
    )
    add_search_entries(session, entries=[entry], by=by, at=at)
    params = {"lines": len(items)}
    told = "Inventaire ouvert : {lines} articles à compter"
    add_entry(session, kind=KIND, record_id=row.id, icon="created", message_id=told, params=params, by=by, at=at)
    return row.id


def _items_to_count(session: Session, draft: CountDraft) -> list[UUID]:
    wanted = select(col(Item.id)).where(
        col(Item.kind) == ItemKind.ARTICLE.value, col(Item.state) == ItemState.ACTIVE.value
    )
    if draft.group_name:
        wanted = wanted.where(col(Item.group_name) == draft.group_name)
    else:
        there = select(col(StockLevel.item_id)).where(
            col(StockLevel.place_id) == draft.place_id, col(StockLevel.quantity) != 0
        )
        wanted = select(col(Item.id)).where(col(Item.id).in_(there))
    found = list(session.scalars(wanted.order_by(col(Item.group_name), col(Item.number_order)).limit(MOST_LINES + 1)))
    if len(found) > MOST_LINES:
        raise BadCount([Finding("group_name", "Un inventaire a au plus 20’000 articles : comptez groupe par groupe.")])
    return found


@gate(COUNT)
def note_counted(
    session: Session,
    *,
    line_id: UUID,
    counted: Decimal,
    entering: Entering,
    seen_version: int | None,
    by: Actor,
    at: datetime,
) -> int:
    """Enter what was counted of an item; return the line's new version.

    With `seen_version`, a line that somebody else has changed since is refused and not overwritten.

    Raises: NotFound, CountClosed, BadCount, CountedMeanwhile.
    """
    line = session.get(StockCountLine, line_id, with_for_update=True, populate_existing=True)
    if line is None:
        raise NotFound("Cette ligne d’inventaire n’existe pas ou plus.")
    count = _open(session, line.count_id)
    known = Tally(line.counted, line.counted_at, line.counted_by_name)
    given = Tally(counted, at, by.name)
    is_stale = seen_version is not None and seen_version != line.row_version and known.by_name != by.name
    moved = Decimal(0)
    if entering is Entering.ADD and line.counted_at is not None:
        since = [(line.item_id, line.counted_at)]
        moved = net_since(session, place_id=count.place_id, since=since).get(line.item_id, moved)
    result = tallied(known, given, entering=Entering.FIRST if is_stale else entering, moved_since=moved)
    if result != known:
        line.counted, line.counted_at = result.counted, result.counted_at
        line.counted_by, line.counted_by_name = by.user_id, by.name
        session.flush()
    return line.row_version


@gate(COUNT)
def add_to_sheet(session: Session, *, count_id: UUID, code: str, by: Actor, at: datetime) -> UUID:
    """Put an item on the sheet by its barcode or number, if it is not there yet; return its line.

    Raises: NotFound, CountClosed, BadInput: no such item, or a service.
    """
    _open(session, count_id)
    item = item_by_code(session, code=code)
    if item is None:
        raise BadInput("Aucun article n’a le numéro ou le code-barres « {code} ».", code=code.strip()[:40])
    if item.kind is ItemKind.SERVICE:
        raise BadInput("« {name} » est un service : il ne se compte pas.", name=item.name)
    theirs = select(StockCountLine).where(
        col(StockCountLine.count_id) == count_id, col(StockCountLine.item_id) == item.item_id
    )
    known = session.scalars(theirs).first()
    if known is not None:
        return known.id
    last = select(func.max(col(StockCountLine.place_in_sheet))).where(col(StockCountLine.count_id) == count_id)
    line = StockCountLine(count_id=count_id, item_id=item.item_id, place_in_sheet=(session.scalar(last) or 0) + 1)
    session.add(line)
    session.flush()
    return line.id


@gate(COUNT)
def finish_count(session: Session, *, count_id: UUID, by: Actor, at: datetime) -> None:
    """Hand a count over for approval.

    Raises: NotFound, WrongStep, BadCount: nothing was counted.
    """
    row = _locked(session, count_id)
    numbers = select(func.count(col(StockCountLine.counted)), func.count()).where(
        col(StockCountLine.count_id) == count_id
    )
    counted, lines = session.connection().execute(numbers).one()
    if not counted:
        raise BadCount([Finding("counted", "Rien n’est compté : comptez au moins un article, ou abandonnez.")])
    row.state = COUNT_LIFE.step(CountState(row.state), CountState.REVIEW).value
    params = {"counted": counted, "lines": lines}
    told = "Comptage terminé : {counted} articles sur {lines}"
    add_entry(session, kind=KIND, record_id=row.id, icon="counted", message_id=told, params=params, by=by, at=at)


@gate(COUNT)
def resume_count(session: Session, *, count_id: UUID, by: Actor, at: datetime) -> None:
    """Let people count on (or again).

    Raises: NotFound, WrongStep.
    """
    row = _locked(session, count_id)
    row.state = COUNT_LIFE.step(CountState(row.state), CountState.OPEN).value
    add_entry(session, kind=KIND, record_id=row.id, icon="reopened", message_id="Comptage repris", by=by, at=at)


@gate(COUNT)
def cancel_count(session: Session, *, count_id: UUID, by: Actor, at: datetime) -> None:
    """Give a count up; what was counted stays on its sheet and changes no stock.

    Raises: NotFound, WrongStep.
    """
    row = _locked(session, count_id)
    row.state = COUNT_LIFE.step(CountState(row.state), CountState.CANCELLED).value
    add_entry(session, kind=KIND, record_id=row.id, icon="lost", message_id="Inventaire abandonné", by=by, at=at)


@gate("stock.approve_count")
def approve_count(session: Session, *, count_id: UUID, by: Actor, at: datetime) -> int:
    """Turn the differences into moves, all of them or none; return how many there were.

    A difference is what was counted less what was expected at that instant: what moved since stays as it is.
    Items that nobody counted stay as they are.

    Raises: NotFound, WrongStep, NotEnough: what was missing has been taken out since.
    """
    row = _locked(session, count_id)
    state = COUNT_LIFE.step(CountState(row.state), CountState.APPROVED)
    lines = [one for one in reviewed(session, row, by=by) if one.difference != 0]
    costs = {one.item_id: session.get_one(Item, one.item_id).purchase_price for one in lines}
    for one in sorted(lines, key=lambda line: line.item_id):
        more = one.difference > 0
        draft = MoveDraft(
            one.item_id,
            MoveKind.COUNT,
            abs(one.difference),
            None if more else row.place_id,
            row.place_id if more else None,
            row.name,
            costs[one.item_id],
            one.tally.counted_at,
        )
        move_goods(session, draft=draft, origin=Origin(KIND, row.id), by=by, at=at)
    row.state, row.approved_at, row.approved_by = state.value, at, by.user_id
    session.flush()
    told = "Inventaire approuvé : {moves} différences passées en stock"
    add_entry(
        session,
        kind=KIND,
        record_id=row.id,
        icon="won",
        message_id=told,
        params={"moves": len(lines)},
        by=by,
        at=at,
    )
    return len(lines)


@gate(COUNT)
def rename_count(
    session: Session, *, count_id: UUID, values: Mapping[str, Any], expected_version: int, by: Actor, at: datetime
) -> int:
    """Change the name of a count, or if it is blind, while it is not approved; return the new version.

    Raises: NotFound, ChangedMeanwhile, CountClosed, BadCount.
    """
    unknown = set(values) - {"name", "blind"}
    if unknown:
        raise BadInput("Champ inconnu : {names}.", names=", ".join(sorted(unknown))[:200])
    row = _locked(session, count_id)
    if row.row_version != expected_version:
        raise ChangedMeanwhile("Cet inventaire a été modifié entre-temps ; vos valeurs n’ont pas été enregistrées.")
    if row.state == CountState.APPROVED.value:
        raise CountClosed("Cet inventaire est approuvé : il ne se modifie plus.")
    name = " ".join(str(values.get("name", row.name)).split())
    if not name:
        raise BadCount([Finding("name", "Donnez un nom à l’inventaire.")])
    row.name, row.name_order, row.blind = name, fold(name), bool(values.get("blind", row.blind))
    session.flush()
    return row.row_version


@gate(COUNT)
def change_counts(session: Session, *, changes: Sequence[Change], by: Actor, at: datetime) -> Changed:
    """Change counts from their list; what cannot be done is refused one by one.

    Raises: BusinessError: nothing could be done.
    """
    return each(session, changes, lambda change: _change(session, change, by=by, at=at))


def _change(session: Session, change: Change, *, by: Actor, at: datetime) -> None:
    if change.verb == "cancel":
        cancel_count(session, count_id=change.record_id, by=by, at=at)
        return
    if change.verb != "edit":
        raise BadInput("« {verb} » ne se fait pas en lot.", verb=change.verb[:40])
    row = session.get(StockCount, change.record_id)
    if row is None:
        raise NotFound("Cet inventaire n’existe pas ou plus.")
    version = row.row_version if change.expected_version is None else change.expected_version
    rename_count(session, count_id=row.id, values=change.values, expected_version=version, by=by, at=at)


def _locked(session: Session, count_id: UUID) -> StockCount:
    row = session.get(StockCount, count_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("Cet inventaire n’existe pas ou plus.")
    return row


def _open(session: Session, count_id: UUID) -> StockCount:
    row = session.get(StockCount, count_id, with_for_update={"read": True}, populate_existing=True)
    if row is None:
        raise NotFound("Cet inventaire n’existe pas ou plus.")
    if row.state != CountState.OPEN.value:
        raise CountClosed("Cet inventaire est terminé : rouvrez-le pour compter encore.")
    return row
