"""« Tel qu’au 31 mars » : any record as it was at the end of a day, beside today, with who changed what since."""

import asyncio
from datetime import timedelta
from typing import Any

import reflex as rx

from app import routes
from app.components import icon_named
from app.doors import now
from app.platform import handler, notify
from app.records.past_view import PastField, read_day, read_past
from app.records.saving import uuid_of
from app.session import current_actor
from app.shell import screen
from app.text import SWITZERLAND, day, say, t
from db.kernel.errors import BadInput, BusinessError

OPEN = "records.open"


class PastRecordPage(rx.State):
    """The record and the day of the address."""

    kind: str = ""
    record_id: str = ""
    name: str = ""
    href: str = ""
    chosen: str = ""  # 2026-03-31, as the browser's field holds it
    shown_day: str = ""
    latest: str = ""
    before: str = ""
    after: str = ""
    fields: list[PastField] = []
    words: list[str] = []
    summary: str = ""
    refusal: str = ""

    @handler(OPEN)
    async def load(self) -> None:
        """Show the record of the address as it was on the day of the address (yesterday when it names none)."""
        actor = await current_actor(self)
        parts = self.router.url.path.strip("/").split("/")
        self.kind, self.record_id = parts[1][:40], parts[2]
        today = now().astimezone(SWITZERLAND).date()
        given = dict(self.router.url.query_parameters).get("le", "") or (today - timedelta(days=1)).isoformat()
        self.latest, self.refusal, self.fields, self.words, self.name = today.isoformat(), "", [], [], ""
        try:
            wanted = read_day(given)
            found = await asyncio.to_thread(read_past, actor, self.kind, uuid_of(self.record_id), wanted)
        except BusinessError as refusal:
            self.refusal = say(actor.language, refusal.message_id, **refusal.params)
            return
        self.chosen, self.shown_day = wanted.isoformat(), day(wanted)
        self.before = self._address((wanted - timedelta(days=1)).isoformat())
        self.after = self._address((wanted + timedelta(days=1)).isoformat()) if wanted < today else ""
        self.name, self.href, self.fields = found.name, found.href, found.fields
        self.words, self.summary = found.words, found.summary

    @handler(OPEN)
    def choose(self, form: dict[str, Any]) -> Any:
        """Show another day."""
        try:
            wanted = read_day(str(form.get("le", "")))
        except BadInput as refusal:
            return notify(refusal.message_id, "error", **refusal.params)
        return rx.redirect(self._address(wanted.isoformat()))

    def _address(self, wanted: str) -> str:
        return f"{routes.past_of(self.kind, self.record_id)}?le={wanted}"


class PastLink(rx.State):
    """The day that somebody asks for on a record's page."""

    @handler(OPEN)
    def go(self, form: dict[str, Any]) -> Any:
        """Open the record of the form as it was on the day of the form."""
        try:
            wanted = read_day(str(form.get("le", "")))
        except BadInput as refusal:
            return notify(refusal.message_id, "error", **refusal.params)
        place = routes.past_of(str(form.get("kind", ""))[:40], uuid_of(form.get("record_id", "")))
        return rx.redirect(f"{place}?le={wanted.isoformat()}")


def past_part(kind: Any, record_id: Any) -> rx.Component:
    """Draw the choice of a day on a record's page."""
    return rx.el.form(
        rx.el.input(type="hidden", name="kind", value=kind),
        rx.el.input(type="hidden", name="record_id", value=record_id),
        rx.el.label(t("Tel qu’au"), html_for="past-day", class_name="m s"),
        rx.el.input(name="le", id="past-day", type="date", required=True, class_name="in"),
        rx.el.button(t("Voir"), type="submit", class_name="btn sm q", aria_label=t("Voir la fiche ce jour-là")),
        on_submit=PastLink.go,
        class_name="sect row g6 past-choice",
    )


def _head() -> rx.Component:
    move = lambda href, icon, label: rx.cond(  # noqa: E731
        href != "",
        rx.link(icon_named(icon), href=href, class_name="btn sm q", underline="none", aria_label=label),
    )
    pick = rx.el.form(
        rx.el.input(
            name="le",
            type="date",
            key=PastRecordPage.chosen,
            default_value=PastRecordPage.chosen,
            max=PastRecordPage.latest,
            class_name="in",
            aria_label=t("Jour"),
        ),
        rx.el.button(t("Voir"), type="submit", class_name="btn sm"),
        on_submit=PastRecordPage.choose,
        class_name="row g6",
    )
    return rx.el.div(
        rx.cond(
            PastRecordPage.href != "",
            rx.link(PastRecordPage.name, href=PastRecordPage.href, class_name="lk md"),
            rx.el.span(PastRecordPage.name, class_name="md"),
        ),
        rx.cond(
            PastRecordPage.shown_day != "", rx.el.span(t("à la fin du"), " ", PastRecordPage.shown_day, class_name="m")
        ),
        rx.el.span(class_name="sp"),
        move(PastRecordPage.before, "chevron-left", t("La veille")),
        pick,
        move(PastRecordPage.after, "chevron-right", t("Le lendemain")),
        class_name="tools past-tools",
    )


def _row(one: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(one.label, scope="row", class_name="m"),
        rx.el.td(one.then, class_name=rx.cond(one.changed, "md past-then", "")),
        rx.el.td(rx.cond(one.changed, one.now, rx.el.span(t("pareil"), class_name="f"))),
        rx.el.td(rx.foreach(one.deeds, lambda deed: rx.el.div(deed)), class_name="f s"),
        class_name=rx.cond(one.changed, "changed", ""),
        key=one.label,
    )


def _table() -> rx.Component:
    heads = (PastRecordPage.shown_day, t("Aujourd’hui"), t("Changé depuis par"))
    return rx.el.table(
        rx.el.thead(rx.el.tr(rx.el.th(t("Champ")), *[rx.el.th(head) for head in heads])),
        rx.el.tbody(rx.foreach(PastRecordPage.fields, _row)),
        class_name="list past",
    )


@screen(route=routes.PAST, title="Tel qu’au", permission=OPEN, on_load=PastRecordPage.load)
def past() -> rx.Component:
    """Draw the page."""
    summary = rx.el.div(PastRecordPage.summary, class_name="m s sect", role="status")
    return rx.fragment(
        _head(),
        rx.cond(PastRecordPage.refusal != "", rx.el.div(PastRecordPage.refusal, class_name="empty", role="alert")),
        rx.foreach(PastRecordPage.words, lambda line: rx.el.div(line, class_name="sect md", role="note")),
        rx.cond(PastRecordPage.fields.length() > 0, rx.fragment(summary, _table())),
    )
