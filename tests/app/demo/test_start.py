"""The demonstration is a database of its own, made through the screens' own actions."""

from pathlib import Path

import pytest
from sqlmodel import col, func, select

from app.demo.start import leave_demo, start_demo
from app.worker import run_next_job
from db.access.people.tables import User
from db.access.tables import Deed
from db.crm.leads.tables import Lead
from db.crm.opportunities.tables import Opportunity
from db.insights.predictions.queries import hit_rates
from db.insights.predictions.tables import CurrentPrediction
from db.jobs.queries import job_status
from db.jobs.rules import JobState
from db.jobs.tables import Event
from db.session import COMPANY, DEMO, open_company, reading


@pytest.fixture(scope="module")
def firm_with_a_model(tmp_path_factory: pytest.TempPathFactory):
    """A demonstration company that is large enough for a model."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOUSSOLE_DATA", str(tmp_path_factory.mktemp("demo")))
        patch.delenv("BOUSSOLE_DATABASE_URL", raising=False)
        start_demo(size=320)
        run_next_job()
        yield


@pytest.fixture
def played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A small demonstration company, finished."""
    monkeypatch.setenv("BOUSSOLE_DATA", str(tmp_path))
    monkeypatch.delenv("BOUSSOLE_DATABASE_URL", raising=False)
    started = start_demo(size=80)
    run_next_job()
    return started


class TestStartDemo:
    def test_opens_a_firm_with_25_people_and_a_past(self, played) -> None:
        with reading() as session:
            status = job_status(session, job_id=played.job_id, asked_by=played.first_person)
            leads = session.exec(select(func.count()).select_from(Lead)).one()
            won = session.exec(select(func.count()).select_from(Lead).where(Lead.state == "converted")).one()
            opportunities = session.exec(select(func.count()).select_from(Opportunity)).one()
            people = session.exec(select(func.count()).select_from(User)).one()

        assert status.state is JobState.DONE, status.error
        assert open_company() == DEMO
        assert (people, leads) == (25, 80)
        assert won == opportunities > 0

    def test_leaves_a_deed_for_everything_that_happened(self, played) -> None:
        with reading() as session:
            done = set(session.exec(select(Deed.action).distinct()))

        assert {"crm.leads.create_lead", "crm.leads.note_exchange", "crm.leads.closing.convert_lead"} <= done
        assert "crm.leads.closing.lose_lead" in done


class TestTheFirstModel:
    def test_has_scored_the_open_leads_and_can_say_how_often_it_was_right(self, firm_with_a_model) -> None:
        with reading() as session:
            shown = session.exec(select(func.count()).select_from(CurrentPrediction)).one()
            open_now = session.exec(select(func.count()).select_from(Lead).where(col(Lead.closed_at).is_(None))).one()
            rates = hit_rates(session, model="lead_score")
            waiting = session.exec(select(func.count()).select_from(Event).where(col(Event.handled_at).is_(None))).one()

        assert shown == open_now > 0
        assert sum(rate.cases for rate in rates) > 20
        assert waiting == 0

    def test_was_approved_by_somebody_else_than_its_author(self, firm_with_a_model) -> None:
        with reading() as session:
            done = {deed.action: deed.actor_name for deed in session.exec(select(Deed))}

        assert done["insights.proposals.hand_in"] == "Yasmin Haddad"
        assert done["insights.approvals.approve"] == "Claire Rochat"


class TestLeaveDemo:
    def test_opens_an_empty_database(self, played) -> None:
        leave_demo()

        with reading() as session:
            assert session.exec(select(func.count()).select_from(User)).one() == 0
        assert open_company() == COMPANY
