"""An exported company put into an empty installation is the same company, whichever database either has."""

import json
import os
import zipfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Engine, text

from app.doors import ask, do
from app.exchange.layout import LEFT_OUT, is_secret
from app.exchange.place import CompanyNotEmpty, import_company
from app.exchange.write import export_company
from app.kept_balances import check_balances
from app.sealing import seal_everything
from db.access.people.actions import add_user
from db.access.rules import Actor, Role
from db.access.seals.queries import verify
from db.migrations.run import config
from db.records.search.queries import found_records
from db.schema import metadata
from db.session import engine
from tests.app.exchange.company import another, everything, files, fill_company
from tests.db.ledger.merged import owing

KINDS = ("sqlite", "postgresql")


@pytest.fixture
def archive(database: Engine, people: dict[Role, Actor], system: Actor, clock: datetime, tmp_path: Path) -> Path:
    """The archive of a company in which people have worked."""
    command.stamp(config(database.url.render_as_string(hide_password=False)), "head")
    fill_company(people, system, clock)
    export_company(tmp_path / "export.zip", at=clock)
    return tmp_path / "export.zip"


@pytest.fixture(params=KINDS)
def elsewhere(
    archive: Path, database: Engine, request: Any, tmp_path_factory: pytest.TempPathFactory, monkeypatch: Any
) -> Path:
    """The folder of another, empty installation, which is now the open one; `before` is what the first one held."""
    folder: Path = tmp_path_factory.mktemp("elsewhere")
    request.node.before = everything(), files(Path(os.environ["BOUSSOLE_DATA"])), ask_head()
    another(folder, monkeypatch, lambda: request.getfixturevalue("postgres_server"), request.param)
    return folder


def ask_head() -> str:
    from db.access.rules import system_actor

    return ask(system_actor(), verify).head


class TestSameCompany:
    def test_in_every_table_and_every_file(self, archive: Path, elsewhere: Path, request: Any) -> None:
        before, kept, _ = request.node.before

        done = import_company(archive)

        after = everything()
        assert sorted(after) == sorted(before)
        assert {name: rows for name, rows in after.items() if rows != before[name]} == {}
        assert sum(map(len, after.values())) == done.rows > 100
        assert files(elsewhere) == kept

    def test_whose_chain_holds_and_which_works_on(
        self, archive: Path, elsewhere: Path, request: Any, system: Actor, clock: datetime
    ) -> None:
        import_company(archive)

        findings = ask(system, verify)
        assert (findings.problems, findings.head) == ([], request.node.before[2])
        do(system, add_user, at=clock, name="Noé", email="noe@example.ch", roles=[Role.SALES])
        seal_everything(system)
        assert ask(system, verify).is_clean

    def test_in_which_searches_find(self, archive: Path, elsewhere: Path, people: dict[Role, Actor]) -> None:
        import_company(archive)

        found = ask(people[Role.SALES], found_records, query="menuiserie favre", by=people[Role.SALES])

        assert {one.title for one in found} >= {"Menuiserie Favre SA"}

    def test_in_which_merged_customers_owe_together(self, archive: Path, elsewhere: Path, system: Actor) -> None:
        import_company(archive)

        assert owing(system) == {"Voilerie Cornu": Decimal("140.05")}
        assert check_balances(system) == []

    def test_without_any_secret(self, archive: Path, elsewhere: Path) -> None:
        import_company(archive)

        with engine().connect() as connection:
            assert connection.execute(text("select count(*) from reset_link")).scalar() == 0
            assert (
                connection.execute(text("select count(*) from user_account where password_hash is not null")).scalar()
                == 0
            )

    def test_only_where_nobody_is_yet(self, archive: Path, elsewhere: Path, system: Actor, clock: datetime) -> None:
        import_company(archive)
        before = everything()

        with pytest.raises(CompanyNotEmpty, match="contient déjà une entreprise"):
            import_company(archive)

        assert everything() == before


class TestArchive:
    def test_holds_open_formats_with_counts_and_sums(self, archive: Path) -> None:
        with zipfile.ZipFile(archive) as opened:
            manifest = json.loads(opened.read("manifest.json"))
            names = opened.namelist()
            csv = opened.read("tables/party.csv").decode("utf-8-sig")

        assert manifest["tables"]["opportunity"]["sums"] == {"expected_amount": "21400.00"}
        assert manifest["tables"]["party"]["rows"] == csv.count("\r\n") - 1
        assert csv.splitlines()[0].startswith("id;created_at;updated_at;row_version;kind;name;uid;email")
        assert any(name.startswith("files/") and name.endswith("/pistes.csv") for name in names)
        assert {"name": "email", "type": "autostring", "privacy": "personal"} in [
            {**column, "type": "autostring"} for column in manifest["tables"]["party"]["columns"]
        ]
        assert manifest["version"] == "0.1.0"

    def test_holds_no_secret(self, archive: Path) -> None:
        with zipfile.ZipFile(archive) as opened:
            manifest = json.loads(opened.read("manifest.json"))
            content = b"".join(opened.read(name) for name in opened.namelist())

        assert not {f"tables/{name}.jsonl" for name in LEFT_OUT} & set(manifest["members"])
        assert b'password_hash":' not in content

    def test_leaves_out_no_table_that_others_or_the_history_need(self) -> None:
        kept = [table for table in metadata.sorted_tables if table.name not in LEFT_OUT]

        assert set(LEFT_OUT) <= set(metadata.tables)
        assert [name for name in LEFT_OUT if "row_version" in metadata.tables[name].c] == []
        assert [
            f"{table.name}.{column.name}"
            for table in kept
            for column in table.columns
            if any(key.column.table.name in LEFT_OUT for key in column.foreign_keys)
            or (is_secret(column) and not column.nullable)
        ] == []
