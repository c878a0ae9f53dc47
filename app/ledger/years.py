"""`/reglages/comptabilite`: the chart, fiscal years and their months: open, closed for now, closed for ever."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from app import routes
from app.components import confirm, section
from app.doors import ask, do, now
from app.ledger.days import today
from app.platform import Visitor, handler, notify
from app.records.saving import uuid_of
from app.session import current_actor
from app.shell import screen
from app.text import day, instant, month_words, say, t
from db.access.people.queries import user_names
from db.access.rules import Actor
from db.kernel.findings import BadFields
from db.ledger.accounts.actions import create_chart
from db.ledger.accounts.queries import chart
from db.ledger.periods.actions import add_next_year, close_year, lock_period, reopen_period
from db.ledger.periods.queries import Period, Year, closing_checks, fiscal_years
from db.ledger.periods.rules import STATE_LABELS, PeriodState

READ, MANAGE, REOPEN, ACCOUNTS = (
    "ledger.read",
    "ledger.manage_periods",
    "ledger.reopen_periods",
    "ledger.manage_accounts",
)
TONES = {PeriodState.OPEN: "grn", PeriodState.RESERVED: "amb", PeriodState.CLOSED: ""}


@dataclass
class Month:
    """One month, as texts."""

    key: str
    name: str
    state: str
    label: str
    tone: str
    told: str


@dataclass
class YearView:
    """One fiscal year, as texts; `may_close` when it is over and open."""

    key: str
    name: str
    days: str
    is_closed: bool
    may_close: bool
    months: list[Month] = field(default_factory=list)
    checks: list[dict[str, str]] = field(default_factory=list)


class Years(rx.State):
    """The fiscal years."""

    years: list[YearView] = []
    accounts: int = -1
    reopening: str = ""
    problem: str = ""

    @handler(READ)
    async def load(self) -> None:
        """Show chart and years."""
        self.reopening, self.problem = "", ""
        await self._show()

    @handler(ACCOUNTS)
    async def make_chart(self) -> Any:
        """Give the firm the Swiss chart for small firms."""
        actor = await current_actor(self)
        made = await asyncio.to_thread(do, actor, create_chart)
        await self._show()
        return notify("Plan comptable créé : {count} comptes.", count=made)

    @handler(MANAGE)
    async def add_year(self) -> Any:
        """Open the next fiscal year."""
        actor = await current_actor(self)
        await asyncio.to_thread(do, actor, add_next_year)
        await self._show()
        return notify("Exercice ouvert.")

    @handler(MANAGE)
    async def lock(self, period_id: str) -> Any:
        """Close a month and those before, until somebody opens it again."""
        return await self._lock(period_id, PeriodState.RESERVED, "Période fermée.")

    @handler(MANAGE)
    async def close(self, period_id: str) -> Any:
        """Close a month and those before for ever."""
        return await self._lock(period_id, PeriodState.CLOSED, "Période close définitivement.")

    async def _lock(self, period_id: str, state: PeriodState, told: str) -> Any:
        actor = await current_actor(self)
        await asyncio.to_thread(do, actor, lock_period, period_id=uuid_of(period_id), state=state)
        await self._show()
        return notify(told)

    @handler(REOPEN)
    def ask_reason(self, period_id: str) -> None:
        """Ask why a month is opened again."""
        self.reopening, self.problem = ("" if self.reopening == period_id else period_id[:40]), ""

    @handler(REOPEN)
    async def reopen(self, form: dict[str, Any]) -> Any:
        """Open a month again, for the reason given."""
        actor = await current_actor(self)
        period_id, reason = uuid_of(form.get("period", "")), str(form.get("reason", ""))[:500]
        try:
            await asyncio.to_thread(do, actor, reopen_period, period_id=period_id, reason=reason)
        except BadFields as refusal:
            self.problem = say(actor.language, refusal.message_id, **refusal.params)
            return None
        self.reopening, self.problem = "", ""
        await self._show()
        return notify("Période rouverte.")

    @handler(MANAGE)
    async def finish_year(self, year_id: str) -> Any:
        """Close a fiscal year for ever."""
        actor = await current_actor(self)
        await asyncio.to_thread(do, actor, close_year, year_id=uuid_of(year_id))
        await self._show()
        return notify("Exercice clos.")

    async def _show(self) -> None:
        actor = await current_actor(self)
        self.years, self.accounts = await asyncio.to_thread(_read, actor)


def _read(by: Actor) -> tuple[list[YearView], int]:
    names = {str(key): name for key, name in ask(by, user_names).items()}
    return [_year(one, names, by) for one in ask(by, fiscal_years)], len(ask(by, chart))


def _year(year: Year, names: dict[str, str], by: Actor) -> YearView:
    is_closed = all(one.state is PeriodState.CLOSED for one in year.periods)
    is_over = year.last_date < today()
    checks = [] if is_closed or not is_over else ask(by, closing_checks, year_id=year.year_id)
    said = [{"text": say(by.language, c.message_id, **c.params), "tone": "grn" if c.is_done else "amb"} for c in checks]
    months = [_month(one, names, by) for one in year.periods]
    days = f"{day(year.first_date)} – {day(year.last_date)}"
    return YearView(str(year.year_id), year.name, days, is_closed, is_over and not is_closed, months, said)


def _month(period: Period, names: dict[str, str], by: Actor) -> Month:
    told = ""
    if period.changed_at is not None:
        who = names.get(str(period.changed_by_id), "—")
        told = say(by.language, "{name}, {when}", name=who, when=instant(period.changed_at, now()))
        told += f" : {period.reason}" if period.reason else ""
    return Month(
        str(period.period_id),
        month_words(period.first_date, by.language),
        period.state.value,
        say(by.language, STATE_LABELS[period.state]),
        TONES[period.state],
        told,
    )


def _chart() -> rx.Component:
    make = rx.el.button(
        t("Créer le plan comptable des PME"), type="button", class_name="btn p", on_click=Years.make_chart
    )
    bring = rx.link(t("Importer un plan"), href=routes.import_of("accounts"), underline="none", class_name="btn")
    none = rx.el.div(
        rx.el.p(
            t("Aucun compte encore. Le plan suisse des PME en propose 149, en trois langues, à adapter ensuite."),
            class_name="m",
        ),
        rx.cond(Visitor.permissions.contains(ACCOUNTS), rx.el.div(make, bring, class_name="row g6")),
        class_name="col g12",
    )
    some = rx.el.div(
        rx.el.span(Years.accounts, " ", t("comptes")),
        rx.link(t("Ouvrir le plan comptable"), href=routes.ACCOUNTS, underline="none", class_name="btn"),
        rx.cond(Visitor.permissions.contains("ledger.import"), bring),
        class_name="row g6",
    )
    return section(t("Plan comptable"), rx.cond(Years.accounts == 0, none, rx.cond(Years.accounts > 0, some)))


def _year_part(year: YearView) -> rx.Component:
    close = confirm(
        t("Clore l’exercice"),
        title=t("Clore cet exercice définitivement ?"),
        sentence=t("Plus rien ne s’y écrit ensuite, pour personne. Une erreur se corrige par extourne, plus tard."),
        on_confirm=Years.finish_year(year.key),
        is_dangerous=True,
    )
    may = year.may_close & Visitor.permissions.contains(MANAGE)
    checks = rx.el.ul(
        rx.foreach(year.checks, lambda one: rx.el.li(one["text"], class_name=f"s {one['tone']}")), class_name="checks"
    )
    return rx.el.section(
        rx.el.div(
            rx.el.h2(t("Exercice"), " ", year.name),
            rx.el.span(year.days, class_name="m"),
            rx.cond(year.is_closed, rx.el.span(t("Clos"), class_name="tag")),
            rx.el.span(class_name="sp"),
            rx.cond(may, close),
            class_name="row g6 wraps",
        ),
        rx.cond(year.checks.length() > 0, checks),  # type: ignore[attr-defined]
        rx.el.ul(rx.foreach(year.months, _month_line), class_name="months"),
        class_name="sect",
    )


def _month_line(month: Month) -> rx.Component:
    lock = rx.el.button(t("Fermer"), type="button", class_name="btn sm", on_click=Years.lock(month.key))
    again = rx.el.button(t("Rouvrir…"), type="button", class_name="btn sm", on_click=Years.ask_reason(month.key))
    close = confirm(
        t("Clore définitivement"),
        title=t("Clore cette période et celles d’avant définitivement ?"),
        sentence=t("Plus rien ne s’y écrit ensuite, pour personne. Une erreur se corrige par extourne, plus tard."),
        on_confirm=Years.close(month.key),
        is_dangerous=True,
        class_name="btn sm q",
    )
    form = rx.el.form(
        rx.el.input(type="hidden", name="period", value=month.key),
        rx.el.label(t("Motif"), html_for="reason", class_name="m"),
        rx.el.input(id="reason", name="reason", class_name="in", max_length=200, auto_focus=True),
        rx.el.button(t("Rouvrir"), type="submit", class_name="btn p"),
        rx.cond(Years.problem != "", rx.el.span(Years.problem, class_name="red s", role="alert")),
        on_submit=Years.reopen,
        class_name="row g6 wraps reason",
    )
    manages, reopens = Visitor.permissions.contains(MANAGE), Visitor.permissions.contains(REOPEN)
    buttons = rx.el.span(
        rx.cond(manages & (month.state == "open"), lock),
        rx.cond(reopens & (month.state == "reserved"), again),
        rx.cond(manages & (month.state != "closed"), close),
        class_name="row g4",
    )
    return rx.el.li(
        rx.el.div(
            rx.el.span(month.name, class_name="month md"),
            rx.el.span(month.label, class_name=f"tag {month.tone}"),
            rx.el.span(month.told, class_name="s m el told"),
            rx.el.span(class_name="sp"),
            buttons,
            class_name="row g6 wraps",
        ),
        rx.cond((Years.reopening == month.key) & (month.state == "reserved"), form),
    )


@screen(route=routes.BOOKS, title="Comptabilité", permission=READ, on_load=Years.load)
def years() -> rx.Component:
    """Draw chart and years."""
    following = rx.el.button(t("Ouvrir l’exercice suivant"), type="button", class_name="btn", on_click=Years.add_year)
    words = rx.el.p(
        t(
            "Ouverte : chacun y comptabilise selon ses droits. Fermée : seule la comptabilité y comptabilise encore, "
            "et la rouvre avec un motif. Close : plus rien ne s’y écrit, jamais ; une erreur se corrige par extourne."
        ),
        class_name="m s",
    )
    return rx.el.div(
        _chart(),
        rx.el.div(
            rx.el.h2(t("Exercices et périodes")),
            words,
            rx.cond(Visitor.permissions.contains(MANAGE), following),
            class_name="sect col g6 starts",
        ),
        rx.foreach(Years.years, _year_part),
        class_name="settings years",
    )
