"""Noting a call in one go: with whom, what it ended in, what follows."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from db.access.calendars.rules import SWISS_TIME
from db.access.calendars.working.queries import working_calendar
from db.access.calendars.working.rules import next_working_day
from db.access.gate import gate
from db.access.rules import Actor
from db.crm.agenda.actions import set_step
from db.crm.calls.rules import CALL, told_call
from db.crm.leads.actions import note_exchange
from db.crm.leads.queries import lead_detail
from db.crm.leads.rules import KIND as LEAD
from db.records.notes.actions import write_note


@gate("crm.edit_leads")
def note_call(
    session: Session, *, kind: str, record_id: UUID, outcome: str, text: str, by: Actor, at: datetime
) -> None:
    """Note a call with a lead, a company, a person or about an opportunity.

    « À rappeler » gives a lead the next working day for its next step.

    Raises: NotFound, NotAllowed, BadInput: no such outcome.
    """
    told = told_call(outcome, text)
    if kind != LEAD:
        write_note(session, kind=kind, record_id=record_id, text=f"{CALL} : {told}", by=by, at=at)
        return
    note_exchange(session, lead_id=record_id, channel="call", direction="out", happened_at=at, text=told, by=by, at=at)
    if outcome == "call_back":
        tomorrow = at.astimezone(SWISS_TIME).date() + timedelta(days=1)
        due = next_working_day(working_calendar(session), tomorrow)
        version = lead_detail(session, lead_id=record_id, by=by).row_version
        set_step(
            session, kind=LEAD, record_id=record_id, step="Rappeler", due=due, expected_version=version, by=by, at=at
        )
