"""What one's day shows: decisions by what they are worth, imports, models, messages, and what others did."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import Engine, insert

from app.doors import ask, do
from app.home_reading import morning
from app.home_view import jobs_decision
from db.access.rules import Actor, Role
from db.crm.leads.actions import create_lead, edit_lead
from db.crm.leads.rules import KIND, SCORE, LeadDraft
from db.insights.predictions.actions import record_predictions
from db.insights.predictions.rules import Scored
from db.insights.proposals.rules import VersionState
from db.insights.proposals.tables import ModelVersion
from db.kernel.record import uuid7
from db.records.followers.actions import follow_record
from db.records.notes.actions import write_note
from db.records.notifications.actions import mark_read, tell
from db.records.notifications.queries import messages
from db.records.notifications.rules import Told, Topic
from tests.app.imports.files import imported

People = dict[Role, Actor]
HOUR = timedelta(hours=1)
TWO_OF_THREE = "Société;E-mail;Résultat\nRochat;anne@ex.ch;\nFavre;luc@ex.ch;\nGarage;pas une adresse;\n"


@pytest.fixture
def sales(people: People) -> Actor:
    return people[Role.SALES]


@pytest.fixture
def manager(people: People) -> Actor:
    return people[Role.MANAGER]


def lead(by: Actor, at: datetime, name: str, amount: str | None = None, **more: object) -> UUID:
    """Make a lead of one's own."""
    expected = Decimal(amount) if amount else None
    draft = LeadDraft(name=name, received_at=at, expected_amount=expected, owner_id=by.user_id, **more)  # type: ignore[arg-type]
    return do(by, create_lead, at=at, draft=draft)


def score(system: Actor, at: datetime, **probabilities: float) -> None:
    """Record a probability for each lead (by its hexadecimal id)."""
    rows = [Scored(UUID(key), p, p / 2, (p + 1) / 2, "segment", 40, 12) for key, p in probabilities.items()]
    given = {"model": SCORE, "version_id": None, "rows": rows, "gone": [], "subject_kind": KIND}
    do(system, record_predictions, at=at, **given)


def propose(database: Engine, author: Actor, at: datetime) -> None:
    """Have a version wait for a decision."""
    texts = dict.fromkeys(("note", "data_fingerprint", "manifest_sha256", "notebook_sha256"), "x")
    facts = {key: {} for key in ("files", "packages", "params", "columns", "claimed")}
    row = {"id": uuid7(), "created_at": at, "updated_at": at, "row_version": 1, "model": SCORE, "version": 3, "seed": 1}
    state = {"state": VersionState.PROPOSED.value, "cutoff_at": at, "handed_in_at": at, "proposed_at": at}
    by = {"author_id": author.user_id, "author_name": author.name}
    with database.begin() as connection:
        connection.execute(insert(ModelVersion).values(**texts, **facts, **row, **state, **by))


class TestDecisions:
    def test_come_by_chf_at_stake_and_are_added_up(self, sales: Actor, system: Actor, clock: datetime) -> None:
        small, large = lead(sales, clock, "Petit", "1000"), lead(sales, clock, "Grand", "9000")
        score(system, clock, **{small.hex: 0.8, large.hex: 0.5})

        seen = morning(sales, clock)

        assert [one["title"] for one in seen.decisions] == ["Appeler Grand", "Appeler Petit"]
        assert [(one["amount"], one["unit"]) for one in seen.decisions] == [
            ("4'500.00", "CHF attendus"),
            ("800.00", "CHF attendus"),
        ]
        assert "2 décisions pour 5'300.00 CHF en jeu" in seen.summary.replace("\u00a0", " ")
        assert seen.decision_count == "2"

    def test_put_a_late_step_before_a_larger_amount(self, sales: Actor, system: Actor, clock: datetime) -> None:
        yesterday = clock.date() - timedelta(days=1)
        late = lead(sales, clock, "En retard", "6000", next_step="Rappeler", next_step_date=yesterday)
        large = lead(sales, clock, "Grand", "9000")
        score(system, clock, **{late.hex: 0.5, large.hex: 0.5})

        assert [one["title"] for one in morning(sales, clock).decisions] == ["Appeler En retard", "Appeler Grand"]

    def test_say_no_amount_to_who_may_not_see_it(self, sales: Actor, system: Actor, clock: datetime) -> None:
        found = lead(sales, clock, "Grand", "9000")
        score(system, clock, **{found.hex: 0.5})

        seen = morning(replace(sales, hidden=frozenset({"lead.expected_amount"})), clock)

        assert [(one["title"], one["amount"]) for one in seen.decisions] == [("Appeler Grand", "")]
        assert "CHF" not in seen.summary


