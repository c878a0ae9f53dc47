"""Opportunities: opened, edited, won, lost, reopened."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.crm.opportunities.actions import (
    OpportunityClosed,
    add_opportunity,
    edit_opportunity,
    lose_opportunity,
    reopen_opportunity,
    win_opportunity,
)
from db.crm.opportunities.queries import OpportunityFacts, opportunities_of_party, opportunity_facts
from db.crm.opportunities.rules import BadOpportunity, OpportunityDraft
from db.kernel.errors import ChangedMeanwhile, NotAllowed, NotFound
from db.kernel.lifecycle import WrongStep
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind

People = dict[Role, Actor]


@pytest.fixture
def firm(people: People, clock: datetime) -> UUID:
    """A company."""
    made: UUID = do(people[Role.SALES], add_party, draft=PartyDraft(PartyKind.COMPANY, "Bornand SA"), at=clock)
    return made


@pytest.fixture
def deal(people: People, firm: UUID, clock: datetime) -> UUID:
    """An open opportunity with the company."""
    draft = OpportunityDraft("Passerelle", firm, expected_amount=Decimal("12000"))
    made: UUID = do(people[Role.SALES], add_opportunity, draft=draft, at=clock)
    return made


def facts(by: Actor, deal: UUID) -> OpportunityFacts:
    """Return what is known of an opportunity."""
    return ask(by, opportunity_facts, opportunity_id=deal, by=by)


class TestAddOpportunity:
    def test_opens_one_with_a_party(self, people: People, firm: UUID, deal: UUID) -> None:
        found = ask(people[Role.SALES], opportunities_of_party, party_id=firm, by=people[Role.SALES])

        assert [(one.name, one.state, one.expected_amount) for one in found] == [
            ("Passerelle", "open", Decimal("12000.00"))
        ]

    def test_says_of_each_field_what_is_wrong(self, people: People, firm: UUID, clock: datetime) -> None:
        draft = OpportunityDraft(" ", None, contact_id=firm, expected_amount=Decimal(-1))

        with pytest.raises(BadOpportunity) as refusal:
            do(people[Role.SALES], add_opportunity, draft=draft, at=clock)

        assert [finding.field for finding in refusal.value.findings] == ["name", "party_id", "expected_amount"]

    def test_refuses_a_company_as_contact_and_an_owner_from_elsewhere(
        self, people: People, firm: UUID, clock: datetime
    ) -> None:
        draft = OpportunityDraft("Passerelle", firm, contact_id=firm, owner_id=uuid4())

        with pytest.raises(BadOpportunity) as refusal:
            do(people[Role.SALES], add_opportunity, draft=draft, at=clock)

        assert [finding.field for finding in refusal.value.findings] == ["owner_id", "contact_id"]

    def test_is_not_for_everybody(self, people: People, firm: UUID, clock: datetime) -> None:
        with pytest.raises(NotAllowed):
            do(people[Role.ANALYST], add_opportunity, draft=OpportunityDraft("A", firm), at=clock)


class TestEditOpportunity:
    def test_changes_what_is_given(self, people: People, deal: UUID, clock: datetime) -> None:
        seller = people[Role.SALES]
        values = {"next_step": "Envoyer l’offre", "expected_amount": Decimal("15000")}
        version = facts(seller, deal).row_version

        do(seller, edit_opportunity, opportunity_id=deal, values=values, expected_version=version, at=clock)

        after = facts(seller, deal)
        assert (after.name, after.next_step, after.expected_amount) == (
            "Passerelle",
            "Envoyer l’offre",
            Decimal("15000.00"),
        )

    def test_refuses_an_old_version(self, people: People, deal: UUID, clock: datetime) -> None:
        with pytest.raises(ChangedMeanwhile):
            do(
                people[Role.SALES],
                edit_opportunity,
                opportunity_id=deal,
                values={"name": "X"},
                expected_version=99,
                at=clock,
            )

    def test_refuses_a_closed_one(self, people: People, deal: UUID, clock: datetime) -> None:
        seller = people[Role.SALES]
        do(seller, win_opportunity, opportunity_id=deal, at=clock)
        edit = {"opportunity_id": deal, "values": {"name": "X"}, "expected_version": facts(seller, deal).row_version}

        with pytest.raises(OpportunityClosed, match="rouvrez"):
            do(seller, edit_opportunity, at=clock, **edit)


class TestClosing:
    def test_is_lost_for_a_reason_and_comes_back(self, people: People, deal: UUID, clock: datetime) -> None:
        seller = people[Role.SALES]
        do(seller, lose_opportunity, opportunity_id=deal, reason="trop cher", at=clock)
        lost = facts(seller, deal)
        do(seller, reopen_opportunity, opportunity_id=deal, at=clock)
        again = facts(seller, deal)

        assert (lost.state, lost.closing_reason, lost.closed_at) == ("lost", "trop cher", clock)
        assert (again.state, again.closing_reason, again.closed_at) == ("open", "", None)

    def test_is_not_lost_without_a_reason(self, people: People, deal: UUID, clock: datetime) -> None:
        with pytest.raises(BadOpportunity, match="pourquoi"):
            do(people[Role.SALES], lose_opportunity, opportunity_id=deal, reason="  ", at=clock)

    def test_is_won_once(self, people: People, deal: UUID, clock: datetime) -> None:
        do(people[Role.SALES], win_opportunity, opportunity_id=deal, reason="délai tenu", at=clock)

        with pytest.raises(WrongStep):
            do(people[Role.SALES], win_opportunity, opportunity_id=deal, at=clock)

    def test_knows_only_what_exists(self, people: People, clock: datetime) -> None:
        with pytest.raises(NotFound):
            do(people[Role.SALES], win_opportunity, opportunity_id=uuid4(), at=clock)
