"""`/doublons`: the records that are likely the same, why, and what to do with them."""

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import reflex as rx

from app import routes
from app.components import empty_state
from app.components.states import progress_bar
from app.doors import ask, do
from app.duplicates.side_by_side import RIGHT, read_sides
from app.job_watch import OPEN, looks_at
from app.platform import handler, notify
from app.records.doubles import in_words
from app.records.kinds import address_of
from app.records.saving import uuid_of
from app.session import current_actor
from app.shell import screen
from app.text import instant, say, t
from db.access.rules import Actor, may
from db.kernel.errors import BusinessError
from db.records.duplicates.actions import ask_for_search, say_not_double
from db.records.duplicates.queries import TRAITS, found_pairs
from db.records.kinds.rules import kind_called
from db.records.merging.actions import Merge, merge_records

MERGE = "records.merge"
SHOWN = 100
MOST_AT_ONCE = 50


@dataclass
class PairLine:
    """Two records that are likely the same."""

    pair_id: str
    one: str
    other: str
    one_name: str
    other_name: str
    one_detail: str
    other_detail: str
    one_href: str
    other_href: str
    score: str
    reasons: str
    compare: str


class Duplicates(rx.State):
    """The pairs of one kind that the last search found."""

    kind: str = "party"
    kinds: list[list[str]] = []
    lines: list[PairLine] = []
    chosen: list[str] = []
    found_at: str = ""
    total: int = 0
    job: dict[str, str] = {}
    job_id: str = ""

    @handler(MERGE)
    async def load(self) -> None:
        """Show the pairs of the kind that the address names."""
        asked = dict(self.router.url.query_parameters).get("genre", "party")
        self.kind, self.chosen = (asked if asked in TRAITS else "party"), []
        await self._list()

    async def _list(self) -> None:
        actor = await current_actor(self)
        shown = await asyncio.to_thread(read_pairs, actor, self.kind)
        for name, value in shown.items():
            setattr(self, name, value)

    @handler(MERGE)
    def choose(self, pair_id: str) -> None:
        """Choose a pair, or leave it."""
        known = {one.pair_id for one in self.lines}
        if pair_id in self.chosen:
            self.chosen = [one for one in self.chosen if one != pair_id]
        elif pair_id in known:
            self.chosen = [*self.chosen, pair_id]

    @handler(MERGE)
    async def not_double(self, pair_id: str) -> Any:
        """Remember that a pair is none."""
        actor = await current_actor(self)
        line = next((one for one in self.lines if one.pair_id == pair_id), None)
        if line is None:
            return None
        ids = {"one_id": uuid_of(line.one), "other_id": uuid_of(line.other)}
        await asyncio.to_thread(do, actor, say_not_double, kind=self.kind, **ids)
        await self._list()
        return notify("Noté : ce ne sont pas des doublons.")

    @handler(MERGE)
    async def merge_chosen(self) -> Any:
        """Merge the chosen pairs, each in a deed of its own; those that cannot are told."""
        actor = await current_actor(self)
        wanted = [one for one in self.lines if one.pair_id in self.chosen][:MOST_AT_ONCE]
        refused = await asyncio.to_thread(merge_pairs, actor, self.kind, wanted)
        done, self.chosen = len(wanted) - len(refused), []
        await self._list()
        if not refused:
            return notify("{count} doublons fusionnés.", count=done)
        told = {"count": done, "refused": len(refused), "why": refused[0]}
        return notify("{count} fusionnés ; {refused} refusés, dont : {why}", **told)

    @handler(MERGE)
    async def search(self) -> Any:
        """Have all records looked through."""
        actor = await current_actor(self)
        job: UUID = await asyncio.to_thread(do, actor, ask_for_search, kind=self.kind)
        self.job_id = str(job)
        return Duplicates.follow

    @handler(MERGE, background=True)
    async def follow(self) -> None:
        """Look after the search until it is over."""
        async for _, status in looks_at(self):
            if status.state in OPEN:
                continue
            async with self:
                self.job, self.job_id = {}, ""
                await self._list()
            return


KEYS = (("J K", "parcourir"), ("↵", "comparer"), ("X", "choisir"), ("N", "pas des doublons"))


def read_pairs(actor: Actor, kind: str) -> dict[str, Any]:
    """Return what the page shows of a kind."""
    page = ask(actor, found_pairs, kind=kind, size=SHOWN, by=actor)
    kinds = [[one, say(actor.language, kind_called(one).plural)] for one in TRAITS if may(actor, kind_called(one).read)]
    lines = [
        PairLine(
            str(one.pair_id),
            str(one.ids[0]),
            str(one.ids[1]),
            *one.names,
            *one.details,
            address_of(kind, one.ids[0]),
            address_of(kind, one.ids[1]),
            f"{100 * one.score:.0f} %",
            in_words(one.reasons, actor.language),
            routes.comparison(kind, one.ids[0], one.ids[1]),
        )
        for one in page.pairs
    ]
    found_at = instant(page.found_at) if page.found_at else ""
    return {"kinds": kinds, "lines": lines, "found_at": found_at, "total": page.total}


