"""Loading leads in order to change them, and their steps from state to state."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.people.queries import open_people
from db.crm.leads.derived import state_order
from db.crm.leads.rules import LEAD_LIFE, LeadState
from db.crm.leads.tables import Lead
from db.kernel.errors import NotFound


def step_to(lead: Lead, to: LeadState) -> None:
    """Lead a lead on to another state.

    Raises: WrongStep.
    """
    lead.state = LEAD_LIFE.step(LeadState(lead.state), to).value
    lead.state_order = state_order(lead.state)


def check_owner(session: Session, owner_id: UUID | None) -> None:
    """Refuse to give a lead to somebody who is not here; nobody (None) may always have it.

    Raises: NotFound.
    """
    if owner_id is not None and owner_id not in {user_id for user_id, _ in open_people(session)}:
        raise NotFound("Cette personne ne travaille pas (ou plus) ici.")


def locked_lead(session: Session, lead_id: UUID) -> Lead:
    """Return a lead that nobody else changes before the transaction ends.

    Raises: NotFound.
    """
    lead = session.get(Lead, lead_id, with_for_update=True, populate_existing=True)
    if lead is None:
        raise NotFound("Cette piste n’existe pas ou plus.")
    return lead


def locked_leads(session: Session, lead_ids: Sequence[UUID]) -> list[Lead]:
    """Return leads that nobody else changes before the transaction ends, in the order of their ids.

    Raises: NotFound: one of them does not exist.
    """
    ids = sorted(set(lead_ids))
    leads: list[Lead] = []
    for start in range(0, len(ids), 500):
        chunk = select(Lead).where(col(Lead.id).in_(ids[start : start + 500])).order_by(col(Lead.id))
        leads += session.scalars(chunk.with_for_update())
    if len(leads) != len(ids):
        raise NotFound("Une des pistes n’existe pas ou plus.")
    return leads
