"""Reads a table that somebody made elsewhere (CSV, TSV, XLSX, also gzipped) into plain rows of text.

Foreign files are read by a child process with limits (`read_in_child`); what the parent sees afterwards is our own
format: one JSON array `[line, [cells], problem]` per row, beside a summary of what was found.
"""

import gzip
import json
import os
import resource
import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from app.gateways.table_header import Header, find_header
from db.kernel.errors import BadInput

MOST_BYTES = 50 * 1024 * 1024
MOST_UNPACKED = 400 * 1024 * 1024
MOST_COLUMNS = 1000
MOST_CELL = 10_000  # characters in one cell
CHILD_MEMORY = 2 * 1024**3
CHILD_SECONDS = 240
FOREIGN = {
    b"%PDF": "un PDF",
    b"\x89PNG": "une image",
    b"\xff\xd8\xff": "une image",
    b"GIF8": "une image",
    b"\x7fELF": "un programme",
    b"MZ": "un programme",
    b"Rar!": "une archive",
    b"7z\xbc\xaf": "une archive",
    b"{\\rtf": "un texte RTF",
    b"SQLite format 3": "une base de données",
}


class UnreadableFile(BadInput):
    """The file cannot be read as a table; the sentence says why and what would do."""


@dataclass(frozen=True)
class RawRow:
    """One row of the file: its line (of the sheet or the text, from 1), its cells as text, what is wrong with it."""

    line: int
    cells: list[str]
    problem: str = ""


