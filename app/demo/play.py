"""Plays the invented firm's story through the same actions as the screens, in the order in which it happened."""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session

from app.demo.world import Exchange, PlannedLead
from db.access.rules import Actor, Role
from db.crm.leads.actions import convert_lead, create_lead, edit_lead, lose_lead, note_exchange
from db.crm.leads.intake.actions import add_leads
from db.crm.leads.queries import lead_detail
from db.crm.leads.rules import LeadDraft, LeadState
from db.records.custom_fields.actions import define_field
from db.records.custom_fields.rules import FieldType
from db.session import transaction

CHUNK = 100  # deeds a transaction
FIELDS: tuple[tuple[str, str, FieldType], ...] = (
    ("sector", "Secteur", FieldType.CHOICE),
    ("need", "Besoin", FieldType.CHOICE),
    ("weeks_wanted", "Délai souhaité, semaines", FieldType.NUMBER),
    ("budget_known", "Budget annoncé", FieldType.YES_NO),
)
Report = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Step:
    """One thing that happens to one lead."""

    at: datetime
    lead: PlannedLead
    what: str  # received, exchange, planned, closed
    exchange: Exchange | None = None


def steps(leads: Sequence[PlannedLead]) -> Iterator[Step]:
    """Yield everything that happens to the leads, in the order of time."""
    return heapq.merge(*(_steps_of(lead) for lead in leads), key=lambda step: step.at)


def _steps_of(lead: PlannedLead) -> list[Step]:
    story = [Step(lead.received_at, lead, "received")]
    story += [Step(exchange.at, lead, "exchange", exchange) for exchange in lead.exchanges]
    if lead.closed_at is not None:
        story.append(Step(lead.closed_at, lead, "closed"))
    if lead.next_step:
        story.append(Step(story[-1].at + timedelta(minutes=5), lead, "planned"))
    return story


@dataclass
class Player:
    """Does the steps on behalf of the firm's people; remembers which record each planned lead became."""

    people: dict[str, UUID]
    ids: dict[int, UUID]

    def actor(self, name: str, role: Role = Role.SALES) -> Actor:
        """Return the person who does a step."""
        return Actor(self.people[name], name, frozenset({role}), via="job")

    def play(self, session: Session, step: Step) -> None:
        """Do one step through the action that the screen uses."""
        by, lead = self.actor(step.lead.owner), step.lead
        if step.what == "received":
            self.ids[id(lead)] = create_lead(session, draft=self.draft(lead), by=by, at=step.at)
            return
        common: dict[str, Any] = {"lead_id": self.ids[id(lead)], "by": by, "at": step.at}
        if step.exchange is not None:
            exchange = step.exchange
            note_exchange(
                session,
                channel=exchange.channel,
                direction=exchange.direction,
                happened_at=exchange.at,
                text=exchange.text,
                **common,
            )
        elif step.what == "planned":
            version = lead_detail(session, lead_id=common["lead_id"], by=by).row_version
            values = {"next_step": lead.next_step, "next_step_date": lead.next_step_date}
            edit_lead(session, values=values, expected_version=version, **common)
        elif lead.won:
            convert_lead(session, **common)
        else:
            lose_lead(session, reason=lead.lost_reason or "", **common)

    def draft(self, lead: PlannedLead, *, closed: bool = False) -> LeadDraft:
        """Return a planned lead as the form would send it (with its end, when it comes from an older system)."""
        ended = closed and lead.closed_at is not None
        state = LeadState.NEW if not ended else LeadState.CONVERTED if lead.won else LeadState.LOST
        custom: dict[str, Any] = {"sector": lead.sector, "need": lead.need}
        if lead.weeks_wanted is not None:
            custom["weeks_wanted"] = lead.weeks_wanted
        if lead.budget_known is not None:
            custom["budget_known"] = lead.budget_known
        return LeadDraft(
            name=f"{lead.need}, {lead.company_name}",
            person_name=lead.person_name,
            company_name=lead.company_name,
            email=lead.email,
            phone=lead.phone,
            postal_code=lead.postal_code,
            city=lead.city,
            canton=lead.canton,
            source=lead.source,
            state=state,
            owner_id=self.people[lead.owner],
            expected_amount=lead.expected_amount,
            received_at=lead.received_at,
            closed_at=lead.closed_at if ended else None,
            lost_reason=(lead.lost_reason or "") if ended else "",
            custom=custom,
        )


def define_fields(by: Actor, at: datetime) -> None:
    """Define the firm's own fields on leads."""
    with transaction() as session:
        for key, label, kind in FIELDS:
            define_field(session, kind="lead", key=key, label=label, type=kind, by=by, at=at)


def play_steps(player: Player, story: Sequence[Step], report: Report, *, offset: int, total: int) -> None:
    """Play steps in order, so many a transaction. `report(done, total, message)` counts from `offset`."""
    for start in range(0, len(story), CHUNK):
        batch = story[start : start + CHUNK]
        _play_batch(player, batch)
        report(offset + start + len(batch), total, f"{batch[-1].at:%m.%Y}")


def _play_batch(player: Player, batch: Sequence[Step]) -> None:
    with transaction() as session:
        for step in batch:
            player.play(session, step)


def take_over(player: Player, leads: Sequence[PlannedLead], report: Report, *, total: int) -> None:
    """Bring in older leads in bulk, as an import from the former system does."""
    by = player.actor(leads[0].owner)
    for start in range(0, len(leads), 500):
        part = leads[start : start + 500]
        at = max((lead.closed_at or lead.received_at) for lead in part) + timedelta(minutes=1)
        with transaction() as session:
            drafts = [player.draft(lead, closed=True) for lead in part]
            add_leads(session, drafts=drafts, import_id=None, by=by, at=at)
        report(start + len(part), total, f"{part[-1].received_at:%m.%Y}")
