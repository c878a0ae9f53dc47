"""A backup put in place elsewhere is the same company: equal counts, and `verify` finds nothing."""

import json
import shutil
import tarfile
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Engine, text

from app.backup.dump import CannotWrite, back_up
from app.backup.manifest import NotABackup
from app.backup.present import count_rows
from app.backup.restore import BackupDamaged, NotEmpty, StillRunning, restore
from app.cli.main import main
from app.doors import ask, do
from app.sealing import seal_everything
from db.access.people.actions import add_user
from db.access.rules import Actor, Role
from db.access.seals.queries import verify
from db.documents import store
from db.jobs.actions import ask_for_job, beat
from db.kernel.errors import BadInput
from db.migrations import run
from db.migrations.run import config, upgrade
from db.session import engine, engine_for, transaction
from tests.conftest import NOW


@pytest.fixture
def filled(database: Engine, system: Actor, clock: datetime) -> Engine:
    """A migrated database with people, a job with JSON both absent and null, and a file."""
    command.stamp(config(database.url.render_as_string(hide_password=False)), "head")
    for number in range(3):
        do(system, add_user, at=clock, name=f"Léa {number}", email=f"lea{number}@example.ch", roles=[Role.SALES])
    with transaction() as session:
        ask_for_job(session, kind="essai", arguments={"montant": "10.50", "é": None}, by=system, at=clock)
    store.put("reçu d’un fournisseur".encode())
    seal_everything(system)
    return database


@pytest.fixture
def elsewhere(
    database: Engine, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: Any
) -> Iterator[Path]:
    """Let the installation that follows be a new one, on the same kind of database."""
    folder = tmp_path_factory.mktemp("elsewhere")

    def move() -> None:
        monkeypatch.setenv("BOUSSOLE_DATA", str(folder))
        if database.dialect.name == "postgresql":
            monkeypatch.setenv("BOUSSOLE_DATABASE_URL", _another(database))

    request.node.move = move
    yield folder
    engine().dispose()


def _another(database: Engine) -> str:
    name = f"{database.url.database}_b"
    server = engine_for(database.url.set(database="postgres").render_as_string(hide_password=False))
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'drop database if exists "{name}" with (force)'))
        connection.execute(text(f'create database "{name}"'))
    return database.url.set(database=name).render_as_string(hide_password=False)


def counts() -> dict[str, int]:
    """Count the rows of the open company."""
    with engine().connect() as connection:
        return count_rows(connection)


class TestRoundTrip:
    def test_gives_the_same_company(
        self, filled: Engine, elsewhere: Path, request: Any, tmp_path: Path, system: Actor, clock: datetime
    ) -> None:
        before, head = counts(), ask(system, verify).head
        back_up(tmp_path / "b.tar.gz", at=clock)
        request.node.move()

        done = restore(tmp_path / "b.tar.gz", at=clock)

        findings = ask(system, verify)
        assert counts() == before == done.manifest.counts
        assert findings.problems == []
        assert findings.head == head == done.manifest.seal
        assert store.get(next((elsewhere / "files").glob("??/*")).name).decode() == "reçu d’un fournisseur"

    def test_works_on(
        self, filled: Engine, elsewhere: Path, request: Any, tmp_path: Path, system: Actor, clock: datetime
    ) -> None:
        back_up(tmp_path / "b.tar.gz", at=clock)
        request.node.move()
        restore(tmp_path / "b.tar.gz", at=clock)

        do(system, add_user, at=clock, name="Noé", email="noe@example.ch", roles=[Role.SALES])
        seal_everything(system)

        assert ask(system, verify).is_clean

    def test_keeps_the_difference_between_null_and_nothing(
        self, filled: Engine, elsewhere: Path, request: Any, tmp_path: Path, clock: datetime
    ) -> None:
        wanted = text("select arguments, result is null from job order by id")
        with engine().connect() as connection:
            before = connection.execute(wanted).all()
        back_up(tmp_path / "b.tar.gz", at=clock)
        request.node.move()
        restore(tmp_path / "b.tar.gz", at=clock)

        with engine().connect() as connection:
            assert connection.execute(wanted).all() == before

    def test_reads_one_moment_while_others_write(
        self, filled: Engine, tmp_path: Path, system: Actor, clock: datetime
    ) -> None:
        over = threading.Event()

        def write() -> None:
            number = 0
            while not over.is_set():
                number += 1
                do(system, add_user, at=clock, name="X", email=f"x{number}@example.ch", roles=[Role.SALES])

        writer = threading.Thread(target=write)
        writer.start()
        try:
            manifests = [back_up(tmp_path / f"{number}.tar.gz", at=clock) for number in range(3)]
        finally:
            over.set()
            writer.join()

        for found in manifests:  # each person came with exactly one role, in one transaction
            assert found.counts["user_account"] == found.counts["user_role"]


