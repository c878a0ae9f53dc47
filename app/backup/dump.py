"""Write everything that a company has into one file, while it goes on working."""

import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Table, select

from app.backup.manifest import NAME, Manifest
from app.backup.present import is_new, tables_of
from app.backup.values import selected, writer
from app.trouble import DiskFull, Trouble
from db.kernel.errors import BadInput
from db.migrations.run import revision_of
from db.session import data_folder, database_url, engine, open_company

BATCH = 2000
FILES = "files"
COMPRESSION = 3


class CannotWrite(Trouble):
    """The place where a file should go does not let itself be written."""


Progress = Callable[[int, int, str], None]


def no_progress(done: int, total: int, message: str) -> None:
    """Tell nobody how far the work is."""


def back_up(target: Path, *, at: datetime, company: str | None = None, progress: Progress = no_progress) -> Manifest:
    """Write the open (or the named) company into `target`; return what was written.

    All rows are read in one fixed state of the database; nobody has to stop working.

    Raises:
        BadInput: the file exists already, or there is nothing to back up.
        CannotWrite, DiskFull: it cannot be written; nothing is left behind.
    """
    company = company or open_company()
    if target.exists():
        raise BadInput("Le fichier {name} existe déjà : choisir un autre nom.", name=str(target))
    url = database_url(company)
    revision = None if is_new(url) else revision_of(url)
    if revision is None:
        raise BadInput("Il n’y a encore rien à sauvegarder : aucune base de données.")
    with (
        sentences_for(target),
        tempfile.TemporaryDirectory(dir=target.absolute().parent, prefix=".boussole-") as folder,
    ):
        work = Path(folder)
        counts = _write_rows(work, company, progress)
        progress(80, 100, "Les fichiers sont ajoutés")
        hashes = dict(_hashed(work))
        manifest = Manifest(company, at.isoformat(), revision, _seal(work), counts, hashes)
        _pack(work / "archive", work, manifest)
        os.replace(work / "archive", target)
    return manifest


@contextmanager
def sentences_for(target: Path) -> Iterator[None]:
    """Turn what a file system refuses into a sentence that names the place."""
    try:
        yield
    except OSError as problem:
        if problem.errno == 28:  # ENOSPC
            raise DiskFull(f"Le disque est plein : {target} n’a pas pu être écrit. Libérer de la place.") from problem
        reason = problem.strerror or str(problem)
        raise CannotWrite(f"{target} ne peut pas être écrit ({reason}). Choisir un autre endroit.") from problem


def _write_rows(work: Path, company: str, progress: Progress) -> dict[str, int]:
    """Write one file of rows per table; return how many each has."""
    (work / "rows").mkdir()
    with engine(company).connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        counts, tables = {}, tables_of(connection)
        for number, table in enumerate(tables):
            progress(80 * number // len(tables), 100, "Les tables sont écrites")
            counts[table.name] = _write_table(connection, table, work)
        return counts


def _write_table(connection: Connection, table: Table, work: Path) -> int:
    writers = [(column.name, writer(column)) for column in table.columns]
    number = 0
    with (work / "rows" / f"{table.name}.jsonl").open("w", encoding="utf-8") as out:
        wanted = select(*[selected(column) for column in table.columns]).order_by(*table.primary_key)
        for row in connection.execute(wanted, execution_options={"yield_per": BATCH}):
            values = {
                name: write(value) for (name, write), value in zip(writers, row, strict=True) if value is not None
            }
            out.write(json.dumps(values, ensure_ascii=False, separators=(",", ":")) + "\n")
            number += 1
    return number


def _seal(work: Path) -> str:
    """Return the last link of the chain among the rows that were written."""
    with (work / "rows" / "seal.jsonl").open(encoding="utf-8") as rows:
        last = deque(rows, maxlen=1)
    return str(json.loads(last[0])["link"]) if last else ""


def _hashed(work: Path) -> Iterator[tuple[str, str]]:
    """Give every member of the archive with its sha256: the rows, then the files (which are named by theirs)."""
    for path in sorted((work / "rows").iterdir()):
        yield f"rows/{path.name}", digest_of(path)
    for path in sorted((data_folder() / FILES).glob("??/*")):
        if len(path.name) == 64:
            yield f"{FILES}/{path.parent.name}/{path.name}", digest_of(path)


def digest_of(path: Path) -> str:
    """Return the sha256 of a file."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _pack(archive: Path, work: Path, manifest: Manifest) -> None:
    with tarfile.open(archive, "w:gz", compresslevel=COMPRESSION) as tar:
        text = manifest.as_text().encode()
        head = tarfile.TarInfo(NAME)
        head.size = len(text)
        tar.addfile(head, io.BytesIO(text))
        for name in manifest.hashes:
            _add(tar, name, work / name if name.startswith("rows/") else data_folder() / name)
    archive.chmod(0o600)


def _add(tar: tarfile.TarFile, name: str, path: Path) -> None:
    member = tarfile.TarInfo(name)
    member.size = path.stat().st_size
    content: IO[bytes]
    with path.open("rb") as content:
        tar.addfile(member, content)
