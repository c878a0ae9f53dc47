"""Long work: taken once, resumed after a death, cancelled, never done twice for the same request."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.jobs import actions, queries
from db.jobs.rules import LEASE, MOST_ATTEMPTS, JobCancelled, JobState
from db.kernel.errors import NotFound
from db.session import reading, transaction


def asked(by: Actor, at: datetime, once: str | None = None):
    with transaction() as session:
        return actions.ask_for_job(session, kind="test", arguments={"n": 1}, by=by, at=at, once=once)


def taken(at: datetime):
    with transaction() as session:
        return actions.take_job(session, at=at)


class TestAskForJob:
    def test_the_same_request_twice_is_one_job(self, people: dict[Role, Actor], clock: datetime) -> None:
        first, second = (asked(people[Role.SALES], clock, once="import-7") for _ in range(2))

        assert first == second


class TestTakeJob:
    def test_leases_a_job_to_one_worker_only(self, people: dict[Role, Actor], clock: datetime) -> None:
        job_id = asked(people[Role.SALES], clock)

        job = taken(clock)

        assert job is not None
        assert job.id == job_id
        assert taken(clock) is None

    def test_takes_over_from_a_worker_that_died(self, people: dict[Role, Actor], clock: datetime) -> None:
        asked(people[Role.SALES], clock)
        taken(clock)

        again = taken(clock + LEASE + timedelta(seconds=1))

        assert again is not None
        assert again.attempts == 2

    def test_gives_up_after_three_deaths(self, people: dict[Role, Actor], clock: datetime) -> None:
        job_id = asked(people[Role.SALES], clock)
        for attempt in range(MOST_ATTEMPTS + 1):
            taken(clock + attempt * (LEASE + timedelta(seconds=1)))

        with reading() as session:
            status = queries.job_status(session, job_id=job_id, asked_by=people[Role.SALES].user_id)

        assert status.state is JobState.FAILED


class TestReportProgress:
    def test_stops_a_job_that_was_cancelled(self, people: dict[Role, Actor], clock: datetime) -> None:
        job_id = asked(people[Role.SALES], clock)
        taken(clock)
        do(people[Role.SALES], actions.cancel_job, job_id=job_id)

        with pytest.raises(JobCancelled), transaction() as session:
            actions.report_progress(session, job_id=job_id, done=1, total=2, message="", at=clock)


class TestJobStatus:
    def test_hides_the_work_of_others(self, people: dict[Role, Actor], clock: datetime, database: Engine) -> None:
        job_id = asked(people[Role.SALES], clock)

        with pytest.raises(NotFound):
            ask(
                people[Role.HR],
                queries.job_status,
                job_id=job_id,
                asked_by=people[Role.HR].user_id,
            )
