"""`/reglages/ventes`: the pipelines with their stages, and the reasons for which deals are lost."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import reflex as rx

from app import routes
from app.access.spoken import told
from app.components import confirm, field, section
from app.crm.first_pipeline import pipelines_of
from app.doors import ask, do
from app.platform import handler
from app.records.saving import uuid_of
from app.session import current_actor
from app.shell import screen
from app.text import say, t
from db.access.rules import Actor
from db.crm.pipelines.actions import add_pipeline, change_pipeline, choose_lost_reasons, retire_pipeline
from db.crm.pipelines.queries import lost_reasons
from db.crm.pipelines.rules import DEMANDABLE, FIRST_PIPELINE, FIRST_REASONS, PipelineDraft, StageDraft
from db.kernel.errors import BadInput, BusinessError, NotFound
from db.kernel.findings import BadFields

MANAGE = "crm.manage_pipelines"
DEMANDS = {
    "contact_id": "contact",
    "expected_amount": "montant",
    "expected_close": "date de signature",
    "owner_id": "responsable",
}


@dataclass
class StageLine:
    """One stage in the form."""

    at: str  # what its fields are called
    stage_id: str
    name: str
    chance: str
    patience: str
    demands: list[str]


@dataclass
class PipelineForm:
    """One pipeline in the form; without an id it is new."""

    pipeline_id: str
    name: str
    version: int
    stages: list[StageLine]
    problem: str


class Pipelines(rx.State):
    """The pipelines as they are being set up."""

    forms: list[PipelineForm] = []
    reasons: str = ""
    reasons_problem: str = ""
    round: int = 0
    _lines: int = 0

    @handler(MANAGE)
    async def load(self) -> None:
        """Show them as they are kept."""
        await self._show(await current_actor(self))

    @handler(MANAGE)
    def add_form(self) -> None:
        """Begin a new pipeline with the usual stages."""
        if all(one.pipeline_id for one in self.forms):
            lines = [self._line(stage) for stage in FIRST_PIPELINE.stages]
            self.forms = [*self.forms, PipelineForm("", "", 0, lines, "")]

    @handler(MANAGE)
    def add_stage(self, pipeline_id: str) -> None:
        """Add an empty stage at the end."""
        self._set_stages(pipeline_id, lambda lines: [*lines, self._line(StageDraft("", 50))])

    @handler(MANAGE)
    def drop_stage(self, pipeline_id: str, at: str) -> None:
        """Leave a stage out; it is retired when the pipeline is saved."""
        self._set_stages(pipeline_id, lambda lines: [line for line in lines if line.at != at])

    @handler(MANAGE)
    def raise_stage(self, pipeline_id: str, at: str) -> None:
        """Put a stage before the one above it."""
        self._set_stages(pipeline_id, lambda lines: _raised(lines, at))

    def _set_stages(self, pipeline_id: str, change: Callable[[list[StageLine]], list[StageLine]]) -> None:
        self.forms = [
            replace(one, stages=change(one.stages)) if one.pipeline_id == pipeline_id else one for one in self.forms
        ]

    @handler(MANAGE)
    async def save(self, form: dict[str, Any]) -> Any:
        """Keep a pipeline."""
        actor = await current_actor(self)
        kept = str(form.get("pipeline_id", ""))
        shown = next((one for one in self.forms if one.pipeline_id == kept), None)
        if shown is None:
            raise NotFound("Ce parcours n’existe pas ou plus.")
        try:
            draft = draft_of(form, shown)
            await asyncio.to_thread(_keep, actor, shown, draft)
        except BusinessError as refusal:
            wrong = refusal.findings if isinstance(refusal, BadFields) else [refusal]
            problem = " ".join(say(actor.language, one.message_id, **one.params) for one in wrong)
            typed = _as_typed(form, shown)
            told_so = replace(typed, problem=problem)
            self.forms = [told_so if one.pipeline_id == kept else one for one in self.forms]
            return None
        await self._show(actor)
        return await told(self, "Parcours enregistré.")

    @handler(MANAGE)
    async def retire(self, pipeline_id: str) -> Any:
        """Use a pipeline no longer."""
        actor = await current_actor(self)
        await asyncio.to_thread(do, actor, retire_pipeline, pipeline_id=uuid_of(pipeline_id))
        await self._show(actor)
        return await told(self, "Parcours retiré.")

    @handler(MANAGE)
    async def save_reasons(self, form: dict[str, Any]) -> Any:
        """Keep the reasons, one a line."""
        actor = await current_actor(self)
        names = str(form.get("reasons", "")).splitlines()
        try:
            await asyncio.to_thread(do, actor, choose_lost_reasons, names=names)
        except BusinessError as refusal:
            self.reasons_problem = say(actor.language, refusal.message_id, **refusal.params)
            return None
        await self._show(actor)
        return await told(self, "Motifs enregistrés.")

    async def _show(self, actor: Actor) -> None:
        kept = await asyncio.to_thread(pipelines_of, actor)
        reasons = [one.name for one in await asyncio.to_thread(ask, actor, lost_reasons)]
        self.forms = [
            PipelineForm(
                str(one.pipeline_id),
                one.name,
                one.row_version,
                [self._line(StageDraft(s.name, s.chance, s.demands, s.patience_days, s.stage_id)) for s in one.stages],
                "",
            )
            for one in kept
        ]
        self.reasons, self.reasons_problem = "\n".join(reasons or FIRST_REASONS), ""
        self.round += 1

    def _line(self, one: StageDraft) -> StageLine:
        self._lines += 1
        return StageLine(
            f"s{self._lines}",
            str(one.stage_id or ""),
            one.name,
            str(one.chance),
            "" if one.patience_days is None else str(one.patience_days),
            list(one.demands),
        )


def _raised(lines: list[StageLine], at: str) -> list[StageLine]:
    place = next((place for place, line in enumerate(lines) if line.at == at), 0)
    if place == 0:
        return lines
    return [*lines[: place - 1], lines[place], lines[place - 1], *lines[place + 1 :]]


def _keep(actor: Actor, shown: PipelineForm, draft: PipelineDraft) -> None:
    if not shown.pipeline_id:
        do(actor, add_pipeline, draft=draft)
        return
    pipeline_id = uuid_of(shown.pipeline_id)
    do(actor, change_pipeline, pipeline_id=pipeline_id, draft=draft, expected_version=shown.version)


def _as_typed(form: dict[str, Any], shown: PipelineForm) -> PipelineForm:
    """Return the form as it was sent, so that a refusal loses nothing of it."""
    lines = [
        StageLine(
            line.at,
            line.stage_id,
            str(form.get(f"{line.at}.name", "")),
            str(form.get(f"{line.at}.chance", "")),
            str(form.get(f"{line.at}.patience", "")),
            [name for name in DEMANDABLE if form.get(f"{line.at}.{name}")],
        )
        for line in shown.stages
    ]
    return replace(shown, name=str(form.get("name", "")), stages=lines)


def draft_of(form: dict[str, Any], shown: PipelineForm) -> PipelineDraft:
    """Return the pipeline that a form says.

    Raises: BadInput: a number that is none.
    """
    typed = _as_typed(form, shown)
    stages = [
        StageDraft(
            line.name,
            _whole(line.chance),
            tuple(line.demands),
            _whole(line.patience) if line.patience.strip() else None,
            uuid_of(line.stage_id) if line.stage_id else None,
        )
        for line in typed.stages
    ]
    return PipelineDraft(typed.name, tuple(stages))


def _whole(text: str) -> int:
    cleaned = text.replace("%", "").strip()
    if not cleaned.isascii() or not cleaned.isdigit() or len(cleaned) > 4:
        raise BadInput("« {text} » n’est pas un nombre entier.", text=text[:40])
    return int(cleaned)


# --- view -------------------------------------------------------------------------------------------------------------


@screen(route=routes.PIPELINES, title="Parcours de vente", permission=MANAGE, on_load=Pipelines.load)
def pipelines_page() -> rx.Component:
    """Draw the pipelines and the reasons."""
    return rx.el.div(
        rx.foreach(Pipelines.forms, _pipeline),
        rx.el.div(
            rx.el.button(t("Ajouter un parcours"), type="button", class_name="btn", on_click=Pipelines.add_form),
            class_name="row sect",
        ),
        _reasons(),
        class_name="settings wide",
    )


def _pipeline(one: Any) -> rx.Component:
    heads = (t("Étape"), t("Probabilité, %"), t("Vieillit après, jours"), t("Demande"), "")
    table = rx.el.table(
        rx.el.thead(rx.el.tr(*[rx.el.th(head) for head in heads])),
        rx.el.tbody(rx.foreach(one.stages, lambda line: _stage(one, line))),
        class_name="list",
    )
    retire = confirm(
        t("Retirer"),
        title=t("Ne plus utiliser ce parcours ?"),
        sentence=t("Ses affaires en cours restent ; elles seront à placer ailleurs."),
        on_confirm=Pipelines.retire(one.pipeline_id),
        class_name="btn",
    )
    form = rx.el.form(
        rx.el.input(type="hidden", name="pipeline_id", value=one.pipeline_id),
        field(t("Nom du parcours"), rx.el.input(name="name", default_value=one.name, max_length=60, class_name="in")),
        rx.el.div(table, class_name="scrolls"),
        rx.cond(one.problem != "", rx.el.p(one.problem, class_name="s red", role="alert")),
        rx.el.div(
            rx.el.button(t("Enregistrer"), type="submit", class_name="btn p"),
            rx.el.button(
                t("Ajouter une étape"), type="button", class_name="btn", on_click=Pipelines.add_stage(one.pipeline_id)
            ),
            rx.cond((one.pipeline_id != "") & (Pipelines.forms.length() > 1), retire),
            class_name="row g6 wraps",
        ),
        on_submit=Pipelines.save,
        class_name="stack",
        key=f"p{Pipelines.round}{one.pipeline_id}",
    )
    return section(rx.cond(one.name != "", one.name, t("Nouveau parcours")), form)


def _stage(one: Any, line: Any) -> rx.Component:
    checks = [
        rx.el.label(
            rx.el.input(type="checkbox", name=f"{line.at}.{name}", default_checked=line.demands.contains(name)),
            t(label),
            class_name="row g6",
        )
        for name, label in DEMANDS.items()
    ]
    up = rx.el.button(
        "↑",
        type="button",
        class_name="btn q sm",
        aria_label=t("Plus tôt"),
        on_click=Pipelines.raise_stage(one.pipeline_id, line.at),
    )
    drop = rx.el.button(
        "×",
        type="button",
        class_name="btn q sm",
        aria_label=t("Retirer l’étape"),
        on_click=Pipelines.drop_stage(one.pipeline_id, line.at),
    )
    return rx.el.tr(
        rx.el.td(_input(f"{line.at}.name", line.name, t("Étape"))),
        rx.el.td(_input(f"{line.at}.chance", line.chance, t("Probabilité, %"), "numeric")),
        rx.el.td(_input(f"{line.at}.patience", line.patience, t("Vieillit après, jours"), "numeric")),
        rx.el.td(rx.el.div(*checks, class_name="row g6 wraps")),
        rx.el.td(up, drop, class_name="r"),
        key=line.at,
    )


def _input(name: Any, value: Any, label: Any, mode: str = "text") -> rx.Component:
    return rx.el.input(
        name=name, default_value=value, aria_label=label, input_mode=mode, max_length=60, class_name="in"
    )


def _reasons() -> rx.Component:
    text = rx.el.textarea(
        name="reasons", default_value=Pipelines.reasons, key=f"r{Pipelines.round}", rows=8, class_name="in"
    )
    return section(
        t("Motifs de perte"),
        rx.el.form(
            field(t("Un motif par ligne"), text, Pipelines.reasons_problem),
            rx.el.div(rx.el.button(t("Enregistrer"), type="submit", class_name="btn p"), class_name="row"),
            on_submit=Pipelines.save_reasons,
            class_name="stack",
        ),
        aside=t("le motif est compté quand la phrase commence par lui : « Prix : 12 % trop cher »"),
    )
