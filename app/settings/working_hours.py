"""`/reglages/horaire`: the hours of each weekday, the firm's own days, and the longest week."""

import asyncio
from typing import Any

import reflex as rx

from app import routes
from app.access.spoken import told
from app.components import field, section
from app.doors import ask, do
from app.platform import handler
from app.session import current_actor
from app.settings.backup_state import whole
from app.shell import screen
from app.text import day, say, t
from db.access.calendars.working.actions import remove_firm_day, set_firm_day, set_working_week
from db.access.calendars.working.queries import working_calendar
from db.access.calendars.working.rules import WEEKDAYS, Week, WorkCalendar, WorkDay, minute_text, read_minute
from db.access.settings.actions import change_settings
from db.access.settings.queries import settings
from db.kernel.errors import BusinessError
from db.records.custom_fields.rules import read_date

MANAGE = "access.manage_company"
SHARES = (("0", "Libre"), ("50", "Demi-journée"), ("100", "Travaillé"))


class WorkingHours(rx.State):
    """The calendar of the firm."""

    week: dict[str, str] = {}
    days: list[dict[str, str]] = []
    total: str = ""
    problem: str = ""
    day_problem: str = ""
    round: int = 0

    @handler(MANAGE)
    async def load(self) -> None:
        """Show it."""
        actor = await current_actor(self)
        calendar = await asyncio.to_thread(ask, actor, working_calendar)
        found = await asyncio.to_thread(ask, actor, settings)
        self.week = {**_texts(calendar.week), "most": str(found["hours.most_week"])}
        minutes = sum(one.minutes for one in calendar.week if one)
        self.total = say(actor.language, "{hours} par semaine", hours=f"{minutes // 60} h {minutes % 60:02d}")
        self.days = _day_views(calendar, actor.language)
        self.problem = self.day_problem = ""
        self.round += 1

    @handler(MANAGE)
    async def save(self, form: dict[str, Any]) -> Any:
        """Keep the hours."""
        actor = await current_actor(self)
        try:
            week = tuple(_read_day(form, number) for number in range(len(WEEKDAYS)))
            most = whole(str(form.get("most", "")))
            await asyncio.to_thread(do, actor, change_settings, values={"hours.most_week": most})
            await asyncio.to_thread(do, actor, set_working_week, week=week)
        except BusinessError as refusal:
            self.problem = say(actor.language, refusal.message_id, **refusal.params)
            return None
        return [WorkingHours.load, await told(self, "Horaire enregistré.")]

    @handler(MANAGE)
    async def add_day(self, form: dict[str, Any]) -> Any:
        """Keep a day of the firm."""
        actor = await current_actor(self)
        share = str(form.get("share", ""))
        given = {"name": str(form.get("name", "")), "share": int(share) if share in dict(SHARES) else -1}
        try:
            on = read_date(str(form.get("day", "")))
            await asyncio.to_thread(do, actor, set_firm_day, day=on, **given)
        except BusinessError as refusal:
            self.day_problem = say(actor.language, refusal.message_id, **refusal.params)
            return None
        return [WorkingHours.load, await told(self, "Jour enregistré.")]

    @handler(MANAGE)
    async def remove_day(self, on: str) -> Any:
        """Let weekday and canton decide again."""
        await asyncio.to_thread(do, await current_actor(self), remove_firm_day, day=read_date(str(on)))
        return [WorkingHours.load, await told(self, "Jour enlevé.")]


def _texts(week: Week) -> dict[str, str]:
    found = {}
    for number, hours in enumerate(week):
        found[f"begins{number}"] = minute_text(hours.begins) if hours else ""
        found[f"ends{number}"] = minute_text(hours.ends) if hours else ""
        found[f"pause{number}"] = str(hours.pause) if hours else ""
    return found


def _read_day(form: dict[str, Any], number: int) -> WorkDay | None:
    begins, ends, pause = (str(form.get(f"{name}{number}", "")).strip() for name in ("begins", "ends", "pause"))
    if not begins and not ends:
        return None
    return WorkDay(read_minute(begins), read_minute(ends), whole(pause or "0"))


