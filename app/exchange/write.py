"""Write a whole company into one archive of open formats: CSV and JSON lines per table, every file, one manifest."""

import csv
import hashlib
import io
import json
import os
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Column, Connection, Table, select

from app.backup.dump import sentences_for
from app.backup.present import is_new, tables_of
from app.backup.values import selected, writer
from app.exchange.kept import UNFINISHED
from app.exchange.layout import LEFT_OUT, MANIFEST, README, clean_name, exported, is_money, is_secret
from app.exchange.manifest import ColumnFacts, Manifest, Member, TableFacts
from app.gateways.delimited_text import safe_cell
from db.kernel.errors import BadInput
from db.migrations.run import revision_of
from db.schema import metadata
from db.session import data_folder, database_url, engine, open_company

BATCH = 2000
Progress = Callable[[int, int, str], None]
TEXT = """Boussole : export d’une entreprise entière

manifest.json   ce que contient l’archive : version, tables, colonnes, nombres de lignes, sommes des montants, sha256
tables/*.csv    une table par fichier, pour un tableur (UTF-8, séparateur ;, première ligne = colonnes)
tables/*.jsonl  les mêmes lignes, exactes, une par ligne (JSON) ; c’est d’elles que se fait l’import
files/SHA/NOM   chaque fichier reçu, chaque pièce jointe, chaque modèle, sous son sha256 et son nom

Les mots de passe, seconds facteurs et clés d’accès n’y sont pas : après l’import, chacun reçoit un lien.
Remettre en place : boussole import-company FICHIER.zip, dans une installation vide.
"""


def export_company(target: Path, *, at: datetime, progress: Progress = lambda *_: None) -> Manifest:
    """Write the open company into `target`; return what was written. Nobody has to stop working.

    Raises:
        BadInput: the file exists already, or there is nothing to export.
        CannotWrite, DiskFull: it cannot be written; nothing is left behind.
    """
    if target.exists():
        raise BadInput("Le fichier {name} existe déjà : choisir un autre nom.", name=str(target))
    url = database_url(open_company())
    revision = None if is_new(url) else revision_of(url)
    if revision is None:
        raise BadInput("Il n’y a encore rien à exporter : aucune base de données.")
    handle, unfinished = tempfile.mkstemp(dir=target.absolute().parent, prefix=UNFINISHED)
    os.close(handle)
    try:
        with sentences_for(target), zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            manifest = _write(archive, revision, at, progress)
        os.chmod(unfinished, 0o600)
        os.replace(unfinished, target)
    finally:
        Path(unfinished).unlink(missing_ok=True)
    return manifest


def _write(archive: zipfile.ZipFile, revision: str, at: datetime, progress: Progress) -> Manifest:
    members: dict[str, Member] = {}
    with engine().connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        tables = list(exported(tables_of(connection), metadata.tables))
        facts: dict[str, TableFacts] = {}
        for number, (table, columns) in enumerate(tables):
            progress(number, len(tables) + 1, "Export des tables")
            facts[table.name] = _write_table(archive, connection, table, columns, members)
        company, head = _name_and_head(connection)
        names = dict(_file_names(connection, [table for table, _ in tables]))
    progress(len(tables), len(tables) + 1, "Export des fichiers")
    _write_files(archive, names, members)
    _add(archive, README, TEXT.encode(), members)
    secret = [f"{table.name}.{one.name}" for table in metadata.sorted_tables for one in table.columns if is_secret(one)]
    manifest = Manifest(
        company, at.isoformat(), product_version(), revision, head, facts, members, dict(LEFT_OUT), secret
    )
    archive.writestr(MANIFEST, manifest.as_text())
    return manifest


def product_version() -> str:
    """Return the product's version."""
    project = Path(__file__).resolve().parents[2] / "pyproject.toml"
    return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])


