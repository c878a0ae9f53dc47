"""Files as other programs write them, and files that are no tables at all."""

import gzip
import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gateways import delimited_text
from app.gateways.delimited_text import csv_bytes, delimiter_of, encoding_of, safe_cell
from app.gateways.table_files import (
    MOST_CELL,
    TableSummary,
    UnreadableFile,
    normalise,
    read_in_child,
    read_table,
    rows_of,
)

HEADER = "Société;E-mail;Montant;Reçue le\r\n"
ROWS = "Boulangerie Äpfel;a@ex.ch;1'234.50;31.12.2025\r\nGenève Décor;b@ex.ch;12.00;01.02.2026\r\n"


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], include_characters="\n"), max_size=12).map(
    lambda end: "x" + end
)


def table(content: bytes, folder: Path, **options: object) -> tuple[TableSummary, list[list[str]]]:
    """Return what is found in a file, and its rows."""
    found = normalise(read_table(content, "fichier.csv"), folder / "rows.jsonl", **options)  # type: ignore[arg-type]
    return found, [row.cells for row in rows_of(folder / "rows.jsonl")]


def workbook(rows: list[list[object]], **sheets: list[list[object]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    for name, content in sheets.items():
        page = book.create_sheet(name)
        for row in content:
            page.append(row)
    return book


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class TestEncodingOf:
    @pytest.mark.parametrize(
        "encoding", ["utf-8", "utf-8-sig", "cp1252", "mac_roman", "utf-16", "utf-16-le", "utf-16-be"]
    )
    def test_finds_what_a_swiss_office_writes(self, encoding: str, tmp_path: Path) -> None:
        found, rows = table((HEADER + ROWS).encode(encoding), tmp_path)

        assert found.columns == ["Société", "E-mail", "Montant", "Reçue le"]
        assert rows[0] == ["Boulangerie Äpfel", "a@ex.ch", "1'234.50", "31.12.2025"]

    def test_reads_windows_quotes_and_the_euro(self) -> None:
        assert encoding_of("l’œuvre « à 5 € »;élève".encode("cp1252")) == "cp1252"


class TestDelimiterOf:
    @pytest.mark.parametrize("sign", [";", ",", "\t", "|"])
    def test_finds_each(self, sign: str) -> None:
        assert (
            delimiter_of("\n".join(sign.join(row) for row in [["a", "b", "c"], ["1", "2", "3"], ["4", "5", "6"]]))
            == sign
        )

    def test_is_not_misled_by_decimal_commas(self) -> None:
        assert delimiter_of("nom;prix\nA;1,50\nB;2,25\nC;3,10\n") == ";"

    def test_is_not_misled_by_quoted_text_with_line_breaks(self) -> None:
        assert delimiter_of('a,b\n"un; deux; trois\nquatre; cinq",2\n"x; y",3\n') == ","

    def test_obeys_what_excel_writes_above(self, tmp_path: Path) -> None:
        found, rows = table(b"sep=|\na|b;c\n1|2;3\n", tmp_path)

        assert found.columns == ["a", "b;c"]
        assert rows == [["1", "2;3"]]


class TestReadTable:
    def test_keeps_the_line_where_a_row_of_several_lines_begins(self, tmp_path: Path) -> None:
        content = b'nom;note\nA;"deux\nlignes"\nB;une\n'

        normalise(read_table(content, "x.csv"), tmp_path / "r")

        assert [(row.line, row.cells) for row in rows_of(tmp_path / "r")] == [
            (2, ["A", "deux\nlignes"]),
            (4, ["B", "une"]),
        ]

    def test_reads_gzipped_text(self, tmp_path: Path) -> None:
        assert table(gzip.compress((HEADER + ROWS).encode()), tmp_path)[0].rows == 2

    def test_skips_the_title_above_the_header(self, tmp_path: Path) -> None:
        found, _rows = table(("Export du 12.03.2026;;;\r\n;;;\r\n" + HEADER + ROWS).encode(), tmp_path)

        assert found.header_line == 3
        assert found.columns[0] == "Société"
        assert "au-dessus" in found.remarks[0]

    def test_letters_the_columns_of_a_file_without_header(self, tmp_path: Path) -> None:
        found, rows = table(ROWS.encode(), tmp_path)

        assert found.columns == ["Colonne A", "Colonne B", "Colonne C", "Colonne D"]
        assert len(rows) == 2

    def test_names_doubled_and_blank_headers(self, tmp_path: Path) -> None:
        found, rows = table(b"Nom;Nom;;Ville;\nA;B;C;D;\n", tmp_path)

        assert found.columns == ["Nom", "Nom (2)", "Colonne C", "Ville"]
        assert rows == [["A", "B", "C", "D"]]

    def test_names_the_row_that_has_too_many_cells(self, tmp_path: Path) -> None:
        normalise(read_table(b"a;b\n1;2\n1;2;3\n1\n", "x.csv"), tmp_path / "r")

        assert [row.problem for row in rows_of(tmp_path / "r")] == ["", "La ligne a 3 cellules, l’en-tête 2.", ""]

    def test_counts_blank_lines_apart(self, tmp_path: Path) -> None:
        found, _ = table(b"a;b\n1;2\n\n;\n3;4\n", tmp_path)

        assert (found.rows, found.blank_lines) == (2, 2)

    def test_reads_300_columns(self, tmp_path: Path) -> None:
        content = ";".join(f"c{i}" for i in range(300)) + "\n" + ";".join(["1"] * 300) + "\n"

        assert len(table(content.encode(), tmp_path)[0].columns) == 300

    def test_names_the_huge_cell(self, tmp_path: Path) -> None:
        normalise(read_table(b"a;b\n1;" + b"x" * (MOST_CELL + 1) + b"\n", "x.csv"), tmp_path / "r")

        assert "10001 caract" in next(iter(rows_of(tmp_path / "r"))).problem

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "vide"),
            (b"\xef\xbb\xbf\r\n  \n", "vide"),
            (b"nom;ville\n", "aucune ligne"),
            (b"%PDF-1.7 \x00\x01", "un PDF"),
            (b"\x89PNG\r\n\x1a\n\x00\x00", "une image"),
            (bytes(range(256)) * 40, "pas du texte"),
            (b'nom;ville\nA;"jamais ferm\nB;C\nD;E\n', "ligne 2 n’est jamais refermé"),
            (b"\x1f\x8b\x08\x00broken", "endommagé"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "mot de passe"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "ancien classeur"),
            (b"PK\x03\x04garbage that is no archive", "endommagé"),
        ],
    )
    def test_says_in_a_sentence_what_cannot_be_read(self, content: bytes, words: str, tmp_path: Path) -> None:
        with pytest.raises(UnreadableFile, match=words):
            table(content, tmp_path)

    @given(st.lists(st.lists(WORDS, min_size=3, max_size=3), min_size=2, max_size=8))
    def test_reads_back_whatever_was_written(self, cells: list[list[str]]) -> None:
        raw = delimited_text.read_text_table(csv_bytes(["a", "b", "c"], cells))

        assert [row.cells for row in raw.rows] == [["a", "b", "c"], *cells]


