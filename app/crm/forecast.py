"""`/affaires/previsions`: what is signed and what is expected, by month and person, beside what was meant."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import reflex as rx

from app import routes
from app.components import empty_state, field
from app.doors import ask, do, now
from app.lists.cells import read_amount
from app.lists.kind import Around
from app.platform import Visitor, handler, notify
from app.records.saving import uuid_of
from app.session import current_actor
from app.shell import screen
from app.text import SWITZERLAND, count, money, month_words, say, t
from db.access.people.queries import open_people
from db.crm.targets.actions import set_target
from db.crm.targets.queries import Forecast, ForecastCell, forecast
from db.kernel.errors import BadInput, BusinessError, NotAllowed

READ, MANAGE = "crm.read_leads", "crm.manage_pipelines"
MONTHS = 6
ZERO = Decimal(0)


@dataclass
class Bar:
    """A month of one person (or of all): figures, and how long the bars are in per cent of the widest."""

    won: str
    weighted: str
    open: str
    target: str
    share: str
    won_width: str
    weighted_width: str
    target_at: str


@dataclass
class Line:
    """A person's months."""

    name: str
    cells: list[Bar]


class ForecastState(rx.State):
    """The months ahead."""

    months: list[str] = []
    month_keys: list[list[str]] = []
    lines: list[Line] = []
    notes: list[str] = []
    people: list[list[str]] = []
    refusal: str = ""
    problem: str = ""
    round: int = 0

    @handler(READ)
    async def load(self) -> None:
        """Show this month and the next five."""
        actor = await current_actor(self)
        today = now().astimezone(SWITZERLAND).date()
        self.problem = ""
        try:
            found = await asyncio.to_thread(ask, actor, forecast, first=today, months=MONTHS, by=actor)
        except NotAllowed as refusal:
            self.refusal, self.lines = say(actor.language, refusal.message_id, **refusal.params), []
            return
        self.refusal = ""
        self.months = [month_words(month, actor.language) for month in found.months]
        self.month_keys = [[str(month), month_words(month, actor.language)] for month in found.months]
        self.lines = lines_of(found, actor.language)
        self.notes = notes_of(found, actor.language)
        self.people = [[str(user_id), name] for user_id, name in await asyncio.to_thread(ask, actor, open_people)]

    @handler(MANAGE)
    async def keep_target(self, form: dict[str, Any]) -> Any:
        """Set what somebody means to sell in a month."""
        actor = await current_actor(self)
        try:
            amount = read_amount(str(form.get("amount", "")), Around(actor, now()))
            if amount is None:
                raise BadInput("Écrivez l’objectif en CHF, par exemple 50'000.00.")
            month, person = _month(str(form.get("month", ""))), uuid_of(str(form.get("person", "")))
            await asyncio.to_thread(do, actor, set_target, user_id=person, month=month, amount=amount)
        except BusinessError as refusal:
            self.problem = say(actor.language, refusal.message_id, **refusal.params)
            return None
        self.round += 1
        return [notify("Objectif enregistré."), ForecastState.load]


