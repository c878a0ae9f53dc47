"""Hours of work: what a span is, how spans make days, weeks and months, and what the labour law asks of them.

What must be recorded: beginning and end of work, daily and weekly duration, breaks of half an hour and more with their
beginning. Source: OLT 1 art. 73 al. 1 let. c and e; kept for five years at least, art. 73 al. 2.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from db.access.calendars.rules import SWISS_TIME
from db.kernel.findings import BadFields, Finding
from db.records.kinds.rules import RecordKind, register_kind
from db.records.relations.rules import Relation, register_relation

KIND = "work_span"
READ, CLOCK, MANAGE = "people.read_hours", "people.clock", "people.manage_hours"
HIDEABLE = frozenset({"task", "note", "reason"})  # of other people's hours; how long somebody worked stays
register_kind(RecordKind(KIND, "Heures", "Heures", "work_span", READ, MANAGE, HIDEABLE, is_logged=True))
register_relation(Relation(KIND, "party", table="work_span", source="id", target="party_id"))

LONGEST_SPAN = timedelta(hours=16)
FORGOTTEN = timedelta(hours=14)  # nobody clocks out after so long: she forgot to
TOLD_BREAK = 30  # minutes from which a break is recorded with its beginning (OLT 1 art. 73 al. 1 let. e)
LONGEST_TEXT = 500
HOUR = timedelta(hours=1)


class SpanSource(StrEnum):
    """How a span came to be known."""

    CLOCK = "clock"
    TYPED = "typed"
    IMPORT = "import"


SOURCE_LABELS = {SpanSource.CLOCK: "pointée", SpanSource.TYPED: "saisie", SpanSource.IMPORT: "importée"}


class BadSpan(BadFields):
    """Hours cannot be kept so; `findings` says which value and why."""


@dataclass(frozen=True)
class SpanDraft:
    """Hours as somebody enters them."""

    owner_id: UUID
    started_at: datetime
    ended_at: datetime | None
    break_minutes: int = 0
    break_began_at: datetime | None = None
    task: str = ""
    note: str = ""
    party_id: UUID | None = None


DRAFT_FIELDS = tuple(one.name for one in fields(SpanDraft))


@dataclass(frozen=True)
class Span:
    """Hours as they are reckoned: a stretch of work with its break."""

    started_at: datetime
    ended_at: datetime
    break_minutes: int = 0


def check_span(draft: SpanDraft, *, now: datetime) -> SpanDraft:
    """Return the draft on whole minutes and without needless spaces.

    Raises: BadSpan: with all its findings.
    """
    draft = replace(
        draft,
        started_at=whole_minute(draft.started_at),
        ended_at=draft.ended_at and whole_minute(draft.ended_at),
        break_began_at=draft.break_began_at and whole_minute(draft.break_began_at),
        task=" ".join(draft.task.split()),
        note=" ".join(draft.note.split()),
    )
    found = [*_times(draft, now), *_break(draft)]
    for name in ("task", "note"):
        if len(getattr(draft, name)) > LONGEST_TEXT:
            found.append(Finding(name, "Ce texte dépasse {longest} caractères.", {"longest": LONGEST_TEXT}))
    if found:
        raise BadSpan(found)
    return draft


def _times(draft: SpanDraft, now: datetime) -> Iterable[Finding]:
    end = draft.ended_at
    if draft.started_at > now or (end is not None and end > now + HOUR):
        yield Finding("started_at", "Ces heures sont dans le futur.")
    if end is not None and end <= draft.started_at:
        yield Finding("ended_at", "Le départ doit suivre l’arrivée.")
    elif end is not None and end - draft.started_at > LONGEST_SPAN:
        yield Finding("ended_at", "Plus de 16 heures d’affilée : vérifiez l’arrivée et le départ.")


def _break(draft: SpanDraft) -> Iterable[Finding]:
    length = (draft.ended_at or draft.started_at + LONGEST_SPAN) - draft.started_at
    pause = timedelta(minutes=draft.break_minutes)
    if draft.break_minutes < 0 or pause >= length > timedelta(0):
        yield Finding("break_minutes", "La pause est plus longue que le travail.")
    began = draft.break_began_at
    if draft.break_minutes >= TOLD_BREAK and began is None:
        yield Finding("break_began_at", "Dès 30 minutes, indiquez quand la pause a commencé.")
    if began is not None and not draft.started_at <= began <= draft.started_at + length:
        yield Finding("break_began_at", "La pause commence pendant le travail.")


def whole_minute(at: datetime) -> datetime:
    """Return an instant without its seconds."""
    return at.replace(second=0, microsecond=0)


def minutes_of(span: Span) -> int:
    """Return how long was worked, the break taken off."""
    return int((span.ended_at - span.started_at).total_seconds()) // 60 - span.break_minutes


def in_hours(minutes: int) -> Decimal:
    """Return minutes as hours with two decimals: 504 → 8.40."""
    return (Decimal(minutes) / 60).quantize(Decimal("0.01"))


def duration_text(minutes: int) -> str:
    """Return a duration as people say it: `8 h 24`; less than nothing with a minus sign.

    >>> duration_text(-65)
    '−1 h 05'
    """
    sign = "−" if minutes < 0 else ""
    return f"{sign}{abs(minutes) // 60}\u00a0h\u00a0{abs(minutes) % 60:02d}"


def local_day(at: datetime) -> date:
    """Return the day of an instant in Switzerland."""
    return at.astimezone(SWISS_TIME).date()


def wall(at: datetime) -> str:
    """Return the time that clocks in Switzerland show."""
    return f"{at.astimezone(SWISS_TIME):%H:%M}"


def midnight(day: date) -> datetime:
    """Return the instant at which a day begins in Switzerland (UTC)."""
    return datetime.combine(day, time(), SWISS_TIME).astimezone(UTC)


def minutes_by_day(spans: Iterable[Span]) -> dict[date, int]:
    """Return worked minutes by Swiss day: work over midnight is divided there; elapsed time counts when clocks change.

    A break is taken off the day on which its work began, and what exceeds that off the next.
    """
    found: dict[date, int] = {}
    for span in spans:
        pause = span.break_minutes
        for day, minutes in _parts(span):
            taken = min(pause, minutes)
            pause -= taken
            found[day] = found.get(day, 0) + minutes - taken
    return found


def _parts(span: Span) -> Iterable[tuple[date, int]]:
    begins = span.started_at
    while begins < span.ended_at:
        day = local_day(begins)
        ends = min(span.ended_at, midnight(day + timedelta(days=1)))
        yield day, int((ends - begins).total_seconds()) // 60
        begins = ends


def month_of(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def month_after(month: date) -> date:
    """Return the first day of the next month."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def month_bounds(month: date) -> tuple[datetime, datetime]:
    """Return the instants at which a month begins and ends in Switzerland (UTC)."""
    return midnight(month), midnight(month_after(month))


