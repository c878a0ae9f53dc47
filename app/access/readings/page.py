"""`/historique/acces`: who read sensitive data, of which record, when and through what."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx

from app import routes
from app.components import empty_state
from app.doors import ask, now
from app.history_words import COLUMNS, KINDS, WAYS, word
from app.platform import handler
from app.session import current_actor
from app.shell import screen
from app.text import instant, say, t
from db.access.people.queries import user_names
from db.access.readings.queries import Reading, readings
from db.access.rules import Actor

READ = "access.read_access_log"
PAGE = 50
THROUGH: dict[str, str] = {"record": "fiche", "history": "historique", "export": "export"}


@dataclass(frozen=True)
class ReadingView:
    """One reading as the screen shows it."""

    id: str
    when: str
    who: str
    kind: str
    href: str
    fields: str
    through: str


class AccessLogs(rx.State):
    """The readings that the address asks for."""

    rows: list[ReadingView] = []
    people: list[dict[str, str]] = []
    person: str = ""
    older: str = ""

    @handler(READ)
    async def load(self) -> None:
        """Show a page of readings."""
        actor = await current_actor(self)
        given = dict(self.router.url.query_parameters)
        self.person = given.get("qui", "")
        await asyncio.to_thread(self._read, actor, given.get("apres", ""))

    def _read(self, actor: Actor, after: str) -> None:
        names = {str(key): name for key, name in ask(actor, user_names).items()}
        actor_id = UUID(self.person) if self.person in names else None
        found = ask(actor, readings, actor_id=actor_id, after=place_of(after), most=PAGE)
        self.rows = [reading_view(one, actor.language, now()) for one in found]
        self.people = [{"id": key, "name": name} for key, name in sorted(names.items(), key=lambda one: one[1])]
        chosen = {"qui": self.person} if actor_id else {}
        last = f"{found[-1].at.isoformat()}~{found[-1].id}" if len(found) == PAGE else ""
        self.older = f"{routes.READINGS}?{urlencode({**chosen, 'apres': last})}" if last else ""

    @handler(READ)
    def choose_person(self, person: str) -> rx.event.EventSpec:
        """Show what one person read."""
        return rx.redirect(f"{routes.READINGS}?{urlencode({'qui': person})}" if person else routes.READINGS)


def reading_view(one: Reading, language: str, at: datetime) -> ReadingView:
    """Return a reading as the reader sees it."""
    fields = ", ".join(word(language, COLUMNS, name) for name in one.fields) or say(language, "fiche entière")
    ways = [word(language, THROUGH, one.through)]
    if one.via != "screen":
        ways.append(word(language, WAYS, one.via))
    return ReadingView(
        str(one.id),
        instant(one.at, at),
        one.actor_name,
        word(language, KINDS, one.record_kind),
        routes.history_of(one.record_kind, one.record_id),
        fields,
        ", ".join(ways),
    )


def place_of(after: str) -> tuple[datetime, UUID] | None:
    """Return where the page before ended; None at the newest reading."""
    at, _, last = after.partition("~")
    try:
        found = datetime.fromisoformat(at), UUID(last)
    except ValueError:
        return None
    return found if found[0].tzinfo else None


@screen(route=routes.READINGS, title="Accès sensibles", permission=READ, on_load=AccessLogs.load)
def access_log() -> rx.Component:
    """Draw the page."""
    nothing = empty_state(
        t("Aucune lecture de données sensibles."),
        t("Chaque lecture d’un champ sensible ou de l’historique d’une personne s’inscrit ici, sans retour."),
    )
    return rx.fragment(_tools(), rx.cond(AccessLogs.rows.length() > 0, _list(), rx.cond(rx.State.is_hydrated, nothing)))


def _tools() -> rx.Component:
    return rx.el.div(
        rx.link(t("Modifications"), href=routes.HISTORY, underline="none", class_name="tab"),
        rx.el.span(t("Accès sensibles"), class_name="tab on", aria_current="page"),
        rx.el.span(class_name="sp"),
        rx.el.select(
            rx.el.option(t("Tout le monde"), value=""),
            rx.foreach(AccessLogs.people, lambda one: rx.el.option(one["name"], value=one["id"])),
            value=AccessLogs.person,
            on_change=AccessLogs.choose_person,
            class_name="in",
            aria_label=t("Personne"),
        ),
        class_name="tools",
    )


def _list() -> rx.Component:
    heads = (t("Quand"), t("Qui"), t("Fiche"), t("A lu"), t("Par"))
    return rx.el.div(
        rx.el.table(
            rx.el.thead(rx.el.tr(*[rx.el.th(head) for head in heads])),
            rx.el.tbody(rx.foreach(AccessLogs.rows, _row)),
            class_name="list",
        ),
        rx.cond(
            AccessLogs.older != "",
            rx.el.div(rx.link(t("Plus anciens"), href=AccessLogs.older, class_name="btn sm"), class_name="sect"),
        ),
    )


def _row(one: rx.Var[ReadingView]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(one.when, class_name="m"),
        rx.el.td(one.who, class_name="md"),
        rx.el.td(rx.el.a(one.kind, href=one.href, class_name="lk")),
        rx.el.td(one.fields),
        rx.el.td(one.through, class_name="f"),
        key=one.id,
    )
