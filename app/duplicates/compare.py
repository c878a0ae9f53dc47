"""`/doublons/comparer`: two records side by side, field by field, and what becoming one would move."""

import asyncio
from typing import Any
from uuid import UUID

import reflex as rx

from app import routes
from app.components import empty_state
from app.doors import ask, do
from app.duplicates.side_by_side import LEFT, RIGHT, Column, FieldLine, SideBySide, read_sides
from app.platform import handler, notify
from app.records.kinds import address_of
from app.records.saving import uuid_of
from app.session import current_actor
from app.shell import screen
from app.text import say, t
from db.kernel.errors import BusinessError
from db.records.duplicates.actions import say_not_double
from db.records.merging.actions import Merge, merge_records
from db.records.search.queries import found_records

MERGE = "records.merge"
NOWHERE = Column("", "", "", "", "", 0)
MOST = 8


class Comparing(rx.State):
    """Two records that may become one."""

    kind: str = ""
    left: Column = NOWHERE
    right: Column = NOWHERE
    lines: list[FieldLine] = []
    keeps: str = LEFT
    problem: str = ""
    missing: str = ""
    options: list[list[str]] = []

    @handler(MERGE)
    async def load(self) -> None:
        """Show the two records of the address."""
        given = dict(self.router.url.query_parameters)
        self.kind, self.missing, self.options = given.get("genre", ""), "", []
        self.left = self.right = NOWHERE
        self.lines = []
        if given.get("b"):
            await self._show(given.get("a", ""), given["b"], None)

    @handler(MERGE)
    async def keep(self, side: str) -> None:
        """Keep the other record than was proposed."""
        await self._show(self.left.record_id, self.right.record_id, side == RIGHT)

    @handler(MERGE)
    def pick(self, name: str, side: str) -> None:
        """Take a field from one side."""
        if side in (LEFT, RIGHT):
            self.lines = [
                FieldLine(**{**vars(one), "picked": side}) if one.name == name and one.can_choose else one
                for one in self.lines
            ]

    @handler(MERGE)
    async def merge(self) -> Any:
        """Make one of the two and show it."""
        actor = await current_actor(self)
        kept, gone = (self.left, self.right) if self.keeps == LEFT else (self.right, self.left)
        taken = frozenset(one.name for one in self.lines if one.can_choose and one.picked != self.keeps)
        merge = Merge(self.kind, uuid_of(kept.record_id), uuid_of(gone.record_id), taken, kept.version, gone.version)
        try:
            done: UUID = await asyncio.to_thread(do, actor, merge_records, merge=merge)
        except BusinessError as refusal:
            self.problem = say(actor.language, refusal.message_id, **refusal.params)
            return None
        told = notify("« {gone} » et « {kept} » ne sont plus qu’une fiche.", gone=gone.name, kept=kept.name)
        return [told, rx.redirect(address_of(self.kind, done))]

    @handler(MERGE)
    async def not_double(self) -> Any:
        """Remember that the two are not the same."""
        actor = await current_actor(self)
        ids = {"one_id": uuid_of(self.left.record_id), "other_id": uuid_of(self.right.record_id)}
        await asyncio.to_thread(do, actor, say_not_double, kind=self.kind, **ids)
        return [notify("Noté : ce ne sont pas des doublons."), rx.redirect(f"{routes.DUPLICATES}?genre={self.kind}")]

    @handler(MERGE)
    async def search(self, text: str) -> None:
        """Look for the record to compare with."""
        actor = await current_actor(self)
        given = dict(self.router.url.query_parameters)
        found = await asyncio.to_thread(ask, actor, found_records, query=str(text)[:100], by=actor, limit=30)
        self.options = [
            [one.title, one.subtitle, routes.comparison(self.kind, given.get("a", ""), one.record_id)]
            for one in found
            if one.kind == self.kind and str(one.record_id) != given.get("a", "")
        ][:MOST]

    async def _show(self, one: str, other: str, swapped: bool | None) -> None:
        actor = await current_actor(self)
        try:
            ids = uuid_of(one), uuid_of(other)
            shown = await asyncio.to_thread(read_sides, actor, self.kind, ids, swapped=swapped)
        except BusinessError as refusal:
            self.missing, self.lines = say(actor.language, refusal.message_id, **refusal.params), []
            self.left = self.right = NOWHERE
            return
        self._fill(shown)

    def _fill(self, shown: SideBySide) -> None:
        self.missing, self.problem, self.keeps = "", shown.problem, shown.keeps
        self.left, self.right, self.lines = shown.left, shown.right, shown.lines


