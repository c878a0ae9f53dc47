"""The worker goes on, whatever happens around it."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import func, select

from app import worker
from app.demo.start import leave_demo, start_demo
from app.doors import ask, do
from app.worker import run_next_job
from db.access.people.actions import close_person
from db.access.rules import Actor, Role
from db.crm.leads.tables import Lead
from db.jobs.actions import ask_for_job
from db.jobs.queries import job_log, job_status, schedules
from db.jobs.rules import JobState, LogLevel
from db.session import COMPANY, chosen_company, open_company, pinned_company, reading, switch_company, transaction


def status(job_id: UUID, asked_by: UUID | None):
    with reading() as session:
        return job_status(session, job_id=job_id, asked_by=asked_by)


class TestRunNextJob:
    def test_fails_the_job_of_a_person_who_has_left(self, people: dict[Role, Actor], clock: datetime) -> None:
        seller = people[Role.SALES]
        with transaction() as session:
            job_id = ask_for_job(session, kind="crm.import_leads", arguments={}, by=seller, at=clock)
        do(people[Role.ADMINISTRATOR], close_person, at=clock, user_id=seller.user_id, to_user=None)

        assert run_next_job()

        assert status(job_id, seller.user_id).state is JobState.FAILED
        assert not run_next_job()

    def test_keeps_what_broke_for_whoever_repairs_it(
        self, people: dict[Role, Actor], clock: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def break_down(run: worker.JobRun) -> None:
            run.log("Ligne {line} ignorée", level=LogLevel.WARNING, line=7)
            raise KeyError("colonne")

        monkeypatch.setattr(worker, "find", lambda name: break_down)
        seller = people[Role.SALES]
        with transaction() as session:
            job_id = ask_for_job(session, kind="crm.import_leads", arguments={}, by=seller, at=clock)

        run_next_job()

        lines = ask(seller, job_log, job_id=job_id, by=seller)
        assert [line.message for line in lines][:2] == ["Commencé", "Ligne {line} ignorée"]
        assert (lines[1].params, lines[1].detail) == ({"line": 7}, "")
        assert "Erreur inattendue" in lines[2].message
        assert "KeyError: 'colonne'" in lines[2].detail


class TestSchedules:
    def test_are_not_repeated_after_a_restart(
        self, people: dict[Role, Actor], clock: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ran: list[str] = []
        monkeypatch.setattr(worker, "SCHEDULES", {"test.tidy": ("tidy", 3600)})
        monkeypatch.setattr(worker, "find", lambda name: lambda by: ran.append(name))

        worker.Schedules().run_due(clock)
        worker.Schedules().run_due(clock + timedelta(minutes=59))
        assert ran == ["tidy"]
        worker.Schedules().run_due(clock + timedelta(minutes=60))

        assert ran == ["tidy", "tidy"]
        [known] = ask(people[Role.MANAGER], schedules)
        assert (known.name, known.next_at) == ("test.tidy", clock + timedelta(minutes=120))

    def test_keep_why_a_task_failed(
        self, people: dict[Role, Actor], clock: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(by: Actor) -> None:
            raise OSError("plein")

        monkeypatch.setattr(worker, "SCHEDULES", {"test.tidy": ("tidy", 3600)})
        monkeypatch.setattr(worker, "find", lambda name: fail)

        worker.Schedules().run_due(clock)

        assert ask(people[Role.MANAGER], schedules)[0].problem == "OSError: plein"


class TestPinnedCompany:
    def test_finishes_where_it_began(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BOUSSOLE_DATA", str(tmp_path))
        monkeypatch.delenv("BOUSSOLE_DATABASE_URL", raising=False)
        started = start_demo(size=60)

        def leave(run: worker.JobRun) -> dict[str, str]:
            switch_company(COMPANY)
            return {"worked_on": open_company()}

        monkeypatch.setattr(worker, "find", lambda name: leave)
        with pinned_company(chosen_company()):
            run_next_job()
            assert status(started.job_id, started.first_person).result == {"worked_on": "demo"}
        assert open_company() == COMPANY


class TestReplacedDatabase:
    def test_is_noticed_by_connections_that_were_open(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BOUSSOLE_DATA", str(tmp_path))
        monkeypatch.delenv("BOUSSOLE_DATABASE_URL", raising=False)
        start_demo(size=60)
        run_next_job()
        leave_demo()
        again = start_demo(size=60)

        with reading() as session:
            assert session.exec(select(func.count()).select_from(Lead)).one() == 0
        run_next_job()

        assert status(again.job_id, again.first_person).state is JobState.DONE
