"""What the page of a lead says about a score, and what the list says in its address."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from app.crm.lead_view import reasons_view, score_view
from app.reason_words import reason_text
from db.access.rules import Actor, Role
from db.crm.leads.queries import Score

AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
NADIA = Actor(UUID(int=7), "Nadia", frozenset({Role.SALES}), scopes=frozenset({"crm.read_leads"}))
SALON = {"text": "Source : Salon – 41\u00a0% ont signé (+6.0 points)", "points": 6.0, "column": "source"}


def make_score(**given: Any) -> Score:
    """Return a score."""
    usual = {
        "probability": 0.74,
        "low": 0.61,
        "high": 0.84,
        "rung": "model",
        "n_similar": 41,
        "n_similar_won": 31,
        "reasons": [SALON],
        "version": 14,
        "version_id": None,
        "scored_at": AT,
    }
    return Score(**{**usual, **given})


class TestScoreView:
    def test_names_value_interval_and_version(self) -> None:
        shown = score_view(make_score(), NADIA)

        assert (shown["value"], shown["interval"]) == ("74\u00a0%", "de 61 à 84\u00a0%")
        assert shown["stamp"] == "v14, calculée le 24.11.2026"
        assert shown["rests"] == "31 pistes semblables sur 41 ont signé."

    @pytest.mark.parametrize(
        ("rung", "said"), [("segment", "taux du segment, 31 sur 41"), ("rule", "une prudente sur quatre")]
    )
    def test_says_when_no_model_speaks(self, rung: str, said: str) -> None:
        assert said in score_view(make_score(rung=rung, version=None), NADIA)["rests"]

    def test_never_shows_certainty(self) -> None:
        assert score_view(make_score(probability=0.9991, high=0.9995), NADIA)["value"] == ">\u00a099\u00a0%"

    def test_shows_nothing_without_a_score(self) -> None:
        assert score_view(None, NADIA)["p"] is None


class TestReasonsView:
    def test_shows_three_for_and_three_against(self) -> None:
        reasons = [{"text": str(n), "points": float(points)} for n, points in enumerate([9, -8, 7, -6, 5, -4, 3, -2])]

        shown = reasons_view(make_score(reasons=reasons), "fr")

        assert [one["points"] for one in shown] == ["+9", "+7", "+5", "−8", "−6", "−4"]
        assert {one["side"] for one in shown[3:]} == {"against"}

    def test_does_not_repeat_the_points_in_the_sentence(self) -> None:
        assert reason_text(SALON, "fr") == "Source : Salon – 41\u00a0% ont signé"
