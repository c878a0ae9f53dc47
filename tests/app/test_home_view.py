"""One's day in words."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.home_view import call_decision, call_view, date_words, in_order, step_view, summary_of
from db.crm.agenda.queries import Step
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


class TestDateWords:
    def test_is_the_swiss_day(self) -> None:
        late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)

        assert date_words(late, "fr") == "Mercredi 25 novembre"
        assert date_words(late, "en") == "Wednesday 25 November"


class TestStepView:
    def test_counts_the_days_of_what_is_late(self) -> None:
        seen = step_view(step(date(2026, 11, 20)), TUESDAY, "fr")

        assert (seen["when"], seen["late"], seen["amount"]) == ("4\u00a0jours", "yes", "9'850.00 CHF")

    def test_says_today_of_what_is_due(self) -> None:
        seen = step_view(step(TUESDAY), TUESDAY, "fr")

        assert (seen["when"], seen["late"]) == ("auj.", "")


class TestInOrder:
    def test_puts_what_is_at_stake_times_how_urgent_it_is_first(self) -> None:
        calm = call_decision(call(name="Calme", expected_value=Decimal(1000)), [], "", TUESDAY, "fr")
        late = call(name="En retard", expected_value=Decimal(600), next_step_date=date(2026, 11, 20))
        urgent = call_decision(late, [], "", TUESDAY, "fr")

        ordered, stake = in_order([calm, urgent])

        assert [one["title"] for one in ordered] == ["Appeler En retard", "Appeler Calme"]
        assert stake == Decimal(1600)


class TestSummaryOf:
    def test_says_the_day_in_one_line(self) -> None:
        assert summary_of(4, 7, 5, Decimal("72110"), "fr") == (
            "4 en retard, 7 aujourd’hui, 5\u00a0décisions pour 72'110.00 CHF en jeu"
        )

    def test_says_nothing_of_nothing(self) -> None:
        assert summary_of(0, 0, 0, Decimal(0), "fr") == ""


TUESDAY = date(2026, 11, 24)


def step(due: date) -> Step:
    """Make a next step."""
    return Step("lead", uuid7(), "Balcon", "Dupont SA", "", "Rappeler", due, Decimal("9850"), 3)
