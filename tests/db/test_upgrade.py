"""A filled database of each landed revision becomes today's: nothing lost, sums equal, guards and chain whole.

`releases/<revision>.sqlite.gz` holds a small invented company as that revision's own code wrote it.
"""

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, MetaData, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from db.access.seals.queries import verify
from db.kernel.guards import GUARDS
from db.migrations.run import config, is_at_head, upgrade
from db.session import database_url, engine

RELEASES = Path(__file__).with_name("releases")
REVISIONS = sorted(file.name.removesuffix(".sqlite.gz") for file in RELEASES.glob("*.sqlite.gz"))


@pytest.fixture(params=["sqlite", "postgresql"])
def old(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Engine]]:
    """Put a company of an old revision in place; both kinds of database."""
    monkeypatch.setenv("BOUSSOLE_DATA", str(tmp_path))
    monkeypatch.delenv("BOUSSOLE_DATABASE_URL", raising=False)
    if request.param == "sqlite":
        yield lambda revision: _unpack(revision, tmp_path / "company.sqlite")
        return
    with _empty_postgres(request.getfixturevalue("postgres_server")) as url:
        monkeypatch.setenv("BOUSSOLE_DATABASE_URL", url)
        yield lambda revision: _copy(revision, _unpack(revision, tmp_path / "old.sqlite"), url)


def _unpack(revision: str, target: Path) -> Engine:
    target.write_bytes(gzip.decompress((RELEASES / f"{revision}.sqlite.gz").read_bytes()))
    return create_engine(f"sqlite:///{target}")


@contextmanager
def _empty_postgres(server: str) -> Iterator[str]:
    name = "upgrade_of_old"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'drop database if exists "{name}" with (force)'))
        connection.execute(text(f'create database "{name}"'))
    url = admin.url.set(database=name).render_as_string(hide_password=False)
    yield url
    engine().dispose()
    with admin.connect() as connection:
        connection.execute(text(f'drop database "{name}" with (force)'))


def _copy(revision: str, source: Engine, url: str) -> Engine:
    """Make PostgreSQL's tables of a revision and fill them with the same rows."""
    command.upgrade(config(url), revision)
    target, before, after = create_engine(url), MetaData(), MetaData()
    before.reflect(source, only=lambda name, _: not name.startswith("search_fts"))
    after.reflect(target)
    with source.connect() as reading, target.begin() as writing:
        for table in after.sorted_tables:
            if table.name == "alembic_version":
                continue
            rows = [dict(row._mapping) for row in reading.execute(text(f'select * from "{table.name}"'))]
            if rows:
                writing.execute(text(_insert(table.name, list(rows[0]), after)), [_as_postgres(row) for row in rows])
    return target


def _insert(table: str, columns: list[str], meta: MetaData) -> str:
    types = {c.name: c.type.compile(inspect_dialect()) for c in meta.tables[table].columns}
    values = ", ".join(f"cast(:{name} as {types[name]})" for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    return f'insert into "{table}" ({names}) values ({values})'


def inspect_dialect() -> object:
    """Return PostgreSQL's dialect, to write its types."""
    from sqlalchemy.dialects import postgresql

    return postgresql.dialect()


def _as_postgres(row: dict[str, object]) -> dict[str, object]:
    return {name: str(value) if isinstance(value, int) else value for name, value in row.items()}


def counts_and_sums(of: Engine) -> dict[str, object]:
    """Return how many rows each table holds, and the sum of the amounts."""
    with of.connect() as connection:
        names = [n for n in inspect(of).get_table_names() if not n.startswith(("search_fts", "alembic"))]
        counts = {name: connection.execute(text(f'select count(*) from "{name}"')).scalar_one() for name in names}
        total = connection.execute(text("select sum(expected_amount) from lead")).scalar_one()
    return {**counts, "sum of leads": int(total)}


class TestUpgrade:
    @pytest.mark.parametrize("revision", REVISIONS)
    def test_keeps_everything_and_guards_it(self, old: Callable[[str], Engine], revision: str) -> None:
        before = counts_and_sums(old(revision))

        upgrade()

        after = counts_and_sums(engine())
        assert is_at_head(database_url())
        assert {name: after[name] for name in before} == before
        with Session(engine()) as session:
            found = verify(session)
        assert found.problems == []
        with engine().connect() as connection:
            unordered = connection.execute(text("select count(*) from opportunity where name_order = ''")).scalar_one()
            orders = connection.execute(text("select name_order, amount_order from opportunity")).all()
        assert unordered == 0
        assert orders == [("toiture dupont", 1_250_000)]
        assert GUARDS
        with pytest.raises(DBAPIError), engine().begin() as connection:
            connection.execute(text("update deed set actor_name = 'personne'"))
