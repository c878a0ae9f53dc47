"""What may stand in a lead's fields, and the life it leads."""

from datetime import timedelta
from decimal import Decimal

import pytest

from db.crm.leads.rules import LEAD_LIFE, BadLead, LeadState, check_draft, clean_draft, draft_findings
from db.kernel.lifecycle import WrongStep
from tests.db.crm.leads.make import RECEIVED, make_draft


class TestCheckDraft:
    def test_keeps_a_valid_draft(self) -> None:
        assert check_draft(make_draft()).email == "ingrid.keller@bornand.example"

    @pytest.mark.parametrize("email", ["ingrid", "ingrid@", "ingrid@bornand", "a b@c.ch", "a@b.ch;c@d.ch"])
    def test_refuses_what_is_not_an_address(self, email: str) -> None:
        with pytest.raises(BadLead, match="n’est pas une adresse"):
            check_draft(make_draft(email=email))

    @pytest.mark.parametrize("phone", ["12", "zéro vingt-et-un", "+41 21 555 01 42 99 99 99"])
    def test_refuses_what_is_not_a_phone_number(self, phone: str) -> None:
        with pytest.raises(BadLead, match="numéro de téléphone"):
            check_draft(make_draft(phone=phone))

    def test_tells_everything_that_is_wrong_at_once(self) -> None:
        found = draft_findings(clean_draft(make_draft(email="x", phone="y", expected_amount=Decimal(-1))))

        assert [finding.field for finding in found] == ["email", "phone", "expected_amount"]

    def test_names_a_lead_without_a_name_by_its_company(self) -> None:
        assert check_draft(make_draft(name=" ")).name == "Chantier naval Bornand SA"

    def test_refuses_a_lead_that_says_nothing(self) -> None:
        with pytest.raises(BadLead, match="Donnez un nom"):
            check_draft(make_draft(name="", company_name="", person_name="", email="", phone=""))

    def test_refuses_a_closing_before_the_reception(self) -> None:
        with pytest.raises(BadLead, match="précède"):
            check_draft(make_draft(state=LeadState.CONVERTED, closed_at=RECEIVED - timedelta(days=1)))

    def test_gives_a_lost_lead_without_a_reason_one_that_says_so(self) -> None:
        assert check_draft(make_draft(state=LeadState.LOST)).lost_reason == "non précisé"

    def test_refuses_a_reason_on_a_lead_that_is_not_lost(self) -> None:
        with pytest.raises(BadLead, match="motif"):
            check_draft(make_draft(lost_reason="trop cher"))


class TestLeadLife:
    def test_lets_a_lost_lead_come_back(self) -> None:
        assert LEAD_LIFE.step(LeadState.LOST, LeadState.NEW) is LeadState.NEW

    @pytest.mark.parametrize("to", list(LeadState))
    def test_ends_with_the_conversion(self, to: LeadState) -> None:
        with pytest.raises(WrongStep):
            LEAD_LIFE.step(LeadState.CONVERTED, to)