class TestModels:
    def test_wait_for_who_may_approve_them(
        self, database: Engine, people: People, manager: Actor, sales: Actor, clock: datetime
    ) -> None:
        propose(database, people[Role.ANALYST], clock)

        [decision] = morning(manager, clock).decisions

        assert decision["title"] == "Mettre en service la version 3 du modèle"
        assert people[Role.ANALYST].name in decision["why"]
        assert (decision["note"], decision["do"]) == ("", "Examiner")
        assert morning(sales, clock).decisions == []

    def test_say_that_ones_own_is_for_another_to_decide(
        self, database: Engine, manager: Actor, clock: datetime
    ) -> None:
        propose(database, manager, clock)

        [decision] = morning(manager, clock).decisions

        assert "à une autre personne de décider" in decision["note"]


class TestImports:
    def test_with_refused_rows_are_taken_up_again_for_two_weeks(self, sales: Actor, manager: Actor) -> None:
        done = imported(TWO_OF_THREE, sales)
        assert done.ended_at is not None
        soon = done.ended_at + HOUR

        [decision] = morning(sales, soon).decisions

        assert decision["title"] == "Reprendre les lignes refusées de « pistes.csv »"
        assert decision["why"].replace("\u00a0", " ") == "Refusé : 1 ligne ; importé : 2 fiches."
        assert str(done.import_id) in decision["href"]
        assert morning(manager, soon).decisions == []
        assert morning(sales, done.ended_at + timedelta(days=15)).decisions == []


class TestFailedJobs:
    def test_are_one_decision_that_leads_to_them(self) -> None:
        one, many = jobs_decision(1, "fr"), jobs_decision(3, "fr")

        assert one["title"].replace("\u00a0", " ") == "1 travail a échoué"
        assert many["title"].replace("\u00a0", " ") == "3 travaux ont échoué"
        assert many["href"] == "/travaux"


class TestMessages:
    def test_are_those_that_were_not_read(self, sales: Actor, manager: Actor, system: Actor, clock: datetime) -> None:
        found = lead(sales, clock, "Ponton")
        told = [
            Told(sales.user_id, Topic.MENTION, f"m{n}", "{by_name} vous a cité", {"by_name": "Anne Rey"}, KIND, found)
            for n in range(2)
        ]
        do(system, tell, told=told, at=clock)
        read = ask(sales, messages, by=sales)[0]
        do(sales, mark_read, message_id=read.id, is_read=True, at=clock)

        [message] = morning(sales, clock + 12 * HOUR).messages

        assert (message["initials"], message["href"]) == ("AR", f"/pistes/{found}")
        assert morning(manager, clock + 12 * HOUR).messages == []


class TestChanges:
    def test_are_what_others_did_on_what_one_follows_each_once(
        self, sales: Actor, manager: Actor, clock: datetime
    ) -> None:
        own, followed, other = (lead(who, clock, name) for who, name in _whose(sales, manager))
        do(sales, follow_record, kind=KIND, record_id=followed, at=clock)
        for record in (own, followed, other):
            do(manager, write_note, kind=KIND, record_id=record, text="Vu", at=clock + HOUR)
        do(manager, edit_lead, lead_id=own, values={"city": "Vevey"}, expected_version=1, at=clock + 2 * HOUR)
        do(sales, write_note, kind=KIND, record_id=followed, text="Moi aussi", at=clock + 2 * HOUR)

        changes = morning(sales, clock + 3 * HOUR).changes

        assert {one["lead"] for one in changes} == {"À moi", "Suivie"}
        assert {one["who"] for one in changes} == {manager.name}
        assert len({one["id"] for one in changes}) == len(changes)
        assert changes[0]["lead"] == "À moi"


def _whose(sales: Actor, manager: Actor) -> list[tuple[Actor, str]]:
    return [(sales, "À moi"), (manager, "Suivie"), (manager, "Autre")]
