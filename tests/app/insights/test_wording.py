"""The sentences of the review: natural frequencies, signs, and the two charts as coordinates."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.insights import charts, wording
from db.insights.predictions.rules import HitRate

shares = st.floats(0, 1)


def report(new: float, live: float | None) -> dict[str, Any]:
    """What a first-tenth sentence needs."""
    measured = {"first_tenth": new, "base_rate": 0.2}
    return {"measured": measured, "live": None if live is None else {"measured": {"first_tenth": live}}}


class TestFirstTenthSentence:
    def test_compares_with_the_live_version(self) -> None:
        said = wording.first_tenth_sentence(report(0.41, 0.36), "fr")

        assert said.replace("\u00a0", " ") == "Dans le premier dixième, 41 % auraient signé au lieu de 36 %."

    def test_compares_with_the_average_before_any_version(self) -> None:
        said = wording.first_tenth_sentence(report(0.41, None), "fr")

        assert said.replace("\u00a0", " ") == "Dans le premier dixième, 41 % auraient signé, contre 20 % en moyenne."

    def test_says_when_both_are_alike(self) -> None:
        assert "l’une comme avec l’autre" in wording.first_tenth_sentence(report(0.41, 0.412), "fr")


class TestHitRateSentence:
    def test_speaks_in_natural_frequencies(self) -> None:
        rate = HitRate(0.7, 0.8, 41, 31, 0.74, 0.607, 0.863)

        said = wording.hit_rate_sentence(rate, "fr").replace("\u00a0", " ")

        assert said == "Quand nous disions 70–80 %, 31 sur 41 ont signé (61–86 %)"


class TestPoints:
    def test_carries_its_sign(self) -> None:
        assert [wording.points(change) for change in (0.124, -0.031, 0.001)] == ["+12", "−3", "0"]


class TestCharts:
    @settings(deadline=None)
    @given(shares, shares)
    def test_keeps_every_point_inside_its_box(self, x: float, y: float) -> None:
        for box in (charts.GAIN, charts.CALIBRATION):
            left, top = charts.place(box, x, y)

            assert box["left"] <= left <= box["left"] + box["width"]
            assert box["top"] <= top <= box["top"] + box["height"]

    def test_draws_more_caught_higher(self) -> None:
        assert charts.place(charts.GAIN, 0.5, 0.9)[1] < charts.place(charts.GAIN, 0.5, 0.1)[1]

    def test_widens_a_scale_until_everything_fits(self) -> None:
        row = {"announced": 0.12, "observed_high": 0.31}

        assert charts.scale([row]) == 0.5
        assert charts.scale([row], [{"announced": 0.8, "observed_high": 0.9}]) == 1.0