@dataclass(frozen=True)
class RawTable:
    """Rows as they stand in the file, before a header is looked for."""

    format: str  # csv, xlsx
    rows: list[RawRow]
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableSummary:
    """What was found in the file; the rows are in the file beside it."""

    format: str
    columns: list[str]
    rows: int
    blank_lines: int
    header_line: int  # 0 = the file has none
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def read_in_child(
    source: Path, name: str, into: Path, *, sheet: str = "", header_line: int | None = None
) -> TableSummary:
    """Read a foreign file in a process with limits of memory and time; write its rows to `into`; return what was found.

    Raises:
        UnreadableFile: it is no table, is damaged or protected, or reading it takes too much.
    """
    wish = json.dumps(
        {"source": str(source), "name": name, "into": str(into), "sheet": sheet, "header_line": header_line}
    )
    root = Path(__file__).resolve().parents[2]
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(root), "LANG": "C.UTF-8"}
    try:
        child = subprocess.run(
            [sys.executable, "-m", "app.gateways.table_files", wish],
            capture_output=True,
            cwd=root,
            env=environment,
            timeout=CHILD_SECONDS + 30,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UnreadableFile("La lecture du fichier prend trop de temps. Le partager en plusieurs fichiers.") from None
    if child.returncode == 0:
        return TableSummary(**json.loads(child.stdout))
    if child.returncode == 2:
        told = json.loads(child.stdout)
        raise UnreadableFile(told["message_id"], **told["params"])
    raise UnreadableFile(
        "La lecture du fichier demande trop de mémoire ou de temps. Le partager en plusieurs fichiers."
    )


def rows_of(path: Path) -> Iterator[RawRow]:
    """Yield the rows that `read_in_child` wrote."""
    with path.open("rb") as lines:
        for line in lines:
            number, cells, problem = json.loads(line)
            yield RawRow(number, cells, problem)


def read_table(data: bytes, name: str, *, sheet: str = "") -> RawTable:
    """Return the rows of a CSV, TSV or XLSX file, whatever its name says.

    Raises:
        UnreadableFile: the content is no such file.
    """
    if len(data) > MOST_BYTES:
        raise UnreadableFile(
            "Le fichier pèse {mb} Mo ; au plus {most} Mo.", mb=len(data) // 2**20 + 1, most=MOST_BYTES // 2**20
        )
    if data[:2] == b"\x1f\x8b":
        data = _gunzip(data)
    if not data.strip(b"\x00\r\n\t \xef\xbb\xbf"):
        raise UnreadableFile("Le fichier « {name} » est vide.", name=name)
    if data[:4] == b"PK\x03\x04":
        from app.gateways.spreadsheets import read_workbook

        return read_workbook(BytesIO(data), sheet=sheet)
    _refuse_foreign(data)
    from app.gateways.delimited_text import read_text_table

    return read_text_table(data)


def _gunzip(data: bytes) -> bytes:
    try:
        with gzip.open(BytesIO(data)) as packed:
            content = packed.read(MOST_UNPACKED + 1)
    except (OSError, EOFError, zlib.error):
        raise UnreadableFile("Le fichier compressé (.gz) est endommagé.") from None
    if len(content) > MOST_UNPACKED:
        raise UnreadableFile("Le fichier décompressé dépasse {most} Mo.", most=MOST_UNPACKED // 2**20)
    return content


def _refuse_foreign(data: bytes) -> None:
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise UnreadableFile(
                "Le classeur est protégé par un mot de passe. L’enregistrer sans mot de passe, puis recommencer."
            )
        raise UnreadableFile(
            "C’est un ancien classeur Excel (.xls). L’enregistrer en .xlsx ou en CSV, puis recommencer."
        )
    for sign, kind in FOREIGN.items():
        if data.startswith(sign):
            raise UnreadableFile("Le fichier est {kind}, pas un tableau CSV ou XLSX.", kind=kind)


def _summary(raw: RawTable, header: Header, rows: int, blank: int) -> TableSummary:
    return TableSummary(
        format=raw.format,
        columns=header.columns,
        rows=rows,
        blank_lines=blank,
        header_line=header.line,
        encoding=raw.encoding,
        delimiter=raw.delimiter,
        sheet=raw.sheet,
        sheets=list(raw.sheets),
        remarks=[*raw.remarks, *header.remarks],
    )


def normalise(raw: RawTable, into: Path, *, header_line: int | None = None) -> TableSummary:
    """Find the header, write the rows below it to `into`, return what was found.

    Raises:
        UnreadableFile: there is no row below the header, or there are too many columns.
    """
    filled = [row for row in raw.rows if row.problem or any(cell.strip() for cell in row.cells)]
    header = find_header([(row.line, row.cells) for row in filled], header_line=header_line)
    if len(header.columns) > MOST_COLUMNS:
        raise UnreadableFile("Le fichier a {n} colonnes ; au plus {most}.", n=len(header.columns), most=MOST_COLUMNS)
    body = [row for row in filled if row.line > header.line and row.line >= header.first_line]
    if not body:
        raise UnreadableFile("Le fichier n’a que la ligne d’en-têtes : aucune ligne à importer.")
    with into.open("w", encoding="utf-8") as out:
        for row in body:
            cells, problem = _fit(row, header)
            out.write(json.dumps([row.line, cells, problem], ensure_ascii=False) + "\n")
    return _summary(raw, header, len(body), len(raw.rows) - len(filled))


def _fit(row: RawRow, header: Header) -> tuple[list[str], str]:
    width = header.width
    problem = row.problem
    extra = [cell for cell in row.cells[width:] if cell.strip()]
    if extra and not problem:
        problem = f"La ligne a {len(row.cells)} cellules, l’en-tête {width}."
    padded = (row.cells + [""] * width)[:width]
    return [padded[place] for place in header.places], problem


def _main(wish: dict[str, Any]) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (CHILD_MEMORY, CHILD_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CHILD_SECONDS, CHILD_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        raw = read_table(Path(wish["source"]).read_bytes(), wish["name"], sheet=wish["sheet"])
        found = normalise(raw, Path(wish["into"]), header_line=wish["header_line"])
    except BadInput as refusal:
        print(json.dumps({"message_id": refusal.message_id, "params": refusal.params}))
        return 2
    print(json.dumps(asdict(found)))
    return 0


if __name__ == "__main__":
    # Imported under its real name, so that the refusals of the readers and of this module are the same class.
    from app.gateways import table_files

    sys.exit(table_files._main(json.loads(sys.argv[1])))
