"""Put a backup in place: checked whole before anything is touched, and never over data without a safety copy."""

import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import JSON, Connection, Table, bindparam, inspect, select, text
from sqlalchemy.types import Integer

from app.backup.dump import FILES, back_up, digest_of, sentences_for
from app.backup.manifest import NAME, Manifest, not_a_backup, read_manifest
from app.backup.present import count_rows, found_metadata, is_new, tables_of
from app.backup.values import reader
from db.access.secrets.rotation import encrypt_with_current_key, lost_secrets
from db.access.secrets.rules import what_to_enter_anew
from db.kernel.errors import BadInput, BusinessError, NotAllowed
from db.kernel.guards import install_guards
from db.migrations.run import config, revisions
from db.schema import install_search, metadata
from db.session import COMPANY, DEMO, data_folder, database_url, engine_for, switch_company

BATCH = 1000
SIGN_OF_LIFE = timedelta(seconds=30)
SAFETY = "sauvegardes"


class StillRunning(NotAllowed):
    """A process of the product works on the database that would be replaced."""


class NotEmpty(NotAllowed):
    """The installation holds data."""


class BackupDamaged(BusinessError):
    """A part of the backup is not what was written."""


@dataclass(frozen=True)
class Restored:
    """What was restored, and where what was there before is kept."""

    manifest: Manifest
    safety_copy: Path | None
    to_enter_anew: tuple[str, ...] = ()  # secrets that the key of this machine does not open, in words


def restore(source: Path, *, at: datetime, replaces: bool = False) -> Restored:
    """Put the company of a backup in place and open it.

    Raises:
        BadInput: there is no such file, it is no backup, or a newer version wrote it.
        BackupDamaged: a part of it is not what was written.
        NotEmpty: there is data, and `replaces` was not asked for.
        StillRunning: Boussole is running.
    """
    if not source.is_file():
        raise BadInput("Le fichier {name} n’existe pas.", name=str(source))
    with sentences_for(data_folder()), tempfile.TemporaryDirectory(dir=data_folder(), prefix=".restore-") as folder:
        manifest = _unpack(source, Path(folder))
        _check_revision(manifest)
        url = database_url(manifest.company)
        _check_not_running(url, at)
        safety_copy = _secure(url, manifest.company, at=at, replaces=replaces)
        _replace_database(url, manifest, Path(folder))
        _copy_files(manifest, Path(folder))
    switch_company(manifest.company)
    with engine_for(url).connect() as connection:
        lost = tuple(what_to_enter_anew(one.place, one.values) for one in lost_secrets(connection))
    return Restored(manifest, safety_copy, lost)


# --- reading the archive ----------------------------------------------------------------------------------------------


def _unpack(source: Path, folder: Path) -> Manifest:
    """Unpack the archive, checking every part against the manifest."""
    try:
        with tarfile.open(source, "r:gz") as tar:
            manifest = _manifest(tar, source.name)
            for member in tar:
                _unpack_member(tar, member, manifest, folder, source.name)
    except (tarfile.TarError, EOFError, OSError) as problem:
        if isinstance(problem, OSError) and problem.errno is not None:
            raise
        raise not_a_backup(source.name) from problem
    missing = [name for name in manifest.hashes if not (folder / name).is_file()]
    if missing or manifest.company not in (COMPANY, DEMO):
        raise not_a_backup(source.name)
    return manifest


def _manifest(tar: tarfile.TarFile, name: str) -> Manifest:
    first = tar.next()
    content = tar.extractfile(first) if first is not None and first.name == NAME else None
    if content is None:
        raise not_a_backup(name)
    return read_manifest(content.read(), name)


def _unpack_member(tar: tarfile.TarFile, member: tarfile.TarInfo, manifest: Manifest, folder: Path, name: str) -> None:
    content = tar.extractfile(member) if member.isreg() else None
    if content is None or (member.name not in manifest.hashes and member.name != NAME):
        raise not_a_backup(name)
    if member.name == NAME:
        return
    target = folder / member.name
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as out:
        shutil.copyfileobj(content, out, 1024 * 1024)
    if digest_of(target) != manifest.hashes[member.name]:
        raise BackupDamaged("La sauvegarde est abîmée : {part} a changé depuis qu’elle a été écrite.", part=member.name)


# --- is it allowed ----------------------------------------------------------------------------------------------------


def _check_revision(manifest: Manifest) -> None:
    if manifest.revision not in revisions():
        raise BadInput(
            "La sauvegarde (révision {revision}) vient d’une version plus récente de Boussole. "
            "Installer cette version.",
            revision=manifest.revision,
        )


