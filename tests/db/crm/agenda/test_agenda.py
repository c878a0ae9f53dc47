"""What a person has to do, and doing it from her day."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.crm.agenda.actions import finish_step, set_step
from db.crm.agenda.queries import Agenda, agenda
from db.crm.leads.actions import create_lead
from db.crm.leads.queries import lead_detail
from db.crm.leads.rules import LeadDraft
from db.crm.opportunities.actions import add_opportunity
from db.crm.opportunities.rules import OpportunityDraft
from db.kernel.errors import BadInput, ChangedMeanwhile, NotAllowed
from db.kernel.record import uuid7
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind
from db.records.timeline.queries import timeline

People = dict[Role, Actor]


def day_of(clock: datetime) -> date:
    """Return the day of the tests."""
    return clock.date()


def make_lead(by: Actor, at: datetime, name: str, days: int, **values: object) -> UUID:
    """Make a lead of the person with a next step so many days from now."""
    due = day_of(at) + timedelta(days=days)
    draft = LeadDraft(name, at, owner_id=by.user_id, next_step="Rappeler", next_step_date=due, phone="021 555 01 42")
    made: UUID = do(by, create_lead, draft=replace(draft, **values), at=at)  # type: ignore[arg-type]
    return made


class TestAgenda:
    def test_has_what_is_late_and_what_is_due_of_leads_and_opportunities(self, people: People, clock: datetime) -> None:
        seller = people[Role.SALES]
        make_lead(seller, clock, "Balcon", -2, expected_amount=Decimal("9850"))
        make_lead(seller, clock, "Escalier", 0)
        make_lead(seller, clock, "Plus tard", 1)
        party = do(seller, add_party, draft=PartyDraft(PartyKind.COMPANY, "Dupont SA"), at=clock)
        draft = OpportunityDraft("Portail", party, owner_id=seller.user_id, next_step_date=day_of(clock))
        do(seller, add_opportunity, draft=draft, at=clock)

        found = self.of(seller, clock)

        assert [(step.name, step.amount) for step in found.late] == [("Balcon", Decimal("9850.00"))]
        assert [(step.name, step.about) for step in found.today] == [("Escalier", ""), ("Portail", "Dupont SA")]
        assert (found.late_count, found.today_count) == (1, 2)

    def test_has_nothing_of_others(self, people: People, clock: datetime) -> None:
        make_lead(people[Role.SALES], clock, "Balcon", -2)

        assert self.of(people[Role.MANAGER], clock) == Agenda([], [], 0, 0)

    def test_counts_more_than_it_shows(self, people: People, clock: datetime) -> None:
        for number in range(4):
            make_lead(people[Role.SALES], clock, f"Balcon {number}", -number - 1)

        found = ask(people[Role.SALES], agenda, on=day_of(clock), by=people[Role.SALES], most=2)

        assert [step.name for step in found.late] == ["Balcon 3", "Balcon 2"]
        assert found.late_count == 4

    def test_leaves_out_hidden_fields(self, people: People, clock: datetime) -> None:
        seller = people[Role.SALES]
        make_lead(seller, clock, "Balcon", -2, expected_amount=Decimal("9850"))

        [step] = self.of(replace(seller, hidden=frozenset({"lead.expected_amount", "lead.phone"})), clock).late
        without_days = self.of(replace(seller, hidden=frozenset({"lead.next_step_date"})), clock)

        assert (step.amount, step.phone) == (None, "")
        assert without_days.late == []

    def of(self, by: Actor, clock: datetime) -> Agenda:
        """Return the person's agenda."""
        found: Agenda = ask(by, agenda, on=day_of(clock), by=by)
        return found


class TestFinishStep:
    def test_empties_the_step_and_tells_so(self, people: People, clock: datetime) -> None:
        seller = people[Role.SALES]
        lead_id = make_lead(seller, clock, "Balcon", -2)

        do(seller, finish_step, kind="lead", record_id=lead_id, step="Rappeler", expected_version=1, at=clock)

        lead = ask(seller, lead_detail, lead_id=lead_id, by=seller)
        assert (lead.next_step, lead.next_step_date) == ("", None)
        told = ask(seller, timeline, kind="lead", record_id=lead_id)
        assert told[0].message_id == "Étape faite : {step}"

    def test_refuses_what_somebody_changed_meanwhile(self, people: People, clock: datetime) -> None:
        lead_id = make_lead(people[Role.SALES], clock, "Balcon", -2)

        with pytest.raises(ChangedMeanwhile):
            do(people[Role.SALES], finish_step, kind="lead", record_id=lead_id, step="", expected_version=7, at=clock)

    def test_refuses_who_may_not_edit(self, people: People, clock: datetime) -> None:
        lead_id = make_lead(people[Role.SALES], clock, "Balcon", -2)

        with pytest.raises(NotAllowed):
            do(people[Role.ANALYST], finish_step, kind="lead", record_id=lead_id, step="", expected_version=1, at=clock)


class TestSetStep:
    def test_postpones_and_puts_back(self, people: People, clock: datetime) -> None:
        seller, today = people[Role.SALES], day_of(clock)
        lead_id = make_lead(seller, clock, "Balcon", 0)

        version = do(
            seller, set_step, kind="lead", record_id=lead_id, step=None, due=today + timedelta(days=1),
            expected_version=1, at=clock,
        )  # fmt: skip
        moved = ask(seller, lead_detail, lead_id=lead_id, by=seller)
        do(
            seller, set_step, kind="lead", record_id=lead_id, step="Rappeler", due=today,
            expected_version=version, at=clock,
        )  # fmt: skip
        back = ask(seller, lead_detail, lead_id=lead_id, by=seller)

        assert (moved.next_step, moved.next_step_date) == ("Rappeler", today + timedelta(days=1))
        assert (back.next_step, back.next_step_date) == ("Rappeler", today)

    def test_knows_only_what_has_steps(self, people: People, clock: datetime) -> None:
        with pytest.raises(BadInput):
            do(
                people[Role.SALES], set_step, kind="party", record_id=uuid7(), step=None, due=None,
                expected_version=1, at=clock,
            )  # fmt: skip
