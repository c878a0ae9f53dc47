"""What the page of a lead says about a score, and what the list says in its address."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from app.crm.columns import chosen_columns, reason_text
from app.crm.lead_view import reasons_view, score_view
from app.crm.list_view import Surroundings, asked_for, counts_view, tabs
from db.access.rules import Actor, Role
from db.crm.leads.listing.rules import ListPage
from db.crm.leads.queries import Score
from db.kernel.errors import BadInput

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


def around() -> Surroundings:
    """Return what surrounds a list."""
    return Surroundings(by=NADIA, at=AT, fields=[], people=[], names={NADIA.user_id: "Nadia"}, views=[])  # type: ignore[dict-item]


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


class TestAskedFor:
    def test_shows_open_leads_without_an_address(self) -> None:
        base, request = asked_for("")

        assert request.state == ("new", "contacted", "qualified")
        assert base == "state=new&state=contacted&state=qualified"

    def test_shows_everything_when_asked(self) -> None:
        assert asked_for("view=all")[1].state == ()

    def test_keeps_the_page_out_of_the_address(self) -> None:
        base, _ = asked_for("q=a&back=1")

        assert base == "q=a"

    def test_refuses_what_it_cannot_understand(self) -> None:
        with pytest.raises(BadInput):
            asked_for("score_from=viel")


class TestCountsView:
    def test_counts_open_leads_and_ones_own_on_chips(self) -> None:
        chips = {"state": {"new": 3, "contacted": 4, "lost": 5}, "owner": {UUID(int=7).hex: 2, "none": 1}}
        page = ListPage([], "", "", False, total=12, amount=Decimal("1234.5"), chips=chips)

        shown = counts_view(asked_for("")[1], page, around())

        assert shown["totals"] == ["12\u00a0pistes", ["Total", "1'234.50"]]
        assert {one["key"]: one["count"] for one in shown["quick"]}["open"] == "7"
        assert {one["key"]: one["count"] for one in shown["quick"]}["mine"] == "2"
        owners = next(facet for facet in shown["facets"] if facet["key"] == "owner")
        assert [label for _, label, _ in owners["options"]] == ["Nadia", "personne"]


class TestTabs:
    def test_marks_the_view_that_the_address_is(self) -> None:
        assert [tab["on"] for tab in tabs("view=all", around())] == [False, False, True]


class TestChosenColumns:
    def test_leaves_out_what_is_not_a_column_and_keeps_the_name(self) -> None:
        assert [column.key for column in chosen_columns("city,custom.secret,x", [])] == ["name", "city"]
