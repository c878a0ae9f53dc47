"""Reading sensitive data leaves a line that nobody can take away; what is not sensitive leaves none."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from app.api import permission
from app.api.application import application
from app.doors import ask, do
from db.access.deeds.queries import DeedFilter
from db.access.readings.queries import Reading, readings
from db.access.rules import Actor, Role
from db.crm.leads.actions import create_lead, edit_lead
from db.crm.leads.listing.rules import ListRequest
from db.crm.leads.queries import lead_detail, lead_history, lead_page
from db.crm.leads.trail.queries import deeds_as_readable, lead_deeds
from db.kernel.errors import NotAllowed, NotFound
from db.people.hours.actions import add_span
from db.people.hours.listing.queries import SPAN_QUESTIONS
from db.people.hours.queries import own_clock, span_facts
from db.people.hours.rules import SpanDraft
from db.people.months.queries import month_board, month_sheet
from db.records.custom_fields.actions import define_field
from db.records.custom_fields.rules import FieldType
from db.records.kinds.rules import KINDS
from db.records.listing.rules import ListRequest as AnyListRequest
from db.records.past.queries import record_as_of
from db.records.search.queries import found_records
from db.records.timeline.queries import story
from db.records.timeline.rules import StoryPart
from tests.db.crm.leads.make import make_draft

People = dict[Role, Actor]
WORD = "Allergiegrave"


@pytest.fixture
def lead_id(people: People, clock: datetime) -> UUID:
    """A lead with a value in a sensitive field."""
    manager = people[Role.MANAGER]
    given = {"kind": "lead", "key": "health", "label": "Santé", "type": FieldType.TEXT, "sensitive": True}
    do(manager, define_field, at=clock, **given)
    made: UUID = do(people[Role.SALES], create_lead, draft=make_draft(custom={"health": WORD}), at=clock)
    return made


def log(people: People) -> list[Reading]:
    """Return what the manager reads in the log."""
    return list(ask(people[Role.MANAGER], readings))


class TestReadingSensitiveData:
    def test_leaves_who_what_when_and_through_what(self, people: People, lead_id: UUID) -> None:
        shown = ask(people[Role.SALES], lead_detail, lead_id=lead_id)

        [line] = log(people)
        assert [entry.value for entry in shown.custom] == [WORD]
        assert (line.actor_name, line.record_kind, line.record_id) == ("Sales", "lead", lead_id)
        assert (line.fields, line.via, line.through) == (("health",), "screen", "record")

    def test_over_the_api_leaves_it_too(self, people: People, lead_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(permission, "actor_of", lambda token: people[Role.SALES])
        with TestClient(application) as client:
            answer = client.get(f"/api/v1/leads/{lead_id}", headers={"Authorization": "Bearer x"})

        assert answer.json()["custom"] == {"health": WORD}
        assert len(log(people)) == 1

    def test_is_possible_record_by_record_only(self, people: People, lead_id: UUID, clock: datetime) -> None:
        sales, manager = people[Role.SALES], people[Role.MANAGER]
        change = {"custom": {"health": f"{WORD}2"}}
        do(sales, edit_lead, lead_id=lead_id, values=change, expected_version=1, at=clock)
        told = [
            ask(sales, lead_page, request=ListRequest(sort="name")),
            ask(sales, lead_deeds, lead_id=lead_id),
            ask(manager, deeds_as_readable, wanted=DeedFilter()),
            ask(sales, lead_history, as_of=clock),
            ask(sales, found_records, query=WORD),
        ]

        assert WORD not in repr(told)
        with pytest.raises(NotFound):
            ask(sales, lead_page, request=ListRequest(sort="custom.health"))
        assert log(people) == []

    def test_of_a_person_s_history_leaves_it(self, people: People) -> None:
        hr = people[Role.HR].user_id
        ask(people[Role.MANAGER], deeds_as_readable, wanted=DeedFilter(kind="user_account", record_id=hr))

        assert [(line.record_kind, line.record_id, line.through) for line in log(people)] == [
            ("user_account", hr, "history")
        ]

    def test_of_nothing_sensitive_leaves_nothing(self, people: People, clock: datetime) -> None:
        made = do(people[Role.SALES], create_lead, draft=make_draft(), at=clock)
        ask(people[Role.SALES], lead_detail, lead_id=made)

        assert log(people) == []

    def test_by_the_product_itself_leaves_nothing(self, people: People, system: Actor, lead_id: UUID) -> None:
        ask(system, lead_detail, lead_id=lead_id)

        assert log(people) == []


class TestReadingHours:
    """Hours are sensitive whole: whoever reads somebody else's leaves a line, by whatever road; her own leave none."""

    @pytest.fixture
    def span_id(self, people: People, clock: datetime) -> UUID:
        """Return hours of a warehouse worker."""
        by = people[Role.WAREHOUSE]
        assert by.user_id is not None
        draft = SpanDraft(by.user_id, clock - timedelta(hours=26), clock - timedelta(hours=25), task="Quai")
        made: UUID = do(by, add_span, draft=draft, at=clock)
        return made

    def test_of_somebody_else_leaves_who_and_whose(self, people: People, span_id: UUID, clock: datetime) -> None:
        owner, month = people[Role.WAREHOUSE].user_id, clock.date().replace(day=1)
        roads: list[tuple[Any, dict[str, Any]]] = [
            (span_facts, {"span_id": span_id}),
            (month_sheet, {"owner_id": owner, "month": month, "at": clock}),
            (month_board, {"month": month, "at": clock}),
            (SPAN_QUESTIONS.page, {"request": AnyListRequest(sort="-started")}),
            (story, {"kind": "work_span", "record_id": span_id, "part": StoryPart()}),
            (record_as_of, {"kind": "work_span", "record_id": span_id, "at": clock}),
        ]
        silent = []
        for query, given in roads:
            before = len(log(people))
            ask(people[Role.HR], query, **given)
            if len(log(people)) == before:
                silent.append(query.__name__)

        assert silent == []
        assert {(line.actor_name, line.record_kind, line.record_id) for line in log(people)} >= {
            ("Hr", "user_account", owner),
            ("Hr", "work_span", span_id),
        }

    def test_of_oneself_leaves_nothing(self, people: People, span_id: UUID, clock: datetime) -> None:
        by, month = people[Role.WAREHOUSE], clock.date().replace(day=1)
        ask(by, own_clock, at=clock)
        ask(by, span_facts, span_id=span_id)
        ask(by, month_sheet, owner_id=by.user_id, month=month, at=clock)

        assert log(people) == []