class TestReadWorkbook:
    def test_gives_days_figures_and_booleans_as_plain_text(self, tmp_path: Path) -> None:
        rows = [
            ["jour", "instant", "montant", "entier", "oui", "tiers"],
            [date(2025, 12, 31), datetime(2025, 12, 31, 14, 5), 1234.5, 7, True, 0.1 + 0.2],  # noqa: DTZ001 - a sheet knows no zone
        ]

        _, read = table(saved(workbook(rows)), tmp_path)  # type: ignore[arg-type]

        assert read == [["2025-12-31", "2025-12-31 14:05:00", "1234.5", "7", "true", "0.3"]]

    def test_repeats_what_is_merged_downwards_only(self, tmp_path: Path) -> None:
        book = workbook([["ville", "nom"], ["Lausanne", "A"], [None, "B"], ["Genève", "C"]])
        book.active.merge_cells("A2:A3")  # type: ignore[union-attr]

        _, rows = table(saved(book), tmp_path)

        assert [row[0] for row in rows] == ["Lausanne", "Lausanne", "Genève"]

    def test_names_a_formula_that_was_never_calculated(self, tmp_path: Path) -> None:
        content = saved(workbook([["nom", "total"], ["A", "=1+1"], ["B", 3]]))

        normalise(read_table(content, "x.xlsx"), tmp_path / "r")

        assert [row.problem for row in rows_of(tmp_path / "r")] == [
            "La formule de la cellule B2 n’a pas de valeur calculée.",
            "",
        ]

    def test_takes_the_first_sheet_with_rows_and_says_so(self, tmp_path: Path) -> None:
        book = workbook([["Rapport"]], Pistes=[["nom", "ville"], ["A", "B"]])

        found, rows = table(saved(book), tmp_path)

        assert (found.sheet, found.sheets) == ("Pistes", ["Sheet", "Pistes"])
        assert rows == [["A", "B"]]

    def test_takes_the_sheet_that_is_asked_for(self) -> None:
        content = saved(workbook([["a"], ["1"]], Autre=[["b"], ["2"]]))

        assert read_table(content, "x.xlsx", sheet="Autre").rows[1].cells == ["2"]
        with pytest.raises(UnreadableFile, match="pas de feuille « Rien »"):
            read_table(content, "x.xlsx", sheet="Rien")

    def test_refuses_a_damaged_workbook(self, tmp_path: Path) -> None:
        content = saved(workbook([["a", "b"], ["1", "2"]]))

        with pytest.raises(UnreadableFile, match="endommagé"):
            table(content[: len(content) // 2], tmp_path)

    def test_refuses_a_workbook_that_unpacks_to_too_much(self, tmp_path: Path) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("[Content_Types].xml", "<Types/>")
            with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member:
                for _ in range(500):
                    member.write(b"\x00" * 2**20)

        with pytest.raises(UnreadableFile, match="décompressé dépasse"):
            table(out.getvalue(), tmp_path)

    def test_refuses_other_archives(self, tmp_path: Path) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")

        with pytest.raises(UnreadableFile, match="OpenDocument"):
            table(out.getvalue(), tmp_path)


class TestReadInChild:
    def test_reads_in_a_process_of_its_own(self, tmp_path: Path) -> None:
        source = tmp_path / "fichier.csv"
        source.write_bytes((HEADER + ROWS).encode("cp1252"))

        found = read_in_child(source, "fichier.csv", tmp_path / "rows")

        assert (found.rows, found.encoding, found.delimiter) == (2, "cp1252", ";")
        assert [row.line for row in rows_of(tmp_path / "rows")] == [2, 3]

    def test_hands_the_refusal_back_in_words(self, tmp_path: Path) -> None:
        source = tmp_path / "fichier.csv"
        source.write_bytes(b"%PDF-1.4")

        with pytest.raises(UnreadableFile, match="Le fichier est un PDF"):
            read_in_child(source, "fichier.csv", tmp_path / "rows")


class TestSafeCell:
    @pytest.mark.parametrize("text", ["=cmd|'/c calc'!A1", "+SUM(A1)", "@x", "-2+3+cmd", "\t=1"])
    def test_makes_formulas_harmless(self, text: str) -> None:
        assert safe_cell(text) == "'" + text

    @pytest.mark.parametrize("text", ["-5", "+41 21 801 23 45", "−3", "12 %", "texte", "-1'234.50"])
    def test_leaves_figures_and_text(self, text: str) -> None:
        assert safe_cell(text) == text
