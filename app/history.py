"""Who did what when, with before and after: the whole firm's, or one record's."""

import asyncio
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx

from app import routes
from app.components import empty_state, reason_line, tag
from app.custom_words import fields_by_name
from app.doors import ask, now
from app.history_view import DeedView, Reader, deed_view, places_in
from app.history_words import KINDS, word
from app.platform import Visitor, handler, notify
from app.session import current_actor
from app.shell import screen
from app.text import SWITZERLAND, day, quantity, say, t
from app.undoing import UNDO, undo_button
from db.access.deeds.queries import DeedFilter, recorded_kinds
from db.access.people.queries import user_names
from db.access.rules import Actor, may
from db.access.seals.queries import unsealed_deeds
from db.crm.leads.trail.queries import deeds_as_readable
from db.records.search.queries import titles_of

PAGE = 40
READ = "access.read_history"


class HistoryState(rx.State):
    """The page of deeds that the address asks for."""

    deeds: list[DeedView] = []
    people: list[dict[str, str]] = []
    kinds: list[dict[str, str]] = []
    person: str = ""
    kind: str = ""
    record: str = ""
    on_day: str = ""
    shown_day: str = ""
    language: str = "fr"
    waiting: str = ""
    older: str = ""

    @handler(READ)
    async def load(self) -> None:
        """Read the filter from the address and show its deeds."""
        actor = await current_actor(self)
        given = dict(self.router.url.query_parameters)
        self.person, self.kind, self.record = given.get("qui", ""), given.get("objet", ""), given.get("id", "")
        self.on_day, self.language = given.get("jour", ""), actor.language
        start = _midnight(self.on_day)
        self.shown_day = day(start) if start else ""
        await asyncio.to_thread(self._read, actor, given.get("apres", ""))

    def _read(self, actor: Actor, after: str) -> None:
        wanted = filter_of(self.person, self.kind, self.record, self.on_day)
        found = ask(actor, deeds_as_readable, wanted=wanted, after=place_of(after), most=PAGE, by=actor)
        names = {str(key): name for key, name in ask(actor, user_names).items()}
        titles = ask(actor, titles_of, places=places_in(found), by=actor)
        called = {**names, **{str(record_id): title for (_, record_id), title in titles.items()}}
        reader = Reader(actor.language, now(), called, may(actor, UNDO), fields_by_name(actor))
        self.deeds = [deed_view(deed, reader) for deed in found]
        self.older = self._address(apres=f"{found[-1].at.isoformat()}~{found[-1].id}") if len(found) == PAGE else ""
        self.people = [{"id": key, "name": name} for key, name in sorted(names.items(), key=lambda one: one[1])]
        self.kinds = [{"id": kind, "name": word(actor.language, KINDS, kind)} for kind in ask(actor, recorded_kinds)]
        unsealed = ask(actor, unsealed_deeds)
        self.waiting = (
            say(actor.language, "{count} actes attendent leur sceau", count=quantity(Decimal(unsealed)))
            if unsealed > 1
            else ""
        )

    def _address(self, **changed: str) -> str:
        chosen = {"qui": self.person, "objet": self.kind, "id": self.record, "jour": self.on_day, **changed}
        return f"{routes.HISTORY}?{urlencode({key: value for key, value in chosen.items() if value})}"

    @handler(READ)
    def choose_person(self, person: str) -> Any:
        """Show one person's deeds."""
        return rx.redirect(self._address(qui=person))

    @handler(READ)
    def choose_kind(self, kind: str) -> Any:
        """Show the deeds on one kind of record."""
        return rx.redirect(self._address(objet=kind, id=""))

    @handler(READ)
    def choose_day(self, form: dict[str, Any]) -> Any:
        """Show one day's deeds."""
        typed = str(form.get("jour", "")).strip()
        try:
            chosen = datetime.strptime(typed, "%d.%m.%Y").date().isoformat() if typed else ""  # noqa: DTZ007 - a day
        except ValueError:
            return notify(say(self.language, "Ce jour n’existe pas : écrire 24.11.2026."), "error")
        return rx.redirect(self._address(jour=chosen))


def filter_of(person: str, kind: str, record: str, on_day: str) -> DeedFilter:
    """Return the filter that an address asks for; what it cannot mean is left out."""
    start = _midnight(on_day)
    return DeedFilter(
        actor_id=_id(person),
        kind=kind,
        record_id=_id(record) if kind else None,
        since=start,
        until=_midnight(on_day, plus_days=1) if start else None,
    )