def _choice(line: Any, side: str, text: Any) -> rx.Component:
    radio = rx.el.label(
        rx.el.input(
            type="radio",
            name="f-" + line.name,
            checked=line.picked == side,
            on_change=Comparing.pick(line.name, side),
        ),
        rx.el.span(text, class_name="el"),
        class_name=rx.cond(line.picked == side, "side-value on", "side-value"),
    )
    plain = rx.el.span(text, class_name=rx.cond(line.picked == side, "side-value on", "side-value"))
    return rx.el.td(rx.cond(line.can_choose, radio, plain))


def _line(line: Any) -> rx.Component:
    return rx.el.tr(rx.el.th(line.label, scope="row"), _choice(line, LEFT, line.left), _choice(line, RIGHT, line.right))


def _head(column: Any, side: str) -> rx.Component:
    return rx.el.th(
        rx.link(column.name, href=column.href, class_name="lk el b"),
        rx.el.div(column.since, class_name="f s"),
        rx.el.label(
            rx.el.input(type="radio", name="kept", checked=Comparing.keeps == side, on_change=Comparing.keep(side)),
            t("Garder cette fiche"),
            class_name="check s",
        ),
        scope="col",
    )


def _hanging() -> rx.Component:
    def cell(column: Any, side: str) -> rx.Component:
        follows = rx.cond((Comparing.keeps != side) & (column.hanging != ""), t("suit la fiche gardée"), "")
        return rx.el.td(rx.el.div(column.hanging, class_name="s"), rx.el.div(follows, class_name="f s"))

    return rx.el.tr(
        rx.el.th(t("Ce qui y tient"), scope="row"), cell(Comparing.left, LEFT), cell(Comparing.right, RIGHT)
    )


def _table() -> rx.Component:
    return rx.el.table(
        rx.el.thead(
            rx.el.tr(rx.el.th(t("Champ"), scope="col"), _head(Comparing.left, LEFT), _head(Comparing.right, RIGHT))
        ),
        rx.el.tbody(rx.foreach(Comparing.lines, _line), _hanging()),
        class_name="side-by-side",
    )


def _deeds() -> rx.Component:
    merge = rx.el.button(
        t("Fusionner"),
        rx.el.kbd("Ctrl ↵"),
        type="button",
        class_name="btn p",
        on_click=Comparing.merge,
        disabled=Comparing.problem != "",
        custom_attrs={"data-key": "ctrl+Enter", "data-key-label": t("Fusionner")},
    )
    apart = rx.el.button(
        t("Ce ne sont pas des doublons"), type="button", class_name="btn q", on_click=Comparing.not_double
    )
    return rx.el.div(merge, apart, class_name="row g6")


def _picker() -> rx.Component:
    box = rx.el.input(
        class_name="in",
        placeholder=t("Nom, e-mail, téléphone ou IDE de l’autre fiche"),
        aria_label=t("Chercher l’autre fiche"),
        on_change=Comparing.search.debounce(250),
    )
    found = rx.el.ul(
        rx.foreach(
            Comparing.options,
            lambda one: rx.el.li(
                rx.link(one[0], href=one[2], class_name="lk el"),
                rx.el.span(one[1], class_name="m s"),
                class_name="row g6",
            ),
        ),
        class_name="related",
    )
    return rx.el.div(rx.el.div(t("Avec quelle fiche ?"), class_name="md"), box, found, class_name="alone pick-other")


@screen(
    route=routes.COMPARE,
    title="Comparer deux fiches",
    permission=MERGE,
    on_load=[Comparing.load],
    keys=(("Ctrl ↵", "fusionner"),),
)
def compare() -> rx.Component:
    """Draw both records."""
    sides = rx.el.div(
        rx.cond(Comparing.problem != "", rx.el.div(Comparing.problem, class_name="callout error", role="alert")),
        rx.el.div(_table(), class_name="scroll-x"),
        rx.el.p(
            t("Rien ne se perd : tout ce qui tient à l’autre fiche suit, son adresse mène ici, et la fusion s’annule."),
            class_name="f s",
        ),
        _deeds(),
        class_name="compare",
    )
    return rx.cond(
        Comparing.missing != "",
        empty_state(Comparing.missing, "", rx.link(t("Voir les doublons"), href=routes.DUPLICATES, class_name="btn")),
        rx.cond(Comparing.left.record_id != "", sides, _picker()),
    )
