"""Engines and the only commit in the project.

One company is one database. The file `current` in the data folder names the open one: `company` (the firm's own) or
`demo`; every process looks at it before it opens a session, so that switching needs no restart.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlmodel import Session

from db.kernel.errors import NotAllowed

COMPANY = "company"
DEMO = "demo"


def data_folder() -> Path:
    """Return the folder that holds databases and files (`BOUSSOLE_DATA`, else `var` beside the code)."""
    chosen = os.environ.get("BOUSSOLE_DATA") or Path(__file__).resolve().parent.parent / "var"
    folder = Path(chosen)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


_pinned: str | None = None


def open_company() -> str:
    """Return which database this process works on: the one that a piece of work began with, else the one chosen."""
    return _pinned or chosen_company()


@contextmanager
def pinned_company(name: str) -> Iterator[None]:
    """Keep this process (the worker) on one database until a piece of work ends, whatever is opened meanwhile."""
    global _pinned
    _pinned = name
    try:
        yield
    finally:
        _pinned = None


def chosen_company() -> str:
    """Return which database is chosen for the installation: `company` or `demo`."""
    try:
        name = (data_folder() / "current").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return COMPANY
    return name if name in (COMPANY, DEMO) else COMPANY


def switch_company(name: str) -> None:
    """Open another database for every process of this installation."""
    target = data_folder() / "current"
    fresh = target.with_suffix(".new")
    fresh.write_text(name, encoding="utf-8")
    fresh.replace(target)


class UnderMaintenance(NotAllowed):
    """A backup is being put in place; what would be written now would be lost."""


MAINTENANCE = "restauration-en-cours"
_restoring = False


@contextmanager
def maintenance() -> Iterator[None]:
    """Let nobody but this process write until the block ends; reading goes on."""
    global _restoring
    mark = data_folder() / MAINTENANCE
    mark.write_text(str(os.getpid()), encoding="utf-8")
    _restoring = True
    try:
        yield
    finally:
        _restoring = False
        mark.unlink(missing_ok=True)


def end_maintenance() -> None:
    """Let everybody write again after a process that was killed while it restored (nothing had been replaced)."""
    (data_folder() / MAINTENANCE).unlink(missing_ok=True)


def check_no_maintenance() -> None:
    """Refuse to write while a backup is being put in place.

    Raises:
        UnderMaintenance: it is.
    """
    if not _restoring and (data_folder() / MAINTENANCE).exists():
        raise UnderMaintenance("Une sauvegarde est en train d’être restaurée : réessayez dans une minute.")


def database_url(name: str | None = None) -> str:
    """Return the address of a company's database; the demonstration is always the embedded one."""
    name = name or open_company()
    given = os.environ.get("BOUSSOLE_DATABASE_URL")
    if given and name == COMPANY:
        return given
    return f"sqlite:///{data_folder() / (name + '.sqlite')}"


def engine(name: str | None = None) -> Engine:
    """Return the engine of the open (or the named) company."""
    return engine_for(database_url(name))


@lru_cache(maxsize=16)
def engine_for(url: str) -> Engine:
    """Return the one engine for an address, with the settings that the project relies on."""
    if not url.startswith("sqlite"):
        # short questions with very different values: neither plans made for any value nor compiled plans pay off
        plans = {"prepare_threshold": None, "options": "-c jit=off"}
        return create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20, connect_args=plans)
    made = create_engine(url, connect_args={"timeout": 15, "check_same_thread": False})
    event.listen(made, "connect", _prepare_sqlite)
    event.listen(made, "begin", _begin_sqlite)
    _follow_the_file(made)
    return made


def _follow_the_file(made: Engine) -> None:
    """Let no pooled connection outlive its file: another process may put a new database in its place."""
    path = made.url.database or ""

    def remember(_: Any, record: Any) -> None:
        record.info["file"] = _identity(path)

    def compare(_: Any, record: Any, __: Any) -> None:
        if record.info.get("file") != _identity(path):
            raise DisconnectionError("the database file was replaced")  # the pool connects anew by itself

    event.listen(made, "connect", remember)
    event.listen(made, "checkout", compare)


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        "busy_timeout=15000",
        "synchronous=NORMAL",
        "cache_size=-65536",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


ROWS_COUNTED = 1000  # of each index at most, so that it takes a moment whatever the size
FEWEST_PLANNED = 10_000  # a smaller table may grow a hundredfold before the next time: better nothing is known of it


def count_for_planning(made: Engine, tables: Sequence[str]) -> None:
    """Take the statistics by which SQLite chooses its ways through tables, from a sample; PostgreSQL does so itself."""
    if made.dialect.name != "sqlite":
        return
    with made.execution_options(writing=True).begin() as connection:
        connection.exec_driver_sql(f"PRAGMA analysis_limit={ROWS_COUNTED}")
        for table in tables:
            connection.exec_driver_sql(f'ANALYZE "{table}"')
        connection.exec_driver_sql("delete from sqlite_stat1 where cast(stat as integer) < ?", (FEWEST_PLANNED,))
        connection.exec_driver_sql("ANALYZE sqlite_schema")  # read again what is left


@contextmanager
def reading(company: str | None = None) -> Iterator[Session]:
    """Give a session that is never committed."""
    with Session(engine(company)) as session:
        try:
            yield session
        finally:
            _after_reading(session, company)


@contextmanager
def transaction(company: str | None = None) -> Iterator[Session]:
    """Give a session that is committed once at the end, or rolled back whole."""
    writer = engine(company).execution_options(writing=True)
    with Session(writer, expire_on_commit=False) as session:
        try:
            session.connection()  # the write lock of SQLite first: who restores waits for it after setting the mark
            check_no_maintenance()
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
    _after_reading(session, company)


# what is done once a session was read from (writing down who read what); each is given its notes and the company
AFTER_READING: list[Callable[[dict[Any, Any], str | None], None]] = []


def _after_reading(session: Session, company: str | None) -> None:
    for follow in AFTER_READING:
        follow(session.info, company)
