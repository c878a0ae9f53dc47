"""Nothing that runs in the background is shown by its inner name."""

from datetime import UTC, datetime, timedelta

import pytest

from app.job_kinds import JOB_KINDS, REACTIONS, SCHEDULES
from app.jobs import words
from app.jobs.views import duration, every
from app.webhooks import words as webhook_words
from db.jobs.rules import JobState
from db.jobs.webhooks.rules import EVENTS, DeliveryState

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


class TestWords:
    def test_are_there_for_all_that_runs(self) -> None:
        assert set(JOB_KINDS) - set(words.KINDS) == set()
        assert set(SCHEDULES) - set(words.SCHEDULES) == set()
        assert set(REACTIONS) - set(words.EVENTS) == set()
        assert set(words.STATES) == set(JobState)

    def test_are_there_for_all_that_is_told(self) -> None:
        assert set(EVENTS) - set(webhook_words.EVENTS) == set()
        assert set(webhook_words.STATES) == set(DeliveryState)


class TestDuration:
    @pytest.mark.parametrize(
        ("seconds", "said"), [(0.4, "0 s"), (59, "59 s"), (185, "3 min 05 s"), (7805, "2 h 10"), (-3, "0 s")]
    )
    def test_says_how_long(self, seconds: float, said: str) -> None:
        assert duration(START + timedelta(seconds=seconds), START) == said


class TestEvery:
    def test_says_a_rhythm(self) -> None:
        assert [every(seconds, "fr") for seconds in (5, 600, 3600, 86400)] == [
            "toutes les 1 min",
            "toutes les 10 min",
            "toutes les 60 min",
            "toutes les 24 h",
        ]
