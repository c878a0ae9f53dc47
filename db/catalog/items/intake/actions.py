"""Many items at once: out of a file, and the undoing of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.access.bulk import insert_rows, update_rows
from db.access.history import as_json
from db.access.rules import Actor
from db.catalog.items.actions import derive, findable
from db.catalog.items.intake.queries import item_matches
from db.catalog.items.intake.rules import ItemRow
from db.catalog.items.queries import is_used
from db.catalog.items.rules import EDITABLE, FIXED_ONCE_USED, KIND, clean_item, draft_of
from db.catalog.items.tables import Item
from db.documents.imports.deeds import import_deeds
from db.kernel.errors import BadInput
from db.kernel.record import uuid7
from db.parties.intake.actions import ensure_companies, undo_parties
from db.records.intake.actions import Taking, remember_touched, undo_touched
from db.records.intake.queries import locked_records
from db.records.intake.rules import PORTION, Touched, Undone, Written, in_turn
from db.records.search.actions import add_search_entries, change_search_entries, remove_search_entries
from db.records.search.queries import next_numbers
from db.records.search.rules import fold
from db.records.timeline.actions import Told, add_entries, remove_timeline

IMPORT = "catalog.import"
DERIVED = ("number_key", "number_order", "name_order", "price_order", "stock_state")


def _write_rows(session: Session, *, import_id: UUID, rows: Sequence[ItemRow], by: Actor, at: datetime) -> Written:
    """Write one portion; an unknown supplier is added.

    Raises: BadInput: an item cannot be kept so; nothing is written.
    """
    found = item_matches(session, rows=rows, by=by)
    for row in rows:
        if row.line in found and found[row.line].problem:
            raise BadInput(found[row.line].problem)
    names = [row.supplier for row in rows if row.supplier]
    suppliers = ensure_companies(session, names=names, import_id=import_id, by=by, at=at) if names else {}
    new = [row for row in rows if row.line not in found]
    made = _insert(session, new, suppliers, by=by, at=at)
    known = [(found[row.line].party_id, row) for row in rows if row.line in found]
    changed = _change(session, known, suppliers, by=by, at=at)
    touched = [Touched(item_id) for item_id in made] + changed
    remember_touched(session, import_id=import_id, table="item", touched=touched, by=by, at=at)
    return Written(len(made), len(known), len(known) - len(changed))


def _undo_part(session: Session, *, import_id: UUID, by: Actor, at: datetime) -> Undone:
    """Undo the next part of an import; items touched or used since are left and named."""
    items = Taking(
        Item,
        remove=lambda found: _remove(session, found, by=by, at=at),
        restore=lambda pairs: _give_back(session, pairs, by=by, at=at),
        named=lambda item: item.name,
    )
    mine: dict[str, Any] = {"import_id": import_id, "by": by, "at": at}
    return in_turn(
        PORTION,
        lambda most: undo_touched(session, taking=items, most=most, **mine),
        lambda most: undo_parties(session, most=most, **mine),
    )


ITEM_IMPORT = import_deeds(
    "item", module=__name__, permissions=(IMPORT, IMPORT), write_rows=_write_rows, undo_part=_undo_part
)


def _insert(
    session: Session, rows: Sequence[ItemRow], suppliers: Mapping[str, UUID], *, by: Actor, at: datetime
) -> list[UUID]:
    numbers = next_numbers(session, count=len(rows)) if rows else []
    items = []
    for row, number in zip(rows, numbers, strict=True):
        draft = clean_item(replace(row.draft, supplier_id=suppliers.get(fold(row.supplier))))
        item = Item(id=uuid7(), search_number=number, **vars(draft))
        derive(item)
        items.append(item)
    values = [{name: getattr(item, name) for name in ("id", "search_number", *EDITABLE, *DERIVED)} for item in items]
    insert_rows(session, Item, values)
    add_search_entries(session, entries=[findable(item) for item in items], by=by, at=at)
    told = [Told(KIND, item.id, "created", "Article créé", at) for item in items]
    add_entries(session, entries=told, by=by, at=at)
    return [item.id for item in items]


def _change(
    session: Session, known: Sequence[tuple[UUID, ItemRow]], suppliers: Mapping[str, UUID], *, by: Actor, at: datetime
) -> list[Touched]:
    records = locked_records(session, Item, [item_id for item_id, _ in known])
    touched, pairs = [], []
    for item_id, row in known:
        record: Any = records[item_id]
        given = {**row.given, **({"supplier_id": suppliers[fold(row.supplier)]} if row.supplier else {})}
        now = {name: getattr(record, name) for name in EDITABLE}
        draft = clean_item(draft_of({**now, **given}))
        new = {name: getattr(draft, name) for name in EDITABLE if getattr(draft, name) != now[name]}
        if set(new) & set(FIXED_ONCE_USED) and is_used(session, item_id):
            raise BadInput("Cet article a des mouvements ou des pièces : son unité et son genre ne changent plus.")
        if new:
            before = {name: as_json(now[name]) for name in new}
            touched.append(Touched(item_id, record.row_version + 1, before))
            pairs.append((record, new))
    _write(session, pairs, by=by, at=at)
    return touched


def _write(session: Session, pairs: Sequence[tuple[Any, dict[str, Any]]], *, by: Actor, at: datetime) -> None:
    """Write changed fields with what follows from them, and let the items be found by their new text."""
    full = []
    for record, new in pairs:
        copy = Item(**{name: getattr(record, name) for name in (*EDITABLE, "id", "search_number", "on_hand")})
        for name, value in new.items():
            setattr(copy, name, value)
        derive(copy)
        full.append((record, copy, {**new, **{name: getattr(copy, name) for name in DERIVED}}))
    update_rows(session, Item, [(record, values) for record, _, values in full])
    for record, _, _ in full:
        session.expire(record)
    change_search_entries(session, entries=[findable(copy) for _, copy, _ in full], by=by, at=at)


def _give_back(session: Session, pairs: Sequence[tuple[Any, dict[str, Any]]], *, by: Actor, at: datetime) -> None:
    _write(session, pairs, by=by, at=at)


def _remove(session: Session, found: Sequence[Any], *, by: Actor, at: datetime) -> None:
    ids, numbers = [one.id for one in found], [one.search_number for one in found]
    for one in found:
        session.delete(one)
    session.flush()
    remove_search_entries(session, numbers=numbers, by=by, at=at)
    remove_timeline(session, kind=KIND, record_ids=ids, by=by, at=at)
