"""Plotly pictures in the design language: grey is measured or live, petrol is the new version; one message each."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from workspace.evaluation import calibration_table, lift
from workspace.models.lead_score.trial import Trial

# the light tokens of the design language
INK, SOFT, FAINT, LINE, SURFACE, LINE2 = "#18201d", "#555d5a", "#616a66", "#e1e5e3", "#ffffff", "#cfd5d2"
ACCENT, OUTLINE, MARK, GREEN, RED = "#0f6b80", "#87918d", "#b3770f", "#1f6b41", "#b3261e"
BAR = "rgba(15,107,128,.30)"
CONFIG = {"displayModeBar": False, "responsive": True, "scrollZoom": False}
HEIGHT = 300
STEPS = 20
LABEL_PLACES = {"probability": 4, "live": 7, "baseline": 11}  # steps, apart, at which the lines are named
BESIDE = {"showarrow": False, "xanchor": "left", "yshift": -10, "xshift": 6}


def template() -> dict[str, Any]:
    """Return the layout that all pictures share."""
    axis = {
        "showline": False,
        "ticks": "",
        "gridcolor": LINE,
        "gridwidth": 1,
        "zeroline": False,
        "tickfont": {"size": 11, "color": FAINT},
        "automargin": True,
    }
    return {
        "font": {"family": "IBM Plex Sans Variable, sans-serif", "size": 12, "color": INK},
        "separators": ".'",
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 46, "r": 8, "t": 28, "b": 24},
        "height": HEIGHT,
        "showlegend": False,
        "hovermode": "closest",
        "bargap": 0.4,
        "xaxis": {**axis, "showgrid": False},
        "yaxis": {**axis, "nticks": 5},
        "hoverlabel": {"bgcolor": SURFACE, "bordercolor": LINE2, "font": {"size": 12, "color": INK}},
        "colorway": [ACCENT, FAINT, MARK, GREEN, RED, SOFT],
    }


def picture(heading: str, **layout: Any) -> go.Figure:
    """Return an empty picture with its heading (what is drawn, with the unit)."""
    figure = go.Figure(layout={**template(), **layout})
    head = {
        "text": f"<b>{heading}</b>",
        "x": 0,
        "y": 1,
        "xref": "paper",
        "yref": "paper",
        "yshift": 24,
        "xanchor": "left",
    }
    figure.add_annotation(**head, showarrow=False, font={"size": 11, "color": SOFT})
    return figure


def calibration_picture(trial: Trial) -> go.Figure:
    """Draw what was announced against what came true, in tenths, with 95 % bars; the live version in hollow grey."""
    new = calibration_table(trial.predictions["outcome"], trial.predictions["probability"])
    tables = [("en service", _live_table(trial), OUTLINE, True), ("cette version", new, ACCENT, False)]
    most = max(
        float(table[["announced", "observed_high"]].to_numpy().max()) for _, table, _, _ in tables if table is not None
    )
    figure = picture("signé en réalité, selon ce qui était annoncé (%)")
    figure.add_scatter(
        x=[0, 100 * most], y=[0, 100 * most], mode="lines", line={"color": OUTLINE, "dash": "dot"}, hoverinfo="skip"
    )
    for name, table, color, is_hollow in tables:
        if table is not None:
            figure.add_scatter(**_points(name, table, color, is_hollow=is_hollow))
    return figure


def _live_table(trial: Trial) -> pd.DataFrame | None:
    if trial.live is None:
        return None
    return calibration_table(trial.predictions["outcome"], trial.predictions["live"])


def _points(name: str, table: pd.DataFrame, color: str, *, is_hollow: bool) -> dict[str, Any]:
    share = 100 * table[["announced", "observed", "observed_low", "observed_high"]]
    bars = {
        "symmetric": False,
        "array": share["observed_high"] - share["observed"],
        "arrayminus": share["observed"] - share["observed_low"],
        "thickness": 4,
        "width": 0,
        "color": "rgba(0,0,0,0)" if is_hollow else BAR,
    }
    counts = [f"{won} sur {n}" for won, n in zip(table["won"], table["n"], strict=True)]
    return {
        "x": share["announced"],
        "y": share["observed"],
        "name": name,
        "mode": "markers",
        "error_y": bars,
        "text": counts,
        "marker": {"symbol": "circle-open" if is_hollow else "circle", "size": 8, "color": color},
        "hovertemplate": f"{name}<br>annoncé %{{x:.0f}} %, signé %{{y:.0f}} % (%{{text}})<extra></extra>",
    }


def gain_picture(trial: Trial) -> go.Figure:
    """Draw which share of the signatures the best-scored leads hold, beside the live version and calling at random."""
    figure = picture("signatures trouvées (%), selon la part des pistes appelées (%)")
    figure.add_scatter(x=[0, 100], y=[0, 100], mode="lines", line={"color": OUTLINE, "dash": "dot"}, hoverinfo="skip")
    lines = [("cette version", "probability", ACCENT, 2.0), ("Bayes naïf", "baseline", MARK, 1.0)]
    if trial.live is not None:
        lines.insert(0, ("en service", "live", FAINT, 1.5))
    for name, column, color, width in lines:
        shares, caught = gain_curve(trial.predictions["outcome"], trial.predictions[column])
        figure.add_scatter(x=shares, y=caught, name=name, mode="lines", line={"color": color, "width": width})
        at = LABEL_PLACES[column]
        figure.add_annotation(x=shares[at], y=caught[at], text=name, font={"color": color, "size": 11}, **BESIDE)
    return figure


def gain_curve(outcome: "pd.Series[Any]", probability: "pd.Series[Any]") -> tuple[list[float], list[float]]:
    """Return shares of leads called and of signatures found, in per cent, from 0 to 100."""
    shares = [step / STEPS for step in range(1, STEPS + 1)]
    caught = [(lift(outcome, probability, share=share) or 0.0) * share for share in shares]
    return [0.0, *(100 * share for share in shares)], [0.0, *(100 * found for found in caught)]


def comparison_picture(figures: Mapping[str, float], *, heading: str, own: str) -> go.Figure:
    """Draw one figure of several contenders as zero-based bars, each labelled; `own` is the one in petrol."""
    names = list(figures)[::-1]
    colors = [ACCENT if name == own else "rgba(97,106,102,.55)" for name in names]
    values = [figures[name] for name in names]
    figure = picture(heading, height=70 + 34 * len(names))
    figure.add_bar(
        x=values, y=names, orientation="h", marker={"color": colors}, text=[f"{value:.3f}" for value in values]
    )
    figure.update_traces(textposition="outside", cliponaxis=False, hoverinfo="skip")
    figure.update_layout(
        xaxis={"range": [0, 1.15 * max(values)], "showgrid": True}, margin={"l": 110}, yaxis={"showgrid": False}
    )
    return figure


def importance_picture(importance: "pd.Series[Any]", *, most: int = 12) -> go.Figure:
    """Draw which fields move the announced chances most (mean points of probability, either way)."""
    strongest = importance.sort_values(ascending=False).head(most)[::-1]
    figure = picture("points de probabilité, en moyenne", height=70 + 22 * len(strongest))
    figure.add_bar(
        x=100 * strongest, y=strongest.index.astype(str), orientation="h", marker={"color": "rgba(97,106,102,.55)"}
    )
    figure.update_layout(margin={"l": 140}, xaxis={"showgrid": True, "rangemode": "tozero"}, yaxis={"showgrid": False})
    return figure


def monthly_picture(outcomes: pd.DataFrame) -> go.Figure:
    """Draw the share signed of the closed leads, by month of reception: does the world stand still."""
    month = outcomes["received_at"].dt.tz_localize(None).dt.to_period("M").dt.to_timestamp()
    by_month = outcomes["won"].astype(float).groupby(month).agg(["mean", "count"])
    figure = picture("signé, par mois de réception (%)")
    figure.add_scatter(
        x=by_month.index,
        y=100 * by_month["mean"],
        mode="lines+markers",
        line={"color": INK, "width": 1.5},
        marker={"size": np.clip(by_month["count"] / by_month["count"].max() * 8, 3, 8)},
        text=by_month["count"],
        hovertemplate="%{x|%m.%Y} : %{y:.0f} % de %{text} pistes<extra></extra>",
    )
    return figure
