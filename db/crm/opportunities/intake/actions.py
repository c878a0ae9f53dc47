"""Many opportunities at once: out of a file, and the undoing of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.access.bulk import insert_rows, update_rows
from db.access.gate import gate
from db.access.history import as_json
from db.access.rules import Actor, reaches_owner
from db.crm.opportunities.intake.queries import opportunity_matches
from db.crm.opportunities.intake.rules import OpportunityRow, check_row
from db.crm.opportunities.rules import KIND, OpportunityState, orders_of
from db.crm.opportunities.tables import Opportunity
from db.crm.pipelines.queries import first_stage
from db.kernel.errors import BadInput
from db.kernel.record import uuid7
from db.parties.intake.actions import ensure_companies
from db.records.custom_fields.actions import index_rows, remove_values
from db.records.custom_fields.given import texts_among
from db.records.custom_fields.queries import custom_fields
from db.records.custom_fields.rules import CustomField, all_kept
from db.records.intake.actions import Taking, remember_touched, undo_touched
from db.records.intake.queries import locked_records
from db.records.intake.rules import PORTION, Touched, Undone, Written
from db.records.search.actions import Findable, add_search_entries, change_search_entries, remove_search_entries
from db.records.search.queries import next_numbers
from db.records.search.rules import fold, search_lines
from db.records.timeline.actions import Told, add_entries, remove_timeline

READ = "crm.read_leads"
COLUMNS = (
    *("name", "state", "expected_amount", "opened_at", "closed_at"),
    *("closing_reason", "next_step", "next_step_date"),
)


@gate("crm.import_leads")
def write_opportunities(
    session: Session, *, rows: Sequence[OpportunityRow], import_id: UUID, by: Actor, at: datetime
) -> Written:
    """Add or change the opportunity of each row; its company is added when it is new.

    Raises:
        BadInput: a row cannot be kept, or means several opportunities; nothing is written.
    """
    found = opportunity_matches(session, rows=rows, by=by)
    for row in rows:
        check_row(row)
        if row.line in found and found[row.line].problem:
            raise BadInput(found[row.line].problem)
    companies = ensure_companies(session, names=[row.company for row in rows], import_id=import_id, by=by, at=at)
    known = {line: match.party_id for line, match in found.items()}
    new = [row for row in rows if row.line not in known]

    fields = custom_fields(session, kind=KIND)
    made = _insert(session, new, companies, fields, by=by, at=at)
    changed = _change(session, [(known[row.line], row) for row in rows if row.line in known], fields)
    change_search_entries(session, entries=[_findable(values, fields) for _, values in changed], by=by, at=at)
    index_rows(session, fields=fields, rows=[values for _, values in changed], are_new=False, by=by, at=at)
    touched = [Touched(values["id"]) for values in made] + [mark for mark, _ in changed]
    remember_touched(session, import_id=import_id, table="opportunity", touched=touched, by=by, at=at)
    return Written(len(new), len(known), len(known) - len(changed))


@gate("crm.undo_import")
def undo_opportunities(session: Session, *, import_id: UUID, most: int = PORTION, by: Actor, at: datetime) -> Undone:
    """Take back what an import did to some opportunities."""
    taking = Taking(
        Opportunity,
        remove=lambda found: _remove(session, found, by=by, at=at),
        restore=lambda pairs: _give_back(session, pairs, by=by, at=at),
        named=lambda opportunity: opportunity.name,
        reaches=lambda opportunity: reaches_owner(by, "crm.undo_import", opportunity.owner_id),
    )
    return undo_touched(session, import_id=import_id, taking=taking, most=most, by=by, at=at)


def _insert(
    session: Session,
    rows: Sequence[OpportunityRow],
    companies: Mapping[str, UUID],
    fields: Sequence[CustomField],
    *,
    by: Actor,
    at: datetime,
) -> list[dict[str, Any]]:
    numbers = next_numbers(session, count=len(rows)) if rows else []
    stage = first_stage(session)
    made = [
        {
            **_columns(row),
            **orders_of(row.name, row.expected_amount),
            "stage_id": stage.stage_id if stage else None,
            "stage_since": row.opened_at if stage else None,
            "id": uuid7(),
            "party_id": companies[fold(row.company)],
            "owner_id": by.user_id,
            "search_number": number,
            "custom": all_kept(fields, row.custom),
        }
        for row, number in zip(rows, numbers, strict=True)
    ]
    insert_rows(session, Opportunity, made)
    add_search_entries(session, entries=[_findable(values, fields) for values in made], by=by, at=at)
    index_rows(session, fields=fields, rows=made, are_new=True, by=by, at=at)
    told = [Told(KIND, values["id"], "opened", "Affaire ouverte", values["opened_at"]) for values in made]
    add_entries(session, entries=told, by=by, at=at)
    return made


def _columns(row: OpportunityRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in COLUMNS} | {"state": row.state.value}


def _change(
    session: Session, changes: Sequence[tuple[UUID, OpportunityRow]], fields: Sequence[CustomField]
) -> list[tuple[Touched, dict[str, Any]]]:
    records = locked_records(session, Opportunity, [opportunity_id for opportunity_id, _ in changes])
    real, done = [], []
    for opportunity_id, row in changes:
        record: Any = records[opportunity_id]
        full = _settled({name: getattr(record, name) for name in COLUMNS} | row.given, row)
        full["custom"] = all_kept(fields, {**record.custom, **row.custom})
        new = {name: value for name, value in full.items() if getattr(record, name) != value}
        if new:
            before = {name: as_json(getattr(record, name)) for name in new}
            more = {"id": opportunity_id, "search_number": record.search_number}
            done.append((Touched(opportunity_id, record.row_version + 1, before), {**full, **more}))
            real.append((record, new))
    _write(session, real)
    return done


def _settled(full: dict[str, Any], row: OpportunityRow) -> dict[str, Any]:
    """Return columns that fit together: an open opportunity has no closing, a closed one has."""
    full["state"] = OpportunityState(full["state"]).value
    if full["state"] == OpportunityState.OPEN.value:
        return {**full, "closed_at": None, "closing_reason": ""}
    closed_at = full["closed_at"] or row.closed_at or full["opened_at"]
    return {**full, "closed_at": max(closed_at, full["opened_at"])}


def _write(session: Session, pairs: Sequence[tuple[Any, dict[str, Any]]]) -> None:
    update_rows(session, Opportunity, [(record, new | _orders(record, new)) for record, new in pairs])
    for record, _ in pairs:
        session.expire(record)


def _orders(record: Any, new: Mapping[str, Any]) -> dict[str, Any]:
    return orders_of(new.get("name", record.name), new.get("expected_amount", record.expected_amount))


def _remove(session: Session, found: Sequence[Any], *, by: Actor, at: datetime) -> None:
    ids, numbers = [one.id for one in found], [one.search_number for one in found]
    for one in found:
        session.delete(one)
    session.flush()
    remove_values(session, record_ids=ids, by=by, at=at)
    remove_search_entries(session, numbers=numbers, by=by, at=at)
    remove_timeline(session, kind=KIND, record_ids=ids, by=by, at=at)


def _give_back(session: Session, pairs: Sequence[tuple[Any, dict[str, Any]]], *, by: Actor, at: datetime) -> None:
    fields = custom_fields(session, kind=KIND)
    rows = [
        {"name": one.name, "custom": one.custom, **before, "id": one.id, "search_number": one.search_number}
        for one, before in pairs
    ]
    _write(session, pairs)
    change_search_entries(session, entries=[_findable(row, fields) for row in rows], by=by, at=at)
    index_rows(session, fields=fields, rows=rows, are_new=False, by=by, at=at)


def _findable(values: Mapping[str, Any], fields: Sequence[CustomField]) -> Findable:
    named, folded = search_lines([("name", values["name"]), *texts_among(fields, READ, values["custom"])])
    return Findable(values["search_number"], KIND, values["id"], READ, values["name"], "", folded, named)
