"""Opening opportunities, changing them, and how they end."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.access.gate import gate
from db.access.people.queries import open_people
from db.access.rules import Actor, reaches_owner
from db.crm.opportunities.rules import (
    DRAFT_FIELDS,
    KIND,
    LONGEST_NAME,
    OPPORTUNITY_LIFE,
    BadOpportunity,
    OpportunityDraft,
    OpportunityState,
    check_opportunity,
    orders_of,
    tidy,
    too_long,
)
from db.crm.opportunities.tables import Opportunity
from db.crm.pipelines.queries import all_stages, first_stage, reason_named, stage_named
from db.crm.pipelines.rules import check_demands
from db.jobs.actions import publish
from db.kernel.errors import BadInput, ChangedMeanwhile, NotAllowed
from db.kernel.findings import Finding
from db.parties.queries import party_names
from db.parties.rules import KIND as PARTY
from db.parties.rules import PartyKind
from db.records.custom_fields.actions import index_record
from db.records.custom_fields.given import new_values, read_given, texts_found_by
from db.records.listing.changes import check_fields_seen, check_reach
from db.records.reach.queries import check_record
from db.records.search.actions import Findable, add_search_entries, change_search_entries
from db.records.search.queries import next_numbers
from db.records.search.rules import search_lines
from db.records.timeline.actions import add_entry, tell_also_on

EDIT, READ = "crm.edit_leads", "crm.read_leads"


@gate(EDIT)
def open_opportunity(
    session: Session,
    *,
    name: str,
    party_id: UUID,
    contact_id: UUID | None,
    lead_id: UUID | None,
    owner_id: UUID | None,
    expected_amount: Decimal | None,
    next_step: str = "",
    next_step_date: date | None = None,
    by: Actor,
    at: datetime,
) -> UUID:
    """Open an opportunity with a party; return its id. The database refuses a second one for the same lead."""
    [number] = next_numbers(session, count=1)
    stage = first_stage(session)
    made = Opportunity(
        name=name,
        lead_id=lead_id,
        party_id=party_id,
        contact_id=contact_id,
        owner_id=owner_id,
        expected_amount=expected_amount,
        next_step=next_step,
        next_step_date=next_step_date,
        opened_at=at,
        stage_id=stage.stage_id if stage else None,
        stage_since=at if stage else None,
        **orders_of(name, expected_amount),
        search_number=number,
    )
    session.add(made)
    session.flush()
    add_search_entries(session, entries=[findable(session, made)], by=by, at=at)
    add_entry(
        session,
        kind=KIND,
        record_id=made.id,
        icon="opened",
        message_id="Affaire ouverte",
        by=by,
        at=at,
    )
    return made.id


@gate("crm.edit_leads")
def add_opportunity(
    session: Session,
    *,
    draft: OpportunityDraft,
    by: Actor,
    at: datetime,
    custom: Mapping[str, Any] | None = None,
) -> UUID:
    """Open an opportunity that no lead preceded; return its id.

    `custom` are values of added fields (None: nobody was asked for them).

    Raises: BadFields.
    """
    draft = check_opportunity(draft)
    if draft.owner_id is None and not reaches_owner(by, EDIT, None):
        draft = replace(draft, owner_id=by.user_id)  # who may not have records without an owner gets it herself
    check_reach(by, EDIT, draft.owner_id)
    _check_people(session, draft, before=None)
    assert draft.party_id is not None, "checked"
    opportunity_id: UUID = open_opportunity(
        session,
        name=draft.name,
        party_id=draft.party_id,
        contact_id=draft.contact_id,
        lead_id=None,
        owner_id=draft.owner_id,
        expected_amount=draft.expected_amount,
        next_step=draft.next_step,
        next_step_date=draft.next_step_date,
        by=by,
        at=at,
    )
    made = session.get_one(Opportunity, opportunity_id)
    made.expected_close = draft.expected_close
    if custom is not None:
        made.custom = new_values(session, kind=KIND, group="", given=custom, by=by)
    session.flush()
    if made.custom:
        change_search_entries(session, entries=[findable(session, made)], by=by, at=at)
        index_record(session, kind=KIND, record=made, by=by, at=at)
    return opportunity_id


@gate("crm.edit_leads")
def edit_opportunity(
    session: Session, *, opportunity_id: UUID, values: Mapping[str, Any], expected_version: int, by: Actor, at: datetime
) -> int:
    """Change fields of an open opportunity (names of `OpportunityDraft`, and `custom`, merged key by key).

    Return the new version.

    Raises: NotFound, ChangedMeanwhile, OpportunityClosed, BadOpportunity.
    """
    check_fields_seen(by, KIND, [name for name in values if name != "custom"])
    row = _locked(session, opportunity_id, by)
    if row.row_version != expected_version:
        raise ChangedMeanwhile("Cette affaire a été modifiée entre-temps ; vos valeurs n’ont pas été enregistrées.")
    if row.state != OpportunityState.OPEN.value:
        raise OpportunityClosed("Cette affaire est close ; rouvrez-la pour la modifier.")
    unknown = set(values) - {*DRAFT_FIELDS, "custom"}
    if unknown:
        raise BadInput("Champ inconnu : {names}.", names=", ".join(sorted(unknown)))

    before = OpportunityDraft(**{name: getattr(row, name) for name in DRAFT_FIELDS})
    given = {name: value for name, value in values.items() if name != "custom"}
    draft = check_opportunity(OpportunityDraft(**{**vars(before), **given}))
    if draft.owner_id != before.owner_id:
        check_reach(by, EDIT, draft.owner_id)
    _check_people(session, draft, before=before)
    added = values.get("custom") or {}
    custom = read_given(session, kind=KIND, group="", given=added, before=row.custom, by=by).or_raise()
    for name in DRAFT_FIELDS:
        setattr(row, name, getattr(draft, name))
    for column, value in orders_of(row.name, row.expected_amount).items():
        setattr(row, column, value)
    row.custom = custom
    session.flush()
    if "custom" in values:
        index_record(session, kind=KIND, record=row, by=by, at=at)
    change_search_entries(session, entries=[findable(session, row)], by=by, at=at)
    linked = {one for one in (draft.party_id, draft.contact_id) if one}
    for party_id in linked - {before.party_id, before.contact_id}:
        tell_also_on(session, source=(KIND, row.id), target=(PARTY, party_id), by=by, at=at)
    return row.row_version


@gate("crm.edit_leads")
def move_opportunity(
    session: Session, *, opportunity_id: UUID, stage_id: UUID, values: Mapping[str, Any], by: Actor, at: datetime
) -> int:
    """Bring an open opportunity to a stage, also of another pipeline, with what the stage demands; return the version.

    `values` are fields of `OpportunityDraft` that are set on the way.

    Raises: NotFound, OpportunityClosed, BadOpportunity, StageWants: names each field that is missing.
    """
    row = _locked(session, opportunity_id, by)
    if row.state != OpportunityState.OPEN.value:
        raise OpportunityClosed("Cette affaire est close ; rouvrez-la pour la modifier.")
    stage = stage_named(session, stage_id)
    if values:
        edit_opportunity(session, opportunity_id=row.id, values=values, expected_version=row.row_version, by=by, at=at)
    if row.stage_id == stage_id:
        return row.row_version
    check_demands(stage.name, stage.demands, {name: getattr(row, name) for name in DRAFT_FIELDS})
    before = next((one.name for one in all_stages(session) if one.stage_id == row.stage_id), "")
    row.stage_id, row.stage_since = stage_id, at
    session.flush()
    said = "Étape : {before} → {after}" if before else "Étape : {after}"
    params = {"after": stage.name, **({"before": before} if before else {})}
    add_entry(session, kind=KIND, record_id=row.id, icon="stage", message_id=said, params=params, by=by, at=at)
    publish(session, "crm.opportunity_moved", at=at, subject=row.id)
    return row.row_version


@gate("crm.edit_leads")
def win_opportunity(session: Session, *, opportunity_id: UUID, reason: str = "", by: Actor, at: datetime) -> None:
    """Note that an opportunity was signed, and why if somebody says so.

    Raises: NotFound, WrongStep, BadOpportunity.
    """
    row = _locked(session, opportunity_id, by)
    _close(session, row, OpportunityState.WON, _read_reason(reason), by=by, at=at)


@gate("crm.edit_leads")
def lose_opportunity(session: Session, *, opportunity_id: UUID, reason: str, by: Actor, at: datetime) -> None:
    """Note that an opportunity is lost, and why.

    Raises: NotFound, WrongStep, BadOpportunity: without a reason.
    """
    row = _locked(session, opportunity_id, by)
    given = _read_reason(reason)
    if not given:
        raise BadOpportunity([Finding("reason", "Dites en quelques mots pourquoi l’affaire est perdue.")])
    _close(session, row, OpportunityState.LOST, given, by=by, at=at)


@gate("crm.edit_leads")
def reopen_opportunity(session: Session, *, opportunity_id: UUID, by: Actor, at: datetime) -> None:
    """Open a closed opportunity again.

    Raises: NotFound, WrongStep.
    """
    row = _locked(session, opportunity_id, by)
    row.state = OPPORTUNITY_LIFE.step(OpportunityState(row.state), OpportunityState.OPEN).value
    row.closed_at, row.closing_reason, row.lost_reason_id = None, "", None
    row.stage_since = at
    add_entry(session, kind=KIND, record_id=row.id, icon="reopened", message_id="Affaire rouverte", by=by, at=at)
    publish(session, "crm.opportunity_reopened", at=at, subject=row.id)


class OpportunityClosed(NotAllowed):
    """The opportunity is closed; it has to be reopened first."""


def _close(session: Session, row: Opportunity, to: OpportunityState, reason: str, *, by: Actor, at: datetime) -> None:
    row.state = OPPORTUNITY_LIFE.step(OpportunityState(row.state), to).value
    row.closed_at, row.closing_reason = max(at, row.opened_at), reason
    row.lost_reason_id = reason_named(session, reason) if to is OpportunityState.LOST else None
    said = {
        OpportunityState.WON: ("Affaire gagnée", "Affaire gagnée : {reason}"),
        OpportunityState.LOST: ("Affaire perdue", "Affaire perdue : {reason}"),
    }[to]
    add_entry(
        session,
        kind=KIND,
        record_id=row.id,
        icon=to.value,
        message_id=said[bool(reason)],
        params={"reason": reason} if reason else {},
        by=by,
        at=at,
    )
    publish(session, "crm.opportunity_closed", at=at, subject=row.id, won=to is OpportunityState.WON)


def _read_reason(text: str) -> str:
    reason = tidy(text)
    found = too_long({"reason": reason}, LONGEST_NAME)
    if found:
        raise BadOpportunity(found)
    return reason


def _locked(session: Session, opportunity_id: UUID, by: Actor) -> Opportunity:
    check_record(session, kind=KIND, record_id=opportunity_id, by=by)
    row = session.get_one(Opportunity, opportunity_id, with_for_update=True, populate_existing=True)
    check_reach(by, EDIT, row.owner_id)
    return row


def _check_people(session: Session, draft: OpportunityDraft, *, before: OpportunityDraft | None) -> None:
    """Refuse an owner who is not here, a party that does not exist, a contact who is no person."""
    found = []
    is_new_owner = draft.owner_id is not None and (before is None or draft.owner_id != before.owner_id)
    if is_new_owner and draft.owner_id not in {user_id for user_id, _ in open_people(session)}:
        found.append(Finding("owner_id", "Cette personne ne travaille pas (ou plus) ici."))
    known = party_names(session, party_ids=[one for one in (draft.party_id, draft.contact_id) if one])
    if draft.party_id not in known:
        found.append(Finding("party_id", "Choisissez la société ou la personne."))
    if draft.contact_id and (draft.contact_id not in known or known[draft.contact_id].kind is not PartyKind.PERSON):
        found.append(Finding("contact_id", "Le contact doit être une personne du carnet d’adresses."))
    if found:
        raise BadOpportunity(found)


def findable(session: Session, row: Opportunity) -> Findable:
    party = party_names(session, party_ids=[row.party_id]).get(row.party_id)
    party_name = party.name if party else ""
    amount = None if row.expected_amount is None else f"{row.expected_amount:.2f}"
    added = texts_found_by(session, kind=KIND, permission=READ, stored=row.custom)
    parts = [("name", row.name), ("party_id", party_name), *added]
    named, folded = search_lines(parts, identifiers=[("expected_amount", amount)])
    return Findable(row.search_number, KIND, row.id, READ, row.name, party_name, folded, named)
