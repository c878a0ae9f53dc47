"""What the lead scoring notebook shows beside pictures: knobs, sentences, the table of figures."""

from collections.abc import Mapping, Sequence
from typing import Any

import marimo as mo
import plotly.graph_objects as go

from workspace.evaluation import Metrics
from workspace.lead_snapshot import LeadSnapshot
from workspace.models.lead_score import recipe
from workspace.models.lead_score.estimator import Knobs
from workspace.models.lead_score.trial import Trial
from workspace.pictures import CONFIG

AUTOMATIC = "choisi par validation"
HALF_LIVES: dict[str, float | None] = {
    AUTOMATIC: None,
    "un quart du passé": 0.25,
    "un huitième": 0.125,
    "un seizième": 0.06,
}
CAUTIONS = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0]
OWN = "cette version"


def snapshot_panel(snapshot: LeadSnapshot) -> Any:
    """Return what the snapshot holds, as a row of figures."""
    won = snapshot.closed.outcomes["won"]
    figures = {
        "données au": f"{snapshot.cutoff_at:%d.%m.%Y}",
        "pistes": len(snapshot.leads.answers),
        "closes": len(won),
        "signées": int(won.sum()),
        "version en service": f"v{snapshot.live.version}" if snapshot.live else "aucune",
    }
    return mo.hstack([mo.stat(str(value), label=label) for label, value in figures.items()], widths="equal")


def knob_panel(columns: Sequence[str], given: Mapping[str, Any]) -> Any:
    """Return the knobs, set to what a version used (`given`, its parameters) or to the defaults."""
    start = recipe.knobs_of(given)
    half_life = next((label for label, share in HALF_LIVES.items() if share == start.half_life_share), AUTOMATIC)
    caution = min(CAUTIONS, key=lambda step: abs(step - start.regularisation))
    excluded = [name for name in start.excluded_columns if name in columns]
    slider: dict[str, Any] = {"show_value": True, "debounce": True}
    return mo.ui.dictionary(
        {
            "regularisation": mo.ui.slider(steps=CAUTIONS, value=caution, label="prudence", **slider),
            "boosted_trees": mo.ui.switch(start.boosted_trees, label="laisser deux champs agir ensemble"),
            "half_life_share": mo.ui.dropdown(HALF_LIVES, value=half_life, label="compte moitié moins après"),
            "excluded_columns": mo.ui.multiselect(columns, value=excluded, label="champs écartés"),
            "minimum_cases": mo.ui.slider(50, 500, 10, start.minimum_cases, label="affaires closes au moins", **slider),
        }
    )


def chosen_params(knobs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a version that the knobs stand for."""
    return recipe.params_of(Knobs(**{**knobs, "excluded_columns": tuple(knobs["excluded_columns"])}))


def percent(share: float) -> str:
    """Return a share as people write it: `41 %`."""
    return f"{round(100 * share)}\u00a0%"


def first_tenth_sentence(trial: Trial) -> str:
    """Return what the first tenth would have brought, in one sentence."""
    tenth = trial.first_tenth
    start = f"Dans le premier dixième, **{percent(tenth['new'])}** ont signé"
    if "live" in tenth:
        return f"{start}, au lieu de {percent(tenth['live'])} avec la v{trial.live_version}."
    return f"{start}, contre {percent(tenth['all'])} en moyenne."


def contenders(trial: Trial) -> dict[str, Metrics]:
    """Return the metrics of all that is compared on the same later leads, by name."""
    tried = trial.evaluation
    named = {"taux moyen": tried.base_rate_only, "Bayes naïf": tried.baseline, OWN: tried.metrics}
    return named | ({f"v{trial.live_version} en service": trial.live} if trial.live else {})


def figures_table(trial: Trial) -> Any:
    """Return one row per contender: AUC, log loss, calibration error, lift of the first tenth."""
    rows = [
        {
            "": name,
            "AUC": "—" if found.auc is None else f"{found.auc:.3f}",
            "log loss": f"{found.log_loss:.4f}",
            "erreur de calibration": f"{found.ece:.3f}",
            "premier dixième": "—" if found.lift_10 is None else f"× {found.lift_10:.2f}",
        }
        for name, found in contenders(trial).items()
    ]
    return mo.ui.table(rows, selection=None, show_download=False, pagination=False, show_search=False)


def show(figure: go.Figure) -> Any:
    """Draw a picture without Plotly's own buttons."""
    return mo.ui.plotly(figure, config=CONFIG)
