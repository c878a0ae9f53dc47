"""Items and opening stock out of files."""

from datetime import datetime
from decimal import Decimal

import pytest
from sqlmodel import select

from app.doors import ask, do
from app.imports import steps
from db.access.rules import Actor, Role
from db.catalog.items.actions import change_item
from db.catalog.items.tables import Item
from db.parties.tables import Party
from db.session import reading
from db.stock.moves.queries import balance_differences, level
from tests.app.imports.files import counts, imported, left, opened, reasons
from tests.db.stock.make import issue, make_item, make_place

ITEMS = """Numéro;Désignation;Famille;Unité;Prix de vente;Prix d'achat;TVA;EAN;Stock mini;Fournisseur;Type
20-6107;Câble inox 7×19 Ø 6 mm;Câbles;m;7.85;4.85;8.1 %;;100;Inoxal AG;article
30-0001;Manchon cuivre 6 mm;Manchons;Stk;1'200.50;0.3125;8,1;7610200030849;50;Inoxal AG;article
90-1;Montage;Services;h;120;;normal;;;;service
"""


@pytest.fixture
def buyer(people: dict[Role, Actor]) -> Actor:
    """Who buys for the firm."""
    return people[Role.PURCHASING]


def items() -> dict[str, Item]:
    with reading() as session:
        return {row.number: row for row in session.exec(select(Item))}


class TestItems:
    def test_come_in_with_prices_units_and_supplier(self, buyer: Actor) -> None:
        done = imported(ITEMS, buyer, kind="items")

        assert counts(done) == (3, 0, 0, 0)
        cable, sleeve, work = (items()[number] for number in ("20-6107", "30-0001", "90-1"))
        assert (cable.unit, cable.group_name, cable.minimum_stock) == ("m", "Câbles", Decimal(100))
        assert (sleeve.unit, sleeve.sale_price, sleeve.purchase_price) == ("pce", Decimal("1200.5"), Decimal("0.3125"))
        assert (work.kind, work.vat_code, sleeve.barcode) == ("service", "standard", "7610200030849")
        with reading() as session:
            assert [party.name for party in session.exec(select(Party))] == ["Inoxal AG"]

    def test_of_the_same_file_again_change_nothing(self, buyer: Actor) -> None:
        imported(ITEMS, buyer, kind="items")

        assert counts(imported(ITEMS, buyer, kind="items")) == (0, 3, 3, 0)

    def test_known_by_their_number_take_what_the_file_says(self, buyer: Actor) -> None:
        imported(ITEMS, buyer, kind="items")

        done = imported("Numéro;Prix de vente\n20-6107;8.20\n20 6107 b;1\n", buyer, kind="items")

        assert counts(done) == (1, 1, 0, 0)
        assert (items()["20-6107"].sale_price, items()["20-6107"].name) == (Decimal("8.2"), "Câble inox 7×19 Ø 6 mm")

    def test_say_what_is_wrong_and_let_the_others_in(self, buyer: Actor) -> None:
        wrong = (
            "Numéro;Nom;Unité;EAN;TVA\n1;A;pce;7610200030840;8.1\n2;B;lieue;;8.1\n3;C;m;;9.9\n1;D;m;;8.1\n4;E;m;;8.1\n"
        )

        import_id = opened(wrong, buyer, kind="items")
        steps.check(import_id, by=buyer)

        found = [(line, column) for line, column, _ in reasons(import_id, buyer, is_dry=True)]
        assert found == [(2, "EAN"), (3, ""), (4, "")]
        assert "devrait être 9" in reasons(import_id, buyer, is_dry=True)[0][2]

    def test_can_be_undone_but_for_those_used_since(self, buyer: Actor, system: Actor, clock: datetime) -> None:
        from tests.db.stock.make import receive

        done = imported(ITEMS, buyer, kind="items")
        receive(items()["20-6107"].id, make_place(at=clock), 3, at=clock)
        work = items()["90-1"]
        do(system, change_item, at=clock, item_id=work.id, values={"name": "Pose"}, expected_version=work.row_version)

        steps.undo(done.import_id, by=buyer)

        assert sorted(items()) == ["20-6107", "90-1"]
        reasons_of = {name: why for name, _, why in left(done.import_id, buyer)}
        assert reasons_of["Pose"].startswith("Boussole a modifié cette fiche depuis, le 24.11.2026")


class TestOpeningStock:
    FILE = "Article;Lieu;Quantité;PA\nA1;RENENS;312;4.85\nA2;renens;3 cartons;\nA1;Camionnette;12,5;\n"

    @pytest.fixture
    def places(self, people: dict[Role, Actor], clock: datetime) -> list[object]:
        """Two places and two items."""
        make_item(at=clock, number="A1", unit="m")
        make_item(at=clock, number="A2", packages="carton = 12")
        return [make_place(at=clock, name=name, code=name.upper()) for name in ("Renens", "Camionnette")]

    def test_comes_in_once(self, buyer: Actor, places: list[object], system: Actor) -> None:
        done = imported(self.FILE, buyer, kind="stock")
        again = imported(self.FILE, buyer, kind="stock")

        assert (counts(done), counts(again)) == ((3, 0, 0, 0), (0, 3, 3, 0))
        assert ask(system, level, item_id=items()["A2"].id, place_id=places[0]) == Decimal(36)
        assert items()["A1"].on_hand == Decimal("324.5")
        assert ask(system, balance_differences) == []

    def test_names_what_it_does_not_know(self, buyer: Actor, places: list[object]) -> None:
        text = "Article;Lieu;Quantité\nZZ;RENENS;1\nA1;Mars;1\nA1;;1\nA1;RENENS;peu\nA2;RENENS;1\n"
        import_id = opened(text, buyer, kind="stock")

        told = steps.check(import_id, by=buyer)

        assert (told.created, told.refused) == (1, 4)
        said = " ".join(reason for _, _, reason in reasons(import_id, buyer, is_dry=True))
        for words in (
            "« ZZ » n’existe pas",
            "« Mars » n’existe pas",
            "Indiquer le lieu",
            "« peu » n’est pas une quantité",
        ):
            assert words in said

    def test_is_taken_back_where_nothing_moved_since(
        self, buyer: Actor, places: list[object], system: Actor, clock: datetime
    ) -> None:
        done = imported(self.FILE, buyer, kind="stock")
        issue(items()["A1"].id, places[0], 1, at=clock)  # type: ignore[arg-type]

        result = steps.undo(done.import_id, by=buyer)

        assert (result["removed"], result["left"]) == (2, 1)
        assert items()["A1"].on_hand == Decimal(311)
        assert ask(system, balance_differences) == []
        assert counts(imported("Article;Lieu;Quantité\nA2;RENENS;5\n", buyer, kind="stock")) == (1, 0, 0, 0)
