"""Many leads at once: an import, its updates, and its undoing row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlmodel import Session, col

from db.access.bulk import insert_rows, update_rows
from db.access.gate import gate
from db.access.history import as_json
from db.access.rules import Actor, reaches_owner
from db.crm.leads.derived import derived, findable
from db.crm.leads.intake.tables import ImportedLead
from db.crm.leads.loading import check_seen, check_within_reach, owner_or_self
from db.crm.leads.rules import DRAFT_FIELDS, KIND, BadLead, Finding, LeadDraft, LeadState, check_draft, filled_fields
from db.crm.leads.tables import Lead
from db.jobs.actions import publish
from db.kernel.record import uuid7
from db.records.custom_fields.actions import index_values, remove_values
from db.records.custom_fields.queries import custom_fields
from db.records.custom_fields.rules import CustomField, all_kept
from db.records.intake.actions import Taking, remember_touched, undo_touched
from db.records.intake.rules import PORTION, Touched, Undone
from db.records.intake.tables import ImportedRecord
from db.records.listing.changes import check_fields_seen
from db.records.search.actions import (
    add_search_entries,
    change_search_entries,
    remove_search_entries,
)
from db.records.search.queries import next_numbers
from db.records.timeline.actions import Told, add_entries, remove_timeline

CHUNK = 500
IN_BULK = "crm.leads_changed_in_bulk"


@gate("crm.import_leads")
def add_leads(
    session: Session,
    *,
    drafts: Sequence[LeadDraft],
    import_id: UUID | None,
    by: Actor,
    at: datetime,
) -> list[UUID]:
    """Keep many leads with history, search text, story and index of custom values; return their ids in order.

    Raises: BadLead, NotAllowed, NotFound: a draft cannot be kept (by this person); none is.
    """
    fields = custom_fields(session, kind=KIND)
    rows = [_row(check_draft(_own(draft, by)), fields, import_id) for draft in drafts]
    numbers = next_numbers(session, count=len(rows))
    for row, number in zip(rows, numbers, strict=True):
        row["search_number"] = number

    insert_rows(session, Lead, rows)
    add_search_entries(
        session,
        entries=[findable(row["id"], row, fields) for row in rows],
        by=by,
        at=at,
    )
    add_entries(session, entries=[told for row in rows for told in _story(row)], by=by, at=at)
    records = [(row["id"], row["search_number"], row["custom"]) for row in rows if row["custom"]]
    index_values(session, fields=fields, records=records, are_new=True, by=by, at=at)
    if import_id is not None and rows:
        _remember(session, import_id, [Touched(row["id"]) for row in rows], by=by, at=at)
        publish(session, IN_BULK, at=at)
    return [row["id"] for row in rows]


@gate("crm.import_leads")
def update_leads(
    session: Session,
    *,
    changes: Sequence[tuple[UUID, Mapping[str, Any]]],
    import_id: UUID | None,
    by: Actor,
    at: datetime,
) -> int:
    """Change fields of many leads (draft field names; `custom` is merged); return how many really changed.

    Raises: BadLead, NotAllowed, NotFound: an outcome cannot be kept (by this person); none is.
    """
    merged: dict[UUID, dict[str, Any]] = {}
    for lead_id, values in changes:
        merged.setdefault(lead_id, {}).update(values)
    fields = custom_fields(session, kind=KIND)
    done = 0
    ids = list(merged)
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        leads = _locked(session, chunk)
        for lead_id in chunk:
            _check_change(leads[lead_id], merged[lead_id], by)
        pairs = [(leads[lead_id], _new_values(leads[lead_id], fields, merged[lead_id])) for lead_id in chunk]
        done += _write_updates(session, pairs, fields, import_id, by=by, at=at)
    if done:
        publish(session, IN_BULK, at=at)
    return done


@gate("crm.undo_import")
def remove_leads_of_import(
    session: Session, *, import_id: UUID, most: int = PORTION, by: Actor, at: datetime
) -> Undone:
    """Remove some leads that an import made and give others their values back, except what was touched since."""
    _carry_over(session, import_id)
    fields = custom_fields(session, kind=KIND)
    taking = Taking(
        Lead,
        remove=lambda leads: _remove(session, leads, by=by, at=at),
        restore=lambda pairs: _give_back(session, pairs, fields, by=by, at=at),
        named=lambda lead: lead.name,
        reaches=lambda lead: reaches_owner(by, "crm.undo_import", lead.owner_id),
    )
    done: Undone = undo_touched(session, import_id=import_id, taking=taking, most=most, by=by, at=at)
    if done.removed or done.restored:
        publish(session, IN_BULK, at=at)
    return done


def _carry_over(session: Session, import_id: UUID) -> None:
    """Bring what an earlier version noted of an import to where it is noted now."""
    earlier = session.scalars(select(ImportedLead).where(col(ImportedLead.import_id) == import_id)).all()
    names = ("import_id", "operation", "row_version", "before")
    rows = [
        {**{name: getattr(mark, name) for name in names}, "record_table": "lead", "record_id": mark.lead_id}
        for mark in earlier
    ]
    if rows:
        session.connection().execute(insert(ImportedRecord), rows)
        session.connection().execute(delete(ImportedLead).where(col(ImportedLead.import_id) == import_id))
        session.expire_all()


def _give_back(
    session: Session,
    pairs: Sequence[tuple[Lead, dict[str, Any]]],
    fields: Sequence[CustomField],
    *,
    by: Actor,
    at: datetime,
) -> None:
    _write_updates(session, pairs, fields, None, by=by, at=at)


def _own(draft: LeadDraft, by: Actor) -> LeadDraft:
    """Return the draft with its owner; refuse fields that the person may not see, and owners out of her reach."""
    check_fields_seen(by, KIND, filled_fields(draft))
    owner_id = owner_or_self(by, draft.owner_id)
    check_within_reach(by, owner_id)
    return replace(draft, owner_id=owner_id)


def _check_change(lead: Lead, values: Mapping[str, Any], by: Actor) -> None:
    check_seen(by, lead)
    check_fields_seen(by, KIND, [name for name in values if name != "custom"])
    if "owner_id" in values:
        check_within_reach(by, values["owner_id"])


def _row(draft: LeadDraft, fields: Sequence[CustomField], import_id: UUID | None) -> dict[str, Any]:
    values = {name: getattr(draft, name) for name in DRAFT_FIELDS}
    values["state"] = draft.state.value
    values["custom"] = all_kept(fields, draft.custom)
    return {**values, **derived(values), "id": uuid7(), "import_id": import_id}


def _story(row: dict[str, Any]) -> list[Told]:
    params = {"source": row["source"]}
    came = "Piste reçue ({source})" if row["source"] else "Piste reçue"
    story = [Told(KIND, row["id"], "received", came, row["received_at"], params)]
    if row["closed_at"] is not None:
        lost = row["state"] == LeadState.LOST.value
        message = "Piste perdue : {reason}" if lost else "Piste convertie"
        icon = "lost" if lost else "converted"
        story.append(
            Told(
                KIND,
                row["id"],
                icon,
                message,
                row["closed_at"],
                {"reason": row["lost_reason"]},
            )
        )
    return story


def _remember(session: Session, import_id: UUID, touched: Sequence[Touched], *, by: Actor, at: datetime) -> None:
    remember_touched(session, import_id=import_id, table="lead", touched=touched, by=by, at=at)


def _draft_of(lead: Lead) -> LeadDraft:
    values = {name: getattr(lead, name) for name in DRAFT_FIELDS}
    return LeadDraft(**{**values, "state": LeadState(lead.state)})


def _new_values(lead: Lead, fields: Sequence[CustomField], given: Mapping[str, Any]) -> dict[str, Any]:
    changed = {name: value for name, value in given.items() if name != "custom"}
    custom = all_kept(fields, {**lead.custom, **given.get("custom", {})})
    draft = replace(_draft_of(lead), **changed, custom=custom)
    if "state" in changed and draft.state not in (LeadState.CONVERTED, LeadState.LOST):
        draft = replace(draft, closed_at=None, lost_reason="")
    if lead.party_id is not None and draft.state is not LeadState.CONVERTED:
        stays = "« {name} » est convertie en affaire ; son état ne change plus."
        raise BadLead([Finding("state", stays, {"name": lead.name})])
    draft = check_draft(draft, known_phone=lead.phone)
    return {
        **{name: getattr(draft, name) for name in DRAFT_FIELDS},
        "state": draft.state.value,
    }


def _write_updates(
    session: Session,
    pairs: Sequence[tuple[Lead, dict[str, Any]]],
    fields: Sequence[CustomField],
    import_id: UUID | None,
    *,
    by: Actor,
    at: datetime,
) -> int:
    """Write new values of loaded leads with everything derived from them; return how many really changed."""
    marks, entries, customs, real = [], [], [], []
    for lead, values in pairs:
        changed = {name: value for name, value in values.items() if as_json(getattr(lead, name)) != as_json(value)}
        if not changed:
            continue
        full = {
            **{name: getattr(lead, name) for name in (*DRAFT_FIELDS, "search_number")},
            **changed,
        }
        real.append((lead, {**changed, **derived(full)}))
        before = {name: as_json(getattr(lead, name)) for name in changed}
        if import_id is not None:
            marks.append(Touched(lead.id, lead.row_version + 1, before))
        entries.append(findable(lead.id, full, fields))
        if "custom" in changed:
            customs.append((lead.id, full["search_number"], full["custom"]))
    update_rows(session, Lead, real)
    for lead, _ in real:
        session.expire(lead)
    change_search_entries(session, entries=entries, by=by, at=at)
    index_values(session, fields=fields, records=customs, are_new=False, by=by, at=at)
    if marks and import_id is not None:
        _remember(session, import_id, marks, by=by, at=at)
    return len(real)


def _locked(session: Session, ids: list[UUID]) -> dict[UUID, Lead]:
    wanted = select(Lead).where(col(Lead.id).in_(ids)).order_by(col(Lead.id)).with_for_update()
    return {lead.id: lead for lead in session.scalars(wanted.execution_options(populate_existing=True))}


def _remove(session: Session, leads: Sequence[Lead], *, by: Actor, at: datetime) -> None:
    ids = [lead.id for lead in leads]
    numbers = [lead.search_number for lead in leads]
    for lead in leads:
        session.delete(lead)
    session.flush()
    remove_search_entries(session, numbers=numbers, by=by, at=at)
    remove_timeline(session, kind=KIND, record_ids=ids, by=by, at=at)
    remove_values(session, record_ids=ids, by=by, at=at)
    if ids:
        session.connection().execute(delete(ImportedLead).where(col(ImportedLead.lead_id).in_(ids)))
