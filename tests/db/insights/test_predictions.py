"""What screens show: only the live version, the same bits after a rollback, and how often it was right."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.access.tables import Change, Deed
from db.insights.approvals.actions import roll_back
from db.insights.approvals.rules import LiveVersionChanged, NotDecided
from db.insights.predictions.actions import (
    put_in_service,
    record_acted,
    record_predictions,
    record_shown,
    rescored,
    want_rescore,
)
from db.insights.predictions.queries import (
    current_scores,
    live_version,
    prediction,
    prediction_history,
    run_to_restore,
    wanted_rescores,
)
from db.insights.predictions.rules import (
    ImpossibleProbability,
    NotLive,
    Scored,
)
from db.insights.predictions.run_file import as_parquet, from_parquet
from db.insights.proposals.queries import verified_file
from db.jobs.tables import Job
from db.kernel.errors import NotAllowed
from tests.db.insights.make import MODEL, approved, live, proposed, scored, serve, state_of

People = dict[Role, Actor]
probabilities = st.floats(0, 1, exclude_min=True, exclude_max=True)


def _shown(system: Actor, version_id: UUID | None) -> dict[UUID, Scored]:
    return {row.subject_id: row for row in ask(system, current_scores, model=MODEL, version_id=version_id)}


class TestRunFile:
    @settings(deadline=None)
    @given(st.lists(probabilities, max_size=20))
    def test_gives_back_the_same_bits(self, values: list[float]) -> None:
        rows = [scored(uuid4(), value, low=value / 3, high=math.sqrt(value)) for value in values]

        assert from_parquet(as_parquet(rows)) == rows

    def test_is_the_same_file_for_the_same_rows(self) -> None:
        rows = [scored(UUID(int=i), 0.1 + i / 100) for i in range(50)]

        assert as_parquet(rows) == as_parquet(list(rows))


class TestPutInService:
    def test_shows_the_scores_of_a_decided_version(self, people: People, system: Actor, clock: datetime) -> None:
        subject = uuid4()

        version_id = live(
            people[Role.ANALYST],
            people[Role.MANAGER],
            clock,
            artifact=b"1",
            rows=[scored(subject, 0.74)],
            instead_of=None,
        )

        shown = ask(people[Role.SALES], prediction, model=MODEL, subject_id=subject)
        assert shown is not None
        assert (shown.probability, shown.version, shown.version_id) == (0.74, 1, version_id)
        assert shown.reasons[0]["text"] == "Source : salon"

    @pytest.mark.parametrize("role", list(Role))
    def test_is_for_no_person(self, people: People, clock: datetime, role: Role) -> None:
        version_id = approved(people[Role.ANALYST], people[Role.MANAGER], clock)

        with pytest.raises(NotAllowed):
            do(
                people[role],
                put_in_service,
                at=clock,
                version_id=version_id,
                rows=[],
                expected_live=None,
                subject_kind="lead",
            )

    def test_refuses_what_nobody_approved(self, people: People, system: Actor, clock: datetime) -> None:
        version_id = proposed(people[Role.ANALYST], clock)

        with pytest.raises(NotDecided):
            serve(version_id, clock, rows=[scored(uuid4(), 0.5)], instead_of=None)
        assert _shown(system, version_id) == {}

    def test_refuses_when_another_went_live_meanwhile(self, people: People, clock: datetime) -> None:
        first = live(people[Role.ANALYST], people[Role.MANAGER], clock, artifact=b"1", rows=[], instead_of=None)
        second = approved(people[Role.ANALYST], people[Role.MANAGER], clock, artifact=b"2")

        with pytest.raises(LiveVersionChanged):
            serve(second, clock, rows=[], instead_of=None)
        assert (state_of(first), state_of(second)) == ("live", "approved")

    def test_changes_nothing_when_one_score_is_impossible(self, people: People, system: Actor, clock: datetime) -> None:
        kept = scored(uuid4(), 0.3)
        first = live(people[Role.ANALYST], people[Role.MANAGER], clock, artifact=b"1", rows=[kept], instead_of=None)
        second = approved(people[Role.ANALYST], people[Role.MANAGER], clock, artifact=b"2")

        with pytest.raises(ImpossibleProbability):
            serve(second, clock, rows=[scored(uuid4(), 1.0)], instead_of=first)

        assert (state_of(first), state_of(second)) == ("live", "approved")
        assert list(_shown(system, first).values()) == [kept]

    def test_leaves_a_deed_for_each_step(self, people: People, database: Engine, clock: datetime) -> None:
        version_id = live(people[Role.ANALYST], people[Role.MANAGER], clock, artifact=b"1", rows=[], instead_of=None)

        with Session(database) as session:
            wanted = select(Deed.action, Deed.actor_name).join(Change).where(Change.record_id == version_id)
            trail = sorted(tuple(step) for step in session.exec(wanted))
        assert trail == [
            ("insights.approvals.approve", "Manager"),
            ("insights.predictions.put_in_service", "Boussole"),
            ("insights.proposals.hand_in", "Analyst"),
            ("insights.proposals.propose_version", "Boussole"),
        ]


class TestRollBack:
    def test_restores_the_very_same_bits(self, people: People, system: Actor, clock: datetime) -> None:
        subjects = [uuid4() for _ in range(200)]
        rows = [scored(subject, (i + 1) / 203 + 1e-13) for i, subject in enumerate(subjects)]
        analyst, manager = people[Role.ANALYST], people[Role.MANAGER]
        first = live(analyst, manager, clock, artifact=b"1", rows=rows, instead_of=None)
        moved = scored(subjects[0], 0.123456789012345)
        do(
            system,
            record_predictions,
            at=clock + timedelta(minutes=1),
            model=MODEL,
            version_id=first,
            rows=[moved],
            gone=[subjects[1]],
            subject_kind="lead",
        )
        before = _shown(system, first)
        second = live(
            analyst,
            manager,
            clock + timedelta(minutes=2),
            artifact=b"2",
            rows=[scored(subject, 0.5) for subject in subjects],
            instead_of=first,
        )

        at = clock + timedelta(minutes=3)
        do(manager, roll_back, at=at, model=MODEL, reason="Plaintes de la vente")
        sha256 = ask(system, run_to_restore, version_id=first)
        assert sha256 is not None
        serve(first, at, rows=from_parquet(verified_file("scores", sha256)), instead_of=second)

        assert _shown(system, first) == before
        assert before[subjects[0]] == moved
        assert subjects[1] not in before
        assert (state_of(first), state_of(second)) == ("live", "retired")

    def test_does_not_let_an_old_decision_serve_twice(self, people: People, clock: datetime) -> None:
        analyst, manager = people[Role.ANALYST], people[Role.MANAGER]
        first = live(analyst, manager, clock, artifact=b"1", rows=[], instead_of=None)
        second = live(analyst, manager, clock + timedelta(minutes=1), artifact=b"2", rows=[], instead_of=first)
        do(manager, roll_back, at=clock + timedelta(minutes=2), model=MODEL, reason="Plaintes")
        serve(first, clock + timedelta(minutes=3), rows=[], instead_of=second)
        third = live(analyst, manager, clock + timedelta(minutes=4), artifact=b"3", rows=[], instead_of=first)

        with pytest.raises(NotDecided):
            serve(first, clock + timedelta(minutes=5), rows=[], instead_of=third)


class TestRecordPredictions:
    def test_refuses_scores_of_a_version_that_is_not_live(self, people: People, system: Actor, clock: datetime) -> None:
        version_id = approved(people[Role.ANALYST], people[Role.MANAGER], clock)

        with pytest.raises(NotLive):
            _record(system, clock, [scored(uuid4(), 0.5)], version_id=version_id)

    def test_shows_the_segment_rate_before_any_version_is_live(
        self, people: People, system: Actor, clock: datetime
    ) -> None:
        subject = uuid4()

        _record(system, clock, [scored(subject, 0.2, rung="segment")], version_id=None)

        shown = ask(people[Role.SALES], prediction, model=MODEL, subject_id=subject)
        assert shown is not None
        assert (shown.rung, shown.version) == ("segment", None)
        assert ask(people[Role.SALES], live_version, model=MODEL) is None

    def test_logs_the_first_score_and_moves_of_a_point(self, people: People, system: Actor, clock: datetime) -> None:
        subject = uuid4()

        for minute, value in enumerate([0.5, 0.505, 0.51, 0.5]):
            _record(system, clock + timedelta(minutes=minute), [scored(subject, value)], version_id=None)

        history = ask(people[Role.SALES], prediction_history, model=MODEL, subject_id=subject)
        assert [(entry.probability, entry.occasion) for entry in reversed(history)] == [(0.5, "first"), (0.5, "moved")]

    @pytest.mark.parametrize(("low", "value", "high"), [(0.1, 0.0, 0.2), (0.9, 1.0, 1.0), (0.4, 0.3, 0.5)])
    def test_refuses_certainty_and_wrong_intervals(
        self, people: People, system: Actor, clock: datetime, low: float, value: float, high: float
    ) -> None:
        with pytest.raises(ImpossibleProbability):
            _record(system, clock, [scored(uuid4(), value, low=low, high=high)], version_id=None)


def _record(system: Actor, at: datetime, rows: Sequence[Scored], *, version_id: UUID | None) -> None:
    do(
        system,
        record_predictions,
        at=at,
        model=MODEL,
        version_id=version_id,
        rows=rows,
        gone=[],
        subject_kind="lead",
    )


class TestRecordShown:
    def test_logs_who_saw_and_who_acted(self, people: People, system: Actor, clock: datetime) -> None:
        subject = uuid4()
        _record(system, clock, [scored(subject, 0.5)], version_id=None)

        for deed in (record_shown, record_acted):
            do(people[Role.SALES], deed, at=clock, model=MODEL, subject_kind="lead", subject_ids=[subject, uuid4()])

        history = ask(people[Role.SALES], prediction_history, model=MODEL, subject_id=subject)
        assert {entry.occasion for entry in history} == {"first", "shown", "acted"}


class TestWantRescore:
    def test_asks_once_for_many_changes(self, people: People, system: Actor, database: Engine, clock: datetime) -> None:
        subject, other = uuid4(), uuid4()
        for minute, subjects in enumerate([[subject, subject], [subject], [other]]):
            do(
                system,
                want_rescore,
                at=clock + timedelta(minutes=minute),
                model=MODEL,
                subject_kind="lead",
                subject_ids=subjects,
            )

        with Session(database) as session:
            assert len(session.exec(select(Job).where(Job.kind == "insights.rescore_changed")).all()) == 1
        assert ask(system, wanted_rescores, model=MODEL) == [
            (subject, clock + timedelta(minutes=1)),
            (other, clock + timedelta(minutes=2)),
        ]

    def test_keeps_what_changed_again_while_scoring(self, people: People, system: Actor, clock: datetime) -> None:
        subject, other = uuid4(), uuid4()
        for minute, which in enumerate([other, subject]):
            do(
                system,
                want_rescore,
                at=clock + timedelta(minutes=minute),
                model=MODEL,
                subject_kind="lead",
                subject_ids=[which],
            )

        do(system, rescored, at=clock, model=MODEL, subject_kind="lead", until=clock)

        assert [found for found, _ in ask(system, wanted_rescores, model=MODEL)] == [subject]


class TestPredictionTables:
    @pytest.mark.parametrize("deed", ["update prediction_log set probability = 0.9", "delete from prediction_log"])
    def test_keep_the_log_as_it_was(
        self, people: People, system: Actor, database: Engine, clock: datetime, deed: str
    ) -> None:
        _record(system, clock, [scored(uuid4(), 0.5)], version_id=None)

        with pytest.raises(DBAPIError, match="prediction_log"), database.begin() as connection:
            connection.execute(text(deed))

    def test_refuse_certainty_even_by_direct_writing(
        self, people: People, system: Actor, database: Engine, clock: datetime
    ) -> None:
        _record(system, clock, [scored(uuid4(), 0.5)], version_id=None)

        with pytest.raises(DBAPIError), database.begin() as connection:
            connection.execute(text("update current_prediction set probability = 1, high = 1"))


class TestBookkeeping:
    def test_leaves_no_deed(self, people: People, system: Actor, database: Engine, clock: datetime) -> None:
        with Session(database) as session:
            before = len(session.exec(select(Deed)).all())

        _record(system, clock, [scored(uuid4(), 0.5)], version_id=None)

        with Session(database) as session:
            assert len(session.exec(select(Deed)).all()) == before

    def test_is_for_the_system(self, people: People, clock: datetime) -> None:
        with pytest.raises(NotAllowed):
            _record(people[Role.MANAGER], clock, [scored(uuid4(), 0.5)], version_id=None)
