"""What can be done with a lead. Many at once: `intake/`; how leads end: `closing/`; both are repeated here."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.bulk import update_rows
from db.access.gate import gate
from db.access.people.queries import user_names
from db.access.people.reassignment import register_belongings
from db.access.rules import Actor
from db.crm.leads.closing.actions import convert_lead, lose_lead, lose_leads, reopen_lead
from db.crm.leads.intake.actions import add_leads, remove_leads_of_import, update_leads
from db.crm.leads.loading import check_owner, locked_lead, locked_leads, owner_or_self, step_to
from db.crm.leads.queries import count_open_leads
from db.crm.leads.refreshing import refresh
from db.crm.leads.rules import (
    CLOSED_STATES,
    DRAFT_FIELDS,
    KIND,
    LEAD_LIFE,
    OPEN_STATES,
    STATE_LABELS,
    BadLead,
    LeadClosed,
    LeadDraft,
    LeadState,
    check_draft,
    filled_fields,
)
from db.crm.leads.tables import Exchange, Lead
from db.jobs.actions import publish
from db.kernel.errors import BadInput, ChangedMeanwhile
from db.kernel.phones import kept_phone
from db.records.custom_fields.given import missing_of, read_given
from db.records.listing.changes import check_fields_seen
from db.records.timeline.actions import Told, add_entries, add_entry

__all__ = [
    "add_leads",
    "assign_leads",
    "convert_lead",
    "create_lead",
    "edit_lead",
    "lose_lead",
    "lose_leads",
    "note_exchange",
    "reassign_leads",
    "remove_leads_of_import",
    "reopen_lead",
    "take_lead",
    "update_leads",
]

CHANNELS = {
    "call": {"out": "Appel", "in": "Appel reçu"},
    "email": {"out": "E-mail", "in": "E-mail reçu"},
    "visit": {"out": "Visite", "in": "Visite reçue"},
    "other": {"out": "Échange", "in": "Échange reçu"},
}


@gate("crm.edit_leads")
def create_lead(session: Session, *, draft: LeadDraft, by: Actor, at: datetime) -> UUID:
    """Keep a new lead; return its id.

    Raises: BadLead, NotFound: its owner does not work here.
    """
    check_fields_seen(by, "lead", filled_fields(draft))
    draft = replace(draft, owner_id=owner_or_self(by, draft.owner_id))
    check_owner(session, draft.owner_id, by=by)
    draft = _with_read_custom(session, draft, by)
    [lead_id] = add_leads(session, drafts=[draft], import_id=None, by=by, at=at)
    publish(session, "crm.lead_created", at=at, subject=lead_id)
    return lead_id


@gate("crm.edit_leads")
def edit_lead(
    session: Session,
    *,
    lead_id: UUID,
    values: Mapping[str, Any],
    expected_version: int,
    by: Actor,
    at: datetime,
) -> int:
    """Change fields of a lead (names of `LeadDraft`; `custom` is merged key by key); return the new version.

    State, closing date and reason change by their own actions (`lose_lead`, `convert_lead`, `reopen_lead`), except that
    an open lead may step to another open state here.

    Raises: NotFound, ChangedMeanwhile, BadLead, WrongStep.
    """
    check_fields_seen(by, "lead", [name for name in values if name != "custom"])
    lead = locked_lead(session, lead_id, by=by)
    if lead.row_version != expected_version:
        raise ChangedMeanwhile("Cette piste a été modifiée entre-temps ; vos valeurs n’ont pas été enregistrées.")
    _check_open(lead, values)

    draft = _draft(lead, values)
    if draft.owner_id != lead.owner_id:
        check_owner(session, draft.owner_id, by=by)
    draft = _with_read_custom(session, draft, by, before=lead.custom)
    draft = check_draft(draft, known_phone=lead.phone)
    if draft.phone == kept_phone(lead.phone):
        draft = replace(draft, phone=lead.phone)  # the same number in an older writing is no change
    for name in DRAFT_FIELDS:
        setattr(lead, name, getattr(draft, name))
    lead.state = draft.state.value
    refresh(session, lead, by=by, at=at)
    publish(session, "crm.lead_changed", at=at, subject=lead_id)
    return lead.row_version


@gate("crm.edit_leads")
def take_lead(session: Session, *, lead_id: UUID, by: Actor, at: datetime) -> None:
    """Make the person who does it the lead's owner.

    Raises: NotFound.
    """
    assign_leads(session, lead_ids=[lead_id], owner_id=by.user_id, by=by, at=at)


@gate("crm.edit_leads")
def assign_leads(
    session: Session,
    *,
    lead_ids: Sequence[UUID],
    owner_id: UUID | None,
    by: Actor,
    at: datetime,
) -> int:
    """Give leads to an owner (or to nobody); return how many changed hands.

    Raises: NotFound: a lead does not exist, or the owner does not work here.
    """
    names = user_names(session)
    leads = [lead for lead in locked_leads(session, lead_ids, by=by) if lead.owner_id != owner_id]
    if leads:
        check_owner(session, owner_id, by=by)
    for lead in leads:
        lead.owner_id = owner_id
        message = "Attribuée à {owner}" if owner_id else "Sans responsable"
        params = {"owner": names.get(owner_id, "")} if owner_id else {}
        add_entry(
            session,
            kind=KIND,
            record_id=lead.id,
            icon="assigned",
            message_id=message,
            params=params,
            by=by,
            at=at,
        )
    session.flush()
    if leads and owner_id not in (None, by.user_id):
        told = {"owner_id": str(owner_id), "count": len(leads), "name": leads[0].name, "by_name": by.name}
        publish(session, "crm.leads_assigned", at=at, subject=leads[0].id, **told)
    return len(leads)


@gate("crm.edit_leads")
def reassign_leads(session: Session, *, from_user: UUID, to_user: UUID, by: Actor, at: datetime) -> int:
    """Give all open leads of somebody who leaves to somebody else; return how many."""
    wanted = select(Lead).where(
        col(Lead.owner_id) == from_user,
        col(Lead.state).in_([state.value for state in OPEN_STATES]),
    )
    leads = session.scalars(wanted.order_by(col(Lead.id)).with_for_update()).all()
    done = update_rows(session, Lead, [(lead, {"owner_id": to_user}) for lead in leads])
    for lead in leads:
        session.expire(lead)
    return done


register_belongings("lead", label="pistes", count=count_open_leads, reassign=reassign_leads)


@gate("crm.edit_leads")
def note_exchange(
    session: Session,
    *,
    lead_id: UUID,
    channel: str,
    direction: str,
    happened_at: datetime,
    text: str,
    by: Actor,
    at: datetime,
    origin: tuple[str, UUID] | None = None,
) -> None:
    """Note a call, an e-mail or a visit; a new lead becomes a contacted one. `origin`: what the line is about.

    Raises: NotFound, BadInput: unknown channel or direction, or a moment yet to come.
    """
    if channel not in CHANNELS or direction not in ("in", "out"):
        raise BadInput("« {channel} » n’est pas un moyen d’échange connu.", channel=channel)
    if happened_at > at:
        raise BadInput("Un échange ne se note pas d’avance.")
    lead = locked_lead(session, lead_id, by=by)
    session.add(
        Exchange(
            lead_id=lead_id,
            channel=channel,
            direction=direction,
            happened_at=happened_at,
            text=text.strip(),
            by_name=by.name,
        )
    )
    lead.exchanges += 1
    lead.last_exchange_at = max(happened_at, lead.last_exchange_at or happened_at)
    if lead.state == LeadState.NEW.value:
        step_to(lead, LeadState.CONTACTED)
    told = Told(KIND, lead_id, channel, CHANNELS[channel][direction], happened_at, {}, text.strip(), *(origin or ()))
    add_entries(session, entries=[told], by=by, at=at)
    publish(session, "crm.lead_changed", at=at, subject=lead_id)


def _check_open(lead: Lead, values: Mapping[str, Any]) -> None:
    if LeadState(lead.state) in CLOSED_STATES:
        raise LeadClosed(
            "Cette piste est {state} ; rouvrez-la pour la modifier.",
            state=STATE_LABELS[LeadState(lead.state)].lower(),
        )
    wanted = LeadState(values.get("state", lead.state))
    if wanted in CLOSED_STATES:
        LEAD_LIFE.step(LeadState(lead.state), wanted)
        raise LeadClosed("Une piste se clôt par « Convertir » ou « Perdue ».")
    if wanted.value != lead.state:
        LEAD_LIFE.step(LeadState(lead.state), wanted)


def _draft(lead: Lead, values: Mapping[str, Any]) -> LeadDraft:
    now = {name: getattr(lead, name) for name in DRAFT_FIELDS}
    given = {name: value for name, value in values.items() if name not in ("closed_at", "lost_reason")}
    unknown = set(given) - set(DRAFT_FIELDS)
    if unknown:
        raise BadInput("Champ inconnu : {names}.", names=", ".join(sorted(unknown)))
    merged = {**now, **given}
    return LeadDraft(**{**merged, "state": LeadState(merged["state"])})


def _with_read_custom(
    session: Session,
    draft: LeadDraft,
    by: Actor,
    before: Mapping[str, Any] | None = None,
) -> LeadDraft:
    """Return the draft with its custom values read by their types, merged into those before.

    Raises: BadLead: a value does not fit, or the field is unknown to the actor.
    """
    is_new = before is None
    read = read_given(session, kind=KIND, group="", given=draft.custom, before=before or {}, by=by)
    missing = missing_of(session, kind=KIND, group="", custom=read.custom, by=by) if is_new else []
    told = {one.field for one in read.findings}
    found = [*read.findings, *(one for one in missing if one.field not in told)]
    if found:
        raise BadLead(found)
    return replace(draft, custom=read.custom)
