"""`/appel`: a call noted in three touches: with whom, what it ended in, save."""

import asyncio
from typing import Any

import reflex as rx

from app import routes
from app.doors import ask, do
from app.platform import handler, notify
from app.records.kinds import KINDS_ON_SCREEN, address_of
from app.records.saving import uuid_of
from app.session import current_actor
from app.shell import screen
from app.text import say, t
from db.access.rules import Actor
from db.crm.calls.actions import note_call
from db.crm.calls.rules import OUTCOMES
from db.kernel.errors import BadInput
from db.records.kinds.rules import KINDS
from db.records.search.queries import Found, found_records, recent_records

EDIT = "crm.edit_leads"
CALLED = ("lead", "party", "opportunity")
MOST = 8


class Call(rx.State):
    """The call that is being noted."""

    hits: list[dict[str, str]] = []
    kind: str = ""
    record_id: str = ""
    name: str = ""
    nothing: str = ""

    @handler(EDIT)
    async def load(self) -> None:
        """Begin with those whom the person had to do with last, or with whom the address names."""
        self.kind = self.record_id = self.name = self.nothing = ""
        actor = await current_actor(self)
        self.hits = await asyncio.to_thread(_last, actor)

    @handler(EDIT, debounce=150)
    async def find(self, text: str) -> None:
        """Look for whom was called."""
        actor, text = await current_actor(self), str(text)
        self.hits = await asyncio.to_thread(_found if text.strip() else _last, actor, text[:200])
        self.nothing = say(actor.language, "Personne à ce nom.") if text.strip() and not self.hits else ""

    @handler(EDIT)
    async def take_first(self, form: dict[str, Any]) -> None:
        """Take whom the typed name finds first: Enter in the search box."""
        actor, text = await current_actor(self), str(form.get("asked") or "").strip()
        self.hits = await asyncio.to_thread(_found if text else _last, actor, text[:200])
        self.nothing = "" if self.hits else say(actor.language, "Personne à ce nom.")
        if text and self.hits:
            self.kind, self.record_id, self.name = (self.hits[0][key] for key in ("kind", "id", "name"))

    @handler(EDIT)
    def choose(self, kind: str, record_id: str, name: str) -> None:
        """Take one of them."""
        self.kind, self.record_id, self.name = str(kind), str(record_id), str(name)[:200]

    @handler(EDIT)
    def back(self) -> None:
        """Choose somebody else."""
        self.kind = self.record_id = self.name = ""

    @handler(EDIT)
    async def save(self, form: dict[str, Any]) -> Any:
        """Keep the call."""
        if self.kind not in CALLED:
            raise BadInput("Choisissez qui vous avez appelé.")
        actor = await current_actor(self)
        given = {"kind": self.kind, "record_id": uuid_of(self.record_id)}
        outcome, text = str(form.get("outcome") or "reached"), str(form.get("text") or "")
        await asyncio.to_thread(do, actor, note_call, outcome=outcome, text=text, **given)
        address = address_of(self.kind, self.record_id)
        return [notify("Appel noté."), rx.redirect(address)]


def _last(actor: Actor, text: str = "") -> list[dict[str, str]]:
    found = ask(actor, recent_records, by=actor, limit=MOST * 2)
    return [_hit(one, actor) for one in found if one.kind in CALLED][:MOST]


def _found(actor: Actor, text: str) -> list[dict[str, str]]:
    found = ask(actor, found_records, query=text, by=actor, limit=MOST * 2)
    return [_hit(one, actor) for one in found if one.kind in CALLED][:MOST]


def _hit(one: Found, actor: Actor) -> dict[str, str]:
    about = " · ".join(text for text in (say(actor.language, KINDS[one.kind].label), one.subtitle) if text)
    return {"kind": one.kind, "id": str(one.record_id), "name": one.title, "about": about}


@screen(route=routes.CALL, title="Noter un appel", permission=EDIT, on_load=Call.load)
def call_page() -> rx.Component:
    """Draw the question, then the answer."""
    drawn = rx.cond(Call.record_id == "", _whom(), _outcome())
    return rx.el.div(rx.cond(rx.State.is_hydrated, drawn), class_name="task")


def _whom() -> rx.Component:
    def hit(one: Any) -> rx.Component:
        names = rx.el.span(rx.el.b(one["name"], class_name="el"), rx.el.span(one["about"], class_name="m s el"))
        icons = [(kind, rx.icon(KINDS_ON_SCREEN[kind].icon, size=18)) for kind in CALLED]
        icon = rx.match(one["kind"], *icons, rx.fragment())
        choose = Call.choose(one["kind"], one["id"], one["name"])
        return rx.el.button(icon, names, type="button", class_name="big-choice", on_click=choose)

    box = rx.el.input(
        type="search",
        name="asked",
        on_change=Call.find,
        auto_focus=True,
        class_name="in big",
        placeholder=t("Nom, société, téléphone"),
        aria_label=t("Qui avez-vous appelé ?"),
    )
    nothing = rx.cond(Call.nothing != "", rx.el.p(Call.nothing, class_name="m"))
    asked = rx.el.form(box, on_submit=Call.take_first)
    return rx.fragment(rx.el.h2(t("Qui avez-vous appelé ?")), asked, nothing, rx.foreach(Call.hits, hit))


def _outcome() -> rx.Component:
    def choice(value: str, label: str) -> rx.Component:
        is_usual = value == "reached"
        radio = rx.el.input(type="radio", name="outcome", value=value, default_checked=is_usual, auto_focus=is_usual)
        return rx.el.label(radio, t(label), class_name="big-choice radio")

    name = [rx.icon("arrow-left", size=18), rx.el.b(Call.name, class_name="el")]
    return rx.el.form(
        rx.el.button(*name, type="button", class_name="big-choice", on_click=Call.back),
        rx.el.div(*[choice(value, label) for value, label in OUTCOMES.items()], class_name="two"),
        rx.el.textarea(
            name="text",
            class_name="in",
            max_length=9000,
            placeholder=t("Ce qui s’est dit (facultatif)"),
            aria_label=t("Ce qui s’est dit (facultatif)"),
        ),
        rx.el.button(
            t("Enregistrer l’appel"),
            rx.el.kbd("Ctrl ↵"),
            type="submit",
            class_name="btn p big",
            custom_attrs={"data-key": "ctrl+Enter", "data-key-label": t("Enregistrer l’appel")},
        ),
        on_submit=Call.save,
        class_name="task-form",
    )