def _check_not_running(url: str, at: datetime) -> None:
    """Refuse while a worker has given a sign of life a moment ago."""
    if is_new(url):
        return
    beats = metadata.tables["heartbeat"]
    with engine_for(url).connect() as connection:
        if not inspect(connection).has_table("heartbeat"):
            return
        last = connection.execute(select(beats.c.at).order_by(beats.c.at.desc()).limit(1)).scalar()
    if last is not None and last > at - SIGN_OF_LIFE:
        raise StillRunning("Boussole est en marche : l’arrêter (Ctrl-C), attendre trente secondes, puis restaurer.")


def _secure(url: str, company: str, *, at: datetime, replaces: bool) -> Path | None:
    """Return the safety copy of what is there; None when nothing is."""
    if is_new(url) or not _holds_data(url):
        return None
    if not replaces:
        raise NotEmpty(
            "Cette installation contient déjà des données. Pour les remplacer (une copie de sécurité est faite "
            "d’abord), ajouter --replace."
        )
    folder = data_folder() / SAFETY
    folder.mkdir(exist_ok=True, mode=0o700)
    safety_copy = folder / f"avant-restauration-{at:%Y%m%d-%H%M%S}.tar.gz"
    back_up(safety_copy, at=at, company=company)
    return safety_copy


def _holds_data(url: str) -> bool:
    """Test if anything but bookkeeping is there: a deed was done."""
    with engine_for(url).connect() as connection:
        return count_rows(connection).get("deed", 0) > 0


# --- filling ----------------------------------------------------------------------------------------------------------


def _replace_database(url: str, manifest: Manifest, folder: Path) -> None:
    """Fill a new SQLite file and move it into place; empty and fill a PostgreSQL database."""
    engine = engine_for(url)
    if not url.startswith("sqlite"):
        with engine.begin() as connection:
            found_metadata(connection).drop_all(connection)
            connection.execute(text("drop table if exists alembic_version"))
        _fill(url, manifest, folder)
        return
    fresh = folder / "fresh.sqlite"
    _fill(f"sqlite:///{fresh}", manifest, folder)
    engine_for(f"sqlite:///{fresh}").dispose()
    engine.dispose()
    for ending in ("-wal", "-shm"):
        Path(f"{engine.url.database}{ending}").unlink(missing_ok=True)
    os.replace(fresh, str(engine.url.database))


def _fill(url: str, manifest: Manifest, folder: Path) -> None:
    """Create the tables as they were when the backup was made, put the rows in, then bring them to today's form."""
    command.upgrade(config(url), manifest.revision)
    with engine_for(url).begin() as connection:
        install_search(connection.dialect.name, connection)
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        for table in tables_of(connection):
            _fill_table(connection, table, folder / "rows" / f"{table.name}.jsonl")
        _check_counts(connection, manifest)
    command.upgrade(config(url), "head")
    with engine_for(url).begin() as connection:
        install_search(connection.dialect.name, connection)
        install_guards(connection)
        encrypt_with_current_key(connection)


def _fill_table(connection: Connection, table: Table, path: Path) -> None:
    if not path.exists():
        return
    readers = {column.name: reader(column.type) for column in table.columns}
    may_be_null = frozenset(column.name for column in table.columns if isinstance(column.type, JSON))
    for names, rows in groupby(_rows(path, readers, may_be_null), key=frozenset):
        statement = table.insert().values({name: bindparam(name) for name in names})
        while batch := list(islice(rows, BATCH)):
            connection.execute(statement, batch)
    _set_sequences(connection, table)


def _rows(path: Path, readers: dict[str, Any], json_columns: frozenset[str]) -> Iterator[dict[str, Any]]:
    """Give the rows of a file with every column; only a JSON column without a value is left out (None is `null`)."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            values = json.loads(line)
            yield {
                name: read(values[name]) if name in values else None
                for name, read in readers.items()
                if name in values or name not in json_columns
            }


def _set_sequences(connection: Connection, table: Table) -> None:
    """Let PostgreSQL count on from the highest number that was restored."""
    column = table.autoincrement_column
    if connection.dialect.name != "postgresql" or column is None or not isinstance(column.type, Integer):
        return
    name = connection.execute(
        text("select pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name}
    ).scalar()
    if name:
        top = f'(select coalesce(max("{column.name}"), 0) + 1 from "{table.name}")'
        connection.execute(text(f"select setval(:name, {top}, false)"), {"name": name})


def _check_counts(connection: Connection, manifest: Manifest) -> None:
    found = count_rows(connection)
    for table, expected in manifest.counts.items():
        if found.get(table) != expected:
            raise BackupDamaged(
                "La table {table} a {found} lignes au lieu de {expected} : la restauration est annulée.",
                table=table,
                found=found.get(table, 0),
                expected=expected,
            )


def _copy_files(manifest: Manifest, folder: Path) -> None:
    """Put the files in their places; one that is there already has the same content, because its name says so."""
    for name in manifest.hashes:
        target = data_folder() / name
        if name.startswith(f"{FILES}/") and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.replace(folder / name, target)
