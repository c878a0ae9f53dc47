"""Finishing and postponing next steps from one's day, and taking that back."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from db.access.gate import gate
from db.access.rules import Actor
from db.crm.leads.actions import edit_lead
from db.crm.leads.rules import KIND as LEAD
from db.crm.opportunities.actions import edit_opportunity
from db.crm.opportunities.rules import KIND as OPPORTUNITY
from db.kernel.errors import BadInput
from db.records.timeline.actions import add_entry


@gate("crm.edit_leads")
def finish_step(
    session: Session, *, kind: str, record_id: UUID, step: str, expected_version: int, by: Actor, at: datetime
) -> int:
    """Note that the next step of a lead or an opportunity was done, in its story too; return the new version.

    Raises: NotFound, ChangedMeanwhile, BadInput.
    """
    version = set_step(
        session, kind=kind, record_id=record_id, step="", due=None, expected_version=expected_version, by=by, at=at
    )
    params = {"step": step}
    message_id = "Étape faite : {step}" if step else "Étape faite"
    add_entry(session, kind=kind, record_id=record_id, icon="done", message_id=message_id, params=params, by=by, at=at)
    return version


@gate("crm.edit_leads")
def set_step(
    session: Session,
    *,
    kind: str,
    record_id: UUID,
    step: str | None,
    due: date | None,
    expected_version: int,
    by: Actor,
    at: datetime,
) -> int:
    """Give a lead or an opportunity another day for its next step, and another step unless None; return the version.

    Raises: NotFound, ChangedMeanwhile, BadInput.
    """
    values = {"next_step_date": due} if step is None else {"next_step_date": due, "next_step": step}
    if kind == LEAD:
        done: int = edit_lead(
            session, lead_id=record_id, values=values, expected_version=expected_version, by=by, at=at
        )
        return done
    if kind == OPPORTUNITY:
        changed: int = edit_opportunity(
            session, opportunity_id=record_id, values=values, expected_version=expected_version, by=by, at=at
        )
        return changed
    raise BadInput("Ce genre de fiche n’a pas de prochaine étape.")
