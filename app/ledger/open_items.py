"""`/postes-ouverts?cote=clients&au=24.11.2026`: what is owed, by party and age, down to the entry."""

import asyncio
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx

from app import routes
from app.components import empty_state
from app.doors import ask, do
from app.ledger.days import day_of, today
from app.ledger.statement import file_links
from app.platform import Visitor, handler, native_form, notify
from app.records.saving import uuid_of
from app.session import current_actor
from app.shell import screen
from app.text import count, day, money, say, t
from db.access.rules import Actor
from db.ledger.open_items.actions import reconcile
from db.ledger.open_items.queries import AgedList, OpenLine, aged_list, open_lines
from db.ledger.open_items.rules import AGE_LABELS, AGES, SIDES, CannotReconcile, side_named

READ, EDIT = "ledger.read", "ledger.edit"
NOBODY = "-"  # the key of what is open without a name


@dataclass
class Row:
    """One party: what is open by age, as texts."""

    key: str
    name: str
    href: str
    ages: list[str] = field(default_factory=list)
    total: str = ""


@dataclass
class Item:
    """One open item, as texts."""

    document: str
    number: str
    href: str
    text: str
    day: str
    due: str
    late: str
    tone: str
    amount: str
    balance: str


class OpenItems(rx.State):
    """The aged list of one side as of a day."""

    side: str = "clients"
    on: str = ""
    rows: list[Row] = []
    totals: list[str] = []
    total: str = ""
    gap: str = ""  # to the collective accounts, when there is one
    query: str = ""
    opened: str = ""
    items: list[Item] = []
    settleable: bool = False

    @handler(READ)
    async def load(self) -> None:
        """Show the side and the day of the address."""
        given = dict(self.router.url.query_parameters)
        self.opened, self.items, self.settleable = "", [], False
        await self._show(given)
        if given.get("qui"):
            await self._open(str(given["qui"])[:40])

    @handler(READ)
    async def toggle(self, key: str) -> None:
        """Show or hide what is open with one party."""
        if key == self.opened:
            self.opened, self.items, self.settleable = "", [], False
            return
        await self._open(key)

    @handler(EDIT)
    async def settle(self, key: str) -> Any:
        """Let what is open with a party settle each other, the earliest due first."""
        actor = await current_actor(self)
        found = await asyncio.to_thread(self._items, actor, key)
        done = await asyncio.to_thread(_settle, actor, found)
        await self._show(dict(self.router.url.query_parameters))
        await self._open(key)
        return notify("{count} lettrages faits.", count=done)

    async def _show(self, given: dict[str, str]) -> None:
        actor = await current_actor(self)
        self.side = given.get("cote", "") if given.get("cote", "") in SIDES else "clients"
        on = day_of(given, "au", today())
        self.on, self.query = day(on), urlencode({"cote": self.side, "au": day(on)})
        found = await asyncio.to_thread(ask, actor, aged_list, side=side_named(self.side), on=on)
        self._fill(found, actor)

    def _fill(self, found: AgedList, actor: Actor) -> None:
        sign = 1 if self.side == "clients" else -1
        self.rows = [
            Row(
                str(one.party_id or NOBODY),
                one.party_name or say(actor.language, "Sans nom"),
                routes.company(one.party_id) if one.party_id else "",
                [_amount(one.ages[age] * sign) for age in AGES],
                money(one.total * sign),
            )
            for one in found.rows
        ]
        total = sum(found.totals.values(), Decimal("0.00"))
        self.totals, self.total = [_amount(found.totals[age] * sign) for age in AGES], money(total * sign)
        self.gap = money(found.account_balance - total) if found.account_balance != total else ""

    async def _open(self, key: str) -> None:
        actor = await current_actor(self)
        found = await asyncio.to_thread(self._items, actor, key)
        sign = 1 if self.side == "clients" else -1
        self.opened = key
        self.items = [_item(one, sign, actor) for one in found]
        self.settleable = bool(_pairs(found))

    def _items(self, actor: Actor, key: str) -> list[OpenLine]:
        who = {"only_unnamed": True} if key == NOBODY else {"party_id": uuid_of(key)}
        on = day_of({"au": self.on}, "au", today())
        return ask(actor, open_lines, side=side_named(self.side), on=on, **who)


def _amount(value: Decimal) -> str:
    return money(value) if value else ""


def _item(one: OpenLine, sign: int, actor: Actor) -> Item:
    late = count(one.late, "jour", "jours", actor.language) if one.late > 0 else ""
    return Item(
        one.document or "—",
        one.number,
        routes.entry(one.entry_id),
        one.text,
        day(one.item_date),
        day(one.due_date),
        late,
        "red" if one.late > 30 else "amb",
        money(one.amount * sign),
        money(one.balance * sign),
    )


def _pairs(found: list[OpenLine]) -> list[list[UUID]]:
    """Return, by account, the items that can settle each other: a debit and a credit at least."""
    by_account: dict[str, list[OpenLine]] = {}
    for one in found:
        by_account.setdefault(one.account_number, []).append(one)
    return [
        [one.line_id for one in lines]
        for lines in by_account.values()
        if any(one.balance > 0 for one in lines) and any(one.balance < 0 for one in lines)
    ]


def _settle(by: Actor, found: list[OpenLine]) -> int:
    pairs = _pairs(found)
    if not pairs:
        raise CannotReconcile("Il faut au moins un poste au débit et un au crédit qui soient encore ouverts.")
    return sum(do(by, reconcile, line_ids=ids) for ids in pairs)


