"""The page of any record: facts or form, what belongs to it, what can be done with it, and its story beside."""

import asyncio
from typing import Any
from uuid import UUID

import reflex as rx

from app.components import field, section, tag
from app.platform import handler, notify
from app.records.form_state import AFTER_SAVING, LISTS, OneForm, form_part
from app.records.forms import NEW
from app.records.kinds import after_merges, place_of
from app.records.page_view import PAGES_OF, Fact, Group, Page, PageView
from app.records.saving import has_draft, uuid_of
from app.records.story_part import story_side
from app.records.story_state import Story
from app.session import current_actor
from app.text import say, t
from db.access.rules import Actor
from db.kernel.errors import NotAllowed, NotFound
from db.kernel.findings import BadFields

OPEN = "records.open"
EDIT_VERB = "edit"


class RecordPage(rx.State):
    """One record as its page shows it."""

    record_id: str = ""
    name: str = ""
    plural: str = ""
    plural_route: str = ""
    tag: str = ""
    tone: str = ""
    main: list[Fact] = []
    facts: list[Fact] = []
    groups: list[Group] = []
    buttons: list[dict[str, str]] = []
    editing: bool = False
    missing: str = ""
    reason_error: str = ""

    @handler(OPEN)
    async def load(self) -> Any:
        """Show the record of the address; a form that was left unfinished is open again."""
        self.editing, self.reason_error = False, ""
        (await self.get_state(OneForm))._close()
        moved = await self._show()
        if moved:
            return rx.redirect(moved)
        if self.missing:
            return None
        actor = await current_actor(self)
        if _can_edit(self.buttons) and await asyncio.to_thread(has_draft, actor, self._page().form, self.record_id):
            await self._edit()
        return None

    @handler(OPEN)
    async def again(self) -> None:
        """Show the record as it is now, without the form."""
        self.editing = False
        await self._show()

    @handler(OPEN)
    async def start(self) -> None:
        """Open the form of a new record, with what the address says."""
        page = self._page()
        given = dict(self.router.url.query_parameters)
        await (await self.get_state(OneForm))._open(page.form, NEW, given)

    @handler(OPEN)
    async def act(self, verb: str) -> Any:
        """Do what a button says; the deed itself asks if it may be done."""
        if verb == EDIT_VERB:
            await self._edit()
            return None
        return await self._act(verb, "")

    @handler(OPEN)
    async def act_with_reason(self, form: dict[str, Any]) -> Any:
        """Do what a button says, for the reason given."""
        return await self._act(str(form.get("verb", "")), str(form.get("reason", "")))

    async def _act(self, verb: str, reason: str) -> Any:
        actor = await current_actor(self)
        page, record_id = self._page(), self._id()
        self.reason_error = ""
        try:
            told = await asyncio.to_thread(page.act, actor, verb, record_id, reason)
        except BadFields as refusal:
            self.reason_error = say(actor.language, refusal.message_id, **refusal.params)
            return None
        await self._show()
        return notify(told)

    async def _edit(self) -> None:
        await (await self.get_state(OneForm))._open(self._page().form, str(self._id()), {})
        self.editing = True

    def _page(self) -> Page:
        found = PAGES_OF.get(self.router.url.path.strip("/").split("/")[0])
        if found is None:
            raise NotFound("Cette fiche n’existe pas ou plus.")
        return found

    def _id(self) -> UUID:
        return uuid_of(self.router.url.path.rstrip("/").rsplit("/", 1)[-1])

    async def _show(self) -> str:
        """Read record and story; return where the record lives if that is elsewhere."""
        actor, page = await current_actor(self), self._page()
        story = await self.get_state(Story)
        try:
            record_id = self._id()
            shown = await asyncio.to_thread(page.read, actor, record_id)
        except NotFound as refusal:
            moved = await asyncio.to_thread(after_merges, actor, self.router.url.path)
            if moved:
                return moved
            self._forget(say(actor.language, refusal.message_id), page, actor)
            story._forget()
            return ""
        if shown.lives_at:
            return shown.lives_at
        self._fill(shown, page, record_id, actor)
        try:
            await story._load(*place_of(self.router.url.path))
        except NotAllowed:  # of what she handed in herself, a person sees the record without its story
            story._forget()
        return ""

    def _forget(self, problem: str, page: Page, actor: Actor) -> None:
        """Show nothing of a record that was open before, only why this one is not there and the way to the list."""
        self.missing, self.name, self.record_id, self.tag, self.tone = problem, "", "", "", ""
        self.plural, self.plural_route = say(actor.language, page.plural), page.plural_route
        self.main, self.facts, self.groups, self.buttons = [], [], [], []

    def _fill(self, shown: PageView, page: Page, record_id: UUID, actor: Actor) -> None:
        self.missing, self.record_id = "", str(record_id)
        self.plural, self.plural_route = say(actor.language, page.plural), page.plural_route
        self.name, self.tag, self.tone = shown.name, shown.tag, shown.tone
        self.main, self.facts, self.groups, self.buttons = shown.main, shown.facts, shown.groups, shown.buttons


def _can_edit(buttons: list[dict[str, str]]) -> bool:
    return any(button["verb"] == EDIT_VERB for button in buttons)


