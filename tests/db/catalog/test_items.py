"""Items: what may stand in their fields, who sees what they cost, exact units, and undoing."""

from datetime import datetime
from decimal import Decimal

import pytest

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.catalog.items.actions import change_item
from db.catalog.items.listing.queries import ITEM_QUESTIONS, SHAPE
from db.catalog.items.queries import item_by_code, item_card, items_like
from db.catalog.items.rules import BadItem, check_digit, margin, number_order, read_barcode
from db.catalog.units.rules import NotConvertible, converted, read_packages, read_quantity
from db.kernel.errors import BadInput, NotFound
from db.records.listing.rules import read_request
from db.records.search.queries import found_records
from db.records.undo.actions import undo_deed
from tests.db.stock.make import last_deed, make_item

People = dict[Role, Actor]


class TestUnits:
    @pytest.mark.parametrize(
        ("text", "unit", "expected"),
        [
            ("12", "pce", "12"),
            ("250 cm", "m", "2.5"),
            ("1'234.5", "kg", "1234.5"),
            ("0,25", "m", "0.25"),
            ("3 cartons", "pce", "36"),
            ("2 paires", "pce", "4"),
            ("15 g", "kg", "0.015"),
            ("30 min", "h", "0.5"),
            ("1.5 m³", "l", "1500"),
        ],
    )
    def test_read_what_people_type(self, text: str, unit: str, expected: str) -> None:
        assert read_quantity(text, unit=unit, packages={"carton": Decimal(12)}) == Decimal(expected)

    @pytest.mark.parametrize("text", ["", "beaucoup", "12 lieues", "3 kg", "1e9", "99999999999", "0.0000001"])
    def test_refuse_what_means_nothing(self, text: str) -> None:
        with pytest.raises(BadInput):
            read_quantity(text, unit="m")

    def test_refuse_to_round(self) -> None:
        with pytest.raises(NotConvertible, match="exactement"):
            converted(Decimal(1), of="min", to="h")

    def test_read_packages(self) -> None:
        assert read_packages("carton = 12, palette: 480", "pce") == {"carton": Decimal(12), "palette": Decimal(480)}
        for wrong in ("carton", "carton = 0", "carton=2, Carton=3", "kg = 3"):
            with pytest.raises(BadInput):
                read_packages(wrong, "pce")


class TestBarcode:
    def test_has_its_check_digit(self) -> None:
        assert (check_digit("761020003084"), read_barcode("7610 2000 3084 9")) == ("9", "7610200030849")
        for wrong in ("7610200030840", "123", "abcdefgh"):
            with pytest.raises(BadInput):
                read_barcode(wrong)


class TestNumbers:
    def test_are_ordered_as_people_count(self) -> None:
        assert sorted(["A-10", "a-9", "B-1", "A-9b"], key=number_order) == ["a-9", "A-9b", "A-10", "B-1"]


class TestAddItem:
    def test_refuses_a_number_or_barcode_twice(self, people: People, clock: datetime) -> None:
        make_item(at=clock, number="K 7", barcode="7610200030849", name="Manchon")

        with pytest.raises(BadItem, match="Ce numéro est déjà celui de « Manchon »"):
            make_item(at=clock, number="k7")
        with pytest.raises(BadItem, match="code-barres est déjà"):
            make_item(at=clock, barcode="7610200030849")

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"number": " "}, "number"),
            ({"name": ""}, "name"),
            ({"sale_price": Decimal("0.00001")}, "sale_price"),
            ({"purchase_price": Decimal(-1)}, "purchase_price"),
            ({"unit": "lieue"}, "unit"),
            ({"kind": "service", "minimum_stock": Decimal(1)}, "minimum_stock"),
            ({"vat_code": "9.9"}, "vat_code"),
            ({"packages": "carton"}, "packages"),
        ],
    )
    def test_says_beside_which_field(
        self, people: People, clock: datetime, values: dict[str, object], field: str
    ) -> None:
        with pytest.raises(BadItem) as refusal:
            make_item(at=clock, **values)

        assert [one.field for one in refusal.value.findings] == [field]


class TestSeeing:
    def test_what_it_costs_is_for_those_who_may(self, people: People, clock: datetime) -> None:
        item = make_item(at=clock, sale_price=Decimal(10), purchase_price=Decimal(6))
        seen = {
            role: ask(people[role], item_card, item_id=item, by=people[role])
            for role in (Role.MANAGER, Role.PURCHASING, Role.SALES, Role.WAREHOUSE)
        }

        assert [seen[role].margin for role in (Role.MANAGER, Role.PURCHASING)] == [Decimal("0.4")] * 2
        for role in (Role.SALES, Role.WAREHOUSE):
            assert (seen[role].purchase_price, seen[role].margin, seen[role].sale_price) == (None, None, Decimal(10))
            page = ask(people[role], ITEM_QUESTIONS.page, request=read_request("", SHAPE), by=people[role])
            assert (page.rows[0].purchase_price, page.rows[0].margin) == (None, None)

    def test_is_found_by_number_barcode_and_words(self, people: People, clock: datetime) -> None:
        sales = people[Role.SALES]
        make_item(at=clock, number="20-6107", name="Câble inox", barcode="7610200030849")

        for typed in ("cable", "6107", "20003084", "inox cab"):
            assert [one.title for one in ask(sales, found_records, query=typed, by=sales)] == ["Câble inox"], typed
        assert [one.number for one in ask(sales, items_like, text="3084")] == ["20-6107"]
        found = ask(sales, item_by_code, code="7610200030849")
        assert found is not None
        assert found.number == "20-6107"

    def test_margin_needs_both_prices(self) -> None:
        assert (margin(Decimal(10), None), margin(None, Decimal(6)), margin(Decimal(0), Decimal(6))) == (None,) * 3


class TestChanging:
    def test_asks_for_the_right_to_see_the_field(self, people: People, clock: datetime) -> None:
        from dataclasses import replace

        item = make_item(at=clock)
        blind = replace(people[Role.PURCHASING], granted=frozenset({"catalog.read", "catalog.edit"}))

        with pytest.raises(NotFound):
            do(blind, change_item, at=clock, item_id=item, values={"purchase_price": Decimal(1)}, expected_version=1)

    def test_can_be_undone(self, people: People, clock: datetime) -> None:
        buyer = people[Role.PURCHASING]
        item = make_item(at=clock, name="Câble", by=buyer)
        do(buyer, change_item, at=clock, item_id=item, values={"name": "Corde"}, expected_version=1)

        do(buyer, undo_deed, at=clock, undoes=last_deed("catalog.items.change_item"))

        assert ask(buyer, item_card, item_id=item, by=buyer).name == "Câble"
        assert [one.title for one in ask(buyer, found_records, query="câble", by=buyer)] == ["Câble"]
