import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Chances de signature des pistes")

with app.setup:
    import json
    import os
    from pathlib import Path

    import marimo as mo

    from workspace.handing_in import HandInRefused, PublishRequest, hand_in, prepare
    from workspace.lead_snapshot import open_snapshot
    from workspace.models.lead_score import recipe
    from workspace.models.lead_score.estimator import Knobs
    from workspace.models.lead_score.trial import try_recipe
    from workspace.pictures import (
        CONFIG,
        calibration_picture,
        comparison_picture,
        gain_picture,
        importance_picture,
        monthly_picture,
    )

    SEED = 20261124


@app.cell(hide_code=True)
def _():
    mo.md("""
    # Chances de signature des pistes

    Quelles pistes appeler d'abord ? Ce carnet apprend des affaires closes, annonce les suivantes comme si leur issue
    n'était pas connue, compare, puis remet une version à Boussole. Rien n'est publié sans un clic sur *Publier*.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## 1 · Les pistes telles que connues à une date

    L'instantané contient ce que vous pouvez lire, tel que connu à sa date ; l'avenir n'y est pas.
    """)
    return


@app.cell
def _():
    snapshot = open_snapshot(Path(mo.cli_args().get("snapshot") or os.environ["BOUSSOLE_SNAPSHOT"]))
    return (snapshot,)


@app.cell
def _(snapshot):
    closed = snapshot.closed
    return (closed,)


@app.cell(hide_code=True)
def _(closed, snapshot):
    mo.hstack(
        [
            mo.stat(f"{snapshot.cutoff_at:%d.%m.%Y %H:%M} UTC", label="données au"),
            mo.stat(len(snapshot.leads.answers), label="pistes"),
            mo.stat(len(closed.answers), label="closes"),
            mo.stat(int(closed.outcomes["won"].sum()), label="signées"),
            mo.stat(f"v{snapshot.live.version}" if snapshot.live else "aucune", label="version en service"),
        ],
        widths="equal",
    )
    return


@app.cell
def _(closed):
    show(monthly_picture(closed.outcomes))
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## 2 · Les réglages

    Peu de réglages, le reste est choisi par validation dans le passé. Écartez les champs remplis après le premier
    contact : ils en savent trop.
    """)
    return


@app.function
def knob_panel(columns, given):
    """Return the knobs, set to what a version used (or to the defaults)."""
    start = recipe.knobs_of(given)
    excluded = [name for name in start.excluded_columns if name in columns]
    half_lives = {"choisi par validation": None, "un quart du passé": 0.25, "un huitième": 0.125, "un seizième": 0.06}
    half_life = next((label for label, share in half_lives.items() if share == start.half_life_share), None)
    return mo.ui.dictionary(
        {
            "regularisation": mo.ui.slider(
                steps=[0.25, 0.5, 1.0, 2.0, 4.0, 8.0],
                value=start.regularisation,
                label="prudence",
                show_value=True,
                debounce=True,
            ),
            "boosted_trees": mo.ui.switch(start.boosted_trees, label="laisser deux champs agir ensemble"),
            "half_life_share": mo.ui.dropdown(
                half_lives, value=half_life or "choisi par validation", label="une affaire compte moitié moins après"
            ),
            "excluded_columns": mo.ui.multiselect(columns, value=excluded, label="champs écartés"),
            "minimum_cases": mo.ui.slider(
                50, 500, 10, value=start.minimum_cases, label="affaires closes au moins", show_value=True, debounce=True
            ),
        },
        label="",
    )


@app.cell
def _(snapshot):
    _file = mo.cli_args().get("params-json")
    knobs = knob_panel(snapshot.columns, json.loads(Path(_file).read_text()) if _file else {})
    mo.vstack(list(knobs.elements.values()))
    return (knobs,)


@app.cell
def _(knobs):
    params = recipe.params_of(Knobs(**{**knobs.value, "excluded_columns": tuple(knobs.value["excluded_columns"])}))
    return (params,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## 3 · L'essai dans le temps

    Le modèle apprend des 70 % d'affaires les plus anciennes et annonce les 30 % suivantes, jamais l'inverse.
    """)
    return


@app.cell
def _(closed, params, snapshot):
    trial = try_recipe(closed, params=params, seed=SEED, live=snapshot.live)
    return (trial,)


@app.function
def percent(share):
    """Return a share as people write it: `41 %`."""
    return f"{round(100 * share)}\u00a0%"


