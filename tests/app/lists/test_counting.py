"""Counts are shared for a moment, by those who see the same, until something is written."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import Engine

from app.doors import do
from app.lists import counting
from app.lists.counting import counted_once
from db.access.rules import Actor, Role
from db.crm.leads.actions import create_lead
from db.crm.leads.rules import LeadDraft


@pytest.fixture
def asked() -> list[int]:
    """How often something was counted."""
    return []


def look(by: Actor, address: str, asked: list[int]) -> int:
    """Ask for the counts of a view; return how often they were counted until then."""

    def count() -> int:
        asked.append(1)
        return len(asked)

    return counted_once("lead", by, address, count)


class TestCountedOnce:
    def test_serves_the_same_view_whatever_its_order(
        self, database: Engine, people: dict[Role, Actor], asked: list[int]
    ) -> None:
        nadia, luc = people[Role.SALES], replace(people[Role.SALES], user_id=UUID(int=9))

        assert look(nadia, "state=new&sort=name", asked) == 1
        assert look(luc, "sort=-amount&state=new", asked) == 1

    def test_counts_anew_for_another_filter_or_who_sees_less(
        self, database: Engine, people: dict[Role, Actor], asked: list[int]
    ) -> None:
        nadia = people[Role.SALES]
        narrow = replace(nadia, owners={"crm.read_leads": frozenset({UUID(int=9)})})

        assert [
            look(nadia, "state=new", asked),
            look(nadia, "state=lost", asked),
            look(narrow, "state=new", asked),
        ] == [
            1,
            2,
            3,
        ]

    def test_counts_anew_once_something_was_written_or_time_has_passed(
        self,
        database: Engine,
        people: dict[Role, Actor],
        asked: list[int],
        clock: datetime,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        nadia = people[Role.SALES]
        look(nadia, "state=new", asked)
        do(nadia, create_lead, at=clock, draft=LeadDraft(name="Toiture", received_at=clock))
        assert look(nadia, "state=new", asked) == 2

        monkeypatch.setattr(counting, "KEPT_SECONDS", -1.0)
        assert look(nadia, "state=new", asked) == 3
