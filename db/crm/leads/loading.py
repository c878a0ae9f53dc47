"""Loading leads in order to change them, and their steps from state to state."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.people.queries import open_people
from db.access.rules import Actor, reaches_owner
from db.crm.leads.derived import state_order
from db.crm.leads.rules import LEAD_LIFE, LeadState
from db.crm.leads.tables import Lead
from db.kernel.errors import NotAllowed, NotFound

READ, EDIT = "crm.read_leads", "crm.edit_leads"


def step_to(lead: Lead, to: LeadState) -> None:
    """Lead a lead on to another state.

    Raises: WrongStep.
    """
    lead.state = LEAD_LIFE.step(LeadState(lead.state), to).value
    lead.state_order = state_order(lead.state)


def check_owner(session: Session, owner_id: UUID | None, *, by: Actor) -> None:
    """Refuse to give a lead to somebody who is not here, or out of the reach of who gives it.

    Raises: NotFound, NotAllowed.
    """
    check_within_reach(by, owner_id)
    if owner_id is not None and owner_id not in {user_id for user_id, _ in open_people(session)}:
        raise NotFound("Cette personne ne travaille pas (ou plus) ici.")


def check_within_reach(by: Actor, owner_id: UUID | None) -> None:
    """Refuse an owner whose leads the person could not change herself: the lead would vanish under her hands.

    Raises: NotAllowed.
    """
    if not reaches_owner(by, EDIT, owner_id):
        raise NotAllowed("Vos droits permettent d’attribuer une piste seulement à qui vous pouvez modifier les pistes.")


def owner_or_self(by: Actor, owner_id: UUID | None) -> UUID | None:
    """Return who owns a new lead: who may not have leads without an owner gets it herself."""
    return by.user_id if owner_id is None and not reaches_owner(by, EDIT, None) else owner_id


def check_seen(by: Actor, lead: Lead) -> None:
    """Refuse a lead that the person may not know of, or only read.

    Raises: NotFound, NotAllowed.
    """
    if not reaches_owner(by, READ, lead.owner_id):
        raise NotFound("Cette piste n’existe pas ou plus.")
    if not reaches_owner(by, EDIT, lead.owner_id):
        raise NotAllowed("Vos droits ne s’étendent pas à cette fiche.")


def locked_lead(session: Session, lead_id: UUID, *, by: Actor) -> Lead:
    """Return a lead that nobody else changes before the transaction ends.

    Raises: NotFound: also when the person may not know of it. NotAllowed: she may only read it.
    """
    lead = session.get(Lead, lead_id, with_for_update=True, populate_existing=True)
    if lead is None:
        raise NotFound("Cette piste n’existe pas ou plus.")
    check_seen(by, lead)
    return lead


def locked_leads(session: Session, lead_ids: Sequence[UUID], *, by: Actor) -> list[Lead]:
    """Return leads that nobody else changes before the transaction ends, in the order of their ids.

    Raises: NotFound: one of them does not exist. NotAllowed: one of them the person may only read.
    """
    ids = sorted(set(lead_ids))
    leads: list[Lead] = []
    for start in range(0, len(ids), 500):
        chunk = select(Lead).where(col(Lead.id).in_(ids[start : start + 500])).order_by(col(Lead.id))
        leads += session.scalars(chunk.with_for_update())
    if len(leads) != len(ids):
        raise NotFound("Une des pistes n’existe pas ou plus.")
    for lead in leads:
        check_seen(by, lead)
    return leads
