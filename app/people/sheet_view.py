"""A month of hours as plain texts, for the screen and for files."""

from datetime import date
from decimal import Decimal
from typing import Any

from app.text import day, month_words, quantity, say
from db.access.calendars.working.rules import WEEKDAYS
from db.kernel.errors import BadInput
from db.people.hours.queries import SpanFacts
from db.people.hours.rules import duration_text, month_after, month_of, wall
from db.people.months.queries import MonthSheet, SheetDay


def read_month(text: str, *, today: date) -> date:
    """Return the month of `2026-10`; without one, today's.

    Raises: BadInput.
    """
    if not text:
        return month_of(today)
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise BadInput("« {text} » n’est pas un mois.", text=text[:20]) from None


def month_key(month: date) -> str:
    """Return a month as an address has it."""
    return f"{month:%Y-%m}"


def month_before(month: date) -> date:
    """Return the first day of the month before."""
    return date(month.year - 1, 12, 1) if month.month == 1 else month.replace(month=month.month - 1)


def sheet_facts(sheet: MonthSheet, language: str) -> dict[str, str]:
    """Return the head of the sheet."""
    balance = sheet.worked - sheet.due
    closed = ""
    if sheet.closed_at:
        closed = say(language, "Clôturé le {day} par {name}", day=day(sheet.closed_at), name=sheet.closed_by)
    return {
        "name": sheet.owner_name,
        "month": month_words(sheet.month, language),
        "key": month_key(sheet.month),
        "before": month_key(month_before(sheet.month)),
        "after": month_key(month_after(sheet.month)),
        "worked": duration_text(sheet.worked),
        "due": duration_text(sheet.due),
        "balance": duration_text(balance) if balance < 0 else f"+{duration_text(balance)}",
        "tone": "red" if balance < 0 else "grn",
        "percent": f"{sheet.percent}\u00a0%",
        "vacation": f"{quantity_of(sheet.vacation_taken)} / {sheet.vacation_days}",
        "closed": closed,
    }


def quantity_of(number: float) -> str:
    """Return days, halves as `0.5`."""
    return quantity(Decimal(str(number)))


def day_views(sheet: MonthSheet, language: str) -> list[dict[str, Any]]:
    """Return the days that say something, each with its spans; the sum of a week follows its last day."""
    found: list[dict[str, Any]] = []
    for one in sheet.days:
        found.append(_day_view(one, language))
        is_last = one.day.weekday() == 6 or one.day == sheet.days[-1].day
        monday = one.day.toordinal() - one.day.weekday()
        worked, due = sheet.weeks[date.fromordinal(monday)]
        if is_last and (worked or due):
            label = say(language, "Semaine {number}", number=one.day.isocalendar().week)
            found.append(_line(f"w{one.day}", label, duration_text(worked), duration_text(due), "week"))
    return [one for one in found if one["kind"] == "week" or one["spans"] or one["off"] or one["due"]]


def _line(key: str, label: str, worked: str, due: str, kind: str) -> dict[str, Any]:
    return {"key": key, "label": label, "worked": worked, "due": due, "kind": kind, "off": "", "spans": [], "tone": ""}


def _day_view(one: SheetDay, language: str) -> dict[str, Any]:
    label = f"{say(language, WEEKDAYS[one.day.weekday()])[:2]} {one.day:%d.%m}"
    worked = duration_text(one.worked) if one.worked else ""
    line = _line(str(one.day), label, worked, duration_text(one.due) if one.due else "", "day")
    line["off"] = say(language, one.off) if one.off else ""
    line["spans"] = [span_view(span, language) for span in one.spans]
    return line


def span_view(span: SpanFacts, language: str) -> dict[str, str]:
    """Return one stretch of work."""
    ends = "…" if span.ended_at is None else wall(span.ended_at)
    pause = say(language, "pause {minutes} min", minutes=span.break_minutes) if span.break_minutes else ""
    return {
        "id": str(span.span_id),
        "times": f"{wall(span.started_at)} – {ends}",
        "about": " · ".join(text for text in (pause, span.task, span.party_name, span.note) if text),
        "day": day(span.started_at),
        "begins": wall(span.started_at),
        "ends": "" if span.ended_at is None else wall(span.ended_at),
        "pause": str(span.break_minutes or ""),
        "pause_begins": wall(span.break_began_at) if span.break_began_at else "",
        "task": span.task,
        "note": span.note,
        "version": str(span.row_version),
        "closed": "yes" if span.is_closed else "",
    }


def remark_views(sheet: MonthSheet, language: str) -> list[str]:
    """Return the remarks on the labour law."""
    return [f"{day(one.day)} · {say(language, one.message_id, **one.params)}" for one in sheet.remarks]


def correction_views(sheet: MonthSheet, language: str) -> list[str]:
    """Return what was put right after the closing."""
    return [
        f"{day(one.day)} · {'+' if one.minutes > 0 else ''}{duration_text(one.minutes)} · {one.reason} ({one.by_name})"
        for one in sheet.corrections
    ]
