"""Undoing many records: in portions, nothing twice after an interruption, what stays is told field by field."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from app import undoing_job
from app.doors import ask, do, do_undoable
from app.undoing import deeds_named, is_much
from app.worker import JobRun, run_next_job
from db.access.gate import gate
from db.access.rules import Actor, Role
from db.access.seals.queries import verify
from db.crm.leads.actions import assign_leads, edit_lead
from db.crm.leads.intake.actions import add_leads
from db.crm.leads.queries import lead_detail
from db.jobs.actions import cancel_job, retry_job
from db.jobs.queries import job
from db.jobs.rules import JobCancelled, JobState
from db.kernel.errors import BadInput, BusinessError
from db.records.undo.many.actions import ask_for_undo, undo_part
from db.records.undo.many.queries import rows_to_undo, undo_conflicts
from db.records.undo.queries import undo_plan
from db.records.undo.rules import CannotUndo
from tests.db.crm.leads.make import make_draft

People = dict[Role, Actor]
LATER = timedelta(minutes=5)


@pytest.fixture
def claire(people: People) -> Actor:
    """The manager."""
    return people[Role.MANAGER]


@pytest.fixture
def leads(database: Engine, claire: Actor, clock: datetime) -> list[UUID]:
    """Seven leads of nobody's."""
    drafts = [make_draft(name=f"Garde-corps {n}", city="Vevey") for n in range(7)]
    made: list[UUID] = do(claire, add_leads, at=clock, drafts=drafts, import_id=None)
    return made


def change_all(by: Actor, leads: list[UUID], clock: datetime, city: str = "Nyon") -> list[UUID]:
    """Change the town of leads, three per deed; return the deeds."""
    deeds = []
    for start in range(0, len(leads), 3):
        done = do_undoable(by, change_some, at=clock + LATER, lead_ids=leads[start : start + 3], city=city)
        deeds.append(UUID(done.deed))
    return deeds


@gate("crm.edit_leads")
def change_some(session: Any, *, lead_ids: list[UUID], city: str, by: Actor, at: datetime) -> None:
    """Change some leads in one deed."""
    for lead_id in lead_ids:
        version = lead_detail(session, lead_id=lead_id, by=by).row_version
        edit_lead(session, lead_id=lead_id, values={"city": city}, expected_version=version, by=by, at=at)


@gate("crm.edit_leads")
def make_some(session: Any, *, drafts: list[Any], by: Actor, at: datetime) -> list[UUID]:
    """Make some leads in one deed."""
    return add_leads(session, drafts=drafts, import_id=None, by=by, at=at)


def towns(leads: list[UUID], by: Actor) -> list[str]:
    """Return where leads are."""
    return [ask(by, lead_detail, lead_id=lead_id, by=by).city for lead_id in leads]


def finished(job_id: UUID, by: Actor) -> Any:
    """Let the worker do what waits; return how the job stands."""
    while run_next_job():
        pass
    return ask(by, job, job_id=job_id, by=by)


