"""A snapshot holds what its analyst may read, and nothing else, from either database."""

import json
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.doors import ask, do
from app.notebooks.places import Home
from app.notebooks.snapshot import FILE, take_snapshot
from app.notebooks.snapshot_facts import read_snapshot_facts
from db.access.rules import Actor, Role
from db.crm.leads.actions import create_lead, lose_lead, note_exchange
from db.crm.leads.queries import lead_history
from db.kernel.errors import NotAllowed
from db.records.custom_fields.actions import define_field
from tests.db.crm.leads.make import RECEIVED, make_draft
from workspace.facts import fingerprint

HIDDEN = ("keller", "bornand", "555 01 42", "quai ouest", "rappeler vendredi", "AHV-123", "secret-rebate")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "analyst")
    for folder in (made.work, made.snapshot, made.run):
        folder.mkdir(parents=True)
    return made


@pytest.fixture
def filled(people: dict[Role, Actor], clock: datetime) -> dict[Role, Actor]:
    """Two leads, one lost, with an exchange, and three added fields: one open, one personal, one for managers only."""
    sales = people[Role.SALES]
    fields = [
        ("branch", False, "crm.read_leads"),
        ("insurance", True, "crm.read_leads"),
        ("rebate", False, "insights.approve_model"),
    ]
    for key, personal, permission in fields:
        do(
            sales if permission == "crm.read_leads" else people[Role.MANAGER],
            define_field,
            kind="lead",
            key=key,
            label=key.capitalize(),
            type="text",
            personal=personal,
            permission=permission,
            at=clock,
        )
    custom = {"branch": "Bois", "insurance": "AHV-123", "rebate": "secret-rebate"}
    first = do(
        people[Role.MANAGER], create_lead, draft=make_draft(custom=custom, expected_amount=Decimal("1200.00")), at=clock
    )
    do(sales, create_lead, draft=make_draft(received_at=RECEIVED + timedelta(days=1), source="Salon"), at=clock)
    do(
        sales,
        note_exchange,
        lead_id=first,
        channel="call",
        direction="out",
        happened_at=RECEIVED + timedelta(days=2),
        text="Rappeler vendredi",
        at=clock,
    )
    do(sales, lose_lead, lead_id=first, reason="Prix", at=clock)
    return people


def query(home: Home, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(home.snapshot / FILE)) as source:
        return source.execute(sql).fetchall()


class TestTakeSnapshot:
    def test_holds_leads_as_known_with_the_fingerprint_of_the_database(
        self, filled: dict[Role, Actor], home: Home, clock: datetime
    ) -> None:
        analyst, at = filled[Role.ANALYST], clock + timedelta(hours=1)

        facts = take_snapshot(analyst, home, at=at)

        known = ask(analyst, lead_history, as_of=at)
        rows = query(home, "select won, answers from lead_fact order by received_at")
        assert facts.leads == 2
        assert facts.fingerprint == fingerprint(known, columns=facts.columns)
        assert [won for won, _ in rows] == [0, None]
        assert json.loads(rows[0][1])["expected_amount"] == "1200"
        assert json.loads(rows[0][1])["branch"] == "Bois"

    def test_holds_no_personal_sensitive_or_foreign_value_anywhere(
        self, filled: dict[Role, Actor], home: Home, clock: datetime
    ) -> None:
        facts = take_snapshot(filled[Role.ANALYST], home, at=clock + timedelta(hours=1))

        content = (home.snapshot / FILE).read_bytes().decode("utf-8", "ignore").casefold()
        assert [word for word in HIDDEN if word.casefold() in content] == []
        assert "insurance" not in facts.columns
        assert "rebate" not in facts.columns

    def test_joins_by_pseudonym(self, filled: dict[Role, Actor], home: Home, clock: datetime) -> None:
        take_snapshot(filled[Role.ANALYST], home, at=clock + timedelta(hours=1))

        emails = query(home, "select email from lead")
        insurance = query(home, "select custom_insurance from lead where custom_insurance is not null")

        assert len({email for (email,) in emails}) == 1
        assert all(email.startswith("p_") for (email,) in emails)
        assert all(value.startswith("p_") for (value,) in insurance)

    def test_can_be_described_without_opening_it(self, filled: dict[Role, Actor], home: Home, clock: datetime) -> None:
        assert read_snapshot_facts(home) is None

        facts = take_snapshot(filled[Role.ANALYST], home, at=clock)

        assert read_snapshot_facts(home) == facts
        assert facts.tables["lead"] == 2
        assert "custom" not in facts.left_out["lead"]
        assert facts.live_version is None

    def test_refuses_whoever_is_no_analyst(self, filled: dict[Role, Actor], home: Home, clock: datetime) -> None:
        with pytest.raises(NotAllowed):
            take_snapshot(filled[Role.SALES], home, at=clock)

        assert list(home.snapshot.iterdir()) == []

    def test_replaces_the_last_one_whole(self, filled: dict[Role, Actor], home: Home, clock: datetime) -> None:
        first = take_snapshot(filled[Role.ANALYST], home, at=clock)
        do(filled[Role.SALES], create_lead, draft=make_draft(source="Foire"), at=clock)

        second = take_snapshot(filled[Role.ANALYST], home, at=clock + timedelta(minutes=1))

        assert (first.leads, second.leads) == (2, 3)
        assert first.fingerprint != second.fingerprint
        assert query(home, "select count(*) from lead_fact") == [(3,)]