@app.function
def first_tenth_sentence(trial):
    """Return what the first tenth would have brought, in one sentence."""
    tenth = trial.first_tenth
    start = f"Dans le premier dixième, **{percent(tenth['new'])}** ont signé"
    if "live" in tenth:
        return f"{start}, au lieu de {percent(tenth['live'])} avec la v{trial.live_version}."
    return f"{start}, contre {percent(tenth['all'])} en moyenne."


@app.cell(hide_code=True)
def _(trial):
    mo.md(first_tenth_sentence(trial))
    return


@app.function
def contenders(trial):
    """Return the metrics of all that is compared on the same later leads, by name."""
    tried = trial.evaluation
    named = {"taux moyen": tried.base_rate_only, "Bayes naïf": tried.baseline, "cette version": tried.metrics}
    return named | ({f"v{trial.live_version} en service": trial.live} if trial.live else {})


@app.function
def figures_table(trial):
    """Return one row per contender: AUC, log loss, calibration error, lift of the first tenth."""
    return [
        {
            "": name,
            "AUC": "—" if found.auc is None else f"{found.auc:.3f}",
            "log loss": f"{found.log_loss:.4f}",
            "erreur de calibration": f"{found.ece:.3f}",
            "premier dixième": "—" if found.lift_10 is None else f"× {found.lift_10:.2f}",
        }
        for name, found in contenders(trial).items()
    ]


@app.cell
def _(trial):
    mo.ui.table(figures_table(trial), selection=None, show_download=False, pagination=False)
    return


@app.cell
def _(trial):
    _losses = {name: found.log_loss for name, found in contenders(trial).items()}
    show(comparison_picture(_losses, heading="log loss (moins, c'est mieux)", own="cette version"))
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    Quand le modèle annonce 30 %, est-ce que 30 % signent ? Les points doivent suivre la diagonale ; les barres sont
    l'intervalle à 95 %.
    """)
    return


@app.cell
def _(trial):
    show(calibration_picture(trial))
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    Si l'on n'appelle qu'une partie des pistes, combien de signatures trouve-t-on ?
    """)
    return


@app.cell
def _(trial):
    show(gain_picture(trial))
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## 4 · Ce qui compte

    De combien de points chaque champ déplace la chance annoncée, en moyenne, dans un sens ou dans l'autre.
    """)
    return


@app.cell
def _(closed, params):
    fitted = recipe.fit(closed.answers, closed.outcomes["won"].to_numpy(dtype=bool), params=params, seed=SEED)
    return (fitted,)


@app.cell
def _(closed, fitted):
    _sample = closed.answers.tail(2000)
    show(importance_picture(fitted.contributions(_sample).abs().mean()))
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## 5 · Publier

    Boussole recalcule tous les chiffres sur ses propres données, puis propose la version à la personne qui décide.
    Déplacer un réglage ne publie rien.
    """)
    return


@app.cell
def _():
    note = mo.ui.text_area(label="Pourquoi cette version ?", full_width=True, max_length=2000)
    publish_button = mo.ui.run_button(label="Publier", kind="success")
    mo.vstack([note, publish_button])
    return note, publish_button


@app.cell
def _(note, publish_button):
    _from_script = mo.cli_args().get("publish") if mo.app_meta().mode == "script" else None
    _asked = note.value if publish_button.value else _from_script
    publish_request = None if _asked is None else PublishRequest(str(_asked))
    return (publish_request,)


@app.cell
def _():
    send = hand_in
    return (send,)


@app.function
def publish(request, send, make):
    """Hand in one version for one click; return what happened in a sentence."""
    wanted = request.take() if request else None
    if wanted is None:
        return "_Rien n'est publié._"
    try:
        return f"**{send(make(), note=wanted)}**"
    except HandInRefused as refusal:
        return f"**Non publié.** {refusal}"


@app.cell
def _(params, publish_request, send, snapshot, trial):
    outcome = publish(publish_request, send, lambda: described(snapshot, params, trial))
    mo.md(outcome)
    return (outcome,)


@app.function
def described(snapshot, params, trial):
    """Return the version with its claims and the source of this notebook."""
    source = Path(__file__).read_bytes()
    return prepare(snapshot, params=params, seed=SEED, claims=trial.claims(), notebook=source)


@app.function
def show(figure):
    """Draw a picture without Plotly's own buttons."""
    return mo.ui.plotly(figure, config=CONFIG)


if __name__ == "__main__":
    app.run()
