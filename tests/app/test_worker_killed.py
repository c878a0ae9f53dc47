"""The worker is killed in the middle of an import: the next one goes on, and every row is there once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import col, func, select, update

from app.doors import ask, now
from app.imports import steps
from db.access.rules import Actor, Role
from db.crm.leads.tables import Lead
from db.documents.imports.rules import ImportState
from db.jobs.queries import job, job_log
from db.jobs.rules import JobState
from db.jobs.tables import Job
from db.session import reading, transaction
from tests.app.imports.files import many, opened, status_of

ROOT = Path(__file__).resolve().parents[2]
ROWS = 3000
LONGEST = 90  # seconds


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """Run the worker as a process of its own, on the database of the test."""
    running = subprocess.Popen(
        [sys.executable, "-m", "app.worker"], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def wait_until(holds: Callable[[], bool]) -> None:
    last_moment = time.monotonic() + LONGEST
    while not holds():
        assert time.monotonic() < last_moment, "it did not happen"
        time.sleep(0.02)


def let_the_lease_end(job_id: UUID) -> None:
    with transaction() as session:
        session.exec(update(Job).where(col(Job.id) == job_id).values(lease_until=now()))


@pytest.fixture
def running_import(people: dict[Role, Actor]) -> tuple[UUID, UUID, Actor]:
    """An import that waits for the worker: its id, its job, and who asked."""
    seller = people[Role.SALES]
    import_id = opened(many(ROWS), seller)
    job_id = steps.begin(import_id, with_job=True, by=seller)
    assert job_id is not None
    return import_id, job_id, seller


class TestKilledWorker:
    def test_loses_nothing_and_does_nothing_twice(self, running_import: tuple[UUID, UUID, Actor]) -> None:
        import_id, job_id, seller = running_import
        with worker() as first:
            wait_until(lambda: status_of(import_id, seller).cursor > 0)
            os.kill(first.pid, signal.SIGKILL)
        between = status_of(import_id, seller)
        assert 0 < between.cursor < ROWS
        let_the_lease_end(job_id)

        with worker():
            wait_until(lambda: ask(seller, job, job_id=job_id, by=seller).state is JobState.DONE)

        done = status_of(import_id, seller)
        assert (done.state, done.created, done.refused) == (ImportState.DONE, ROWS, 0)
        with reading() as session:
            every = session.exec(select(func.count()).select_from(Lead)).one()
            different = session.exec(select(func.count(func.distinct(Lead.company_name)))).one()
        assert (every, different) == (ROWS, ROWS)
        assert "Repris après une interruption (essai {attempt})" in [
            line.message for line in ask(seller, job_log, job_id=job_id, by=seller)
        ]
