"""Finds the header of a table, and gives every column a name of its own."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

LOOKED_AT = 25  # lines at the top
DATA_SHAPE = re.compile(
    r"^(?:[^@\s]+@[^@\s]+\.[a-z]{2,}"  # an e-mail
    r"|\d{1,2}[./]\d{1,2}[./]\d{2,4}.*|\d{4}-\d\d-\d\d.*"  # a date
    r"|\+?\d[\d ()./]{8,}"  # a phone number
    r"|[-+−]?\d[\d'’   ]*(?:[.,]\d+)?\s*%?)$",  # a figure
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Header:
    """The names of the columns, where they stand, and from which line on there are data."""

    columns: list[str]
    places: list[int]  # the index of each kept column in the file
    width: int  # cells of a row in the file
    line: int  # 0 = no header
    first_line: int
    remarks: list[str] = field(default_factory=list)


def find_header(rows: Sequence[tuple[int, list[str]]], *, header_line: int | None = None) -> Header:
    """Return the header among the first lines; `header_line` overrules (0 = the file has none)."""
    at = _header_at(rows, header_line)
    widths = Counter(_filled_width(cells) for _, cells in rows[: 4 * LOOKED_AT])
    if at is None:
        width = max(widths)
        return Header(
            [column_name(i) for i in range(width)], list(range(width)), width, 0, rows[0][0],
            ["Pas de ligne d’en-têtes : les colonnes portent leur lettre."],
        )  # fmt: skip
    line, cells = rows[at]
    return _named(line, cells, [row for _, row in rows[at + 1 :]], skipped=at)


def column_name(place: int) -> str:
    """Return "Colonne C" for place 2, as a spreadsheet letters it."""
    letters = ""
    number = place + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return f"Colonne {letters}"


def _filled_width(cells: list[str]) -> int:
    return max((i + 1 for i, cell in enumerate(cells) if cell.strip()), default=0)


def _header_at(rows: Sequence[tuple[int, list[str]]], wished: int | None) -> int | None:
    if wished == 0:
        return None
    if wished is not None:
        return next((i for i, (line, _) in enumerate(rows) if line >= wished), 0)
    top = rows[:LOOKED_AT]
    widths = Counter(sum(1 for cell in cells if cell.strip()) for _, cells in top)
    usual = max(widths, key=lambda width: (widths[width], width))
    for i, (_, cells) in enumerate(top):
        filled = [cell.strip() for cell in cells if cell.strip()]
        if len(filled) >= max(1, (usual + 1) // 2) or len(filled) == len(cells):
            return i if _looks_like_header(filled) else None
    return 0


def _looks_like_header(cells: list[str]) -> bool:
    data = sum(1 for cell in cells if DATA_SHAPE.match(cell) and not re.fullmatch(r"(19|20)\d\d", cell))
    return data == 0 or data * 3 < len(cells)


def _named(line: int, cells: list[str], body: list[list[str]], *, skipped: int) -> Header:
    width = max(
        _filled_width(cells), max((_filled_width(row) for row in body[:200] if len(row) <= len(cells)), default=0)
    )
    seen: Counter[str] = Counter()
    names, places, blank, double = [], [], [], []
    for place in range(width):
        name = " ".join(cells[place].split()) if place < len(cells) else ""
        if not name:
            if not any(place < len(row) and row[place].strip() for row in body):
                continue
            name = column_name(place)
            blank.append(name)
        seen[name.casefold()] += 1
        if seen[name.casefold()] > 1:
            name = _free_name(name, seen)
            double.append(name)
        names.append(name[:120])
        places.append(place)
    return Header(names, places, max(width, len(cells)), line, line + 1, _remarks(skipped, blank, double))


def _free_name(name: str, seen: "Counter[str]") -> str:
    number = seen[name.casefold()]
    while seen[f"{name} ({number})".casefold()]:
        number += 1
    seen[f"{name} ({number})".casefold()] += 1
    return f"{name} ({number})"


def _remarks(skipped: int, blank: list[str], double: list[str]) -> list[str]:
    told = []
    if skipped:
        told.append(
            f"{skipped} ligne{'s' if skipped > 1 else ''} au-dessus des en-têtes, ignorée{'s' if skipped > 1 else ''}."
        )
    if blank:
        told.append("Colonne sans nom : " + ", ".join(blank[:5]) + ".")
    if double:
        told.append("Nom de colonne répété : " + ", ".join(double[:5]) + ".")
    return told
