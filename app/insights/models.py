"""The list of models: versions, states, authors, measured figures, and how often the live one was right so far."""

import asyncio
from decimal import Decimal
from importlib.metadata import version as package_version
from typing import Any

import reflex as rx

from app import routes
from app.components import empty_state, reason_line, section, tag
from app.doors import ask
from app.insights import wording
from app.platform import handler
from app.session import current_actor
from app.shell import screen
from app.text import day, percent, quantity, say, t
from db.access.rules import Actor
from db.insights.approvals.queries import previous_version
from db.insights.predictions.queries import count_predictions, feedback_counts, hit_rates
from db.insights.proposals.queries import CheckFacts, VersionFacts, checks, file_of, versions
from db.insights.proposals.rules import ARTIFACT, MODELS, VersionState, check_library
from db.kernel.errors import BusinessError

MODEL = next(iter(MODELS))


class ModelsState(rx.State):
    """The versions of the model and its record so far."""

    is_loaded: bool = False
    purpose: str = ""
    live_line: str = ""
    rows: list[dict[str, str]] = []
    hits: list[dict[str, str]] = []
    health: list[dict[str, str]] = []

    @handler("insights.read_models")
    async def load(self) -> None:
        """Read versions, figures and hit rates."""
        actor = await current_actor(self)
        self.purpose = say(actor.language, MODELS[MODEL])
        shown = await asyncio.to_thread(_read, actor)
        self.rows, self.hits, self.health, self.live_line = shown
        self.is_loaded = True


def _read(by: Actor) -> tuple[list[dict[str, str]], list[dict[str, str]], list[dict[str, str]], str]:
    known, measured = ask(by, versions, model=MODEL), ask(by, checks, model=MODEL)
    live = next((facts for facts in known if facts.state is VersionState.LIVE), None)
    rows = [_row(facts, measured.get(facts.id), by.language) for facts in known]
    hits = wording.hit_rate_rows(ask(by, hit_rates, model=MODEL), by.language)
    return rows, hits, _health(by, live), _live_line(by, live)


def _row(facts: VersionFacts, check: CheckFacts | None, language: str) -> dict[str, str]:
    figures = check.measured if check else {}
    return {
        "number": f"v{facts.version}",
        "href": routes.model_version(facts.model, facts.version),
        "state": wording.state_word(facts.state, language),
        "tone": wording.state_tone(facts.state),
        "author": facts.author_name,
        "note": say(language, facts.problem) if facts.problem else facts.note,
        "cutoff": day(facts.cutoff_at),
        "auc": wording.figure(figures.get("auc"), 3),
        "log_loss": wording.figure(figures.get("log_loss"), 3),
        "ece": wording.figure(figures.get("ece"), 3),
        "tenth": percent(figures["first_tenth"]) if "first_tenth" in figures else "—",
    }


def _live_line(by: Actor, live: VersionFacts | None) -> str:
    if live is None:
        return say(by.language, "Aucune version en service : le taux du secteur est montré, et c’est dit.")
    count = quantity(Decimal(ask(by, count_predictions, model=MODEL)))
    return say(by.language, "La v{version} parle de {count} pistes ouvertes.", version=live.version, count=count)


def _health(by: Actor, live: VersionFacts | None) -> list[dict[str, str]]:
    agreed, disagreed = ask(by, feedback_counts, model=MODEL)
    before = ask(by, previous_version, model=MODEL)
    said = [
        say(
            by.language,
            "Avis de la vente : {agreed} d’accord, {disagreed} pas d’accord.",
            agreed=agreed,
            disagreed=disagreed,
        )
    ]
    if live is not None:
        said += _troubles(by, live)
    if live is not None and live.valid_until is not None:
        said.append(say(by.language, "À revoir avant le {day}.", day=day(live.valid_until)))
    if before is not None:
        said.append(
            say(by.language, "La v{version} reste prête : y revenir rend les mêmes chances.", version=before.version)
        )
    return [{"text": text} for text in said]


def _troubles(by: Actor, live: VersionFacts) -> list[str]:
    """Return why the live version could not score now, if it could not."""
    try:
        file_of(live, ARTIFACT)
        check_library(live.packages, running=package_version("scikit-learn"))
    except BusinessError as refusal:
        return [say(by.language, refusal.message_id, **refusal.params)]
    return []


@screen(
    route=routes.MODELS,
    title="Modèles",
    permission="insights.read_models",
    on_load=ModelsState.load,
    keys=[("↵", "ouvrir")],
)
def models() -> rx.Component:
    """Draw the list."""
    return rx.el.div(
        rx.el.div(
            rx.el.div(ModelsState.purpose, class_name="md"),
            reason_line(ModelsState.live_line),
            class_name="sum",
        ),
        rx.cond(
            ModelsState.rows.length() > 0,
            _table(),
            rx.cond(
                ModelsState.is_loaded,
                empty_state(
                    t("Aucune version n’a encore été remise."),
                    t("Elle apparaîtra ici quand une analyste publie depuis son carnet."),
                ),
            ),
        ),
        section(
            t("Jusqu’ici"),
            rx.cond(
                ModelsState.hits.length() > 0,
                rx.foreach(ModelsState.hits, _hit),
                rx.el.div(t("Aucune issue connue après une annonce : rien à compter encore."), class_name="s m"),
            ),
            aside=t("seules comptent les issues connues après l’annonce"),
        ),
        section(t("Santé"), rx.foreach(ModelsState.health, lambda row: rx.el.div(row["text"], class_name="s m"))),
        class_name="col models",
    )


def _hit(row: Any) -> rx.Component:
    return rx.el.div(
        rx.cond(
            row["kept"] != "",
            rx.icon("check", size=13, class_name="i s grn"),
            rx.icon("triangle-alert", size=13, class_name="i s amb"),
        ),
        rx.el.span(row["sentence"]),
        class_name="row g6 s",
    )


def _table() -> rx.Component:
    heads = [t("Version"), t("État"), t("Auteur"), t("Pourquoi"), t("Données au")]
    figures = [t("AUC"), t("Perte"), t("Écart"), t("1er dixième")]
    return rx.el.table(
        rx.el.thead(
            rx.el.tr(*[rx.el.th(head) for head in heads], *[rx.el.th(head, class_name="r") for head in figures])
        ),
        rx.el.tbody(rx.foreach(ModelsState.rows, _line)),
        class_name="versions",
    )


def _line(row: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.el.a(row["number"], href=row["href"], class_name="lk md")),
        rx.el.td(tag(row["state"], row["tone"])),
        rx.el.td(row["author"]),
        rx.el.td(row["note"], class_name="el note", title=row["note"]),
        rx.el.td(row["cutoff"]),
        *[rx.el.td(row[name], class_name="r") for name in ("auc", "log_loss", "ece", "tenth")],
    )
