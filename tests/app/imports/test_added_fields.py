"""Columns of a file that go to fields which the company added, and to new ones."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import select

from app.doors import ask, do
from app.imports import steps
from app.imports.mapping import plan_from
from db.access.rules import Actor, Role
from db.crm.opportunities.tables import Opportunity
from db.parties.listing.queries import COMPANY_QUESTIONS, COMPANY_SHAPE
from db.records.custom_fields.actions import add_field
from db.records.custom_fields.drafts import FieldDraft
from db.records.custom_fields.queries import custom_fields
from db.records.custom_fields.rules import FieldType
from db.records.listing.rules import read_request
from db.session import reading
from tests.app.imports.files import counts, imported, opened, parties, reasons, status_of

FILE = """Raison sociale;NPA;Contrat annuel;Zone
Menuiserie Favre SA;1110;1'200.50;Nord
Garage du Lac;1180;abc;Sud
Boulangerie Rochat;1000;;
"""


@pytest.fixture
def contract(people: dict[Role, Actor], clock: datetime) -> None:
    """An amount that companies have."""
    given: dict[str, Any] = {"kind": "party", "group": "company", "type": FieldType.AMOUNT, "at": clock}
    do(people[Role.MANAGER], add_field, draft=FieldDraft("Contrat annuel"), **given)


class TestCompanies:
    def test_have_a_known_field_recognised_and_other_columns_left(self, contract: None, sales: Actor) -> None:
        import_id = opened(FILE, sales, kind="companies")

        plan = plan_from(status_of(import_id, sales).plan)
        assert (plan.plan_of("Contrat annuel").key, plan.plan_of("Contrat annuel").type) == ("contrat_annuel", "amount")
        assert plan.plan_of("Zone").target == "ignore"

    def test_bring_values_into_known_and_new_fields_and_an_undo_takes_them_back(
        self, contract: None, sales: Actor
    ) -> None:
        given = {"columns": {"Zone": {"target": "custom", "type": "text"}}}
        done = imported(FILE, sales, given, kind="companies")

        assert counts(done) == (2, 0, 0, 1)
        assert "abc" in str(reasons(done.import_id, sales))
        favre = next(one for one in parties() if one.name.startswith("Menuiserie"))
        assert favre.custom == {"contrat_annuel": 120_050, "zone": "Nord"}
        request = read_request("custom.contrat_annuel=from:1200", COMPANY_SHAPE)
        [row] = ask(sales, COMPANY_QUESTIONS.page, request=request, by=sales).rows
        assert row.custom == {"contrat_annuel": Decimal("1200.50"), "zone": "Nord"}

        steps.undo(done.import_id, by=sales)
        assert parties() == []
        assert [one.key for one in ask(sales, custom_fields, kind="party")] == ["contrat_annuel"]

    def test_of_the_same_file_again_change_only_what_is_new(self, contract: None, sales: Actor) -> None:
        imported(FILE, sales, kind="companies")

        again = imported(FILE.replace("1'200.50", "1'300.00"), sales, kind="companies")

        assert counts(again) == (0, 2, 1, 1)
        assert [one.custom for one in parties() if one.custom] == [{"contrat_annuel": 130_000}]
        steps.undo(again.import_id, by=sales)
        assert [one.custom for one in parties() if one.custom] == [{"contrat_annuel": 120_050}]


class TestContactsAndOpportunities:
    def test_take_added_fields_too(self, sales: Actor) -> None:
        given = {"columns": {"Surnom": {"target": "custom", "type": "text"}}}
        imported("Prénom;Nom;E-mail;Surnom\nAnne;Rochat;anne@ex.ch;La patronne\n", sales, given, kind="contacts")
        imported("Affaire;Société;Surnom\nToit;Favre SA;Le grand\n", sales, given, kind="opportunities")

        assert [one.custom for one in parties() if one.kind == "person"] == [{"surnom": "La patronne"}]
        with reading() as session:
            [deal] = session.scalars(select(Opportunity))
            assert deal.custom == {"surnom": "Le grand"}
