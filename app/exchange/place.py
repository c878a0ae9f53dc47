"""Put an exported company into an empty installation: whole, or not at all."""

import contextlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select
from sqlalchemy.exc import SQLAlchemyError

from app.backup.dump import Progress, no_progress, sentences_for
from app.backup.filling import BackupDamaged, Carried, fill_file, replace_database, wait_for_writers
from app.backup.manifest import Manifest as Filling
from app.backup.present import is_untouched, tables_of
from app.exchange.manifest import BadArchive, Manifest
from app.exchange.read import unpack
from db.kernel.errors import BadInput, NotAllowed
from db.migrations.run import revisions, upgrade
from db.session import COMPANY, data_folder, database_url, engine_for, maintenance, switch_company

CHECKED, FILLED, TOTAL = 50, 90, 100  # per cent of the work


class CompanyNotEmpty(NotAllowed):
    """The installation holds a company already."""


@dataclass(frozen=True)
class Imported:
    """What was put in place."""

    manifest: Manifest
    rows: int
    files: int


def import_company(
    source: Path, *, progress: Progress = no_progress, carried: Carried | None = None, beside: Path | None = None
) -> Imported:
    """Make the empty company of this installation the one in the archive.

    The archive is checked whole and filled into a database of its own first (in the folder `beside`); only then is the
    company touched, in one step. While people look on, `carried` is what outlives that step, and nobody else writes.

    Raises:
        BadInput: there is no such file, or a newer version wrote it.
        BadArchive: it is no exported company, or not what was written.
        CompanyNotEmpty: there is a company.
        JobCancelled: `progress` was asked to stop; nothing was touched.
    """
    if not source.is_file():
        raise BadInput("Le fichier {name} n’existe pas.", name=str(source))
    check_empty()
    with (
        sentences_for(data_folder()),
        tempfile.TemporaryDirectory(dir=beside or data_folder(), prefix=".import-") as folder,
    ):
        work = Path(folder)
        manifest = unpack(
            source, work, lambda share: progress(int(CHECKED * share), TOTAL, "L’archive est vérifiée en entier")
        )
        _check_revision(manifest, source.name)
        filling = _stage(manifest, work, progress)
        progress(FILLED, TOTAL, "L’entreprise est mise en place")
        with maintenance() if carried is not None else contextlib.nullcontext():
            _put_in_place(manifest, filling, work, carried)
    switch_company(COMPANY)
    return Imported(manifest, sum(table.rows for table in manifest.tables.values()), len(manifest.files))


def _put_in_place(manifest: Manifest, filling: Filling, work: Path, carried: Carried | None) -> None:
    """Replace the empty company, its files first: a process that dies between leaves it empty, never without a file."""
    if carried is not None:
        wait_for_writers(database_url(COMPANY))
    check_empty()
    brought = _copy_files(manifest, work)
    try:
        replace_database(database_url(COMPANY), filling, work, carried)
    except BaseException:
        for path in brought:
            path.unlink(missing_ok=True)
        raise


def check_empty() -> None:
    """Refuse to go on unless this installation's company is empty: nobody in it, nothing done.

    Raises: CompanyNotEmpty.
    """
    upgrade(COMPANY)
    with engine_for(database_url(COMPANY)).connect() as connection:
        is_empty = is_untouched(connection)
    if not is_empty:
        raise CompanyNotEmpty("Cette installation contient déjà une entreprise : importer dans une installation vide.")


def _check_revision(manifest: Manifest, name: str) -> None:
    if manifest.revision not in revisions():
        raise BadInput("{name} vient d’une version plus récente de Boussole. Installer cette version.", name=name)


def _stage(manifest: Manifest, work: Path, progress: Progress) -> Filling:
    """Fill a database beside, as the archive's version made it, bring it to today's form, and check the sums."""
    counts = {name: table.rows for name, table in manifest.tables.items()}
    filling = Filling(COMPANY, manifest.made_at, manifest.revision, manifest.chain_head, counts)
    beside = work / "beside.sqlite"
    try:
        fill_file(beside, filling, work, told=_told(sum(counts.values()), progress))
        with engine_for(f"sqlite:///{beside}").connect() as connection:
            _check_sums(connection, manifest)
    except BackupDamaged as problem:
        raise BadArchive(problem.message_id, **problem.params) from problem
    except (SQLAlchemyError, ValueError, KeyError, TypeError, ArithmeticError) as problem:
        raise BadArchive("Les lignes de l’archive se contredisent ; rien n’a été importé.") from problem
    finally:
        engine_for(f"sqlite:///{beside}").dispose()
    return filling


def _told(rows: int, progress: Progress) -> Callable[[int], None]:
    """Return what turns a number of rows into progress."""
    share = (FILLED - CHECKED) / max(1, rows)
    return lambda done: progress(CHECKED + int(share * done), TOTAL, "Les fiches sont relues")


def _check_sums(connection: Connection, manifest: Manifest) -> None:
    tables = {table.name: table for table in tables_of(connection)}
    for name, facts in manifest.tables.items():
        for column, expected in facts.sums.items():
            if name not in tables or column not in tables[name].c:
                continue  # a later version keeps it elsewhere
            found = sum(connection.execute(_filled(tables[name], column)).scalars(), Decimal(0))
            if found != Decimal(expected):
                raise BadArchive(
                    "La colonne {column} de {table} donne {found} au lieu de {expected} ; rien n’a été importé.",
                    column=column,
                    table=name,
                    found=found,
                    expected=expected,
                )


def _filled(table: Table, column: str) -> Any:
    return select(table.c[column]).where(table.c[column].is_not(None))


def _copy_files(manifest: Manifest, work: Path) -> list[Path]:
    """Put the files in their places, where their names say what they hold; return those that were not there."""
    brought = []
    for sha256 in manifest.files:
        target = data_folder() / "files" / sha256[:2] / sha256
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.replace(work / "files" / sha256, target)
            brought.append(target)
    return brought
