"""`/comptes/[account_id]/extrait`: the lines of an account in a period with the balance after each."""

import asyncio
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx

from app import routes
from app.components import empty_state
from app.doors import ask
from app.ledger.days import day_of, fiscal_span, today
from app.platform import Visitor, handler, native_form
from app.records.saving import uuid_of
from app.session import current_actor
from app.shell import screen
from app.text import day, money, t
from db.access.rules import Actor
from db.kernel.errors import BadInput, NotFound
from db.ledger.accounts.queries import account_facts
from db.ledger.reports.queries import Statement, statement
from db.records.custom_fields.rules import read_date

READ = "ledger.read"


@dataclass
class Line:
    """One line, as texts."""

    day: str
    number: str
    text: str
    href: str
    debit: str
    credit: str
    balance: str


class AccountStatement(rx.State):
    """The statement of an account."""

    account_id: str = ""
    name: str = ""
    begin: str = ""
    end: str = ""
    opening: str = ""
    debit: str = ""
    credit: str = ""
    closing: str = ""
    before: str = ""
    lines: list[Line] = []
    further: str = ""  # where the next lines are
    is_further: bool = False
    query: str = ""
    missing: bool = False

    @handler(READ)
    async def load(self) -> None:
        """Show the account and the period of the address, else its fiscal year."""
        actor, given = await current_actor(self), dict(self.router.url.query_parameters)
        self.missing, self.lines = False, []
        try:
            account_id = uuid_of(self.router.url.path.strip("/").split("/")[1])
            account = await asyncio.to_thread(ask, actor, account_facts, account_id=account_id)
        except NotFound:
            self.missing, self.name = True, ""
            return
        first, last = await asyncio.to_thread(fiscal_span, actor, today())
        begin, end = day_of(given, "du", first), day_of(given, "au", last)
        found = await asyncio.to_thread(_read, actor, account_id, begin, end, given.get("suite", ""))
        self.account_id, self.name = str(account_id), f"{account.number} {account.name}"
        self.is_further = "suite" in given
        self._fill(found, account_id, begin, end)

    def _fill(self, found: Statement, account_id: UUID, begin: date, end: date) -> None:
        self.begin, self.end = day(begin), day(end)
        self.opening, self.closing, self.before = money(found.opening), money(found.closing), money(found.before)
        self.debit, self.credit = money(found.debit), money(found.credit)
        period = {"du": day(begin), "au": day(end)}
        self.query = urlencode({"compte": str(account_id), **period})
        place = found.next_place
        more = f"{place.entry_date.isoformat()}_{place.line_id}" if place else ""
        self.further = f"{routes.statement(account_id)}?{urlencode({**period, 'suite': more})}" if more else ""
        self.lines = [
            Line(
                day(one.entry_date),
                one.number,
                one.text,
                routes.entry(one.entry_id),
                money(one.amount) if one.amount > 0 else "",
                money(-one.amount) if one.amount < 0 else "",
                money(one.balance),
            )
            for one in found.lines
        ]


def _read(by: Actor, account_id: UUID, begin: date, end: date, place: str) -> Statement:
    on, _, line_id = place.partition("_")
    after: dict[str, Any] = {}
    try:
        after = {"after_date": read_date(on), "after_line": UUID(line_id)} if place else {}
    except (BadInput, ValueError):
        after = {}
    return ask(by, statement, account_id=account_id, begin=begin, end=end, **after)


def _head() -> rx.Component:
    state = AccountStatement
    back = rx.link(t("Compte"), href=routes.account_page(state.account_id), underline="none", class_name="m")
    return rx.el.div(
        rx.link(t("Plan comptable"), href=routes.ACCOUNTS, underline="none", class_name="m"),
        rx.el.span("/", class_name="f"),
        rx.el.h1(state.name, class_name="el"),
        rx.el.span(class_name="sp"),
        rx.cond(state.account_id != "", rx.el.span(back)),
        class_name="record-head",
    )