def _midnight(on_day: str, plus_days: int = 0) -> datetime | None:
    """Return when a Swiss day begins (or one of the days after it)."""
    try:
        return datetime.combine(date.fromisoformat(on_day) + timedelta(days=plus_days), time.min, SWITZERLAND)
    except (ValueError, OverflowError):
        return None


def _id(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None


def place_of(after: str) -> tuple[datetime, UUID] | None:
    """Return where the page before ended; None at the newest deed."""
    at, _, deed_id = after.partition("~")
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        return None
    key = _id(deed_id)
    return (found, key) if key and found.tzinfo else None


def filters() -> rx.Component:
    """Draw the choices above the list."""
    return rx.el.div(
        _choice(t("Tout le monde"), HistoryState.people, HistoryState.person, HistoryState.choose_person),
        _choice(t("Toutes les fiches"), HistoryState.kinds, HistoryState.kind, HistoryState.choose_kind),
        rx.el.form(
            rx.el.input(
                name="jour",
                key=HistoryState.shown_day,
                default_value=HistoryState.shown_day,
                class_name="in",
                placeholder="24.11.2026",
                aria_label=t("Jour"),
            ),
            on_submit=HistoryState.choose_day,
        ),
        rx.cond(HistoryState.record != "", tag(t("Une seule fiche"), "ac")),
        rx.el.a(t("Tout afficher"), href=routes.HISTORY, class_name="lk s"),
        rx.link(t("Empreintes"), href=routes.DIGESTS, class_name="lk s"),
        rx.cond(
            Visitor.permissions.contains("access.read_access_log"),
            rx.link(t("Accès sensibles"), href=routes.READINGS, class_name="lk s"),
        ),
        rx.el.span(class_name="sp"),
        rx.el.span(HistoryState.waiting, class_name="f s"),
        class_name="tools history-tools",
    )


def _choice(label: rx.Var[str], options: Any, chosen: Any, on_change: Any) -> rx.Component:
    return rx.el.select(
        rx.el.option(label, value=""),
        rx.foreach(options, lambda one: rx.el.option(one["name"], value=one["id"])),
        value=chosen,
        on_change=on_change,
        class_name="in",
        aria_label=label,
    )


def deed_rows(deeds: Any) -> rx.Component:
    """Draw deeds as a table; a record's page uses it too."""
    return rx.el.table(
        rx.el.thead(
            rx.el.tr(
                rx.el.th(t("Quand")),
                rx.el.th(t("Qui")),
                rx.el.th(t("Acte")),
                rx.el.th(t("Changements")),
                rx.el.th(t("Par")),
                rx.el.th(rx.el.span(t("Annuler"), class_name="hidden-label")),
            )
        ),
        rx.el.tbody(rx.foreach(deeds, _deed_row)),
        class_name="list history",
    )


def _deed_row(deed: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(deed.when, class_name="m"),
        rx.el.td(deed.who, class_name="md"),
        rx.el.td(deed.act),
        rx.el.td(
            rx.foreach(deed.changes, _change_line), rx.cond(deed.more != "", rx.el.div(deed.more, class_name="f s"))
        ),
        rx.el.td(deed.way, class_name="f"),
        rx.el.td(undo_button(deed)),
        key=deed.id,
    )


def _change_line(change: Any) -> rx.Component:
    return rx.el.div(
        rx.el.span(change.kind, " ", class_name="m"),
        rx.el.a(change.record, href=change.href, class_name="lk"),
        " ",
        rx.el.span(change.operation, class_name="f"),
        rx.cond(change.past != "", rx.link(t("ce jour-là"), href=change.past, class_name="f s past-link")),
        rx.cond(change.detail != "", reason_line(change.detail)),
        class_name="change",
    )


@screen(route=routes.HISTORY, title="Historique", permission=READ, on_load=HistoryState.load)
def history() -> rx.Component:
    """Draw the page."""
    nothing = empty_state(t("Aucun acte ne correspond."), t("Élargir le filtre pour en voir."))
    return rx.fragment(
        filters(),
        rx.cond(HistoryState.deeds.length() > 0, _list(), rx.cond(rx.State.is_hydrated, nothing)),
    )


def _list() -> rx.Component:
    older = rx.link(t("Plus anciens"), href=HistoryState.older, class_name="btn sm")
    return rx.el.div(
        deed_rows(HistoryState.deeds),
        rx.cond(HistoryState.older != "", rx.el.div(older, class_name="sect")),
        rx.el.div(
            t("Chaque acte est scellé ; les empreintes de chaque jour le prouvent."),
            class_name="f s sect",
        ),
    )
