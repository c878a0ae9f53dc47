"""A worker that is killed at the very moment of a commit, twice: the third goes on; nothing is twice, nothing half."""

import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import Engine
from sqlmodel import col, func, select, update

from app.doors import ask, do, now
from app.exchange.kept import export_folder
from app.imports import steps
from app.imports.kinds import kind_named
from app.lists.changes import Chosen, run_bulk
from app.lists.register import list_called
from app.worker import run_next_job
from db.access.rules import Actor, Role
from db.access.tables import Deed
from db.crm.leads.intake.actions import add_leads
from db.crm.leads.tables import Lead
from db.documents.imports.rules import ImportState
from db.jobs.actions import ask_for_job
from db.jobs.queries import JobStatus, job, job_log
from db.jobs.rules import JobState
from db.jobs.tables import Job
from db.migrations.run import config
from db.records.duplicates.actions import ask_for_search
from db.records.duplicates.tables import DuplicatePair
from db.records.undo.many.actions import ask_for_undo
from db.session import end_maintenance, reading, transaction
from tests.app.imports.files import imported, many, opened, status_of
from tests.db.crm.leads.make import make_draft

ROOT = Path(__file__).resolve().parents[2]
LEADS = list_called("lead")
DIES = """
import os, signal, sys, threading
from sqlalchemy import event
from sqlalchemy.engine import Engine
from app import worker
begun, left, do = False, int(sys.argv[1]), worker._do

def begin(run):
    global begun
    begun = True
    return do(run)

@event.listens_for(Engine, "commit")
def die(connection):
    global left
    left -= begun and threading.current_thread() is threading.main_thread()
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

worker._do = begin
worker.run_next_job()
"""
DIES_IN_AN_EVENT = """
import os, signal, sys
from uuid import UUID
from sqlalchemy import event
from sqlalchemy.engine import Engine
from app.lists.changes import change_cell
from app.lists.register import list_called
from app.session import actor_of_user

by = actor_of_user(UUID(sys.argv[1]), via="screen")
event.listens_for(Engine, "commit")(lambda _: os.kill(os.getpid(), signal.SIGKILL))
change_cell(list_called("lead"), by, sys.argv[2], "city", "Nyon", 1)
"""


def killed(script: str, *arguments: str) -> None:
    """Run a process until it is killed."""
    ended = subprocess.run([sys.executable, "-c", script, *arguments], cwd=ROOT, capture_output=True, check=False)
    assert ended.returncode == -9, ended.stderr.decode()[-2000:]


def let_the_lease_end(job_id: UUID) -> None:
    end_maintenance()  # as every worker does when it starts
    with transaction() as session:
        session.exec(update(Job).where(col(Job.id) == job_id).values(lease_until=now()))


def survived(job_id: UUID, by: Actor, *commits: int) -> JobStatus:
    """Let workers die at some of their commits one after the other, then a last one go on; return how the job ended."""
    for commit in commits:
        killed(DIES, str(commit))
        assert ask(by, job, job_id=job_id, by=by).state is JobState.RUNNING
        let_the_lease_end(job_id)
    assert run_next_job()
    ended = ask(by, job, job_id=job_id, by=by)
    assert (ended.state, ended.error) == (JobState.DONE, None)
    said = [line.message for line in ask(by, job_log, job_id=job_id, by=by)]
    assert said.count("Repris après une interruption (essai {attempt})") == len(commits)
    return ended


def leads(*conditions: object) -> int:
    with reading() as session:
        return session.exec(select(func.count()).select_from(Lead).where(*conditions)).one()  # type: ignore[arg-type]


def changing() -> Any:
    """Return the question how many deeds changed leads."""
    return select(func.count()).select_from(Deed).where(col(Deed.action).like("%change_leads"))


@pytest.fixture
def seller(people: dict[Role, Actor]) -> Actor:
    """Who asks for the work."""
    return people[Role.SALES]


@pytest.fixture
def manager(people: dict[Role, Actor]) -> Actor:
    """Who may everything that is asked for here."""
    return people[Role.MANAGER]


@pytest.fixture
def stock(manager: Actor, clock: datetime, database: Engine) -> list[UUID]:
    """More leads than one deed changes."""
    drafts = [make_draft(name=f"Garde-corps {n}", city="Vevey") for n in range(1200)]
    made: list[UUID] = do(manager, add_leads, at=clock, drafts=drafts, import_id=None)
    return made


class TestAnImport:
    def test_has_every_row_once(self, seller: Actor) -> None:
        import_id = opened(many(1600), seller)
        job_id = steps.begin(import_id, with_job=True, by=seller)
        assert job_id is not None

        survived(job_id, seller, 3, 4)

        done = status_of(import_id, seller)
        with reading() as session:
            different = session.exec(select(func.count(func.distinct(Lead.company_name)))).one()
        assert (done.state, done.created, leads(), different) == (ImportState.DONE, 1600, 1600, 1600)

    def test_that_was_written_whole_is_not_told_failed(self, seller: Actor) -> None:
        import_id = opened(many(10), seller)
        job_id = steps.begin(import_id, with_job=True, by=seller)
        assert job_id is not None
        killed(DIES, "6")  # progress, rows, progress, end of the import, and what ends the job
        let_the_lease_end(job_id)

        run_next_job()

        assert ask(seller, job, job_id=job_id, by=seller).state is JobState.DONE
        assert (status_of(import_id, seller).state, leads()) == (ImportState.DONE, 10)


