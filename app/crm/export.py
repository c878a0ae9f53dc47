"""A view of the list as a file: `/pistes/export/{csv,xlsx}?…`, with the list's address and its reader's policy."""

import csv
import io
import re
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from app.crm.columns import EXPORT_ONLY, all_columns, chosen_columns, columns_seen, export_value
from app.crm.list_view import asked_for
from app.doors import now
from app.session import who_is
from app.text import say
from db.access.rules import Actor, check_may, may_see_field
from db.crm.leads.listing.rules import ListRequest, ListRow
from db.crm.leads.queries import leads_of_view
from db.kernel.errors import BusinessError
from db.records.custom_fields.queries import fields_for
from db.session import reading

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d\s()./'-]*\d[\d\s()./'-]*$)")  # a sign before figures only is none
Head = Sequence[str]
Lines = Iterator[list[Any]]


async def export(request: Request) -> Response:
    """Answer with the file, or with why not."""
    kind, address = request.path_params["kind"], request.url.query
    if kind not in ("csv", "xlsx"):
        return PlainTextResponse("Rien à cette adresse.", status_code=404)
    actor = await run_in_threadpool(who_is, request.headers.get("cookie", ""))
    if actor is None:
        return PlainTextResponse("Se connecter à Boussole avant d'exporter.", status_code=401)
    try:
        check_may(actor, "crm.export_leads")
        _, asked = asked_for(address)
        head, lines = await run_in_threadpool(opened, actor, asked, "".join(parse_qs(address).get("columns", [""])))
    except BusinessError as refusal:
        return PlainTextResponse(say(actor.language, refusal.message_id, **refusal.params), status_code=403)
    name = f"pistes-{now():%Y-%m-%d}.{kind}"
    if kind == "csv":
        disposition = {"content-disposition": f'attachment; filename="{name}"'}
        return StreamingResponse(as_csv(head, lines), media_type="text/csv; charset=utf-8", headers=disposition)
    path = await run_in_threadpool(as_xlsx, head, lines)
    return FileResponse(path, media_type=EXCEL, filename=name, background=BackgroundTask(path.unlink))


def opened(actor: Actor, asked: ListRequest, columns: str) -> tuple[Head, Lines]:
    """Return the head of the file and its lines, read as they are written; the first is read at once, so that a refusal
    comes before the file begins.

    Raises: BadInput, NotFound.
    """
    with reading() as session:
        fields = fields_for(session, kind="lead", by=actor)
    chosen = columns_seen(chosen_columns(columns, fields) if columns else all_columns(fields), actor)
    added = [(label, value) for label, value, name in EXPORT_ONLY if may_see_field(actor, "lead", name)]
    head = [column.label for column in chosen] + [label for label, _ in added]
    values = [column.value for column in chosen] + [value for _, value in added]
    rows = _rows(actor, asked)
    first = next(rows, None)

    def lines() -> Lines:
        for row in (*([first] if first else []),):
            yield [export_value(value(row)) for value in values]
        for row in rows:
            yield [export_value(value(row)) for value in values]

    return head, lines()


def _rows(actor: Actor, asked: ListRequest) -> Iterator[ListRow]:
    with reading() as session:
        yield from leads_of_view(session, request=asked, by=actor)


def as_csv(head: Head, lines: Lines) -> Iterator[bytes]:
    """Yield a CSV file that Excel in Switzerland opens: `;`, UTF-8 with byte order mark, CRLF."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow([harmless(label) for label in head])
    for number, line in enumerate(lines):
        writer.writerow([_in_csv(value) for value in line])
        if number % 200 == 199:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8")


def _in_csv(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return format(value, ".4f")
    if hasattr(value, "strftime"):
        return f"{value:%d.%m.%Y}"
    return harmless(str(value))


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula; phone numbers stay as they are."""
    return "'" + text if _FORMULA.match(text) else text


def as_xlsx(head: Head, lines: Lines) -> Path:
    """Write an Excel file and return where; the caller removes it."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Pistes")
    sheet.append([_in_xlsx(label) for label in head])
    for line in lines:
        sheet.append([_in_xlsx(value) for value in line])
    with tempfile.NamedTemporaryFile(suffix=".xlsx", delete=False) as file:
        book.save(file)
    return Path(file.name)


def _in_xlsx(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, str):
        return harmless("".join(c for c in value if c >= " " or c in "\n\t"))[:32_000]
    return value


routes = Starlette(routes=[Route("/pistes/export/{kind}", export)])
