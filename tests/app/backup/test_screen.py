"""Backups from the screen: made, checked by a restore, restored while people look on; nights and what is kept."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, text

from app.backup import filling, jobs
from app.backup.check import problem_of
from app.backup.places import Backup, backups, path_of, to_forget
from app.backup.restore import restore_while_running
from app.doors import ask, do
from app.worker import run_next_job
from db import session as doors
from db.access.company.actions import edit_company, found_company
from db.access.company.queries import company
from db.access.rules import Actor, Role
from db.access.seals.queries import verify
from db.jobs.backups.actions import ask_for_backup, ask_for_restore, note_download
from db.jobs.queries import job_status
from db.kernel.errors import BadInput, FreshProofNeeded, NotAllowed, NotFound
from db.migrations.run import config
from db.session import UnderMaintenance, engine, maintenance, transaction


@pytest.fixture
def boss(database: Engine, people: dict[Role, Actor], system: Actor, clock: datetime) -> Actor:
    """The administrator of a migrated firm."""
    command.stamp(config(database.url.render_as_string(hide_password=False)), "head")
    do(system, found_company, at=clock, name="Ateliers du Léman")
    return people[Role.ADMINISTRATOR]


def work() -> None:
    """Let the worker do all that waits."""
    while run_next_job():
        pass


def made(boss: Actor) -> Backup:
    """Make a backup as the button does."""
    do(boss, ask_for_backup)
    work()
    return backups("company")[0]


class TestMake:
    def test_is_listed_and_checked_by_a_restore(self, boss: Actor) -> None:
        found = made(boss)

        assert (found.kind, found.company, found.problem) == ("manual", "company", "")
        assert found.checked_at
        assert found.rows > 10
        assert path_of(found.name).stat().st_mode & 0o077 == 0

    def test_one_that_is_damaged_is_said_to_be(self, boss: Actor) -> None:
        found = made(boss)
        content = bytearray(path_of(found.name).read_bytes())
        content[len(content) // 2] ^= 0xFF
        path_of(found.name).write_bytes(content)

        assert problem_of(path_of(found.name)) != ""

    def test_only_the_administrator(self, boss: Actor, people: dict[Role, Actor]) -> None:
        with pytest.raises(NotAllowed):
            do(people[Role.MANAGER], ask_for_backup)

    def test_download_asks_for_a_fresh_second_factor(self, boss: Actor) -> None:
        stale = Actor(boss.user_id, boss.name, boss.roles)

        with pytest.raises(FreshProofNeeded):
            do(stale, note_download, name="x")

    @pytest.mark.parametrize("name", ["../company.sqlite", "x/y.tar.gz", ".tar.gz", "no.tar.gz"])
    def test_no_other_file_is_a_backup(self, name: str, database: Engine) -> None:
        with pytest.raises(NotFound):
            path_of(name)


class TestRestore:
    def test_brings_the_firm_back_and_keeps_the_present(self, boss: Actor, system: Actor) -> None:
        found = made(boss)
        rename(boss, "Autre nom")

        job = do(boss, ask_for_restore, name=found.name, typed="Autre nom")
        work()

        done = ask(boss, job_status, job_id=job, asked_by=boss.user_id)
        assert (done.state.value, done.error) == ("done", None)
        assert ask(system, company).name == "Ateliers du Léman"
        kept = next(one for one in backups("company") if one.kind == "before_restore")
        assert ask(system, verify).problems == []
        do(boss, ask_for_restore, name=kept.name, typed="Ateliers du Léman")
        work()
        assert ask(system, company).name == "Autre nom"

    def test_the_name_must_be_typed(self, boss: Actor) -> None:
        with pytest.raises(BadInput, match="Ateliers du Léman"):
            do(boss, ask_for_restore, name=made(boss).name, typed="ateliers")

    def test_a_failure_in_the_middle_leaves_everything(
        self, boss: Actor, system: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found = made(boss)
        rename(boss, "Autre nom")

        def broken(*_: Any) -> None:
            raise OSError(5, "the disk went away")

        monkeypatch.setattr(filling, "_check_counts", broken)
        job = do(boss, ask_for_restore, name=found.name, typed="Autre nom")
        work()

        assert ask(boss, job_status, job_id=job, asked_by=boss.user_id).state.value == "failed"
        assert ask(system, company).name == "Autre nom"
        rename(boss, "Encore un autre")  # writing is allowed again

    def test_nobody_writes_meanwhile(self, boss: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
        with maintenance():
            monkeypatch.setattr(doors, "_restoring", False)  # as another process sees it
            with pytest.raises(UnderMaintenance), transaction():
                pass
        with transaction():
            pass

    def test_who_reads_sees_old_or_new(self, boss: Actor, system: Actor, clock: datetime) -> None:
        found = made(boss)
        rename(boss, "Autre nom")
        seen: list[str] = []

        class Looking:
            def take(self, present: Connection) -> None:
                seen.append(ask(system, company).name)

            def give(self, fresh: Connection) -> None:
                if fresh.dialect.name == "sqlite":  # PostgreSQL lets readers wait for the end
                    seen.append(ask(system, company).name)

        restore_while_running(path_of(found.name), company="company", at=clock, carried=Looking())

        assert set(seen) == {"Autre nom"}
        assert ask(system, company).name == "Ateliers du Léman"

    def test_jobs_of_then_do_not_run_again(self, boss: Actor, system: Actor) -> None:
        found = made(boss)  # it holds its own job, which was running
        do(boss, ask_for_restore, name=found.name, typed="Ateliers du Léman")
        work()

        with engine().connect() as connection:
            states = set(connection.execute(text("select state from job")).scalars())
        assert states <= {"done", "cancelled"}


def rename(by: Actor, name: str) -> None:
    """Change something that a restore brings back."""
    version = ask(by, company).row_version
    do(by, edit_company, name=name, uid="", language="fr", expected_version=version)


class TestNights:
    @pytest.mark.parametrize(
        ("newest", "due"),
        [
            (None, True),
            (datetime(2026, 11, 24, 1, 30, tzinfo=UTC), False),  # half past two in Switzerland
            (datetime(2026, 11, 24, 0, 30, tzinfo=UTC), True),
        ],
    )
    def test_is_due(self, newest: datetime | None, due: bool, clock: datetime) -> None:
        assert jobs.is_due(clock, hour=2, newest=newest) is due

    def test_before_its_hour_the_night_before_counts(self) -> None:
        at = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)  # half past one

        assert not jobs.is_due(at, hour=2, newest=at - timedelta(hours=20))

    def test_makes_one_a_night(self, boss: Actor, system: Actor) -> None:
        for _ in range(3):
            jobs.every_night(system)
            work()

        assert [one.kind for one in backups("company")] == ["nightly"]

    def test_keeps_days_weeks_and_months(self, clock: datetime) -> None:
        nights = [Backup(f"{n}", "company", (clock - timedelta(days=n)).isoformat(), 1) for n in range(500)]

        gone = {one.name for one in to_forget(nights, daily=7, weekly=4, monthly=12)}
        kept = [one for one in nights if one.name not in gone]

        assert [one.name for one in kept[:7]] == ["0", "1", "2", "3", "4", "5", "6"]
        assert len({one.at.strftime("%Y-%m") for one in kept}) == 12
        assert 18 <= len(kept) <= 23
