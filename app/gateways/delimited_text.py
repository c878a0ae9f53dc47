"""Text tables: which encoding, which delimiter, and CSV that is safe to open in a spreadsheet."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from app.gateways.table_files import MOST_CELL, RawRow, RawTable, UnreadableFile

DELIMITERS = (";", ",", "\t", "|")
SAMPLE = 200_000
FIELD_LIMIT = 2_000_000
# Letters that French and German text really uses: the encoding that gives more of them is the right one.
USUAL = frozenset("éèêëàâäîïôöùûüçœÉÈÊÀÂÄÎÔÖÙÛÜÇß’«»°–…€")
DANGEROUS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
CONTROLS = ("\t", "\r", "\n")
A_NUMBER = re.compile(r"[-+]?\d[\d'’., ]*%?")


def read_text_table(data: bytes) -> RawTable:
    """Return the rows of delimited text.

    Raises:
        UnreadableFile: the bytes are no text, or a quote is never closed.
    """
    encoding = encoding_of(data)
    text = data.decode(encoding, errors="strict").removeprefix("﻿")
    if sum(1 for sign in text[:SAMPLE] if sign < " " and sign not in "\t\r\n\x0b\x0c") > len(text[:SAMPLE]) // 200:
        raise UnreadableFile("Le fichier n’est pas du texte : ni CSV ni XLSX.")
    told = re.match(r"sep=(.)\r?\n", text)
    delimiter = told.group(1) if told else delimiter_of(text[:SAMPLE])
    rows = _rows(text, delimiter)
    return RawTable("csv", rows[1:] if told else rows, encoding=encoding, delimiter=delimiter)


def encoding_of(data: bytes) -> str:
    """Return the encoding of the text: UTF-8, UTF-16, Windows (cp1252) or old Macintosh.

    Raises:
        UnreadableFile: it is none of them.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    head = data[:4000]
    if head.count(b"\x00") > len(head) // 4:
        return "utf-16-le" if head[1::2].count(b"\x00") > head[::2].count(b"\x00") else "utf-16-be"
    if b"\x00" in data:
        raise UnreadableFile("Le fichier n’est pas du texte : ni CSV ni XLSX.")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return max(("cp1252", "mac_roman", "latin-1"), key=lambda name: _likeness(data, name))
    return "utf-8"


def _likeness(data: bytes, encoding: str) -> int:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return -(10**9)
    signs = Counter(byte for byte in data if byte >= 0x80)
    score = 0
    for byte, count in signs.items():
        letter = bytes([byte]).decode(encoding)
        score += count if letter in USUAL else 0 if letter.isalpha() else -count
    return score


def delimiter_of(sample: str) -> str:
    """Return the delimiter that cuts the sample into rows of equal width, most evenly and then most finely."""
    return max(DELIMITERS, key=lambda sign: _evenness(sample, sign))


def _evenness(sample: str, delimiter: str) -> tuple[float, int]:
    try:
        rows = [row for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if any(row)]
    except csv.Error:
        return 0.0, 0
    rows = rows[:-1] if len(rows) > 3 else rows  # the last one may be cut
    widths = Counter(len(row) for row in rows)
    if not widths:
        return 0.0, 0
    usual, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    if usual == 1:
        wide = sum(n for width, n in widths.items() if width > 1)
        return 0.3 * wide / len(rows), max(widths)
    return round(count / len(rows), 1), usual


def _rows(text: str, delimiter: str) -> list[RawRow]:
    csv.field_size_limit(FIELD_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[RawRow] = []
    line = 1
    try:
        for cells in reader:
            rows.append(RawRow(line, cells, _too_long(cells)))
            line = reader.line_num + 1
    except csv.Error:
        raise UnreadableFile(
            "La ligne {line} ne se lit pas : un guillemet n’est sans doute jamais refermé.", line=line
        ) from None
    if rows and reader.line_num > rows[-1].line and text.count('"') % 2:
        raise UnreadableFile("Un guillemet ouvert à la ligne {line} n’est jamais refermé.", line=rows[-1].line)
    return rows


def _too_long(cells: Sequence[str]) -> str:
    longest = max(map(len, cells), default=0)
    return f"Une cellule compte {longest} caractères ; au plus {MOST_CELL}." if longest > MOST_CELL else ""


def safe_cell(text: str) -> str:
    """Return text that a spreadsheet does not take for a formula (a leading apostrophe where it would be)."""
    if text.startswith(CONTROLS) or (text.lstrip().startswith(DANGEROUS) and not A_NUMBER.fullmatch(text.strip())):
        return "'" + text
    return text


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a table as Swiss Excel opens it: `;`, UTF-8 with BOM, formulas made harmless."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([safe_cell(name) for name in header])
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")
