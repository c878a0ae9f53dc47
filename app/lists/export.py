"""A view of any list as a file: `/listes/{list}/export/{csv,xlsx}?…`, with the address and policy of its reader."""

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
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from app.doors import now
from app.downloads import for_people, passing_file
from app.lists.address import chosen_columns
from app.lists.kind import ListKind, Worded
from app.lists.reading import surroundings, view_of
from app.lists.register import LISTS, list_called
from app.text import FRENCH, day, say
from db.access.rules import Actor, check_may, may_see_field
from db.kernel.errors import NotFound
from db.session import reading

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# what some spreadsheet takes for a formula, also after spaces and full-width; a sign before figures only is none
_FORMULA = re.compile(r"[\t\r\n]|\s*([=@＝＠＋－]|[+-](?![\d\s()./'-]*\d[\d\s()./'-]*$))")
Head = Sequence[str]
Lines = Iterator[list[Any]]


@for_people
async def export(actor: Actor, request: Request) -> Response:
    """Answer with the file."""
    key, form, address = request.path_params["list"], request.path_params["form"], request.url.query
    if form not in ("csv", "xlsx") or key not in LISTS:
        raise NotFound("Rien à cette adresse.")
    return await run_in_threadpool(answer_with, list_called(key), actor, address, form)


def answer_with(kind: ListKind, actor: Actor, address: str, form: str) -> Response:
    """Return the file as an answer.

    Raises: NotAllowed, BadInput, NotFound.
    """
    head, lines = opened(kind, actor, address)
    name = f"{kind.file}-{now():%Y-%m-%d}.{form}"
    if form == "csv":
        disposition = {"content-disposition": f'attachment; filename="{name}"'}
        return StreamingResponse(as_csv(head, lines), media_type="text/csv; charset=utf-8", headers=disposition)
    path = as_xlsx(say(actor.language, kind.title), head, lines)
    return passing_file(path, media_type=EXCEL, name=name)


def opened(kind: ListKind, actor: Actor, address: str) -> tuple[Head, Lines]:
    """Return the head of the file and its lines, read as they are written; the first is read at once, so that a refusal
    comes before the file begins. An address with columns gives those, one without gives all.

    Raises: NotAllowed, BadInput, NotFound.
    """
    check_may(actor, kind.export)
    around = surroundings(kind, actor)
    wanted = "".join(parse_qs(address).get("columns", [""]))
    chosen = chosen_columns(kind, wanted, around) if wanted else kind.columns_seen(around)
    added = [(label, value) for label, value, name in kind.extra if may_see_field(actor, kind.table, name)]
    language = actor.language
    head = [say(language, label) for label in [*(column.label for column in chosen), *(label for label, _ in added)]]
    values = [column.value for column in chosen] + [value for _, value in added]
    rows = _rows(kind, actor, view_of(kind, actor, address).whole)
    first = next(rows, None)

    def lines() -> Lines:
        for row in (*([first] if first else []),):
            yield [export_value(value(row), language) for value in values]
        for row in rows:
            yield [export_value(value(row), language) for value in values]

    return head, lines()


def _rows(kind: ListKind, actor: Actor, address: str) -> Iterator[Any]:
    with reading() as session:
        yield from kind.queries.whole(session, request=kind.read_request(address), by=actor)


def export_value(value: Any, language: str = FRENCH) -> Any:
    """Return a value as a file holds it: instants as Swiss days, yes and no and states in the reader's words."""
    if isinstance(value, datetime):
        return day(value)
    if isinstance(value, bool):
        return say(language, "oui" if value else "non")
    if isinstance(value, Worded):
        return value.said(language)
    return value


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


def as_xlsx(title: str, head: Head, lines: Lines) -> Path:
    """Write an Excel file and return where; the caller removes it."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
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


routes = Starlette(routes=[Route("/listes/{list}/export/{form}", export)])