def _month(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput("« {text} » n’est pas une date.", text=text[:40]) from None


def lines_of(found: Forecast, language: str) -> list[Line]:
    """Return all people together, then each of them."""
    if not found.cells:
        return []
    by_key = {(cell.user_id, cell.month): cell for cell in found.cells}
    together = [_together([cell for cell in found.cells if cell.month == month], month) for month in found.months]
    rows: list[tuple[str, list[ForecastCell]]] = [(say(language, "Ensemble"), together)]
    for user_id, name in found.people:
        cells = [by_key.get((user_id, month), _nothing(user_id, month)) for month in found.months]
        rows.append((name or say(language, "personne"), cells))
    return [Line(name, _bars(cells, language)) for name, cells in rows]


def _nothing(user_id: Any, month: date) -> ForecastCell:
    return ForecastCell(user_id, month, ZERO, ZERO, ZERO, None)


def _together(cells: Sequence[ForecastCell], month: date) -> ForecastCell:
    targets = [cell.target for cell in cells if cell.target is not None]
    return ForecastCell(
        None,
        month,
        sum((cell.won for cell in cells), ZERO),
        sum((cell.open for cell in cells), ZERO),
        sum((cell.weighted for cell in cells), ZERO),
        sum(targets, ZERO) if targets else None,
    )


def _bars(cells: Sequence[ForecastCell], language: str) -> list[Bar]:
    widest = max([cell.won + cell.weighted for cell in cells] + [cell.target or ZERO for cell in cells])
    return [_bar(cell, widest or Decimal(1), language) for cell in cells]


def _bar(cell: ForecastCell, widest: Decimal, language: str) -> Bar:
    expected = cell.won + cell.weighted
    share = f"{expected / cell.target:.0%}".replace("%", " %") if cell.target and expected else ""
    return Bar(
        money(cell.won) if cell.won else "",
        money(cell.weighted) if cell.weighted else "",
        say(language, "ouvert {amount}", amount=money(cell.open)) if cell.open else "",
        say(language, "objectif {amount}", amount=money(cell.target)) if cell.target is not None else "",
        share,
        f"{cell.won / widest:.1%}",
        f"{cell.weighted / widest:.1%}",
        f"{cell.target / widest:.1%}" if cell.target else "",
    )


def notes_of(found: Forecast, language: str) -> list[str]:
    """Return what the months leave out, in words."""
    said = []
    if found.overdue_count:
        number = count(found.overdue_count, "affaire", "affaires", language)
        message = "{number} : la date de signature attendue est passée (pondéré CHF {amount})."
        said.append(say(language, message, number=number, amount=money(found.overdue)))
    if found.undated_count:
        number = count(found.undated_count, "affaire", "affaires", language)
        message = "{number} sans date de signature attendue (pondéré CHF {amount})."
        said.append(say(language, message, number=number, amount=money(found.undated)))
    return said


# --- view -------------------------------------------------------------------------------------------------------------


@screen(route=routes.FORECAST, title="Prévisions de ventes", permission=READ, on_load=ForecastState.load)
def forecast_page() -> rx.Component:
    """Draw the months side by side."""
    nothing = empty_state(
        t("Rien de signé ni d’attendu ces mois-ci."),
        t("Donnez aux affaires un montant et une date de signature attendue ; elles comptent ici selon leur étape."),
        rx.link(t("Voir le tableau"), href=routes.BOARD, underline="none", class_name="btn"),
    )
    head = rx.el.tr(
        rx.el.th(t("Responsable")),
        rx.foreach(ForecastState.months, lambda month: rx.el.th(month, class_name="r")),
    )
    table = rx.el.table(
        rx.el.thead(head),
        rx.el.tbody(rx.foreach(ForecastState.lines, _line)),
        class_name="list forecast",
    )
    return rx.el.div(
        rx.cond(ForecastState.refusal != "", rx.el.p(ForecastState.refusal, class_name="m sect")),
        rx.cond(
            ForecastState.lines.length() > 0,
            rx.el.div(_legend(), table, class_name="sect scrolls"),
            rx.cond(rx.State.is_hydrated & (ForecastState.refusal == ""), nothing),  # type: ignore[attr-defined]
        ),
        rx.foreach(ForecastState.notes, lambda note: rx.el.p(note, class_name="m sect")),
        rx.cond(Visitor.permissions.contains(MANAGE), _target_form()),
        class_name="hours",
    )


def _legend() -> rx.Component:
    return rx.el.p(
        rx.el.span(class_name="key won"), t("signé"), " ",
        rx.el.span(class_name="key weighted"), t("attendu, pondéré par la probabilité de l’étape"), " ",
        rx.el.span(class_name="key target"), t("objectif"),
        class_name="s m",
    )  # fmt: skip


def _line(line: Any) -> rx.Component:
    return rx.el.tr(rx.el.th(line.name, scope="row"), rx.foreach(line.cells, _cell))


def _cell(cell: Any) -> rx.Component:
    return rx.el.td(
        rx.el.div(
            rx.el.i(class_name="won", style={"width": cell.won_width}),
            rx.el.i(class_name="weighted", style={"width": cell.weighted_width}),
            rx.cond(cell.target_at != "", rx.el.u(style={"left": cell.target_at})),
            class_name="bars",
        ),
        rx.el.div(rx.el.b(cell.won, class_name="md"), " ", rx.el.span(cell.weighted), class_name="s"),
        rx.el.div(cell.open, class_name="s f"),
        rx.el.div(cell.target, " ", rx.el.b(cell.share, class_name="md"), class_name="s m"),
        class_name="r",
    )


def _target_form() -> rx.Component:
    person = rx.el.select(
        rx.foreach(ForecastState.people, lambda one: rx.el.option(one[1], value=one[0])),
        name="person",
        class_name="in",
    )
    month = rx.el.select(
        rx.foreach(ForecastState.month_keys, lambda one: rx.el.option(one[1], value=one[0])),
        name="month",
        class_name="in",
    )
    amount = rx.el.input(name="amount", input_mode="decimal", required=True, max_length=20, class_name="in")
    form = rx.el.form(
        field(t("Responsable"), person),
        field(t("Mois"), month),
        field(t("Objectif (CHF)"), amount, ForecastState.problem),
        rx.el.button(t("Fixer l’objectif"), type="submit", class_name="btn"),
        on_submit=ForecastState.keep_target,
        key=f"t{ForecastState.round}",
        class_name="row g6 ends wraps sect",
    )
    return rx.cond(ForecastState.people.length() > 0, form)  # type: ignore[attr-defined]  # once there is a choice
