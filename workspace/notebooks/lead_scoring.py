import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Chances de signature des pistes")

with app.setup:
    import json
    import os
    from pathlib import Path

    import marimo as mo

    from workspace import lead_panels as panels
    from workspace import pictures
    from workspace.handing_in import PublishRequest, hand_in, prepare, publish
    from workspace.lead_snapshot import open_snapshot
    from workspace.models.lead_score import recipe
    from workspace.models.lead_score.trial import try_recipe

    SEED = 20261124


@app.cell(hide_code=True)
def _():
    mo.md("""
    # Chances de signature des pistes

    Quelles pistes appeler d’abord ? Ce carnet apprend des affaires closes, annonce les suivantes comme si leur issue
    n’était pas connue, compare, puis remet une version à Boussole. Rien n’est publié sans un clic sur *Publier*.

    ## 1 · Les pistes telles que connues à une date

    L’instantané contient ce que vous pouvez lire, tel que connu à sa date ; l’avenir n’y est pas.
    """)
    return


@app.cell
def _():
    snapshot = open_snapshot(Path(mo.cli_args().get("snapshot") or os.environ["BOUSSOLE_SNAPSHOT"]))
    panels.snapshot_panel(snapshot)
    return (snapshot,)


@app.cell
def _(snapshot):
    closed = snapshot.closed
    panels.show(pictures.monthly_picture(closed.outcomes))
    return (closed,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## 2 · Les réglages

    Peu de réglages, le reste est choisi par validation dans le passé. Écartez les champs remplis après le premier
    contact : ils en savent trop.
    """)
    return


@app.cell
def _(snapshot):
    _given = mo.cli_args().get("params-json")
    knobs = panels.knob_panel(snapshot.columns, json.loads(Path(_given).read_text()) if _given else {})
    mo.vstack(list(knobs.elements.values()))
    return (knobs,)


@app.cell
def _(knobs):
    params = panels.chosen_params(knobs.value)
    return (params,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## 3 · L’essai dans le temps

    Le modèle apprend des 70 % d’affaires les plus anciennes et annonce les 30 % suivantes, jamais l’inverse.
    """)
    return


@app.cell
def _(closed, params, snapshot):
    trial = try_recipe(closed, params=params, seed=SEED, live=snapshot.live)
    mo.md(panels.first_tenth_sentence(trial))
    return (trial,)


@app.cell
def _(trial):
    panels.figures_table(trial)
    return


@app.cell
def _(trial):
    _losses = {name: found.log_loss for name, found in panels.contenders(trial).items()}
    panels.show(pictures.comparison_picture(_losses, heading="log loss (moins, c’est mieux)", own=panels.OWN))
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    Quand 30 % sont annoncés, est-ce que 30 % signent ? Les points doivent suivre la diagonale ; les barres sont
    l’intervalle à 95 %.
    """)
    return


@app.cell
def _(trial):
    panels.show(pictures.calibration_picture(trial))
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    Si l’on n’appelle qu’une partie des pistes, combien de signatures trouve-t-on ?
    """)
    return


@app.cell
def _(trial):
    panels.show(pictures.gain_picture(trial))
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## 4 · Ce qui compte

    De combien de points chaque champ déplace la chance annoncée, en moyenne, dans un sens ou dans l’autre.
    """)
    return


@app.cell
def _(closed, params):
    fitted = recipe.fit(closed.answers, closed.outcomes["won"].to_numpy(dtype=bool), params=params, seed=SEED)
    _moved = fitted.contributions(closed.answers.tail(2000)).abs().mean()
    panels.show(pictures.importance_picture(_moved))
    return (fitted,)


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


@app.cell
def _(fitted, params, publish_request, send, snapshot, trial):
    _told = {"params": params, "claims": trial.claims(), "notebook": Path(__file__).read_bytes()}
    outcome = publish(publish_request, send, lambda: prepare(snapshot, fitted, **_told))
    mo.md(outcome)
    return (outcome,)


if __name__ == "__main__":
    app.run()
