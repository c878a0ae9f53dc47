"""Rows that no deed changes are in the chain too: altered, removed or added by hand, `verify` names their batch."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from app.doors import ask, do
from app.sealing import seal_everything
from db.access.deeds.queries import DeedFilter, deed_page
from db.access.evidence.queries import needs_sealing
from db.access.history import as_json, canonical, texts_of
from db.access.rules import Actor, Role
from db.access.seals.queries import verify
from db.crm.leads.actions import create_lead
from db.insights.predictions.actions import record_acted, record_predictions, record_shown
from db.insights.predictions.rules import Scored
from tests.db.access.test_seals import by_hand, found, stored
from tests.db.crm.leads.make import make_draft

People = dict[Role, Actor]
MODEL = "lead_score"


@pytest.fixture
def subject(people: People, system: Actor, clock: datetime) -> UUID:
    """A lead about which a prediction was made, shown and acted on."""
    claire = people[Role.MANAGER]
    lead_id = do(claire, create_lead, at=clock, draft=make_draft())
    scored = Scored(lead_id, 0.42, 0.3, 0.5, "segment", 40, 17)
    common = {"model": MODEL, "subject_kind": "lead"}
    do(system, record_predictions, at=clock, version_id=None, rows=[scored], gone=[], **common)
    for minutes, told in ((1, record_shown), (2, record_acted)):
        do(claire, told, at=clock + timedelta(minutes=minutes), subject_ids=[lead_id], **common)
    return lead_id


class TestSealEverything:
    def test_takes_predictions_into_the_chain(self, subject: UUID, system: Actor) -> None:
        seal_everything(system)

        findings = ask(system, verify)

        assert findings.problems == []
        assert findings.evidence == 6  # made, shown, acted; and one per table for what was there before
        assert findings.unsealed_count == 0
        assert not ask(system, needs_sealing)

    def test_writes_no_deed_where_nothing_waits(self, subject: UUID, system: Actor) -> None:
        seal_everything(system)
        before = ask(system, verify).sealed

        seal_everything(system)

        assert ask(system, verify).sealed == before

    def test_shows_no_deed_of_its_own(self, subject: UUID, people: People, system: Actor) -> None:
        seal_everything(system)

        deeds = ask(people[Role.MANAGER], deed_page, wanted=DeedFilter())

        assert not [deed for deed in deeds if "evidence" in deed.action]


class TestVerify:
    @pytest.mark.parametrize(
        "statement",
        [
            "update prediction_log set probability = 0.9 where occasion = 'shown'",
            "update prediction_log set by_id = null where occasion = 'acted'",
            "update prediction_log set evidence_id = null where occasion = 'acted'",
            "delete from prediction_log where occasion = 'shown'",
        ],
    )
    def test_names_the_batch_that_was_altered(
        self, database: Engine, subject: UUID, system: Actor, statement: str
    ) -> None:
        seal_everything(system)
        by_hand(database, statement)

        problems = ask(system, verify).problems

        assert problems
        assert {problem.table for problem in problems} == {"prediction_log"}

    def test_names_an_entry_that_was_added(self, database: Engine, subject: UUID, system: Actor) -> None:
        seal_everything(system)
        columns = "model, subject_kind, subject_id, version_id, probability, rung, occasion, by_id, at"
        new = stored(database, UUID("00000000-0000-7000-8000-000000000001"))
        made = "from prediction_log where occasion = 'shown'"
        by_hand(database, f"insert into prediction_log (id, {columns}) select '{new}', {columns} {made}")

        assert [one[0] for one in found(ask(system, verify))] == ["prediction_log"]

    def test_names_evidence_that_was_rewritten_with_its_rows(
        self, database: Engine, subject: UUID, system: Actor
    ) -> None:
        """Who removes the rows and their evidence breaks what was sealed."""
        seal_everything(system)
        with database.connect() as connection:
            asked = text("select evidence_id from prediction_log where occasion = 'shown'")
            evidence_id = UUID(str(connection.execute(asked).scalar_one()))
        by_hand(
            database,
            "delete from prediction_log where occasion = 'shown'",
            f"delete from evidence where id = '{stored(database, evidence_id)}'",
        )

        assert [one[0] for one in found(ask(system, verify))] == ["evidence"]

    def test_names_what_was_sealed_and_changed(self, database: Engine, subject: UUID, system: Actor) -> None:
        seal_everything(system)
        by_hand(database, "update sealed_evidence set digest = 'x'")

        assert {one[0] for one in found(ask(system, verify))} == {"evidence", "sealed_evidence"}


class TestTextsOf:
    @pytest.mark.parametrize("rows", [1, 2, 5])
    def test_are_the_canonical_texts_of_each_row(self, rows: int, clock: datetime) -> None:
        names = ["a", "at", "custom", "m", "z"]
        given = [
            {"a": 'é"\\\t' * (n % 2), "at": clock, "custom": {"y": n, "b": [True, None]}, "m": None, "z": n % 2 == 0}
            for n in range(rows)
        ]

        told = texts_of(given, names)

        assert told == [canonical({name: as_json(row[name]) for name in names}) for row in given]

    def test_of_rows_that_are_all_the_same(self) -> None:
        assert texts_of([{"a": 1}, {"a": 1}], ["a", "b"]) == ['{"a":1,"b":null}'] * 2