def merge_pairs(actor: Actor, kind: str, pairs: list[PairLine]) -> list[str]:
    """Merge pairs one by one, keeping the likelier record of each; return why some could not be."""
    refused = []
    for pair in pairs:
        ids = uuid_of(pair.one), uuid_of(pair.other)
        try:
            shown = read_sides(actor, kind, ids)
            kept, gone = (ids[1], ids[0]) if shown.keeps == RIGHT else ids
            do(actor, merge_records, merge=Merge(kind, kept, gone))
        except BusinessError as refusal:
            refused.append(say(actor.language, refusal.message_id, **refusal.params))
    return refused


def _line(line: Any) -> rx.Component:
    box = rx.el.input(
        type="checkbox",
        checked=Duplicates.chosen.contains(line.pair_id),
        on_change=Duplicates.choose(line.pair_id),
        aria_label=t("Choisir"),
        custom_attrs={"data-line-key": "x"},
    )
    return rx.el.tr(
        rx.el.td(box),
        rx.el.td(_named(line.one_name, line.one_detail, line.one_href)),
        rx.el.td(_named(line.other_name, line.other_detail, line.other_href)),
        rx.el.td(line.score, class_name="num"),
        rx.el.td(line.reasons, class_name="m s"),
        rx.el.td(
            rx.link(t("Comparer"), href=line.compare, underline="none", class_name="btn sm"),
            rx.el.button(
                t("Pas des doublons"),
                type="button",
                class_name="btn sm q",
                on_click=Duplicates.not_double(line.pair_id),
                custom_attrs={"data-line-key": "n"},
            ),
            class_name="acts",
        ),
        tab_index=0,
        custom_attrs={"data-line": line.compare},
    )


def _named(name: Any, detail: Any, href: Any) -> rx.Component:
    return rx.fragment(rx.link(name, href=href, class_name="lk el"), rx.el.span(detail, class_name="f s"))


def _head() -> rx.Component:
    kinds = rx.el.div(
        rx.foreach(
            Duplicates.kinds,
            lambda one: rx.link(
                one[1],
                href=f"{routes.DUPLICATES}?genre=" + one[0].to(str),
                underline="none",
                class_name=rx.cond(Duplicates.kind == one[0], "chip on", "chip"),
            ),
        ),
        class_name="row g6",
    )
    look = rx.el.button(
        t("Chercher les doublons"),
        type="button",
        class_name="btn sm p",
        on_click=Duplicates.search,
        disabled=Duplicates.job_id != "",
        custom_attrs={"data-key": "r", "data-key-label": t("Chercher les doublons")},
    )
    merge = rx.el.button(
        t("Fusionner les doublons choisis"),
        rx.el.span(Duplicates.chosen.length(), class_name="n"),
        type="button",
        class_name="btn sm",
        on_click=Duplicates.merge_chosen,
        disabled=Duplicates.chosen.length() == 0,
    )
    stamp = rx.cond(Duplicates.found_at != "", rx.el.span(t("Cherchés le "), Duplicates.found_at, class_name="f s"))
    return rx.el.div(kinds, rx.el.span(class_name="sp"), stamp, merge, look, class_name="row g6 doubles-head")


@screen(route=routes.DUPLICATES, title="Doublons", permission=MERGE, on_load=[Duplicates.load], keys=KEYS)
def duplicates() -> rx.Component:
    """Draw the pairs, the likeliest first."""
    table = rx.el.table(
        rx.el.thead(
            rx.el.tr(
                rx.el.th(rx.el.span(t("Choisir"), class_name="sr"), scope="col"),
                rx.el.th(t("Fiche"), scope="col"),
                rx.el.th(t("Autre fiche"), scope="col"),
                rx.el.th(t("Ressemblance"), scope="col", class_name="num"),
                rx.el.th(t("Pourquoi"), scope="col"),
                rx.el.th(rx.el.span(t("Que faire"), class_name="sr"), scope="col"),
            )
        ),
        rx.el.tbody(rx.foreach(Duplicates.lines, _line)),
        class_name="doubles",
    )
    nothing = empty_state(
        rx.cond(Duplicates.found_at != "", t("Aucun doublon."), t("Personne n’a encore cherché les doublons.")),
        t("La recherche compare noms, e-mails, téléphones, numéros IDE et localités de toutes les fiches."),
    )
    return rx.el.div(
        _head(),
        rx.cond(Duplicates.job_id != "", progress_bar(Duplicates.job)),
        rx.cond(Duplicates.lines.length() > 0, rx.el.div(table, class_name="scroll-x"), nothing),
        class_name="doubles-page",
    )
