"""The statistics by which SQLite chooses its ways."""

import pytest
from sqlalchemy import Engine, text

from app.statistics import COUNTED, count_rows
from db.access.rules import Actor, Role
from db.schema import metadata
from tests.db.ledger.books import open_books, post, simple
from tests.db.ledger.merged import MAY


def planned(database: Engine) -> set[str]:
    """Return the tables of which the database keeps statistics."""
    with database.connect() as connection:
        return set(connection.execute(text("select tbl from sqlite_stat1")).scalars())


class TestCountForPlanning:
    def test_counts_tables_that_exist(self) -> None:
        assert set(COUNTED) <= metadata.tables.keys()

    def test_keeps_what_is_large_only(
        self, database: Engine, people: dict[Role, Actor], system: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        accounts = open_books(people[Role.ACCOUNTANT])
        post(people[Role.ACCOUNTANT], simple(accounts, "1020", "3200", "1", MAY))
        monkeypatch.setattr("db.session.FEWEST_PLANNED", 2)

        count_rows(system)
        count_rows(system)

        if database.dialect.name == "sqlite":
            assert planned(database) == {"journal_line"}
            monkeypatch.setattr("db.session.FEWEST_PLANNED", 1000)
            count_rows(system)
            assert planned(database) == set()