def days_of(month: date) -> list[date]:
    """Return the days of a month."""
    count = (month_after(month) - month).days
    return [month + timedelta(days=number) for number in range(count)]


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def by_week(minutes: Mapping[date, int]) -> dict[date, int]:
    """Return minutes by the Monday of their week."""
    found: dict[date, int] = {}
    for day, of_day in minutes.items():
        found[monday_of(day)] = found.get(monday_of(day), 0) + of_day
    return found


@dataclass(frozen=True)
class Remark:
    """What the labour law would have a look at; a remark, never a refusal."""

    day: date
    message_id: str
    params: Mapping[str, object]


def remarks(spans: Sequence[Span], *, most_week_minutes: int) -> list[Remark]:
    """Return what in a person's hours departs from the labour law, in the order of the days.

    Source: LTr art. 9 (45 or 50 hours a week), art. 15 (breaks of 15, 30, 60 minutes over 5.5, 7, 9 hours), art. 15a
    (11 hours of rest between two days).
    """
    in_order = sorted(spans, key=lambda span: span.started_at)
    found = [*_short_breaks(in_order), *_short_rests(in_order)]
    for monday, minutes in by_week(minutes_by_day(in_order)).items():
        if minutes > most_week_minutes:
            most = duration_text(most_week_minutes)
            found.append(
                Remark(monday, "Semaine de {worked} (au plus {most})", {"worked": duration_text(minutes), "most": most})
            )
    return sorted(found, key=lambda one: (one.day, one.message_id))


BREAKS = ((9 * 60, 60), (7 * 60, 30), (5 * 60 + 30, 15))  # over so many minutes of work, so many of break


def _short_breaks(in_order: Sequence[Span]) -> Iterable[Remark]:
    by_day: dict[date, list[Span]] = {}
    for span in in_order:
        by_day.setdefault(local_day(span.started_at), []).append(span)
    for day, of_day in by_day.items():
        worked = sum(minutes_of(span) for span in of_day)
        gaps = itertools.pairwise(of_day)
        rested = sum(int((after.started_at - before.ended_at).total_seconds()) // 60 for before, after in gaps)
        rested += sum(span.break_minutes for span in of_day)
        needed = next((pause for over, pause in BREAKS if worked > over), 0)
        if rested < needed:
            yield Remark(
                day,
                "Pause de {rested} min pour {worked} (il en faut {needed})",
                {"rested": rested, "worked": duration_text(worked), "needed": needed},
            )


def _short_rests(in_order: Sequence[Span]) -> Iterable[Remark]:
    for before, after in itertools.pairwise(in_order):
        rest = after.started_at - before.ended_at
        is_next_day = local_day(after.started_at) > local_day(before.started_at)
        if is_next_day and timedelta(hours=4) < rest < timedelta(hours=11):
            rested = duration_text(int(rest.total_seconds()) // 60)
            yield Remark(local_day(after.started_at), "Repos de {rested} (il en faut 11)", {"rested": rested})
