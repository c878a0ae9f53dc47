"""Company databases for tests: each as if it were new, made as rarely as possible.

On SQLite a database is a copied file. On PostgreSQL making one from a template takes 100 to 250 ms and putting back the
few tables that a test wrote to takes 5: one database serves many tests. Whatever could be seen of the test before is
undone, or the database is thrown away: rows, counters and connections are put back; for what stands in the catalogue
(tables, columns, indexes, triggers, functions) the database is compared with what it was.
"""

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from db import schema
from db.session import engine_for

_NUMBERS = itertools.count(1)
MOST_ROWS = 20_000  # deleted in one database: what is dead in a table is still read past
CATALOGUE = (
    "pg_class",
    "pg_attribute",
    "pg_trigger",
    "pg_proc",
    "pg_constraint",
    "pg_index",
    "pg_type",
    "pg_namespace",
)
Fill = Callable[[str], None]


def in_autocommit(server: str, *statements: str) -> None:
    """Do statements that no transaction may hold."""
    with engine_for(server).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in statements:
            connection.execute(text(statement))


def with_database(server: str, name: str) -> str:
    """Return the address of another database of a server."""
    return engine_for(server).url.set(database=name).render_as_string(hide_password=False)


_STATEMENTS: dict[str, tuple[Any, Any]] = {}  # kind → dialect and compiled statements of its first engine


def sharing_statements(made: Engine) -> Engine:
    """Let an engine use what others of its kind have compiled: half of a short test would be compiling SQL."""
    dialect, compiled = _STATEMENTS.setdefault(made.dialect.name, (made.dialect, made._compiled_cache))
    made.dialect = made.pool._dialect = dialect
    made._compiled_cache = compiled
    return made


class Databases:
    """The PostgreSQL databases of one test process that begin alike, lent to one test after the other."""

    def __init__(self, server: str, name: str, fill: Fill | None = None) -> None:
        self._server, self._called, self._fill = server, f"{name}_{os.getpid()}", fill
        self._template, self._name = "", ""
        self._deleted, self._catalogue = 0, ""
        self._tables: list[str] = []
        self._rows: dict[str, bytes] = {}
        self._counters: list[tuple[str, int | None]] = []

    @contextmanager
    def lent(self) -> Iterator[Engine]:
        """Give a company database that is as at the beginning, and nobody else's."""
        if not self._name:
            self._make()
        lent = sharing_statements(engine_for(with_database(self._server, self._name)))
        yield lent
        lent.dispose()
        try:
            is_fit = self._put_back(lent)
        except DBAPIError:  # a test may leave it in any state
            is_fit = False
        if not is_fit:
            lent.dispose()
            self._throw_away()

    def _make(self) -> None:
        if not self._template:
            self._make_template()
        self._name, self._deleted = f"{self._called}_{next(_NUMBERS)}", 0
        copied = f'create database "{self._name}" template "{self._template}" strategy file_copy'
        in_autocommit(self._server, copied)
        with engine_for(with_database(self._server, self._name)).connect() as connection:
            self._catalogue = _catalogue(connection)

    def _make_template(self) -> None:
        self._template = f"{self._called}_template"
        in_autocommit(
            self._server, f'drop database if exists "{self._template}"', f'create database "{self._template}"'
        )
        address = with_database(self._server, self._template)
        empty = engine_for(address)
        schema.create_everything(empty)
        if self._fill is not None:
            self._fill(address)
        with empty.connect() as connection:
            tables = "select tablename from pg_tables where schemaname = 'public' order by tablename"
            self._tables = list(connection.execute(text(tables)).scalars())
            self._rows = {table: _taken(connection, table) for table in self._used(connection)}
            counters = connection.execute(text("select sequencename, last_value from pg_sequences"))
            self._counters = [(name, last) for name, last in counters]
        empty.dispose()

    def _throw_away(self) -> None:
        gone, self._name = self._name, ""
        in_autocommit(self._server, f'drop database if exists "{gone}" with (force)')

    def _put_back(self, lent: Engine) -> bool:
        """Make the database what it was at first; return False when it had better not be used again."""
        with lent.connect() as connection:
            others = (
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = :n and pid <> pg_backend_pid()"
            )
            connection.execute(text(others), {"n": self._name})
            if _catalogue(connection) != self._catalogue:
                return False
            connection.execute(text("set local session_replication_role = replica"))  # guards and foreign keys rest
            for table in self._used(connection):
                self._deleted += connection.execute(text(f'delete from "{table}"')).rowcount
            for table, rows in self._rows.items():
                _give(connection, table, rows)
            for name, last in self._counters:
                connection.execute(text("select setval(:name, :at, :used)"), _counter(name, last))
            connection.commit()
        return self._deleted < MOST_ROWS

    def _used(self, connection: Connection) -> list[str]:
        each = " union all ".join(f"(select '{table}' from \"{table}\" limit 1)" for table in self._tables)
        return list(connection.execute(text(each)).scalars())

    def close(self) -> None:
        """Leave nothing on the server."""
        with suppress(DBAPIError):
            for name in filter(None, (self._name, self._template)):
                in_autocommit(self._server, f'drop database if exists "{name}" with (force)')


def _counter(name: str, last: int | None) -> dict[str, Any]:
    return {"name": f'"{name}"', "at": 1 if last is None else last, "used": last is not None}


def _taken(connection: Connection, table: str) -> bytes:
    with connection.connection.cursor().copy(f'copy "{table}" to stdout (format binary)') as rows:  # type: ignore[attr-defined]
        return b"".join(rows)


def _give(connection: Connection, table: str, rows: bytes) -> None:
    with connection.connection.cursor().copy(f'copy "{table}" from stdin (format binary)') as given:  # type: ignore[attr-defined]
        given.write(rows)


def _catalogue(connection: Connection) -> str:
    """Return what changes with any change of the schema: how many rows each catalogue has, and who wrote the newest."""
    marks = ", ".join(f"(select count(*) || ':' || max(xmin::text::bigint) from {name})" for name in CATALOGUE)
    row = connection.execute(text(f"select {marks}, (select count(*) from pg_db_role_setting)")).one()
    return "|".join(str(value) for value in row)
