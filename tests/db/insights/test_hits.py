"""How often what was announced was right, and what people said of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.insights.predictions.actions import (
    give_feedback,
    note_outcomes,
    record_predictions,
)
from db.insights.predictions.queries import (
    feedback_counts,
    hit_rates,
)
from db.insights.predictions.rules import (
    Announced,
    FeedbackUnclear,
    Outcome,
    Scored,
    hit_rates_of,
    wilson,
)
from db.insights.predictions.tables import PredictionLog, SubjectOutcome
from db.kernel.errors import NotFound
from db.session import reading
from tests.db.insights.make import MODEL, scored

People = dict[Role, Actor]
probabilities = st.floats(0, 1, exclude_min=True, exclude_max=True)


class TestWilson:
    def test_is_the_interval_of_the_picture(self) -> None:
        low, high = wilson(31, 41)

        assert (round(low, 2), round(high, 2)) == (0.61, 0.86)

    @settings(deadline=None)
    @given(st.integers(1, 500), st.data())
    def test_holds_the_rate_and_stays_a_probability(self, cases: int, data: st.DataObject) -> None:
        won = data.draw(st.integers(0, cases))

        low, high = wilson(won, cases)

        assert 0 <= low <= won / cases + 1e-12
        assert won / cases - 1e-12 <= high <= 1


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


class TestHitRates:
    def test_equals_an_independent_recomputation(self, people: People, system: Actor, clock: datetime) -> None:
        subjects = [uuid4() for _ in range(120)]
        for day in range(3):
            rows = [scored(s, ((i * 37 + day * 11) % 97 + 1) / 99) for i, s in enumerate(subjects)]
            _record(system, clock + timedelta(days=day), rows, version_id=None)
        outcomes = [
            Outcome(subject, i % 3 == 0, clock + timedelta(days=i % 5 - 1, hours=1))
            for i, subject in enumerate(subjects[:100])
        ]
        do(system, note_outcomes, at=clock, subject_kind="lead", outcomes=outcomes)

        found = ask(people[Role.SALES], hit_rates, model=MODEL)

        assert [(r.band_from, r.cases, r.won) for r in found] == _recomputed()
        assert sum(rate.cases for rate in found) == 80  # 20 outcomes were known before the first prediction

    def test_counts_only_outcomes_known_after_the_prediction(
        self, people: People, system: Actor, clock: datetime
    ) -> None:
        subject = uuid4()
        _record(system, clock, [scored(subject, 0.75)], version_id=None)

        do(
            system,
            note_outcomes,
            at=clock,
            subject_kind="lead",
            outcomes=[Outcome(subject, True, clock)],
        )

        assert ask(people[Role.SALES], hit_rates, model=MODEL) == []

    def test_forgets_the_outcome_of_what_is_open_again(self, people: People, system: Actor, clock: datetime) -> None:
        subject, later = uuid4(), clock + timedelta(days=1)
        _record(system, clock, [scored(subject, 0.75)], version_id=None)

        do(system, note_outcomes, at=later, subject_kind="lead", outcomes=[Outcome(subject, True, later)])
        assert [rate.won for rate in ask(people[Role.SALES], hit_rates, model=MODEL)] == [1]
        do(system, note_outcomes, at=later, subject_kind="lead", outcomes=[Outcome(subject, None, None)])

        assert ask(people[Role.SALES], hit_rates, model=MODEL) == []

    @settings(deadline=None)
    @given(st.lists(st.tuples(probabilities, st.booleans()), max_size=60))
    def test_loses_no_case(self, cases: list[tuple[float, bool]]) -> None:
        rates = hit_rates_of(Announced(value, happened) for value, happened in cases)

        assert sum(rate.cases for rate in rates) == len(cases)
        assert sum(rate.won for rate in rates) == sum(happened for _, happened in cases)
        assert all(rate.band_from - 1e-9 <= rate.announced <= rate.band_to + 1e-9 for rate in rates)


def _recomputed() -> list[tuple[float, int, int]]:
    """Recompute the hit rates row by row in Python, from the two tables alone."""
    with reading() as session:
        outcomes = {row.subject_id: row for row in session.exec(select(SubjectOutcome))}
        log = session.exec(select(PredictionLog)).all()
    bands: dict[int, list[bool]] = {}
    for subject, outcome in outcomes.items():
        known = [entry for entry in log if entry.subject_id == subject and entry.at < outcome.known_at]
        if known:
            last = max(known, key=lambda entry: entry.at)
            bands.setdefault(int(last.probability * 10), []).append(outcome.happened)
    return [(band / 10, len(cases), sum(cases)) for band, cases in sorted(bands.items())]


class TestGiveFeedback:
    def test_keeps_disagreement_with_its_reason(self, people: People, system: Actor, clock: datetime) -> None:
        subject = uuid4()
        _record(system, clock, [scored(subject, 0.5)], version_id=None)

        _feedback(people[Role.SALES], clock, subject, agrees=False, reason="Budget gelé")
        _feedback(people[Role.SALES], clock, subject, agrees=True, reason="")

        assert ask(people[Role.MANAGER], feedback_counts, model=MODEL) == (1, 1)

    def test_refuses_disagreement_without_a_reason(self, people: People, system: Actor, clock: datetime) -> None:
        subject = uuid4()
        _record(system, clock, [scored(subject, 0.5)], version_id=None)

        with pytest.raises(FeedbackUnclear):
            _feedback(people[Role.SALES], clock, subject, agrees=False, reason=" ")

    def test_refuses_a_word_on_nothing(self, people: People, clock: datetime) -> None:
        with pytest.raises(NotFound):
            _feedback(people[Role.SALES], clock, uuid4(), agrees=True, reason="")


def _feedback(by: Actor, at: datetime, subject: UUID, *, agrees: bool, reason: str) -> None:
    do(
        by,
        give_feedback,
        at=at,
        model=MODEL,
        subject_kind="lead",
        subject_id=subject,
        agrees=agrees,
        reason=reason,
    )