def register_page(prefix: str, page: Page) -> None:
    """Make the page of a kind known: under which first part of the address, and where its form leads afterwards."""
    PAGES_OF[prefix] = page
    AFTER_SAVING[page.form] = RecordPage.again
    LISTS[page.form] = page.plural_route


def record_head() -> rx.Component:
    """Draw the name and the buttons that the record's state and the person's rights allow."""
    return rx.el.div(
        rx.cond(RecordPage.plural != "", _way_back()),  # of a record that is not there nobody knows the list
        rx.el.h1(RecordPage.name, class_name="el"),
        rx.cond(RecordPage.tag != "", tag(RecordPage.tag, RecordPage.tone)),
        rx.el.span(class_name="sp"),
        rx.cond(~RecordPage.editing, rx.fragment(rx.foreach(RecordPage.buttons, _button))),  # type: ignore[operator]
        class_name="record-head",
    )


def _way_back() -> rx.Component:
    link = rx.link(
        RecordPage.plural,
        href=RecordPage.plural_route,
        underline="none",
        class_name="m",
        custom_attrs={"data-key": "l", "data-key-label": t("Retour à la liste")},
    )
    return rx.fragment(link, rx.cond(RecordPage.name != "", rx.el.span("/", class_name="f")))


def _button(button: Any) -> rx.Component:
    style = rx.match(button["tone"], ("p", "btn sm p"), ("danger", "btn sm"), "btn sm")
    plain = rx.el.button(
        button["label"],
        rx.cond(button["shown_key"] != "", rx.el.kbd(button["shown_key"])),
        type="button",
        class_name=style,
        on_click=RecordPage.act(button["verb"]),
        custom_attrs={"data-key": button["key"], "data-key-label": button["label"]},
    )
    form = rx.el.form(
        rx.el.input(type="hidden", name="verb", value=button["verb"]),
        field(
            rx.cond(button["reason"] == "needed", t("Motif"), t("Motif (facultatif)")),
            rx.el.input(name="reason", class_name="in", max_length=500),
            RecordPage.reason_error,
        ),
        rx.el.div(rx.el.button(button["label"], type="submit", class_name="btn sm p"), class_name="row g6"),
        on_submit=RecordPage.act_with_reason,
    )
    menu = rx.el.details(
        rx.el.summary(button["label"] + "…", class_name=style), rx.el.div(form, class_name="pop"), class_name="menu"
    )
    way = rx.link(
        button["label"],
        rx.cond(button["shown_key"] != "", rx.el.kbd(button["shown_key"])),
        href=button["href"],
        underline="none",
        class_name=style,
        custom_attrs={"data-key": button["key"], "data-key-label": button["label"]},
    )
    return rx.cond(button["href"] != "", way, rx.cond(button["reason"] != "", menu, plain))


def record_body() -> rx.Component:
    """Draw the record: facts or form and what belongs to it at the left, the story at the right."""
    main = rx.cond(RecordPage.editing, form_part(), _facts())
    return rx.cond(
        RecordPage.missing != "",
        rx.el.div(rx.el.div(RecordPage.missing, class_name="md"), class_name="empty"),
        rx.el.div(
            rx.el.div(main, rx.foreach(RecordPage.groups, _group), class_name="lead-main"),
            rx.el.div(story_side(), class_name="lead-side"),
            class_name="lead",
        ),
    )


def new_body(save_label: Any) -> rx.Component:
    """Draw the form of a new record."""
    return rx.el.div(form_part(save_label), class_name="alone")


def _facts() -> rx.Component:
    row = rx.el.dl(
        rx.foreach(RecordPage.main, lambda fact: rx.el.div(rx.el.dt(fact.label), rx.el.dd(fact.value))),
        class_name="facts-row",
    )
    rest = section(
        t("Fiche"),
        rx.el.dl(
            rx.foreach(
                RecordPage.facts,
                lambda fact: rx.fragment(
                    rx.el.dt(fact.label),
                    rx.el.dd(
                        rx.cond(fact.href != "", rx.el.a(fact.value, href=fact.href, class_name="lk"), fact.value)
                    ),
                ),
            ),
            class_name="kv",
        ),
    )
    return rx.fragment(
        rx.cond(RecordPage.main.length() > 0, rx.el.div(row, class_name="sect")),
        rx.cond(RecordPage.facts.length() > 0, rest),
    )


def _group(group: Any) -> rx.Component:
    lines = rx.el.ul(
        rx.foreach(
            group.lines,
            lambda one: rx.el.li(
                rx.link(one.name, href=one.href, class_name="lk el"),
                rx.cond(one.tag != "", tag(one.tag, one.tone)),
                rx.el.span(class_name="sp"),
                rx.el.span(one.detail, class_name="m s"),
                class_name="row",
            ),
        ),
        class_name="related",
    )
    add = rx.cond(group.add_href != "", rx.link(group.add_label, href=group.add_href, class_name="btn sm q"))
    return section(
        group.title,
        rx.cond(group.lines.length() > 0, lines, rx.el.div(group.empty, class_name="f s")),
        aside=add,
    )


__all__ = ("EDIT_VERB", "RecordPage", "new_body", "record_body", "record_head", "register_page")