def period_form(action: Any, begin: Any, end: Any, *more: rx.Component) -> rx.Component:
    """Draw the two days of a report; the browser itself opens its address."""

    def of(label: str, name: str, value: Any) -> list[rx.Component]:
        return [
            rx.el.label(t(label), html_for=name, class_name="m"),
            rx.el.input(id=name, name=name, default_value=value, key=value, class_name="in day"),
        ]

    return native_form(
        *of("Du", "du", begin),
        *of("Au", "au", end),
        rx.el.button(t("Afficher"), type="submit", class_name="btn"),
        rx.el.span(class_name="sp"),
        *more,
        action=action,
        method="get",
        class_name="row g6 sect wraps",
    )


def file_links(what: str, query: Any) -> rx.Component:
    """Draw the ways to a report as a file."""

    def link(form: str) -> rx.Component:
        return rx.el.a(
            form.upper(),
            href=routes.books_file(what, form, query),
            download=True,
            reload_document=True,
            class_name="btn sm",
        )

    links = rx.el.span(link("csv"), link("xlsx"), class_name="row g4", role="group", aria_label=t("Exporter"))
    return rx.cond(Visitor.permissions.contains("ledger.export"), links)


def _table() -> rx.Component:
    state = AccountStatement
    heads = rx.el.tr(
        *[rx.el.th(t(head), scope="col") for head in ("Date", "Écriture", "Libellé")],
        *[rx.el.th(t(head), scope="col", class_name="r") for head in ("Débit", "Crédit", "Solde CHF")],
    )
    first = rx.el.tr(
        rx.el.td(rx.cond(state.is_further, t("Solde reporté"), t("Solde à l’ouverture")), col_span=5, class_name="m"),
        rx.el.td(state.before, class_name="r b"),
    )
    foot = rx.el.tr(
        rx.el.td(t("Toute la période"), col_span=3, class_name="b"),
        *[rx.el.td(value, class_name="r b") for value in (state.debit, state.credit, state.closing)],
    )
    table = rx.el.table(
        rx.el.thead(heads),
        rx.el.tbody(first, rx.foreach(state.lines, _line)),
        rx.el.tfoot(foot),
        class_name="list books",
    )
    return rx.el.div(table, class_name="scrolls", tab_index=0, role="region", aria_label=t("Extrait du compte"))


def _line(line: Line) -> rx.Component:
    return rx.el.tr(
        rx.el.td(line.day, class_name="m nw"),
        rx.el.td(rx.el.a(line.number, href=line.href, class_name="lk nw")),
        rx.el.td(line.text, class_name="wide"),
        *[rx.el.td(value, class_name="r") for value in (line.debit, line.credit, line.balance)],
    )


@screen(
    route=routes.STATEMENT,
    title="Extrait du compte",
    permission=READ,
    on_load=AccountStatement.load,
    head=_head,
    shows_title=False,
)
def account_statement_page() -> rx.Component:
    """Draw the statement."""
    state = AccountStatement
    turn = rx.el.div(
        rx.cond(
            state.is_further,
            rx.link(
                t("Au début de la période"),
                href=routes.statement_of(state.account_id, state.begin, state.end),
                underline="none",
                class_name="btn sm",
            ),
        ),
        rx.cond(
            state.further != "",
            rx.link(t("Lignes suivantes"), href=state.further, underline="none", class_name="btn sm"),
        ),
        class_name="row g6 sect",
    )
    action = routes.statement(state.account_id)
    form = period_form(action, state.begin, state.end, file_links("extrait", state.query))
    shown = rx.el.div(form, _table(), turn, class_name="reports")
    nothing = empty_state(t("Ce compte n’existe pas ou plus."), t("Choisissez-le dans le plan comptable."))
    return rx.cond(state.missing, nothing, rx.cond(state.account_id != "", shown))
