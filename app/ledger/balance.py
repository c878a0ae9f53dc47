"""`/balance?au=31.12.2026`: the trial balance as of a day."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urlencode

import reflex as rx

from app import routes
from app.components import empty_state
from app.doors import ask, now
from app.ledger.statement import file_links
from app.platform import handler, native_form
from app.session import current_actor
from app.shell import screen
from app.text import SWITZERLAND, day, money, t
from db.kernel.errors import BadInput
from db.ledger.reports.queries import trial_balance
from db.records.custom_fields.rules import read_date

READ = "ledger.read"


@dataclass
class Row:
    """One account of the balance, as texts."""

    number: str
    name: str
    href: str
    opening: str
    debit: str
    credit: str
    balance: str


class Balance(rx.State):
    """The trial balance of a day."""

    on: str = ""
    rows: list[Row] = []
    total: str = ""
    query: str = ""

    @handler(READ)
    async def load(self) -> None:
        """Show the balance of the day that the address names, else of today."""
        given = dict(self.router.url.query_parameters).get("au", "")
        try:
            on = read_date(given)
        except BadInput:
            on = now().astimezone(SWITZERLAND).date()
        actor = await current_actor(self)
        found = await asyncio.to_thread(ask, actor, trial_balance, on=on)
        self.on, self.total, self.query = day(on), money(found.total), urlencode({"au": day(on)})
        self.rows = [
            Row(
                one.number,
                one.name,
                routes.statement_of(one.account_id, day(found.begin), day(on)),
                money(one.opening),
                money(one.debit),
                money(one.credit),
                money(one.balance),
            )
            for one in found.rows
        ]


def _row(row: Row) -> rx.Component:
    return rx.el.tr(
        rx.el.td(row.number, class_name="m"),
        rx.el.td(rx.el.a(row.name, href=row.href, class_name="lk")),
        *[rx.el.td(value, class_name="r") for value in (row.opening, row.debit, row.credit, row.balance)],
    )


@screen(route=routes.TRIAL_BALANCE, title="Balance", permission=READ, on_load=Balance.load)
def balance() -> rx.Component:
    """Draw the trial balance."""
    heads = [t("Ouverture"), t("Débit"), t("Crédit"), t("Solde CHF")]
    ask_day = native_form(
        rx.el.label(t("Au"), html_for="au", class_name="m"),
        rx.el.input(id="au", name="au", default_value=Balance.on, key=Balance.on, class_name="in day"),
        rx.el.button(t("Afficher"), type="submit", class_name="btn"),
        rx.el.span(class_name="sp"),
        file_links("balance", Balance.query),
        action=routes.TRIAL_BALANCE,
        method="get",
        class_name="row g6 sect",
    )
    table = rx.el.table(
        rx.el.thead(
            rx.el.tr(
                rx.el.th(t("Numéro"), scope="col"),
                rx.el.th(t("Compte"), scope="col"),
                *[rx.el.th(head, scope="col", class_name="r") for head in heads],
            )
        ),
        rx.el.tbody(rx.foreach(Balance.rows, _row)),
        rx.el.tfoot(
            rx.el.tr(rx.el.td(t("Total"), col_span=5, class_name="b"), rx.el.td(Balance.total, class_name="r b"))
        ),
        class_name="list",
    )
    nothing = empty_state(
        t("Aucune écriture jusqu’à ce jour."), t("Les livres commencent avec les soldes d’ouverture.")
    )
    shown = rx.cond(Balance.rows.length() > 0, table, rx.cond(rx.State.is_hydrated, nothing))  # type: ignore[attr-defined]
    return rx.el.div(ask_day, shown, class_name="balance")