@pytest.fixture(autouse=True)
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows in one transaction."""
    monkeypatch.setattr(undoing_job, "PORTION", 2)


class TestAskForUndo:
    def test_brings_back_what_several_deeds_changed(self, leads: list[UUID], claire: Actor, clock: datetime) -> None:
        deeds = change_all(claire, leads, clock)
        job_id = do(claire, ask_for_undo, deeds=deeds)

        status = finished(job_id, claire)

        assert (status.state, status.result["done"], status.result["kept"]) == (JobState.DONE, 7, 0)
        assert set(towns(leads, claire)) == {"Vevey"}
        assert ask(Actor(None, "Boussole", system=True), verify).is_clean

    def test_is_one_job_however_often_it_is_asked_for(self, leads: list[UUID], claire: Actor, clock: datetime) -> None:
        deeds = change_all(claire, leads, clock)

        assert do(claire, ask_for_undo, deeds=deeds) == do(claire, ask_for_undo, deeds=deeds)

    def test_can_be_undone_in_its_turn(self, leads: list[UUID], claire: Actor, clock: datetime) -> None:
        deeds = change_all(claire, leads, clock)
        job_id = do(claire, ask_for_undo, deeds=deeds)
        finished(job_id, claire)

        again = do(claire, ask_for_undo, deeds=deeds_named(claire, f"job:{job_id}"))
        finished(again, claire)

        assert set(towns(leads, claire)) == {"Nyon"}

    def test_is_refused_once_all_is_undone(self, leads: list[UUID], claire: Actor, clock: datetime) -> None:
        deeds = change_all(claire, leads, clock)
        finished(do(claire, ask_for_undo, deeds=deeds), claire)

        with pytest.raises(CannotUndo, match="déjà annulé"):
            do(claire, ask_for_undo, deeds=deeds)

    def test_keeps_to_the_rights_of_who_asks(self, leads: list[UUID], people: People, clock: datetime) -> None:
        deeds = change_all(people[Role.MANAGER], leads, clock)

        with pytest.raises(BusinessError):
            do(people[Role.ANALYST], ask_for_undo, deeds=deeds)


class TestConflicts:
    def test_are_told_field_by_field_with_who_and_when(
        self, leads: list[UUID], claire: Actor, people: People, clock: datetime
    ) -> None:
        deeds = change_all(claire, leads, clock)
        nadia = people[Role.SALES]
        do(nadia, change_some, at=clock + 2 * LATER, lead_ids=[leads[4]], city="Morges")
        job_id = do(claire, ask_for_undo, deeds=deeds)

        status = finished(job_id, claire)

        [kept] = ask(claire, undo_conflicts, job_id=job_id, by=claire)
        assert (status.result["done"], status.result["kept"]) == (6, 1)
        assert (kept.record_id, kept.column, kept.name) == (leads[4], "city", "Garde-corps 4")
        assert kept.params["who"] == nadia.name
        assert towns([leads[4]], claire) == ["Morges"]

    def test_are_for_those_who_may_see_the_job(
        self, leads: list[UUID], claire: Actor, people: People, clock: datetime
    ) -> None:
        job_id = do(claire, ask_for_undo, deeds=change_all(claire, leads, clock))

        with pytest.raises(BusinessError):
            ask(people[Role.SALES], undo_conflicts, job_id=job_id, by=people[Role.SALES])


class TestInterruption:
    def test_goes_on_where_it_stopped_and_does_nothing_twice(
        self, leads: list[UUID], claire: Actor, clock: datetime
    ) -> None:
        deeds = change_all(claire, leads, clock)
        job_id = do(claire, ask_for_undo, deeds=deeds)
        rows = ask(claire, rows_to_undo, deed_id=deeds[-1])
        do(claire, undo_part, undoes=deeds[-1], rows=rows, job_id=job_id)  # and then the worker was killed

        status = finished(job_id, claire)

        assert status.result["done"] == 7
        assert set(towns(leads, claire)) == {"Vevey"}

    def test_a_portion_done_twice_changes_nothing(self, leads: list[UUID], claire: Actor, clock: datetime) -> None:
        deeds = change_all(claire, leads, clock)
        job_id = do(claire, ask_for_undo, deeds=deeds)
        rows = ask(claire, rows_to_undo, deed_id=deeds[0])

        first = do(claire, undo_part, undoes=deeds[0], rows=rows[:2], job_id=job_id)
        second = do(claire, undo_part, undoes=deeds[0], rows=rows[:2], job_id=job_id)

        assert (first, second) == (2, 0)
        assert ask(claire, undo_conflicts, job_id=job_id, by=claire) == []

    def test_can_be_stopped_and_gone_on_with(
        self, leads: list[UUID], claire: Actor, clock: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job_id = do(claire, ask_for_undo, deeds=change_all(claire, leads, clock))
        calls = []

        def stop_after_two(self: JobRun, done: int, total: int, message: str = "") -> None:
            calls.append(done)
            if len(calls) > 2:
                raise JobCancelled("Travail annulé.")

        with monkeypatch.context() as patch:
            patch.setattr(JobRun, "progress", stop_after_two)
            assert finished(job_id, claire).state is JobState.CANCELLED
        assert set(towns(leads, claire)) == {"Vevey", "Nyon"}

        do(claire, retry_job, job_id=job_id)

        assert finished(job_id, claire).state is JobState.DONE
        assert set(towns(leads, claire)) == {"Vevey"}

    def test_one_that_has_not_begun_stops_at_once(self, leads: list[UUID], claire: Actor, clock: datetime) -> None:
        job_id = do(claire, ask_for_undo, deeds=change_all(claire, leads, clock))
        do(claire, cancel_job, job_id=job_id)

        assert finished(job_id, claire).state is JobState.CANCELLED
        assert set(towns(leads, claire)) == {"Nyon"}


class TestManyInOneDeed:
    def test_are_not_undone_while_somebody_waits(
        self, leads: list[UUID], claire: Actor, clock: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("db.records.undo.queries.MOST_CHANGES", 5)
        monkeypatch.setattr("app.undoing.MOST_CHANGES", 5)
        deed = UUID(do_undoable(claire, change_some, at=clock + LATER, lead_ids=leads, city="Nyon").deed)

        plan = ask(claire, undo_plan, deed_id=deed, by=claire)

        assert (plan.many, plan.can) == (7, False)
        assert "arrière-plan" in plan.blocked
        assert is_much(claire, [deed])
        finished(do(claire, ask_for_undo, deeds=[deed]), claire)
        assert set(towns(leads, claire)) == {"Vevey"}

    def test_made_rows_go_except_those_that_are_used(
        self, database: Engine, claire: Actor, people: People, clock: datetime
    ) -> None:
        drafts = [make_draft(name=f"Portail {n}") for n in range(4)]
        done = do_undoable(claire, make_some, at=clock, drafts=drafts)
        do(claire, assign_leads, at=clock + LATER, lead_ids=[done.result[1]], owner_id=people[Role.SALES].user_id)
        job_id = do(claire, ask_for_undo, deeds=[UUID(done.deed)])

        finished(job_id, claire)

        [kept] = ask(claire, undo_conflicts, job_id=job_id, by=claire)
        assert (kept.record_id, kept.column) == (done.result[1], "")
        assert ask(claire, lead_detail, lead_id=done.result[1], by=claire).name == "Portail 1"
        for lead_id in (done.result[0], done.result[2], done.result[3]):
            with pytest.raises(BusinessError):
                ask(claire, lead_detail, lead_id=lead_id, by=claire)


class TestDeedsNamed:
    def test_refuses_what_names_nothing(self, claire: Actor, database: Engine) -> None:
        for text in ("", "x", "job:", "job:x"):
            with pytest.raises(BadInput):
                deeds_named(claire, text)
