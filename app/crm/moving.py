"""Bringing an opportunity to another stage: what is asked for when the stage wants more than is known."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import reflex as rx

from app.components import field
from app.crm.next_step import proposed_step_date
from app.doors import ask, do, now
from app.lists.cells import read_amount
from app.lists.kind import Around
from app.platform import handler, notify
from app.records.saving import uuid_of
from app.session import current_actor
from app.text import say, t
from db.access.people.queries import open_people
from db.access.rules import Actor, may
from db.crm.opportunities.actions import move_opportunity
from db.crm.opportunities.queries import opportunity_facts
from db.crm.pipelines.queries import all_stages
from db.crm.pipelines.rules import StageWants
from db.kernel.errors import BadInput, BusinessError
from db.kernel.findings import BadFields
from db.parties.queries import people_of

EDIT = "crm.edit_leads"
# field → its label, and how it is typed
ASKED: Mapping[str, tuple[str, str]] = {
    "expected_amount": ("Montant attendu (CHF)", "text"),
    "expected_close": ("Signature attendue le", "date"),
    "contact_id": ("Contact", "choice"),
    "owner_id": ("Responsable", "choice"),
    "next_step": ("Prochaine étape", "text"),
    "next_step_date": ("Date de l’étape", "date"),
}


@dataclass
class Wanted:
    """One field that a stage wants."""

    name: str
    label: str
    kind: str
    value: str
    choices: list[list[str]]
    problem: str


class StageMove(rx.State):
    """The move that is under way, and what it still needs."""

    is_open: bool = False
    title: str = ""
    wanted: list[Wanted] = []
    problem: str = ""
    round: int = 0
    _deal: str = ""
    _stage: str = ""
    _then: str = ""

    @handler(EDIT)
    async def submit(self, form: dict[str, Any]) -> Any:
        """Move with what was given."""
        actor = await current_actor(self)
        asked = {one.name for one in self.wanted}
        given = {name: str(form.get(name, "")) for name in asked}
        try:
            values = {name: read_field(name, text, actor) for name, text in given.items()}
            told = await asyncio.to_thread(move, actor, uuid_of(self._deal), uuid_of(self._stage), values)
        except BadFields as refusal:
            await self._ask(actor, refusal, given)
            return None
        except BusinessError as refusal:
            self.problem = say(actor.language, refusal.message_id, **refusal.params)
            return None
        self._close()
        return [notify(told[0], **told[1]), self._again()]

    @handler(EDIT)
    def cancel(self) -> Any:
        """Leave the opportunity where it was."""
        self._close()
        return self._again()

    async def _begin(self, actor: Actor, deal: str, stage: str, then: str) -> Any:
        """Move at once, or open the dialog with what is missing; `then` names the page that is shown anew."""
        self._deal, self._stage, self._then = deal, stage, then
        try:
            told = await asyncio.to_thread(move, actor, uuid_of(deal), uuid_of(stage), {})
        except StageWants as refusal:
            await self._ask(actor, refusal, {})
            return None
        return [notify(told[0], **told[1]), self._again()]

    async def _ask(self, actor: Actor, refusal: BadFields, given: Mapping[str, str]) -> None:
        self.title, self.wanted = await asyncio.to_thread(
            wanted_of, actor, uuid_of(self._deal), uuid_of(self._stage), refusal, given
        )
        unplaced = [one for one in refusal.findings if one.field not in ASKED]
        self.problem = say(actor.language, unplaced[0].message_id, **unplaced[0].params) if unplaced else ""
        self.is_open, self.round = True, self.round + 1

    def _close(self) -> None:
        self.is_open, self.wanted, self.problem, self.title = False, [], "", ""

    def _again(self) -> Any:
        return AFTER_MOVING.get(self._then)


AFTER_MOVING: dict[str, Any] = {}  # page → the event that shows it anew


def move(actor: Actor, deal: UUID, stage: UUID, values: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """Move an opportunity; return the notice and what fills it.

    Raises: BusinessError.
    """
    do(actor, move_opportunity, opportunity_id=deal, stage_id=stage, values=values)
    name = next((one.name for one in ask(actor, all_stages) if one.stage_id == stage), "")
    return "Affaire amenée à « {stage} ».", {"stage": name}


def read_field(name: str, text: str, actor: Actor) -> Any:
    """Return a value as it was typed; None for nothing.

    Raises: BusinessError: it cannot be read.
    """
    text = text.strip()
    if name == "next_step":
        return text
    if not text:
        return None
    if name == "expected_amount":
        return read_amount(text, Around(actor, now()))
    if name in ("contact_id", "owner_id"):
        return uuid_of(text)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput("« {text} » n’est pas une date.", text=text[:40]) from None


def wanted_of(
    actor: Actor, deal: UUID, stage: UUID, refusal: BadFields, given: Mapping[str, str]
) -> tuple[str, list[Wanted]]:
    """Return the dialog's title, and its fields: those that were given before and those that are wanted now."""
    facts = ask(actor, opportunity_facts, opportunity_id=deal, by=actor)
    name = next((one.name for one in ask(actor, all_stages) if one.stage_id == stage), "")
    wrong = {one.field: "" if isinstance(refusal, StageWants) and one.field not in given else
             say(actor.language, one.message_id, **one.params) for one in refusal.findings}  # fmt: skip
    shown = [key for key in ASKED if key in wrong or key in given]
    title = say(actor.language, "Vers « {stage} » : {name}", stage=name, name=facts.name)
    return title, [
        Wanted(
            key, say(actor.language, ASKED[key][0]), ASKED[key][1], given.get(key, _known(facts, key, actor)),
            _choices(actor, key, facts.party_id), wrong.get(key, ""),
        )
        for key in shown
    ]  # fmt: skip


