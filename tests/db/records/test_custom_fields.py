"""Custom fields: how values are read, who may define and see them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.crm.leads.actions import create_lead
from db.kernel.errors import BadInput, ChangedMeanwhile, NotAllowed
from db.records.custom_fields.actions import FieldExists, define_field, edit_field, remove_field
from db.records.custom_fields.drafts import FieldDraft
from db.records.custom_fields.queries import custom_fields, custom_fields_for
from db.records.custom_fields.rules import (
    CustomField,
    FieldType,
    kept,
    order_of,
    read_date,
    read_number,
    read_value,
    value_of,
)
from tests.db.crm.leads.make import make_draft

People = dict[Role, Actor]


def make_field(kind: FieldType, choices: tuple[str, ...] = ()) -> CustomField:
    """Return a field of a type."""
    return CustomField(UUID(int=1), "lead", "x", "X", kind, choices, False, "crm.read_leads", True)


class TestReadValue:
    @pytest.mark.parametrize("text", ["1'234.50", "1’234.50", "1 234,50", "1234.5", "CHF 1'234.50"])
    def test_reads_numbers_as_the_swiss_write_them(self, text: str) -> None:
        assert read_number(text) == Decimal("1234.50")

    @pytest.mark.parametrize("text", ["grand", "1.2.3", "NaN", "Infinity", "1e400", "--3"])
    def test_refuses_what_is_not_a_number(self, text: str) -> None:
        with pytest.raises(BadInput, match="n’est pas un nombre"):
            read_number(text)

    @pytest.mark.parametrize("text", ["31.12.2025", "2025-12-31", "2025-12-31T10:00:00"])
    def test_reads_days(self, text: str) -> None:
        assert read_date(text) == date(2025, 12, 31)

    @pytest.mark.parametrize("text", ["31.02.2026", "12/31/2025", "demain"])
    def test_refuses_what_is_not_a_day(self, text: str) -> None:
        with pytest.raises(BadInput, match="n’est pas une date"):
            read_date(text)

    @pytest.mark.parametrize(
        ("kind", "given", "value"),
        [
            (FieldType.YES_NO, "Oui", True),
            (FieldType.YES_NO, False, False),
            (FieldType.TEXT, "  deux  ", "deux"),
            (FieldType.NUMBER, "", None),
            (FieldType.CHOICE, "rouge", "rouge"),
        ],
    )
    def test_reads_by_type(self, kind: FieldType, given: Any, value: Any) -> None:
        assert read_value(make_field(kind, ("rouge",)), given) == value

    def test_refuses_a_choice_that_is_not_one(self) -> None:
        with pytest.raises(BadInput, match="rouge, vert"):
            read_value(make_field(FieldType.CHOICE, ("rouge", "vert")), "bleu")

    @pytest.mark.parametrize("value", [Decimal("12.50"), date(2026, 1, 1), True, "texte"])
    def test_reads_back_what_it_keeps(self, value: Any) -> None:
        kinds = {Decimal: FieldType.NUMBER, date: FieldType.DATE, bool: FieldType.YES_NO, str: FieldType.TEXT}

        field = make_field(kinds[type(value)])

        assert value_of(field, kept(field, value)) == value

    def test_keeps_an_amount_as_whole_centimes(self) -> None:
        field = make_field(FieldType.AMOUNT)
        amount = read_value(field, "1'234.50")

        assert (amount, kept(field, amount)) == (Decimal("1234.50"), 123_450)
        assert value_of(field, 123_450) == Decimal("1234.50")
        with pytest.raises(BadInput, match="centime"):
            read_value(field, "0.125")

    def test_still_shows_a_choice_that_is_offered_no_more(self) -> None:
        assert value_of(make_field(FieldType.CHOICE, ("rouge",)), "bleu") == "bleu"

    def test_orders_days_and_texts_as_text_and_numbers_as_numbers(self) -> None:
        assert order_of(date(2026, 1, 2)) == ("2026-01-02", None)
        assert order_of(Decimal("2.5")) == ("", 2.5)
        assert order_of("Écru") == ("ecru", None)


class TestDefineField:
    def test_refuses_the_same_key_twice(self, people: People, clock: datetime) -> None:
        given = {"kind": "lead", "key": "job", "label": "Métier", "type": FieldType.TEXT, "at": clock}
        do(people[Role.SALES], define_field, **given)

        with pytest.raises(FieldExists, match="job"):
            do(people[Role.SALES], define_field, **given)

    @pytest.mark.parametrize("key", ["Job", "1a", "a b", "", "a" * 61, "a;drop"])
    def test_refuses_a_key_that_is_no_name(self, key: str, people: People, clock: datetime) -> None:
        with pytest.raises(BadInput):
            do(people[Role.SALES], define_field, kind="lead", key=key, label="X", type=FieldType.TEXT, at=clock)

    def test_refuses_who_may_not(self, people: People, clock: datetime) -> None:
        with pytest.raises(NotAllowed):
            do(people[Role.ANALYST], define_field, kind="lead", key="x", label="X", type=FieldType.TEXT, at=clock)

    def test_shows_a_field_only_to_those_who_may_read_it(self, people: People, clock: datetime) -> None:
        given = {"kind": "lead", "key": "margin", "label": "Marge", "type": FieldType.TEXT, "at": clock}
        do(people[Role.MANAGER], define_field, permission="access.read_users", **given)

        seen = {
            role: [field.key for field in ask(people[role], custom_fields_for, kind="lead", by=people[role])]
            for role in (Role.SALES, Role.MANAGER)
        }
        assert seen == {Role.SALES: [], Role.MANAGER: ["margin"]}


class TestEditField:
    def test_renames_once_per_version(self, people: People, clock: datetime) -> None:
        given = {"kind": "lead", "key": "job", "label": "Métier", "type": FieldType.TEXT, "at": clock}
        field_id = do(people[Role.SALES], define_field, **given)
        draft = FieldDraft("Profession", "Trade", "Beruf", feature=False)
        edit = {"field_id": field_id, "draft": draft, "expected_version": 1, "at": clock}
        do(people[Role.MANAGER], edit_field, **edit)

        [field] = ask(people[Role.SALES], custom_fields, kind="lead")
        assert (field.label, field.label_de, field.feature) == ("Profession", "Beruf", False)
        with pytest.raises(ChangedMeanwhile):
            do(people[Role.MANAGER], edit_field, **edit)


class TestRemoveField:
    def test_refuses_a_field_with_values(self, people: People, clock: datetime) -> None:
        given = {"kind": "lead", "key": "job", "label": "Métier", "type": FieldType.TEXT, "at": clock}
        field_id = do(people[Role.SALES], define_field, **given)
        do(people[Role.SALES], create_lead, draft=make_draft(custom={"job": "artisan"}), at=clock)

        with pytest.raises(BadInput, match="Métier"):
            do(people[Role.SALES], remove_field, field_id=field_id, at=clock)
