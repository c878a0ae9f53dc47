"""`/feuille-heures/{owner}/{month}/{csv,xlsx}`: a person's month as a file, to herself and to who reads her hours."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from app.doors import ask, now
from app.downloads import for_people, passing_file
from app.lists.export import EXCEL, as_csv, as_xlsx
from app.people.sheet_view import month_key
from db.access.calendars.rules import SWISS_TIME
from db.access.rules import Actor
from db.kernel.errors import NotFound
from db.people.hours.queries import SpanFacts
from db.people.hours.rules import Span, in_hours, minutes_of, wall
from db.people.months.queries import MonthSheet, month_sheet

HEAD = (
    "Jour",
    "Arrivée",
    "Départ",
    "Pause (min)",
    "Début de la pause",
    "Heures",
    "Travail",
    "Client",
    "Note",
    "Congé",
    "Dû (heures)",
)


@for_people
async def sheet(actor: Actor, request: Request) -> Response:
    """Answer with the file."""
    form = request.path_params["form"]
    try:
        owner_id, month = UUID(request.path_params["owner"]), date.fromisoformat(f"{request.path_params['month']}-01")
    except ValueError:
        raise NotFound("Rien à cette adresse.") from None
    if form not in ("csv", "xlsx"):
        raise NotFound("Rien à cette adresse.")
    found = await run_in_threadpool(ask, actor, month_sheet, owner_id=owner_id, month=month, by=actor, at=now())
    name, lines = f"heures-{month_key(month)}.{form}", lines_of(found, now())
    if form == "csv":
        disposition = {"content-disposition": f'attachment; filename="{name}"'}
        return StreamingResponse(as_csv(HEAD, iter(lines)), media_type="text/csv; charset=utf-8", headers=disposition)
    path = await run_in_threadpool(as_xlsx, f"Heures {month_key(month)}", HEAD, iter(lines))
    return passing_file(path, media_type=EXCEL, name=name)


def lines_of(found: MonthSheet, at: datetime) -> list[list[Any]]:
    """Return the lines of the file: each stretch of work with its day, the days without, corrections, and the total."""
    lines: list[list[Any]] = []
    for one in found.days:
        due: Decimal | None = in_hours(one.due)
        for span in one.spans:
            lines.append([one.day, *_span_cells(span, at), one.off, due])
            due = None
        if not one.spans and (one.due or one.off):
            lines.append([one.day, *[None] * 8, one.off, due])
    for put in found.corrections:
        lines.append([put.day, *[None] * 4, in_hours(put.minutes), "Correction", None, put.reason, None, None])
    return [*lines, ["Total", *[None] * 4, in_hours(found.worked), *[None] * 4, in_hours(found.due)]]


def _span_cells(span: SpanFacts, at: datetime) -> list[Any]:
    worked = minutes_of(Span(span.started_at, span.ended_at or at, span.break_minutes))
    ends, began = _end(span.started_at, span.ended_at), span.break_began_at
    pause = [span.break_minutes or None, wall(began) if began else None]
    return [wall(span.started_at), ends, *pause, in_hours(worked), span.task, span.party_name, span.note]


def _end(begins: datetime, ends: datetime | None) -> str | None:
    """Return the end, with its day where that is another one."""
    if ends is None:
        return None
    is_same = begins.astimezone(SWISS_TIME).date() == ends.astimezone(SWISS_TIME).date()
    return wall(ends) if is_same else f"{ends.astimezone(SWISS_TIME):%d.%m. %H:%M}"


routes = Starlette(routes=[Route("/feuille-heures/{owner}/{month}/{form}", sheet)])