class _Counted:
    """Writes text into a member of the archive and keeps its size and sha256."""

    def __init__(self, out: IO[bytes]) -> None:
        self.out, self.hash, self.bytes = out, hashlib.sha256(), 0

    def write(self, content: bytes) -> None:
        """Write a piece."""
        self.out.write(content)
        self.hash.update(content)
        self.bytes += len(content)

    @property
    def member(self) -> Member:
        """Return what was written."""
        return Member(self.bytes, self.hash.hexdigest())


def _write_table(
    archive: zipfile.ZipFile,
    connection: Connection,
    table: Table,
    columns: list[Column[Any]],
    members: dict[str, Member],
) -> TableFacts:
    rows, sums = 0, {column.name: Decimal(0) for column in columns if is_money(column)}
    name = f"tables/{table.name}.jsonl"
    with archive.open(name, "w", force_zip64=True) as out:
        counted = _Counted(out)
        for values in _rows(connection, table, columns):
            counted.write(json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
            rows += 1
            for column in sums:
                sums[column] += Decimal(values.get(column, 0))
    members[name] = counted.member
    name = f"tables/{table.name}.csv"
    with archive.open(name, "w", force_zip64=True) as out:
        counted = _Counted(out)
        counted.write(b"\xef\xbb\xbf" + _csv_line([column.name for column in columns]))
        for values in _rows(connection, table, columns):
            counted.write(_csv_line([_text(values.get(column.name)) for column in columns]))
    members[name] = counted.member
    return TableFacts(rows, {name: str(total) for name, total in sums.items()}, [_facts(table, one) for one in columns])


def _rows(connection: Connection, table: Table, columns: list[Column[Any]]) -> Iterator[dict[str, Any]]:
    writers = [(column.name, writer(column)) for column in columns]
    wanted = select(*[selected(column) for column in columns]).order_by(*table.primary_key)
    for row in connection.execute(wanted, execution_options={"yield_per": BATCH}):
        yield {name: write(value) for (name, write), value in zip(writers, row, strict=True) if value is not None}


def _csv_line(cells: list[str]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerow([safe_cell(cell) for cell in cells])
    return out.getvalue().encode()


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _facts(table: Table, column: Column[Any]) -> ColumnFacts:
    known = metadata.tables.get(table.name)
    ours = known.columns.get(column.name) if known is not None else None
    kind = type(column.type).__name__.lower()
    return ColumnFacts(column.name, kind, str(ours.info.get("privacy", "plain")) if ours is not None else "plain")


def _name_and_head(connection: Connection) -> tuple[str, str]:
    company, seal = metadata.tables["company"], metadata.tables["seal"]
    name = connection.execute(select(company.c.name).limit(1)).scalar()
    last = connection.execute(select(seal.c.link).order_by(seal.c.number.desc()).limit(1))
    return str(name or ""), str(last.scalar() or "")


def _file_names(connection: Connection, tables: list[Table]) -> Iterator[tuple[str, str]]:
    """Give the name of each file by its sha256, from every table that keeps both."""
    for table in tables:
        if "sha256" in table.c and "name" in table.c:
            wanted = select(table.c.sha256, table.c.name).order_by(*table.primary_key)
            yield from ((sha256, name) for sha256, name in connection.execute(wanted))


def _write_files(archive: zipfile.ZipFile, names: dict[str, str], members: dict[str, Member]) -> None:
    for path in sorted((data_folder() / "files").glob("??/*")):
        if len(path.name) != 64:
            continue
        member = f"files/{path.name}/{clean_name(names.get(path.name, 'fichier'))}"
        with archive.open(member, "w", force_zip64=True) as out, path.open("rb") as content:
            counted = _Counted(out)
            while piece := content.read(1 << 20):
                counted.write(piece)
        if counted.member.sha256 != path.name:
            raise BadInput("Le fichier {name} a été altéré : « boussole verify » dit lequel.", name=path.name[:12])
        members[member] = counted.member


def _add(archive: zipfile.ZipFile, name: str, content: bytes, members: dict[str, Member]) -> None:
    archive.writestr(name, content)
    members[name] = Member(len(content), hashlib.sha256(content).hexdigest())
