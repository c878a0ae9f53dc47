"""One's day in words."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.home_view import JOB_NAMES, call_view, date_words
from app.job_kinds import JOB_KINDS
from db.crm.leads.calling.queries import Call
from db.insights.predictions.rules import HitRate
from db.kernel.record import uuid7


def call(**given: Any) -> Call:
    """Make a call."""
    facts = {
        "lead_id": uuid7(),
        "name": "Escalier, Atelier Tornare Sàrl",
        "company_name": "Atelier Tornare Sàrl",
        "phone": "+41 22 555 02 77",
        "next_step": "",
        "next_step_date": None,
        "expected_amount": Decimal("36760"),
        "expected_value": Decimal("27202.40"),
        "probability": 0.74,
        "low": 0.61,
        "high": 0.84,
        "version": 14,
        "reasons": [],
    }
    return Call(**{**facts, **given})


class TestCallView:
    def test_says_how_often_such_a_score_was_right(self) -> None:
        rates = [HitRate(0.7, 0.8, 41, 31, 0.75, 0.61, 0.86)]

        seen = call_view(call(), rates, "fr")

        assert (seen["hits"], seen["hollow"]) == ("31 sur 41 à ce niveau", False)
        assert (seen["amount"], seen["value"]) == ("36'760.00", "27'202.40")

    def test_draws_a_hollow_bar_where_the_announcement_was_missed(self) -> None:
        assert call_view(call(), [HitRate(0.7, 0.8, 41, 12, 0.75, 0.18, 0.44)], "fr")["hollow"]

    @pytest.mark.parametrize("rates", [[], [HitRate(0.7, 0.8, 3, 0, 0.75, 0.0, 0.56)]])
    def test_says_nothing_of_few_cases(self, rates: list[HitRate]) -> None:
        seen = call_view(call(), rates, "fr")

        assert (seen["hits"], seen["hollow"]) == ("", False)

    def test_does_not_repeat_a_company_that_the_name_holds(self) -> None:
        assert call_view(call(), [], "fr")["company"] == ""
        assert call_view(call(name="Escalier"), [], "fr")["company"] == "Atelier Tornare Sàrl"


class TestJobNames:
    def test_name_every_kind_of_work(self) -> None:
        assert set(JOB_NAMES) == set(JOB_KINDS)


class TestDateWords:
    def test_is_the_swiss_day(self) -> None:
        late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)

        assert date_words(late, "fr") == "Mercredi 25 novembre"
        assert date_words(late, "en") == "Wednesday 25 November"