def _day_views(calendar: WorkCalendar, language: str) -> list[dict[str, str]]:
    shares = dict(SHARES)
    return [
        {"day": day(on), "name": own.name, "share": say(language, shares.get(str(own.share), str(own.share)))}
        for on, own in sorted(calendar.own.items())
    ]


@screen(route=routes.WORKING_HOURS, title="Horaire de travail", permission=MANAGE, on_load=WorkingHours.load)
def working_hours_page() -> rx.Component:
    """Draw the hours and the firm's days."""
    return rx.el.div(_week(), _days(), class_name="settings")


def _box(name: str, label: Any, **more: Any) -> rx.Component:
    return rx.el.input(
        name=name,
        default_value=WorkingHours.week[name],
        key=f"{name}{WorkingHours.round}",
        aria_label=label,
        class_name="in",
        max_length=5,
        **more,
    )


def _week() -> rx.Component:
    def line(number: int, name: str) -> rx.Component:
        boxes = [
            rx.el.td(_box(f"begins{number}", t("Début"), placeholder="8:00")),
            rx.el.td(_box(f"ends{number}", t("Fin"), placeholder="17:24")),
            rx.el.td(_box(f"pause{number}", t("Pause (minutes)"), input_mode="numeric")),
        ]
        return rx.el.tr(rx.el.td(t(name)), *boxes)

    heads = rx.el.tr(*[rx.el.th(t(head)) for head in ("Jour", "Début", "Fin", "Pause (minutes)")])
    body = rx.el.tbody(*[line(number, name) for number, name in enumerate(WEEKDAYS)])
    most = t("Durée maximale de la semaine (LTr art. 9 : 45 ou 50)")
    form = rx.el.form(
        rx.el.table(rx.el.thead(heads), body, class_name="list week-hours"),
        field(most, _box("most", t("heures"), input_mode="numeric")),
        rx.cond(WorkingHours.problem, rx.el.p(WorkingHours.problem, class_name="s red", role="alert")),
        rx.el.button(t("Enregistrer"), type="submit", class_name="btn p"),
        on_submit=WorkingHours.save,
        class_name="hours-form",
    )
    return section(t("Horaire de l’entreprise"), form, aside=WorkingHours.total)


def _days() -> rx.Component:
    def line(one: Any) -> rx.Component:
        remove = rx.el.button(
            t("Enlever"), type="button", class_name="btn sm q", on_click=WorkingHours.remove_day(one["day"])
        )
        cells = [rx.el.td(one["day"]), rx.el.td(one["name"]), rx.el.td(one["share"], class_name="m")]
        return rx.el.tr(*cells, rx.el.td(remove, class_name="r"))

    options = [rx.el.option(t(label), value=value) for value, label in SHARES]
    form = rx.el.form(
        rx.el.div(
            field(t("Jour"), rx.el.input(name="day", class_name="in", required=True, placeholder="24.12.2026")),
            field(t("Nom"), rx.el.input(name="name", class_name="in", required=True, max_length=100)),
            field(t("Ce jour"), rx.el.select(*options, name="share", class_name="in")),
            class_name="fields",
        ),
        rx.cond(WorkingHours.day_problem, rx.el.p(WorkingHours.day_problem, class_name="s red", role="alert")),
        rx.el.button(t("Ajouter"), type="submit", class_name="btn"),
        on_submit=WorkingHours.add_day,
        reset_on_submit=True,
    )
    listed = rx.el.table(rx.el.tbody(rx.foreach(WorkingHours.days, line)), class_name="list")
    explained = t("Ponts, demi-journées, jours fériés travaillés : ils passent avant le calendrier du canton.")
    shown = rx.cond(WorkingHours.days, listed, rx.el.p(explained, class_name="m"))
    return section(t("Jours particuliers"), shown, form)
