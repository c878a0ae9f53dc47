"""`/reglages/tva-et-calendrier`: VAT rates with their days, and the canton whose holidays are kept."""

import asyncio
from typing import Any

import reflex as rx

from app import routes
from app.access.spoken import told
from app.components import field, section
from app.doors import ask, do, now
from app.platform import handler
from app.session import current_actor
from app.shell import screen
from app.text import SWITZERLAND, day, say, t
from db.access.calendars.rules import CANTONS, holidays
from db.access.company.actions import choose_canton
from db.access.company.queries import company_profile
from db.access.taxes.rules import VAT_RATES

READ, MANAGE = "access.use_own_account", "access.manage_company"
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


class TaxAndCalendar(rx.State):
    """Rates and holidays as the reader sees them."""

    rates: list[dict[str, str]] = []
    days: list[dict[str, str]] = []
    canton: str = ""
    year: int = 0
    round: int = 0

    @handler(MANAGE)
    async def load(self) -> None:
        """Show them for this year."""
        actor = await current_actor(self)
        profile = await asyncio.to_thread(ask, actor, company_profile)
        self.canton = profile.canton if profile else ""
        self.year = self.year or now().astimezone(SWITZERLAND).year
        self.rates = [rate_view(rate, actor.language) for rate in VAT_RATES]
        self._show_days(actor.language)
        self.round += 1

    def _show_days(self, language: str) -> None:
        self.days = [
            {"day": day(on), "weekday": say(language, WEEKDAYS[on.weekday()]), "name": say(language, name)}
            for on, name in holidays(self.canton, self.year).items()
        ]

    @handler(MANAGE)
    async def turn(self, years: int) -> None:
        """Show another year."""
        self.year = min(max(self.year + (1 if years > 0 else -1), 2000), 2099)
        self._show_days((await current_actor(self)).language)

    @handler(MANAGE)
    async def choose(self, canton: str) -> list[rx.event.EventSpec]:
        """Keep the holidays of a canton."""
        await asyncio.to_thread(do, await current_actor(self), choose_canton, canton=canton)
        return [TaxAndCalendar.load, await told(self, "Canton enregistré.")]  # type: ignore[list-item]


def rate_view(rate: Any, language: str) -> dict[str, str]:
    """Return a rate as the page shows it."""
    today = now().astimezone(SWITZERLAND).date()
    is_now = rate.first <= today and (rate.last is None or today <= rate.last)
    return {
        "label": say(language, rate.label),
        "percent": f"{rate.percent} %",
        "first": day(rate.first),
        "last": day(rate.last) if rate.last else "",
        "now": "yes" if is_now else "",
    }


@screen(route=routes.TAX, title="TVA et calendrier", permission=MANAGE, on_load=TaxAndCalendar.load)
def tax_page() -> rx.Component:
    """Draw both."""
    return rx.el.div(_rates(), _calendar(), class_name="settings")


def _rates() -> rx.Component:
    heads = (t("Taux"), "%", t("Dès le"), t("Jusqu’au"))
    return section(
        t("Taux de TVA"),
        rx.el.table(
            rx.el.thead(rx.el.tr(*[rx.el.th(head) for head in heads])),
            rx.el.tbody(
                rx.foreach(
                    TaxAndCalendar.rates,
                    lambda one: rx.el.tr(
                        rx.el.td(one["label"]),
                        rx.el.td(one["percent"], class_name="r md"),
                        rx.el.td(one["first"], class_name="m"),
                        rx.el.td(
                            rx.cond(one["now"], rx.el.span(t("en vigueur"), class_name="tag grn"), one["last"]),
                            class_name="m",
                        ),
                    ),
                )
            ),
            class_name="list",
        ),
        aside=t("le jour de la prestation décide ; loi sur la TVA, art. 25"),
    )


def _calendar() -> rx.Component:
    choice = rx.el.select(
        rx.el.option(t("aucun"), value=""),
        *[rx.el.option(t(name), value=code) for code, name in CANTONS.items()],
        default_value=TaxAndCalendar.canton,
        key=f"c{TaxAndCalendar.round}",
        on_change=TaxAndCalendar.choose,
        class_name="in",
    )
    turning = rx.el.div(
        rx.el.button(
            "‹", type="button", class_name="btn sm", on_click=TaxAndCalendar.turn(-1), aria_label=t("Année précédente")
        ),
        rx.el.b(TaxAndCalendar.year),
        rx.el.button(
            "›", type="button", class_name="btn sm", on_click=TaxAndCalendar.turn(1), aria_label=t("Année suivante")
        ),
        class_name="row g6",
    )
    listed = rx.el.table(
        rx.el.tbody(
            rx.foreach(
                TaxAndCalendar.days,
                lambda one: rx.el.tr(
                    rx.el.td(one["day"]), rx.el.td(one["weekday"], class_name="m"), rx.el.td(one["name"])
                ),
            )
        ),
        class_name="list",
    )
    return section(
        t("Jours fériés"),
        rx.el.div(field(t("Canton"), choice), turning, class_name="row g6 ends"),
        rx.cond(
            TaxAndCalendar.days,
            listed,
            rx.el.p(t("Choisir le canton : ses jours fériés sont silencieux."), class_name="m"),
        ),
        aside=t("calculés ; avec les dimanches, ils font les jours sans messages"),
    )
