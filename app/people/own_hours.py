"""`/mes-heures`: the clock, one's month, and hours put right; with `?personne=…` those of somebody else."""

import asyncio
from typing import Any
from uuid import UUID

import reflex as rx

from app import routes
from app.doors import ask, do, now
from app.people.clock import ClockState, clock_line
from app.people.hours_view import page_body
from app.people.sheet_view import correction_views, day_views, read_month, remark_views, sheet_facts
from app.people.typed_span import read_span
from app.platform import handler, notify
from app.records.saving import uuid_of
from app.session import current_actor
from app.shell import screen
from app.text import SWITZERLAND, day, say
from db.access.rules import Actor, may, reaches_owner
from db.kernel.findings import BadFields
from db.people.hours.actions import add_span, edit_span, remove_span
from db.people.hours.rules import CLOCK, MANAGE, SpanDraft
from db.people.months.actions import close_month, correct_closed_month, set_days_off, set_share
from db.people.months.queries import month_sheet
from db.people.months.rules import CLOSE
from db.people.shares.rules import Share
from db.records.custom_fields.rules import read_date, read_number

EMPTY = dict.fromkeys(("id", "begins", "ends", "pause", "pause_begins", "task", "note", "version"), "")

FIELDS = {
    "started_at": "begins",
    "ended_at": "ends",
    "break_minutes": "pause",
    "break_began_at": "pause_begins",
}


class OwnHours(rx.State):
    """One person's month."""

    facts: dict[str, str] = {}
    days: list[dict[str, Any]] = []
    remarks: list[str] = []
    corrections: list[str] = []
    form: dict[str, str] = {}
    errors: dict[str, str] = {}
    shows_form: bool = False
    is_other: bool = False
    may_close: bool = False
    may_manage: bool = False
    owner: str = ""
    round: int = 0

    @handler(CLOCK)
    async def load(self) -> None:
        """Show the month of the address."""
        self.shows_form, self.errors = False, {}
        await self._show(await current_actor(self))

    @handler(CLOCK)
    async def open_form(self, span_id: str) -> None:
        """Open the form for new hours (an empty id) or for some of this month."""
        spans = [span for one in self.days for span in one["spans"]]
        known = next((dict(span) for span in spans if span["id"] == span_id), None)
        self.form = known or {**EMPTY, "day": day(now())}
        self.errors, self.shows_form = {}, True
        self.round += 1

    @handler(CLOCK)
    def close_form(self) -> None:
        """Put the form away."""
        self.shows_form = False

    @handler(CLOCK)
    async def save(self, form: dict[str, Any]) -> Any:
        """Keep typed hours."""
        actor = await current_actor(self)
        owner_id, _ = self._place(actor)
        self.form = {**self.form, **{name: str(value) for name, value in form.items()}}
        try:
            await asyncio.to_thread(_save, actor, owner_id, form)
        except BadFields as refusal:
            self.errors = {
                FIELDS.get(one.field, one.field): say(actor.language, one.message_id, **one.params)
                for one in reversed(refusal.findings)
            }
            return None
        self.shows_form, self.errors = False, {}
        await self._show(actor)
        return [notify("Heures enregistrées."), ClockState.load]

    @handler(CLOCK)
    async def remove(self, form: dict[str, Any]) -> Any:
        """Take hours away."""
        actor = await current_actor(self)
        span_id = uuid_of(form.get("id"))
        await asyncio.to_thread(do, actor, remove_span, span_id=span_id, reason=str(form.get("reason") or ""))
        self.shows_form = False
        await self._show(actor)
        return [notify("Heures enlevées."), ClockState.load]

    @handler(CLOCK)
    async def take_off(self, form: dict[str, Any]) -> Any:
        """Note vacation or another absence."""
        actor = await current_actor(self)
        owner_id, _ = self._place(actor)
        first = read_date(str(form.get("first") or ""))
        last = read_date(str(form.get("last") or "") or str(form.get("first") or ""))
        kind, _, share = str(form.get("kind") or "").partition(":")
        given = {"owner_id": owner_id, "first_date": first, "last_date": last, "kind": kind}
        await asyncio.to_thread(do, actor, set_days_off, share=int(share) if share in ("50", "100") else 100, **given)
        await self._show(actor)
        return notify("Absence notée." if kind else "Absence enlevée.")

    @handler(CLOSE)
    async def close_month(self) -> Any:
        """Approve the month."""
        actor = await current_actor(self)
        owner_id, month = self._place(actor)
        await asyncio.to_thread(do, actor, close_month, owner_id=owner_id, month=month)
        await self._show(actor)
        return notify("Mois clôturé.")

    @handler(CLOSE)
    async def correct(self, form: dict[str, Any]) -> Any:
        """Add minutes to a closed month, or take some off."""
        actor = await current_actor(self)
        owner_id, _ = self._place(actor)
        minutes = int(read_number(str(form.get("minutes") or "0")))
        on, reason = read_date(str(form.get("day") or "")), str(form.get("reason") or "")
        given = {"owner_id": owner_id, "day": on, "minutes": minutes, "reason": reason}
        await asyncio.to_thread(do, actor, correct_closed_month, **given)
        await self._show(actor)
        return notify("Correction notée.")

    @handler(MANAGE)
    async def set_share(self, form: dict[str, Any]) -> Any:
        """Set how much the person works from a day on."""
        actor = await current_actor(self)
        owner_id, _ = self._place(actor)
        numbers = [int(read_number(str(form.get(name) or "0"))) for name in ("percent", "vacation_days")]
        share = Share(read_date(str(form.get("first") or "")), *numbers)
        await asyncio.to_thread(do, actor, set_share, owner_id=owner_id, share=share)
        await self._show(actor)
        return notify("Taux enregistré.")

    def _place(self, actor: Actor) -> tuple[UUID, Any]:
        given = dict(self.router.url.query_parameters)
        owner_id = uuid_of(given["personne"]) if given.get("personne") else actor.user_id
        assert owner_id is not None
        return owner_id, read_month(given.get("mois", ""), today=now().astimezone(SWITZERLAND).date())

    async def _show(self, actor: Actor) -> None:
        owner_id, month = self._place(actor)
        sheet = await asyncio.to_thread(ask, actor, month_sheet, owner_id=owner_id, month=month, by=actor, at=now())
        language = actor.language
        self.facts, self.days = sheet_facts(sheet, language), day_views(sheet, language)
        self.remarks, self.corrections = remark_views(sheet, language), correction_views(sheet, language)
        self.owner, self.is_other = str(owner_id), owner_id != actor.user_id
        self.may_close = may(actor, CLOSE) and reaches_owner(actor, CLOSE, owner_id)
        self.may_manage = may(actor, MANAGE) and reaches_owner(actor, MANAGE, owner_id)
        self.round += 1


def _save(actor: Actor, owner_id: UUID, form: dict[str, Any]) -> None:
    values, reason = read_span(form), str(form.get("reason") or "")
    if form.get("id"):
        version = int(form["version"]) if str(form.get("version")).isdecimal() else 0
        do(actor, edit_span, span_id=uuid_of(form["id"]), values=values, reason=reason, expected_version=version)
        return
    do(actor, add_span, draft=SpanDraft(owner_id, **values), reason=reason)


@screen(route=routes.OWN_HOURS, title="Mes heures", permission=CLOCK, on_load=[ClockState.load, OwnHours.load])
def own_hours() -> rx.Component:
    """Draw the clock and the month."""
    return rx.el.div(rx.cond(~OwnHours.is_other, clock_line()), page_body(OwnHours), class_name="hours")  # type: ignore[operator]
