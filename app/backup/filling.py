"""Fill a database from an unpacked backup, all of it or nothing."""

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from itertools import groupby, islice
from pathlib import Path
from typing import Any, Protocol

from alembic import command
from sqlalchemy import JSON, Connection, Table, bindparam, text
from sqlalchemy.types import Integer

from app.backup.manifest import Manifest
from app.backup.present import count_rows, found_metadata, is_new, tables_of
from app.backup.values import reader
from db.access.secrets.rotation import encrypt_with_current_key
from db.kernel.errors import BusinessError
from db.kernel.guards import install_guards
from db.migrations.derived import derive
from db.migrations.run import config
from db.schema import install_search
from db.session import engine_for

BATCH = 1000
SETTLING_SECONDS = 0.5


class Carried(Protocol):
    """What outlives the change: taken from the present, given to what replaces it before anybody sees that."""

    def take(self, present: Connection) -> None:
        """Read what is to be kept."""

    def give(self, fresh: Connection) -> None:
        """Write it."""


class BackupDamaged(BusinessError):
    """A part of the backup is not what was written."""


def wait_for_writers(url: str) -> None:
    """Wait until what others had begun to write before writing was refused is there."""
    engine = engine_for(url)
    if engine.dialect.name == "postgresql":
        time.sleep(SETTLING_SECONDS)  # who had looked just before, and not yet written
        with engine.begin() as connection:
            connection.execute(text("lock table deed in share mode"))
        return
    with engine.execution_options(writing=True).begin():
        pass


def replace_database(url: str, manifest: Manifest, folder: Path, carried: Carried | None = None) -> None:
    """Fill the database anew: PostgreSQL in one transaction, SQLite beside and then copied in one.

    Whoever reads sees the old state or the new one, never less; a process that is killed leaves the old.
    """
    engine = engine_for(url)
    if carried is not None:
        with engine.connect() as present:
            carried.take(present)
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("set local lock_timeout = '60s'"))
            found_metadata(connection).drop_all(connection)
            connection.execute(text("drop table if exists alembic_version"))
            fill(connection, manifest, folder, carried)
        return
    fresh = folder / "fresh.sqlite"
    fill_file(fresh, manifest, folder, carried)
    _put_in_place(fresh, Path(str(engine.url.database)), is_first=is_new(url))
    engine.dispose()


def tell_nobody(rows: int) -> None:
    """Tell nobody how many rows are in."""


def fill_file(
    fresh: Path,
    manifest: Manifest,
    folder: Path,
    carried: Carried | None = None,
    *,
    told: Callable[[int], None] = tell_nobody,
) -> None:
    """Fill a new SQLite file; `told` hears how many rows are in."""
    engine = engine_for(f"sqlite:///{fresh}")
    with engine.execution_options(writing=True).begin() as connection:
        fill(connection, manifest, folder, carried, told=told)
    engine.dispose()


def _put_in_place(fresh: Path, target: Path, *, is_first: bool) -> None:
    """Move the file to where none was; else copy it page by page in one transaction, while others may read."""
    if is_first:
        os.replace(fresh, target)
        return
    with contextlib.closing(sqlite3.connect(fresh)) as new, contextlib.closing(sqlite3.connect(target)) as old:
        new.backup(old)


def fill(
    connection: Connection,
    manifest: Manifest,
    folder: Path,
    carried: Carried | None = None,
    *,
    told: Callable[[int], None] = tell_nobody,
) -> None:
    """Create the tables as they were when the backup was made, put the rows in, then bring them to today's form."""
    settings = config("", connection)
    command.upgrade(settings, manifest.revision)
    install_search(connection.dialect.name, connection)
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA defer_foreign_keys=ON"))
    rows = 0
    for table in tables_of(connection):
        for written in _fill_table(connection, table, folder / "rows" / f"{table.name}.jsonl"):
            rows += written
            told(rows)
    _check_counts(connection, manifest)
    command.upgrade(settings, "head")
    install_search(connection.dialect.name, connection)
    derive(connection)
    install_guards(connection)
    encrypt_with_current_key(connection)
    if carried is not None:
        carried.give(connection)


def _fill_table(connection: Connection, table: Table, path: Path) -> Iterator[int]:
    """Write the rows of a file into a table; give how many, batch by batch."""
    if not path.exists():
        return
    readers = {column.name: reader(column.type) for column in table.columns}
    may_be_null = frozenset(column.name for column in table.columns if isinstance(column.type, JSON))
    for names, rows in groupby(_rows(path, readers, may_be_null), key=frozenset):
        statement = table.insert().values({name: bindparam(name) for name in names})
        while batch := list(islice(rows, BATCH)):
            connection.execute(statement, batch)
            yield len(batch)
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