class TestTheUndoingOfAnImport:
    def test_takes_every_row_back_once(self, seller: Actor) -> None:
        import_id = imported(many(1300), seller).import_id
        job_id = do(seller, kind_named("leads").deeds.ask_for_undo, import_id=import_id)

        survived(job_id, seller, 2, 3)

        stands = status_of(import_id, seller)
        assert stands.undo_result is not None
        assert (stands.state, stands.undo_result["removed"], leads()) == (ImportState.UNDONE, 1300, 0)


class TestAChangeOfMany:
    def test_tells_all_its_deeds_and_changes_nothing_twice(self, stock: list[UUID], manager: Actor) -> None:
        job_id = run_bulk(LEADS, manager, "assign", str(manager.user_id), Chosen(tuple(stock), ""))
        assert isinstance(job_id, UUID)

        ended = survived(job_id, manager, 2, 3)

        with reading() as session:
            deeds = session.exec(
                select(func.count()).select_from(Deed).where(col(Deed.action).like("%change_leads"))
            ).one()
        assert ended.result is not None
        assert (ended.result["done"], ended.result["refused"]) == (len(stock), 0)
        assert len(ended.result["deeds"]) == deeds
        assert leads(col(Lead.owner_id) == manager.user_id, col(Lead.row_version) == 2) == len(stock)

    def test_is_taken_back_whole_by_an_undoing_that_dies_too(self, stock: list[UUID], manager: Actor) -> None:
        few = tuple(stock[:250])
        asked = {"list": "lead", "verb": "assign", "value": str(manager.user_id), "ids": [one.hex for one in few]}
        with transaction() as session:
            changing = ask_for_job(session, kind="lists.bulk", arguments=asked, by=manager, at=now())
        assert run_next_job()
        deeds = [UUID(one) for one in (ask(manager, job, job_id=changing, by=manager).result or {})["deeds"]]
        job_id = do(manager, ask_for_undo, deeds=deeds)

        ended = survived(job_id, manager, 2, 4)

        assert ended.result is not None
        assert (ended.result["done"], ended.result["kept"]) == (len(few), 0)
        assert leads(col(Lead.owner_id) == manager.user_id) == 0


class TestASearchForDuplicates:
    def test_finds_each_pair_once(self, stock: list[UUID], manager: Actor, clock: datetime) -> None:
        twins = [make_draft(name="Escalier", email="anne@ex.ch", phone="+41218012345") for _ in range(2)]
        do(manager, add_leads, at=clock, drafts=twins, import_id=None)
        job_id = do(manager, ask_for_search, kind="lead")

        survived(job_id, manager, 3, 2)

        with reading() as session:
            pairs = session.exec(select(DuplicatePair)).all()
        assert len({(pair.one_id, pair.other_id) for pair in pairs}) == len(pairs) > 0


class TestAnExportOfTheCompany:
    def test_is_whole_and_leaves_nothing_behind(self, stock: list[UUID], manager: Actor, database: Engine) -> None:
        command.stamp(config(database.url.render_as_string(hide_password=False)), "head")
        with transaction() as session:
            job_id = ask_for_job(session, kind="access.export_company", arguments={}, by=manager, at=now())

        ended = survived(job_id, manager, 2, 1)

        assert ended.result is not None
        assert [path.name for path in export_folder().iterdir()] == [ended.result["name"]]
        with zipfile.ZipFile(export_folder() / ended.result["name"]) as archive:
            assert archive.testzip() is None
            assert archive.read("tables/lead.jsonl").count(b"\n") == len(stock)


class TestAnyJob:
    def test_that_dies_three_times_is_told_failed_in_words(self, seller: Actor) -> None:
        import_id = opened(many(600), seller)
        job_id = steps.begin(import_id, with_job=True, by=seller)
        assert job_id is not None
        for _ in range(3):
            killed(DIES, "2")
            let_the_lease_end(job_id)

        assert not run_next_job()

        ended = ask(seller, job, job_id=job_id, by=seller)
        assert (ended.state, ended.error) == (
            JobState.FAILED,
            "Interrompu trois fois de suite : le travail n’est pas repris.",
        )
        stands = status_of(import_id, seller)
        assert (stands.state, stands.problem, leads()) == (ImportState.FAILED, ended.error, 0)


class TestAnEvent:
    def test_that_dies_with_its_process_has_changed_nothing(self, stock: list[UUID], manager: Actor) -> None:
        killed(DIES_IN_AN_EVENT, str(manager.user_id), str(stock[0]))

        with reading() as session:
            assert session.exec(changing()).one() == 0
        assert leads(col(Lead.city) == "Nyon") == 0
