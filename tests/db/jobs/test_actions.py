"""Long work: taken once, resumed after a death, cancelled, never done twice for the same request."""

import contextlib
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.jobs import actions, queries
from db.jobs.rules import LEASE, MOST_ATTEMPTS, JobCancelled, JobState, JobTakenOver, LogLevel
from db.kernel.errors import NotFound
from db.kernel.lifecycle import WrongStep
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
            actions.report_progress(session, job_id=job_id, attempt=1, done=1, total=2, message="", at=clock)

    def test_refuses_a_worker_that_was_taken_for_dead(self, people: dict[Role, Actor], clock: datetime) -> None:
        job_id = asked(people[Role.SALES], clock)
        taken(clock)
        taken(clock + LEASE + timedelta(seconds=1))

        with pytest.raises(JobTakenOver), transaction() as session:
            actions.report_progress(session, job_id=job_id, attempt=1, done=1, total=2, message="", at=clock)
        with pytest.raises(JobTakenOver), transaction() as session:
            actions.end_job(session, job_id=job_id, attempt=1, state=JobState.DONE, at=clock)


class TestCancelJob:
    def test_stops_one_that_waits_at_once(self, people: dict[Role, Actor], clock: datetime) -> None:
        job_id = asked(people[Role.SALES], clock)

        do(people[Role.SALES], actions.cancel_job, job_id=job_id, at=clock)

        assert status(people[Role.SALES], job_id).state is JobState.CANCELLED
        assert taken(clock) is None

    @pytest.mark.parametrize(("role", "may"), [(Role.ADMINISTRATOR, True), (Role.MANAGER, False), (Role.HR, False)])
    def test_of_others_needs_a_right_of_its_own(
        self, people: dict[Role, Actor], clock: datetime, role: Role, may: bool
    ) -> None:
        job_id = asked(people[Role.SALES], clock)

        refused = contextlib.nullcontext() if may else pytest.raises(NotFound)
        with refused:
            do(people[role], actions.cancel_job, job_id=job_id, at=clock)

        assert (status(people[Role.SALES], job_id).state is JobState.CANCELLED) is may


class TestRetryJob:
    def failed(self, by: Actor, at: datetime) -> UUID:
        job_id = asked(by, at)
        taken(at)
        with transaction() as session:
            actions.end_job(session, job_id=job_id, attempt=1, state=JobState.FAILED, at=at, error="Disque plein.")
        return job_id

    def test_lets_it_wait_again_with_all_its_attempts(self, people: dict[Role, Actor], clock: datetime) -> None:
        job_id = self.failed(people[Role.SALES], clock)

        do(people[Role.SALES], actions.retry_job, job_id=job_id, at=clock)

        again = taken(clock)
        assert again is not None
        assert (again.id, again.attempts, again.error, again.asked_by) == (
            job_id, 1, None, people[Role.SALES].user_id
        )  # fmt: skip

    def test_refuses_one_that_runs_or_is_done(self, people: dict[Role, Actor], clock: datetime) -> None:
        job_id = asked(people[Role.SALES], clock)
        taken(clock)

        with pytest.raises(WrongStep):
            do(people[Role.SALES], actions.retry_job, job_id=job_id, at=clock)
        with transaction() as session:
            actions.end_job(session, job_id=job_id, attempt=1, state=JobState.DONE, at=clock)
        with pytest.raises(WrongStep):
            do(people[Role.SALES], actions.retry_job, job_id=job_id, at=clock)

    def test_or_settling_takes_it_out_of_the_count(self, people: dict[Role, Actor], clock: datetime) -> None:
        seller = people[Role.SALES]
        first, second = self.failed(seller, clock), self.failed(seller, clock)
        assert ask(seller, queries.count_failed, by=seller) == 2

        do(seller, actions.retry_job, job_id=first, at=clock)
        do(seller, actions.settle_job, job_id=second, at=clock)

        assert ask(seller, queries.count_failed, by=seller) == 0


class TestJobLog:
    def test_tells_what_happened_in_order(self, people: dict[Role, Actor], clock: datetime) -> None:
        seller = people[Role.SALES]
        job_id = TestRetryJob().failed(seller, clock)
        do(seller, actions.retry_job, job_id=job_id, at=clock)

        lines = ask(seller, queries.job_log, job_id=job_id, by=seller)

        assert [line.message for line in lines] == ["Commencé", "Disque plein.", "Relancé par {name}"]
        assert [line.level for line in lines] == [LogLevel.INFO, LogLevel.ERROR, LogLevel.INFO]

    def test_hides_the_log_of_others(self, people: dict[Role, Actor], clock: datetime) -> None:
        job_id = asked(people[Role.SALES], clock)

        with pytest.raises(NotFound):
            ask(people[Role.HR], queries.job_log, job_id=job_id, by=people[Role.HR])
        assert ask(people[Role.MANAGER], queries.job_log, job_id=job_id, by=people[Role.MANAGER]) == []


class TestJobPage:
    def test_pages_through_own_jobs_newest_first(self, people: dict[Role, Actor], clock: datetime) -> None:
        mine = [asked(people[Role.SALES], clock) for _ in range(5)]
        asked(people[Role.HR], clock)
        given = {"states": (), "only_own": False, "most": 3, "by": people[Role.SALES]}

        first = ask(people[Role.SALES], queries.job_page, after=None, **given)
        second = ask(people[Role.SALES], queries.job_page, after=first.next, **given)

        assert [job.id for job in [*first.jobs, *second.jobs]] == mine[::-1]
        assert second.next is None

    def test_shows_everybody_s_to_those_who_may_see_them(self, people: dict[Role, Actor], clock: datetime) -> None:
        asked(people[Role.SALES], clock)
        manager = people[Role.MANAGER]

        assert ask(manager, queries.job_counts, only_own=False, by=manager) == {JobState.WAITING: 1}
        assert ask(manager, queries.job_counts, only_own=True, by=manager) == {}


class TestRetryReactions:
    def test_makes_the_event_wait_again(self, people: dict[Role, Actor], clock: datetime) -> None:
        boss = people[Role.ADMINISTRATOR]
        with transaction() as session:
            actions.publish(session, "test.happened", at=clock)
        with transaction() as session:
            [event] = queries.waiting_events(session)
            actions.mark_handled(session, event_id=event.id, at=clock, problem="x: non")
        [problem] = ask(boss, queries.event_problems)

        do(boss, actions.retry_reactions, event_id=problem.event_id, at=clock)

        assert ask(boss, queries.event_problems) == []
        with reading() as session:
            assert [waiting.id for waiting in queries.waiting_events(session)] == [problem.event_id]


def status(by: Actor, job_id: UUID) -> queries.JobStatus:
    return ask(by, queries.job, job_id=job_id, by=by)


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