def _controls() -> rx.Component:
    def tab(word: str, label: str) -> rx.Component:
        href = f"{routes.OPEN_ITEMS}?cote={word}&au={OpenItems.on}"
        is_on = OpenItems.side == word
        style = rx.cond(is_on, "chip on", "chip")
        current = rx.cond(is_on, "page", "false")
        return rx.link(t(label), href=href, underline="none", class_name=style, aria_current=current)

    return native_form(
        tab("clients", "Clients"),
        tab("fournisseurs", "Fournisseurs"),
        rx.el.input(type="hidden", name="cote", value=OpenItems.side),
        rx.el.label(t("Au"), html_for="au", class_name="m"),
        rx.el.input(id="au", name="au", default_value=OpenItems.on, key=OpenItems.on, class_name="in day"),
        rx.el.button(t("Afficher"), type="submit", class_name="btn"),
        rx.el.span(class_name="sp"),
        file_links("postes-ouverts", OpenItems.query),
        action=routes.OPEN_ITEMS,
        method="get",
        class_name="row g6 sect wraps",
    )


def _row(row: Row) -> rx.Component:
    button = rx.el.button(
        rx.icon("chevron-right", size=13, class_name="i s"),
        row.name,
        type="button",
        class_name="who",
        aria_expanded=rx.cond(OpenItems.opened == row.key, "true", "false"),
        on_click=OpenItems.toggle(row.key),
    )
    line = rx.el.tr(
        rx.el.td(button),
        rx.foreach(row.ages, lambda value: rx.el.td(value, class_name="r")),
        rx.el.td(row.total, class_name="r b"),
    )
    below = rx.el.tr(rx.el.td(_items(row), col_span=7, class_name="below"))
    return rx.fragment(line, rx.cond(OpenItems.opened == row.key, below))


def _items(row: Row) -> rx.Component:
    heads = [
        ("Pièce", ""), ("Écriture", ""), ("Libellé", ""), ("Date", ""), ("Échéance", ""), ("Retard", ""),
        ("Montant", "r"), ("Ouvert", "r"),
    ]  # fmt: skip
    table = rx.el.table(
        rx.el.thead(rx.el.tr(*[rx.el.th(t(head), scope="col", class_name=side) for head, side in heads])),
        rx.el.tbody(rx.foreach(OpenItems.items, _item_line)),
        class_name="list books",
    )
    settle = rx.el.button(t("Lettrer"), type="button", class_name="btn sm", on_click=OpenItems.settle(row.key))
    may = OpenItems.settleable & Visitor.permissions.contains(EDIT)
    party = rx.cond(row.href != "", rx.el.a(t("Ouvrir la fiche"), href=row.href, class_name="btn sm"))
    return rx.el.div(table, rx.el.div(party, rx.cond(may, settle), class_name="row g6"), class_name="of-party")


def _item_line(one: Item) -> rx.Component:
    return rx.el.tr(
        rx.el.td(one.document, class_name="md nw"),
        rx.el.td(rx.el.a(one.number, href=one.href, class_name="lk nw")),
        rx.el.td(one.text, class_name="wide m"),
        rx.el.td(one.day, class_name="nw"),
        rx.el.td(one.due, class_name="nw"),
        rx.el.td(one.late, class_name=rx.cond(one.tone == "red", "nw red", "nw amb")),
        rx.el.td(one.amount, class_name="r m"),
        rx.el.td(one.balance, class_name="r"),
    )


def _table() -> rx.Component:
    heads = rx.el.tr(
        rx.el.th(rx.cond(OpenItems.side == "clients", t("Client"), t("Fournisseur")), scope="col"),
        *[rx.el.th(t(AGE_LABELS[age]), scope="col", class_name="r") for age in AGES],
        rx.el.th(t("Total CHF"), scope="col", class_name="r"),
    )
    foot = rx.el.tr(
        rx.el.td(t("Total"), class_name="b"),
        rx.foreach(OpenItems.totals, lambda value: rx.el.td(value, class_name="r b")),
        rx.el.td(OpenItems.total, class_name="r b"),
    )
    table = rx.el.table(
        rx.el.thead(heads),
        rx.el.tbody(rx.foreach(OpenItems.rows, _row)),
        rx.el.tfoot(foot),
        class_name="list books aged",
    )
    return rx.el.div(table, class_name="scrolls", tab_index=0, role="region", aria_label=t("Postes ouverts"))


@screen(route=routes.OPEN_ITEMS, title="Postes ouverts", permission=READ, on_load=OpenItems.load)
def open_items_page() -> rx.Component:
    """Draw the aged list."""
    nothing = empty_state(
        t("Rien n’est ouvert à cette date."),
        t("Un poste s’ouvre avec une écriture sur un compte de clients ou de fournisseurs."),
    )
    proof = rx.cond(
        OpenItems.gap != "",
        rx.el.div(t("Écart avec les comptes collectifs : "), rx.el.b(OpenItems.gap), class_name="callout error"),
        rx.el.div(t("Égal aux comptes collectifs, au centime."), class_name="s f"),
    )
    shown = rx.fragment(_table(), rx.el.div(proof, class_name="sect"))
    empty = rx.cond(rx.State.is_hydrated, nothing)
    return rx.el.div(
        _controls(),
        rx.cond(OpenItems.rows.length() > 0, shown, empty),  # type: ignore[attr-defined]
        class_name="reports",
    )
