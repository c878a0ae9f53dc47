"""« Tel qu’au »: a record as it was on a day, in words, beside today."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from app.doors import do
from app.records.past_view import PastView, read_day, read_past
from db.access.rules import Actor, Role
from db.crm.leads.actions import create_lead, edit_lead
from db.kernel.errors import BadInput, NotFound
from db.records.custom_fields.actions import define_field
from db.records.custom_fields.rules import FieldType
from db.records.undo.actions import remove_record
from tests.db.crm.leads.make import make_draft

People = dict[Role, Actor]
SPRING, SUMMER = timedelta(days=-240), timedelta(days=-120)


@pytest.fixture
def claire(people: People) -> Actor:
    """The manager."""
    return people[Role.MANAGER]


@pytest.fixture
def lead_id(database: Engine, claire: Actor, people: People, clock: datetime) -> UUID:
    """A lead of March that moved to Nyon in July."""
    define = {"kind": "lead", "key": "etages", "label": "Étages", "type": FieldType.NUMBER}
    do(claire, define_field, at=clock + SPRING, **define)
    draft = make_draft(name="Garde-corps", city="Vevey", custom={"etages": 2}, received_at=clock + SPRING)
    made: UUID = do(claire, create_lead, at=clock + SPRING, draft=draft)
    values = {"city": "Nyon", "custom": {"etages": 5}}
    do(people[Role.SALES], edit_lead, at=clock + SUMMER, lead_id=made, values=values, expected_version=1)
    return made


def on(by: Actor, lead_id: UUID, at: datetime) -> PastView:
    """Return the lead as it was on the day of an instant."""
    return read_past(by, "lead", lead_id, at.date())


class TestReadPast:
    def test_marks_what_differs_and_names_who_changed_it(
        self, lead_id: UUID, claire: Actor, people: People, clock: datetime
    ) -> None:
        told = on(claire, lead_id, clock + SPRING)

        changed = {one.label: (one.then, one.now) for one in told.fields if one.changed}
        assert changed == {"Localité": ("Vevey", "Nyon"), "Étages": ("2", "5")}
        [deeds] = [one.deeds for one in told.fields if one.label == "Localité"]
        assert len(deeds) == 1
        assert people[Role.SALES].name in deeds[0]
        assert told.summary == "2 valeurs ont changé depuis."

    def test_says_that_nothing_has_changed_since(self, lead_id: UUID, claire: Actor, clock: datetime) -> None:
        told = on(claire, lead_id, clock + SUMMER)

        assert (told.summary, told.words) == ("Rien n’a changé depuis.", [])

    def test_says_when_it_was_not_there_yet(self, lead_id: UUID, claire: Actor, clock: datetime) -> None:
        told = on(claire, lead_id, clock + 2 * SPRING)

        assert told.fields == []
        assert "n’existait pas encore" in told.words[0]
        assert claire.name in told.words[0]

    def test_shows_what_was_removed_since(self, lead_id: UUID, claire: Actor, clock: datetime) -> None:
        do(claire, remove_record, at=clock, table="lead", record_id=lead_id)

        before, after = on(claire, lead_id, clock + SUMMER), on(claire, lead_id, clock)

        assert "n’existe plus" in before.words[0]
        assert {one.label: one.then for one in before.fields}["Localité"] == "Nyon"
        assert "n’existait plus" in after.words[0]

    def test_says_that_values_were_erased(
        self, database: Engine, lead_id: UUID, claire: Actor, clock: datetime
    ) -> None:
        with database.begin() as connection:
            made = "select id from change where record_kind = 'lead' and operation = 'create'"
            connection.execute(text(f"delete from change_value where change_id in ({made})"))

        told = on(claire, lead_id, clock + SPRING)

        assert any("effacées" in line for line in told.words)

    def test_keeps_to_rows_and_fields(self, lead_id: UUID, people: People, clock: datetime) -> None:
        sales = people[Role.SALES]
        blind = Actor(sales.user_id, "S", sales.roles, hidden=frozenset({"lead.city"}))
        narrow = Actor(sales.user_id, "S", sales.roles, owners={"crm.read_leads": frozenset({lead_id})})

        assert "Localité" not in {one.label for one in on(blind, lead_id, clock + SPRING).fields}
        with pytest.raises(NotFound):
            on(narrow, lead_id, clock + SPRING)


class TestReadDay:
    def test_reads_what_people_and_addresses_write(self) -> None:
        assert read_day("31.03.2026") == read_day("2026-03-31") == date(2026, 3, 31)

    @pytest.mark.parametrize("text", ["", "31.02.2026", "hier", "2926-01-01", "9999-12-31"])
    def test_refuses_what_is_no_day_of_the_past(self, text: str) -> None:
        with pytest.raises(BadInput):
            read_day(text)
