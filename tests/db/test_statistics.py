"""The statistics by which SQLite chooses its ways."""

from datetime import datetime

import pytest
from sqlalchemy import Engine, text

from app.statistics import count_rows
from db.access.rules import Actor, Role
from tests.db.records.merging.test_merge_records import company


def planned(database: Engine) -> set[str]:
    """Return the tables of which the database keeps statistics."""
    if database.dialect.name != "sqlite":
        return set()
    with database.connect() as connection:
        return set(connection.execute(text("select tbl from sqlite_stat1")).scalars())


class TestCountForPlanning:
    def test_keeps_those_of_large_tables_only(
        self,
        database: Engine,
        people: dict[Role, Actor],
        system: Actor,
        clock: datetime,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        for number in range(3):
            company(people[Role.SALES], clock, f"Bornand {number}")
        monkeypatch.setattr("db.session.FEWEST_PLANNED", 3)

        count_rows(system)
        count_rows(system)

        assert ("party" in planned(database)) == (database.dialect.name == "sqlite")
        assert "bill" not in planned(database)
        monkeypatch.setattr("db.session.FEWEST_PLANNED", 1000)
        count_rows(system)
        assert planned(database) == set()