def _known(facts: Any, key: str, actor: Actor) -> str:
    """Return what is known of a field; of the next step a day is proposed."""
    value = getattr(facts, key)
    if key == "next_step_date" and value is None:
        value = proposed_step_date(actor, at=now())
    return "" if value is None else str(value)


def _choices(actor: Actor, key: str, party_id: UUID) -> list[list[str]]:
    if key == "owner_id":
        return [[str(user_id), name] for user_id, name in ask(actor, open_people)]
    if key == "contact_id" and may(actor, "parties.read"):
        return [[str(one.party_id), one.name] for one in ask(actor, people_of, company_id=party_id)]
    return []


# --- view -------------------------------------------------------------------------------------------------------------


def move_dialog() -> rx.Component:
    """Draw the dialog; once on each page that moves opportunities."""
    form = rx.el.form(
        rx.el.p(t("Cette étape demande encore :"), class_name="m"),
        rx.foreach(StageMove.wanted, _field),
        rx.cond(StageMove.problem != "", rx.el.p(StageMove.problem, class_name="s red", role="alert")),
        rx.el.div(
            rx.el.button(t("Déplacer"), type="submit", class_name="btn p"),
            rx.el.button(t("Ne rien faire"), type="button", class_name="btn", on_click=StageMove.cancel),
            class_name="row g6",
        ),
        on_submit=StageMove.submit,
        class_name="stack",
        key=f"m{StageMove.round}",
    )
    return rx.cond(
        StageMove.is_open,
        rx.el.div(
            rx.el.div(
                rx.el.h2(StageMove.title),
                form,
                role="dialog",
                aria_modal="true",
                aria_label=StageMove.title,
                class_name="confirm move",
            ),
            class_name="scrim",
        ),
    )


def _field(one: Any) -> rx.Component:
    choice = rx.el.select(
        rx.el.option("—", value=""),
        rx.foreach(one.choices, lambda pair: rx.el.option(pair[1], value=pair[0])),
        name=one.name,
        default_value=one.value,
        class_name="in",
    )
    typed = rx.el.input(name=one.name, type=one.kind, default_value=one.value, max_length=200, class_name="in")
    return field(one.label, rx.cond(one.kind == "choice", choice, typed), one.problem)
