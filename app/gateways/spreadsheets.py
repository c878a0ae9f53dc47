"""Excel workbooks: the values as last calculated, merged cells filled, errors and uncalculated formulas named."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from app.gateways.table_files import MOST_CELL, MOST_UNPACKED, RawRow, RawTable, UnreadableFile

MOST_MEMBERS = 5000
MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]+\d+:[A-Z]+\d+)"')
UNCALCULATED = re.compile(rb'<c r="([A-Z]+)(\d+)"[^>]*>\s*<f[^>]*?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>')
ERRORS = frozenset({"#N/A", "#DIV/0!", "#REF!", "#NAME?", "#NULL!", "#NUM!", "#VALUE!", "#SPILL!", "#CALC!"})
Merge = tuple[int, int, int, int]  # first column, first row, last column, last row


def read_workbook(data: BytesIO, *, sheet: str = "") -> RawTable:
    """Return the rows of one sheet: the named one, else the first that has two rows, else the first.

    Raises:
        UnreadableFile: damaged, not a workbook, too big when unpacked, or no such sheet.
    """
    archive = _checked_archive(data)
    try:
        book = load_workbook(data, read_only=True, data_only=True)
        names = [page.title for page in book.worksheets if page.sheet_state == "visible"] or [
            p.title for p in book.worksheets
        ]
        if not names:
            raise UnreadableFile("Le classeur n’a aucune feuille de tableau.")
        if sheet and sheet not in names:
            raise UnreadableFile("Le classeur n’a pas de feuille « {sheet} ».", sheet=sheet)
        wanted = [sheet] if sheet else names
        for name in wanted:
            page = book[name]
            rows = list(_rows(page, archive.read(page._worksheet_path.lstrip("/"))))
            if sum(1 for row in rows if any(row.cells)) > 1 or len(wanted) == 1:
                break
        else:
            name, rows = names[0], []
    except UnreadableFile:
        raise
    except (
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        OSError,
        EOFError,
        ParseError,
        zipfile.BadZipFile,
        InvalidFileException,
    ):
        raise UnreadableFile(
            "Le classeur est endommagé. L’ouvrir dans Excel, l’enregistrer à nouveau, puis recommencer."
        ) from None
    if not any(any(row.cells) for row in rows):
        raise UnreadableFile("Le classeur est vide.")
    return RawTable("xlsx", rows, sheet=name, sheets=tuple(names), remarks=_remarks(names, name))


def _remarks(names: Sequence[str], chosen: str) -> tuple[str, ...]:
    if len(names) == 1:
        return ()
    return (f"{len(names)} feuilles ; « {chosen} » est lue.",)


def _checked_archive(data: BytesIO) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(data)
        members = archive.infolist()
    except zipfile.BadZipFile:
        raise UnreadableFile(
            "Le classeur est endommagé. L’ouvrir dans Excel, l’enregistrer à nouveau, puis recommencer."
        ) from None
    names = {member.filename for member in members}
    if sum(member.file_size for member in members) > MOST_UNPACKED or len(members) > MOST_MEMBERS:
        raise UnreadableFile(
            "Le classeur décompressé dépasse {most} Mo : il n’est pas lu.", most=MOST_UNPACKED // 2**20
        )
    if "mimetype" in names and archive.read("mimetype").startswith(b"application/vnd.oasis"):
        raise UnreadableFile("C’est un fichier OpenDocument. L’enregistrer en .xlsx ou en CSV, puis recommencer.")
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise UnreadableFile("C’est une archive ou un autre document, pas un classeur .xlsx.")
    return archive


def _rows(page: Any, xml: bytes) -> Iterator[RawRow]:
    merges = _merged_downwards(xml)
    waiting = {int(row): column.decode() for column, row in UNCALCULATED.findall(xml)}
    kept: dict[Merge, str] = {}
    page.reset_dimensions()  # written by other programs they are often wrong
    for line, values in enumerate(page.iter_rows(values_only=True), start=1):
        cells = [as_text(value) for value in values]
        _fill_merged(cells, line, merges.get(line, ()), kept)
        problem = (
            f"La formule de la cellule {waiting[line]}{line} n’a pas de valeur calculée." if line in waiting else ""
        )
        longest = max(map(len, cells), default=0)
        if longest > MOST_CELL:
            problem = f"Une cellule compte {longest} caractères ; au plus {MOST_CELL}."
        yield RawRow(line, cells, problem)


def _merged_downwards(xml: bytes) -> dict[int, list[Merge]]:
    """Return, per line, the merges of one column over several lines; a title over several columns is one cell."""
    found: dict[int, list[Merge]] = {}
    for reference in MERGED.findall(xml):
        left, top, right, bottom = (int(bound or 0) for bound in range_boundaries(reference.decode()))
        if left == right and bottom > top:
            for line in range(top, bottom + 1):
                found.setdefault(line, []).append((left, top, right, bottom))
    return found


def _fill_merged(cells: list[str], line: int, merges: Sequence[Merge], kept: dict[Merge, str]) -> None:
    for merge in merges:
        column, top = merge[0] - 1, merge[1]
        cells.extend([""] * (column + 1 - len(cells)))
        if line == top:
            kept[merge] = cells[column]
        cells[column] = cells[column] or kept.get(merge, "")


def as_text(value: Any) -> str:
    """Return a cell's value as text that means the same: days as ISO, figures with a point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number_text(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def _number_text(value: float) -> str:
    # A sheet keeps 15 significant digits; beyond them stands only the noise of binary fractions.
    number = Decimal(format(value, ".15g"))
    return format(number.normalize(), "f") if number != number.to_integral() else str(int(number))
