"""How a lead ends: lost with a reason, or converted into an opportunity; and how a lost one comes back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import gate
from db.access.people.queries import user_names
from db.access.rules import Actor
from db.crm.leads.loading import locked_lead, locked_leads, step_to
from db.crm.leads.rules import KIND, LEAD_LIFE, AlreadyConverted, BadLead, Finding, LeadState
from db.crm.leads.tables import Lead
from db.crm.opportunities.actions import open_opportunity
from db.crm.opportunities.rules import KIND as OPPORTUNITY
from db.crm.opportunities.tables import Opportunity
from db.jobs.actions import publish
from db.parties.actions import add_contact, add_party
from db.parties.queries import same_party
from db.parties.rules import KIND as PARTY
from db.parties.rules import Address, PartyDraft, PartyKind
from db.records.timeline.actions import add_entry, tell_also_on


@gate("crm.edit_leads")
def lose_lead(session: Session, *, lead_id: UUID, reason: str, by: Actor, at: datetime) -> None:
    """Close a lead as lost.

    Raises: NotFound, WrongStep, BadLead: without a reason.
    """
    lose_leads(session, lead_ids=[lead_id], reason=reason, by=by, at=at)


@gate("crm.edit_leads")
def lose_leads(session: Session, *, lead_ids: Sequence[UUID], reason: str, by: Actor, at: datetime) -> int:
    """Close several leads as lost for one reason; return how many. All or none.

    Raises: NotFound, WrongStep, BadLead: without a reason.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise BadLead(
            [
                Finding(
                    "lost_reason",
                    "Dites en quelques mots pourquoi la piste est perdue.",
                )
            ]
        )
    leads = locked_leads(session, lead_ids, by=by)
    for lead in leads:
        _check_not_converted(session, lead)
        step_to(lead, LeadState.LOST)
        lead.closed_at, lead.lost_reason = max(at, lead.received_at), reason
        add_entry(
            session,
            kind=KIND,
            record_id=lead.id,
            icon="lost",
            message_id="Piste perdue : {reason}",
            params={"reason": reason},
            by=by,
            at=at,
        )
        publish(session, "crm.lead_closed", at=at, subject=lead.id, won=False)
    session.flush()
    return len(leads)


@gate("crm.edit_leads")
def reopen_lead(session: Session, *, lead_id: UUID, by: Actor, at: datetime) -> None:
    """Open a lost lead again.

    Raises: NotFound, WrongStep.
    """
    lead = locked_lead(session, lead_id, by=by)
    to = LeadState.CONTACTED if lead.exchanges else LeadState.NEW
    step_to(lead, to)
    lead.closed_at, lead.lost_reason = None, ""
    add_entry(
        session,
        kind=KIND,
        record_id=lead_id,
        icon="reopened",
        message_id="Piste rouverte",
        by=by,
        at=at,
    )
    publish(session, "crm.lead_changed", at=at, subject=lead_id)


@gate("crm.edit_leads")
def convert_lead(session: Session, *, lead_id: UUID, by: Actor, at: datetime) -> UUID:
    """Turn a lead into an opportunity with its party and contact, its story carried along; return the opportunity's id.

    Raises: NotFound, AlreadyConverted, WrongStep.
    """
    lead = locked_lead(session, lead_id, by=by)
    _check_not_converted(session, lead)
    LEAD_LIFE.step(LeadState(lead.state), LeadState.CONVERTED)

    party_id, contact_id = _parties_of(session, lead, by=by, at=at)
    step_to(lead, LeadState.CONVERTED)
    lead.closed_at, lead.party_id = max(at, lead.received_at), party_id
    opportunity_id: UUID = open_opportunity(
        session,
        name=lead.name,
        party_id=party_id,
        contact_id=contact_id,
        lead_id=lead_id,
        owner_id=lead.owner_id or by.user_id,
        expected_amount=lead.expected_amount,
        next_step=lead.next_step,
        next_step_date=lead.next_step_date,
        by=by,
        at=at,
    )
    for target in [(OPPORTUNITY, opportunity_id), *[(PARTY, one) for one in (party_id, contact_id) if one]]:
        tell_also_on(session, source=(KIND, lead_id), target=target, by=by, at=at)
    add_entry(
        session,
        kind=KIND,
        record_id=lead_id,
        icon="converted",
        message_id="Piste convertie",
        origin=(OPPORTUNITY, opportunity_id),
        by=by,
        at=at,
    )
    publish(session, "crm.lead_closed", at=at, subject=lead_id, won=True)
    return opportunity_id


def _check_not_converted(session: Session, lead: Lead) -> None:
    if lead.state != LeadState.CONVERTED.value:
        return
    became = session.scalars(select(Opportunity).where(col(Opportunity.lead_id) == lead.id)).first()
    owner = user_names(session).get(became.owner_id, "") if became and became.owner_id else ""
    if owner:
        raise AlreadyConverted(
            "« {name} » est déjà convertie ; l’affaire est chez {owner}.",
            name=lead.name,
            owner=owner,
        )
    raise AlreadyConverted("« {name} » est déjà convertie.", name=lead.name)


def _parties_of(session: Session, lead: Lead, *, by: Actor, at: datetime) -> tuple[UUID, UUID | None]:
    """Return the company (or, without one, the person) of a lead and its contact, made where nobody knows them yet."""
    address = Address(lead.street, lead.house_number, lead.postal_code, lead.city, lead.canton)
    person_name = lead.person_name or ("" if lead.company_name else lead.name)
    person_id = company_id = None
    if lead.company_name:
        company_id = _party(
            session,
            PartyDraft(PartyKind.COMPANY, lead.company_name, address=address),
            by=by,
            at=at,
        )
    if person_name:
        at_home = Address() if company_id else address
        person = PartyDraft(
            PartyKind.PERSON,
            person_name,
            email=lead.email,
            phone=lead.phone,
            address=at_home,
        )
        person_id = _party(session, person, by=by, at=at)
    if company_id and person_id:
        add_contact(
            session,
            company_id=company_id,
            person_id=person_id,
            function="",
            by=by,
            at=at,
        )
        return company_id, person_id
    party_id = company_id or person_id
    assert party_id is not None, "a lead has a name"
    return party_id, None


def _party(session: Session, draft: PartyDraft, *, by: Actor, at: datetime) -> UUID:
    known = same_party(session, kind=draft.kind, name=draft.name, email=draft.email)
    made: UUID = known or add_party(session, draft=draft, by=by, at=at)
    return made
