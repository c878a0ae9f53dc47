"""Whom to call first, and what others did to my leads."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Engine

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.crm.leads.actions import create_lead, edit_lead, lose_lead
from db.crm.leads.calling.queries import count_open, leads_to_call
from db.crm.leads.rules import KIND, SCORE, LeadDraft
from db.crm.leads.trail.queries import lead_deeds, others_changes
from db.insights.predictions.actions import record_predictions
from db.insights.predictions.rules import Scored
from db.records.custom_fields.actions import define_field
from tests.conftest import NOW


def lead(by: Actor, name: str, amount: str | None = None, owner: Actor | None = None, **more: object) -> UUID:
    """Make an open lead."""
    draft = LeadDraft(
        name=name,
        received_at=NOW,
        expected_amount=Decimal(amount) if amount else None,
        owner_id=owner.user_id if owner else None,
        **more,  # type: ignore[arg-type]
    )
    return do(by, create_lead, at=NOW, draft=draft)


def score(system: Actor, **probabilities: float) -> None:
    """Record a probability for each lead (by its hexadecimal id)."""
    rows = [Scored(UUID(key), p, p / 2, (p + 1) / 2, "segment", 40, 12) for key, p in probabilities.items()]
    do(
        system,
        record_predictions,
        at=NOW,
        model=SCORE,
        version_id=None,
        rows=rows,
        gone=[],
        subject_kind=KIND,
    )


class TestLeadsToCall:
    def test_puts_the_highest_expected_value_first(self, people: dict[Role, Actor], system: Actor) -> None:
        sales = people[Role.SALES]
        small, large, unknown = lead(sales, "Petit", "100"), lead(sales, "Grand", "900"), lead(sales, "Sans montant")
        score(system, **{small.hex: 0.8, large.hex: 0.2, unknown.hex: 0.99})

        found = ask(sales, leads_to_call, by=sales)

        assert [call.name for call in found] == ["Grand", "Petit", "Sans montant"]
        assert [call.expected_value for call in found] == [Decimal("180.00"), Decimal("80.00"), None]

    def test_shows_a_salesperson_her_own_and_those_of_nobody(self, people: dict[Role, Actor], system: Actor) -> None:
        sales, manager = people[Role.SALES], people[Role.MANAGER]
        mine = lead(sales, "À moi", "100", owner=sales)
        free = lead(sales, "À personne", "100")
        theirs = lead(sales, "À une autre", "100", owner=manager)
        score(system, **{mine.hex: 0.5, free.hex: 0.4, theirs.hex: 0.6})

        assert [call.name for call in ask(sales, leads_to_call, by=sales)] == ["À moi", "À personne"]
        assert len(ask(manager, leads_to_call, by=manager)) == 3

    def test_leaves_out_closed_leads_and_those_without_a_prediction(
        self, people: dict[Role, Actor], system: Actor
    ) -> None:
        sales = people[Role.SALES]
        lost, plain = lead(sales, "Perdue", "100"), lead(sales, "Ouverte", "100")
        score(system, **{lost.hex: 0.5})
        do(sales, lose_lead, at=NOW, lead_id=lost, reason="prix")

        assert ask(sales, leads_to_call, by=sales) == []
        assert ask(sales, count_open) == 1
        assert plain != lost

    def test_gives_no_reason_about_a_field_that_the_reader_may_not_read(
        self, people: dict[Role, Actor], system: Actor
    ) -> None:
        manager, sales = people[Role.MANAGER], people[Role.SALES]
        given = {"kind": KIND, "key": "closed", "label": "closed", "type": "text", "permission": "access.read_history"}
        do(manager, define_field, at=NOW, **given)
        reasons = [{"text": "a", "points": 2.0, "column": "closed"}, {"text": "b", "points": 1.0, "column": "source"}]
        row = Scored(lead(manager, "Piste"), 0.5, 0.4, 0.6, "model", 40, 12, reasons)
        given = {"model": SCORE, "version_id": None, "rows": [row], "gone": [], "subject_kind": KIND}
        do(system, record_predictions, at=NOW, **given)

        assert [reason["text"] for reason in ask(sales, leads_to_call, by=sales)[0].reasons] == ["b"]
        assert [reason["text"] for reason in ask(manager, leads_to_call, by=manager)[0].reasons] == ["a", "b"]


class TestOthersChanges:
    def test_lists_what_others_did_on_mine(self, people: dict[Role, Actor], database: Engine) -> None:
        sales, manager = people[Role.SALES], people[Role.MANAGER]
        mine = lead(sales, "À moi", owner=sales)
        do(manager, edit_lead, at=NOW, lead_id=mine, values={"city": "Nyon"}, expected_version=1)
        do(sales, edit_lead, at=NOW, lead_id=mine, values={"city": "Rolle"}, expected_version=2)

        [change] = ask(sales, others_changes, by=sales)

        assert (change.lead_name, change.actor_name, change.action) == ("À moi", "Manager", "crm.leads.edit_lead")
        assert ask(manager, others_changes, by=manager) == []


class TestLeadDeeds:
    def test_hides_custom_fields_that_the_reader_may_not_read(self, people: dict[Role, Actor], clock: datetime) -> None:
        manager, sales = people[Role.MANAGER], people[Role.SALES]
        for key, permission in (("open", "crm.read_leads"), ("closed", "access.read_history")):
            do(
                manager,
                define_field,
                at=clock,
                kind=KIND,
                key=key,
                label=key,
                type="text",
                personal=False,
                permission=permission,
            )
        made = lead(manager, "Piste", custom={"open": "a", "closed": "b"})

        [seen] = ask(sales, lead_deeds, lead_id=made, by=sales)
        [whole] = ask(manager, lead_deeds, lead_id=made, by=manager)

        assert [change.after["custom"] for change in seen.changes if change.after] == [{"open": "a"}]
        assert [change.after["custom"] for change in whole.changes if change.after] == [{"open": "a", "closed": "b"}]
