"""Two small drawings of the review page as SVG coordinates: who is caught first, and does announced meet observed."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.text import percent

GAIN = {"left": 34.0, "top": 12.0, "width": 436.0, "height": 190.0}
CALIBRATION = {"left": 34.0, "top": 12.0, "width": 246.0, "height": 190.0}
LABELLED_AT = 0.35  # share of the leads called, where a gain curve carries its name
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


def place(box: Mapping[str, float], x: float, y: float) -> tuple[float, float]:
    """Return where a point of the unit square lies in a box of pixels, y upwards."""
    return round(box["left"] + x * box["width"], 1), round(box["top"] + (1 - y) * box["height"], 1)


def gain_line(curve: Sequence[Mapping[str, float]]) -> str:
    """Return the points of a gain curve: share of leads called against share of signatures caught."""
    places = [place(GAIN, point["contacted"], point["caught"]) for point in curve]
    return " ".join(f"{x},{y}" for x, y in places)


def gain_area(new: Sequence[Mapping[str, float]], live: Sequence[Mapping[str, float]]) -> str:
    """Return the points of what lies between two gain curves."""
    return f"{gain_line(new)} {gain_line(list(reversed(live)))}"


def label_place(curve: Sequence[Mapping[str, float]], *, above: bool) -> dict[str, str]:
    """Return where the name of a gain curve stands: above it at its left, or below it at its right."""
    point = min(curve, key=lambda one: abs(one["contacted"] - LABELLED_AT))
    x, y = place(GAIN, point["contacted"], point["caught"])
    return {"x": str(x - 8 if above else x + 8), "y": str(round(y - 8 if above else y + 20, 1))}


def scale(table: Sequence[Mapping[str, float]], other: Sequence[Mapping[str, float]] = ()) -> float:
    """Return the share at the end of both axes of a calibration picture: the smallest quarter that holds everything."""
    most = max((max(row["announced"], row["observed_high"]) for row in (*table, *other)), default=1.0)
    return next(tick for tick in TICKS[1:] if most <= tick or tick == 1.0)


def calibration_points(table: Sequence[Mapping[str, float]], most: float) -> list[dict[str, str]]:
    """Return the points of a calibration picture with their 95 % bars and what they say."""
    points = []
    for row in table:
        x, y = place(CALIBRATION, row["announced"] / most, row["observed"] / most)
        _, high = place(CALIBRATION, 0, min(1.0, row["observed_high"] / most))
        _, low = place(CALIBRATION, 0, row["observed_low"] / most)
        points.append({"x": str(x), "y": str(y), "high": str(high), "low": str(low), "label": _label(row)})
    return points


def _label(row: Mapping[str, float]) -> str:
    return f"{percent(row['announced'])} → {percent(row['observed'])} ({int(row['won'])} / {int(row['n'])})"


def calibration_line(table: Sequence[Mapping[str, float]], most: float) -> str:
    """Return the points of a calibration line."""
    places = [place(CALIBRATION, row["announced"] / most, row["observed"] / most) for row in table]
    return " ".join(f"{x},{y}" for x, y in places)


def axis(box: Mapping[str, float], most: float) -> list[dict[str, str]]:
    """Return the ticks of both axes: where they lie and what they are called, in per cent."""
    return [
        {
            "x": str(place(box, tick, 0)[0]),
            "y": str(place(box, 0, tick)[1]),
            "y_text": str(place(box, 0, tick)[1] + 4),
            "label": f"{round(100 * tick * most)}",
        }
        for tick in TICKS
    ]


def numbers_of(table: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return the figures behind a calibration picture."""
    return [
        {
            "announced": percent(row["announced"], 1),
            "observed": percent(row["observed"], 1),
            "interval": f"{round(100 * row['observed_low'])}–{round(100 * row['observed_high'])}",
            "cases": f"{int(row['won'])} / {int(row['n'])}",
        }
        for row in table
    ]