class TestMoving:
    def test_from_sqlite_to_postgresql(
        self,
        system: Actor,
        clock: datetime,
        tmp_path: Path,
        postgres_server: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("BOUSSOLE_DATA", str(tmp_path))
        monkeypatch.delenv("BOUSSOLE_DATABASE_URL", raising=False)
        upgrade()
        do(system, add_user, at=clock, name="Léa", email="lea@example.ch", roles=[Role.SALES])
        seal_everything(system)
        before, head = counts(), ask(system, verify).head
        back_up(tmp_path / "b.tar.gz", at=clock)
        server = engine_for(postgres_server)
        monkeypatch.setenv("BOUSSOLE_DATABASE_URL", _another(server))

        restore(tmp_path / "b.tar.gz", at=clock)

        assert engine().dialect.name == "postgresql"
        assert counts() == before
        assert ask(system, verify).is_clean
        assert ask(system, verify).head == head
        engine().dispose()


class TestBackUp:
    def test_refuses_to_write_over_a_file(self, filled: Engine, tmp_path: Path, clock: datetime) -> None:
        (tmp_path / "b.tar.gz").write_bytes(b"mine")

        with pytest.raises(BadInput, match="existe déjà"):
            back_up(tmp_path / "b.tar.gz", at=clock)

    def test_names_a_place_that_cannot_be_written(self, filled: Engine, tmp_path: Path, clock: datetime) -> None:
        with pytest.raises(CannotWrite, match="ne peut pas être écrit"):
            back_up(tmp_path / "nowhere" / "b.tar.gz", at=clock)

    def test_leaves_nothing_behind_when_the_disk_is_full(
        self, filled: Engine, tmp_path: Path, clock: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from app.backup import dump
        from app.trouble import DiskFull

        def full(*_: Any) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(dump, "_pack", full)
        target = tmp_path / "out"
        target.mkdir()

        with pytest.raises(DiskFull, match="Le disque est plein"):
            back_up(target / "b.tar.gz", at=clock)
        assert list(target.iterdir()) == []


class TestRestore:
    def test_refuses_over_data(self, filled: Engine, tmp_path: Path, clock: datetime) -> None:
        back_up(tmp_path / "b.tar.gz", at=clock)

        with pytest.raises(NotEmpty, match="--replace"):
            restore(tmp_path / "b.tar.gz", at=clock)

    def test_replaces_after_a_safety_copy(self, filled: Engine, tmp_path: Path, system: Actor, clock: datetime) -> None:
        back_up(tmp_path / "b.tar.gz", at=clock)
        before = counts()
        do(system, add_user, at=clock, name="Noé", email="noe@example.ch", roles=[Role.SALES])

        done = restore(tmp_path / "b.tar.gz", at=clock, replaces=True)

        assert counts() == before
        assert done.safety_copy is not None
        back = restore(done.safety_copy, at=clock + timedelta(seconds=1), replaces=True)
        assert back.manifest.counts["user_account"] == before["user_account"] + 1

    def test_refuses_while_running(self, filled: Engine, tmp_path: Path, clock: datetime) -> None:
        back_up(tmp_path / "b.tar.gz", at=clock)
        with transaction() as session:
            beat(session, process="worker", at=clock)

        with pytest.raises(StillRunning):
            restore(tmp_path / "b.tar.gz", at=clock + timedelta(seconds=5), replaces=True)

    def test_refuses_a_part_that_was_changed(self, filled: Engine, tmp_path: Path, clock: datetime) -> None:
        back_up(tmp_path / "b.tar.gz", at=clock)
        forged = rewrite(tmp_path / "b.tar.gz", "rows/user_account.jsonl", lambda rows: rows.replace(b"lea0", b"evil"))

        with pytest.raises(BackupDamaged, match="user_account"):
            restore(forged, at=clock, replaces=True)

    def test_refuses_a_newer_one(self, filled: Engine, tmp_path: Path, clock: datetime) -> None:
        back_up(tmp_path / "b.tar.gz", at=clock)

        def later(manifest: bytes) -> bytes:
            return json.dumps({**json.loads(manifest), "revision": "29991231"}).encode()

        with pytest.raises(BadInput, match="plus récente"):
            restore(rewrite(tmp_path / "b.tar.gz", "manifest.json", later), at=clock, replaces=True)

    @pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00broken"])
    def test_refuses_what_is_no_backup(self, content: bytes, filled: Engine, tmp_path: Path, clock: datetime) -> None:
        (tmp_path / "photo.jpg").write_bytes(content)

        with pytest.raises(NotABackup, match=r"photo\.jpg"):
            restore(tmp_path / "photo.jpg", at=clock, replaces=True)

    def test_refuses_paths_that_lead_elsewhere(self, filled: Engine, tmp_path: Path, clock: datetime) -> None:
        back_up(tmp_path / "b.tar.gz", at=clock)

        def sly(manifest: bytes) -> bytes:
            facts = json.loads(manifest)
            return json.dumps({**facts, "hashes": {**facts["hashes"], "../../evil": "0" * 64}}).encode()

        with pytest.raises(NotABackup):
            restore(rewrite(tmp_path / "b.tar.gz", "manifest.json", sly), at=clock, replaces=True)

    def test_names_a_missing_file(self, filled: Engine, tmp_path: Path, clock: datetime) -> None:
        with pytest.raises(BadInput, match="n’existe pas"):
            restore(tmp_path / "none.tar.gz", at=clock)


def rewrite(source: Path, member: str, change: Any) -> Path:
    """Return a copy of an archive with one member changed."""
    import io

    target = source.with_name("forged.tar.gz")
    with tarfile.open(source) as old, tarfile.open(target, "w:gz") as new:
        for info in old:
            content = old.extractfile(info)
            assert content is not None
            data = content.read()
            data = change(data) if info.name == member else data
            info.size = len(data)
            new.addfile(info, io.BytesIO(data))
    return target


LATER = '''"""A later release."""

import sqlalchemy as sa
from alembic import op

revision = "20270101_1"
down_revision = "{before}"


def upgrade() -> None:
    """Add a column."""
    op.add_column("user_account", sa.Column("shoe_size", sa.Integer(), nullable=True))
'''


def later_release(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the code know one more migration."""
    copied = folder / "migrations"
    shutil.copytree(run.HERE, copied, ignore=shutil.ignore_patterns("__pycache__"))
    (copied / "versions" / "20270101_later.py").write_text(LATER.format(before=run.head()))
    monkeypatch.setattr(run, "HERE", copied)


class TestCommands:
    def test_backup_restore_verify(
        self, filled: Engine, elsewhere: Path, request: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["backup", str(tmp_path / "b.tar.gz"), "--json"]) == 0
        written = json.loads(capsys.readouterr().out)
        request.node.move()

        assert main(["restore", str(tmp_path / "b.tar.gz"), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["counts"] == written["counts"]
        assert main(["verify"]) == 0
        assert "Rien n’a été altéré" in capsys.readouterr().out

    def test_verify_names_the_row(self, filled: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        with filled.begin() as connection:
            connection.execute(text("update user_account set name = 'Mallory' where email = 'lea0@example.ch'"))

        assert main(["verify", "--json"]) == 1
        found = json.loads(capsys.readouterr().out)
        problem = found["problems"][0]
        assert not found["clean"]
        assert (problem["table"], problem["column"], problem["in_history"], problem["now"]) == (
            "user_account",
            "name",
            "Léa 0",
            "Mallory",
        )
        assert main(["verify"]) == 1
        said = capsys.readouterr().out
        assert problem["record_id"] in said
        assert "Mallory dans la base" in said

    def test_verify_names_a_file_that_was_altered(self, filled: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        name = store.put(b"a model")
        store.path_of(name).write_bytes(b"another")

        assert main(["verify", "--json"]) == 1
        assert json.loads(capsys.readouterr().out)["altered_files"] == [name]

    def test_upgrade_backs_up_first(
        self, filled: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        later_release(tmp_path, monkeypatch)

        assert main(["upgrade", "--json"]) == 0
        step = json.loads(capsys.readouterr().out)["databases"][0]

        assert (step["from"] != step["to"], step["to"]) == (True, "20270101_1")
        with filled.connect() as connection:
            assert connection.execute(text("select shoe_size from user_account")).all() == [(None,)] * 3
        back = restore(Path(step["backup"]), at=NOW + timedelta(hours=1), replaces=True)
        assert back.manifest.revision == step["from"]
        assert counts() == back.manifest.counts

    def test_upgrade_says_from_and_to(self, filled: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["upgrade", "--json"]) == 0
        step = json.loads(capsys.readouterr().out)["databases"][0]

        assert step["from"] == step["to"]

    def test_a_missing_file_is_bad_input(
        self, filled: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["restore", str(tmp_path / "none.tar.gz")]) == 2
        assert "n’existe pas" in capsys.readouterr().err