class TestTheLog:
    def test_is_read_by_who_may(self, people: People, lead_id: UUID) -> None:
        for role in set(Role) - {Role.ADMINISTRATOR, Role.MANAGER}:
            with pytest.raises(NotAllowed):
                ask(people[role], readings)

    @pytest.mark.parametrize("statement", ["delete from access_log", "update access_log set actor_name = 'x'"])
    def test_cannot_be_altered(self, people: People, lead_id: UUID, database: Engine, statement: str) -> None:
        ask(people[Role.SALES], lead_detail, lead_id=lead_id)
        with pytest.raises(DBAPIError), database.begin() as connection:
            connection.execute(text(statement))

        assert len(log(people)) == 1

    def test_pages(self, people: People, lead_id: UUID) -> None:
        for _ in range(3):
            ask(people[Role.SALES], lead_detail, lead_id=lead_id)
        manager = people[Role.MANAGER]
        first = ask(manager, readings, most=2)
        rest = ask(manager, readings, most=2, after=(first[-1].at, first[-1].id))

        assert len({line.id for line in [*first, *rest]}) == 3
        assert len(ask(manager, readings, record=("lead", lead_id))) == 3
        assert ask(manager, readings, actor_id=people[Role.HR].user_id) == []

    def test_what_cannot_be_logged_is_not_shown(
        self, people: People, lead_id: UUID, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object) -> None:
            raise RuntimeError("disk full")

        monkeypatch.setattr("db.session.AFTER_READING", [fail])
        with pytest.raises(RuntimeError):
            ask(people[Role.SALES], lead_detail, lead_id=lead_id)


class TestSensitiveColumns:
    """A column that is declared sensitive belongs to records of which every reading is logged."""

    def test_stand_only_in_records_whose_reading_is_logged(self) -> None:
        logged = {kind.table for kind in KINDS.values() if kind.is_logged}
        unlogged = [
            f"{table.name}.{column.name}"
            for table in SQLModel.metadata.tables.values()
            for column in table.columns
            if column.info.get("privacy") == "sensitive" and table.name not in logged
        ]

        assert unlogged == [], "let the kind be `is_logged`, or give the column to a record of its own that is"

    def test_do_not_include_the_account_that_is_printed_on_a_bill(self) -> None:
        """An IBAN on an invoice is written for everybody who gets one: personal, hidden by role, not logged."""
        ibans = [
            (f"{table.name}.{column.name}", column.info["privacy"])
            for table in SQLModel.metadata.tables.values()
            for column in table.columns
            if "iban" in column.name
        ]

        assert ibans == [("bill.iban", "personal")]
