"""The steps of an import, from the upload to its undoing, on both databases."""

from itertools import count
from typing import Any

import pytest

from app.doors import ask, do, now
from app.imports import steps
from app.imports.kinds import kind_named
from app.imports.leads import LEADS
from app.imports.mapping import plan_from
from app.worker import run_next_job
from db.access.rules import Actor, Role
from db.crm.leads.actions import create_lead, take_lead
from db.crm.leads.listing.queries import lead_page
from db.crm.leads.listing.rules import read_request
from db.crm.leads.rules import LeadDraft
from db.documents.imports import actions
from db.documents.imports.rules import ImportState
from db.jobs.actions import cancel_job
from db.jobs.queries import job_status
from db.jobs.rules import JobState
from db.jobs.tables import Job
from db.kernel.errors import BadInput, NotAllowed
from db.records.custom_fields.actions import define_field
from db.records.custom_fields.queries import custom_fields
from db.records.custom_fields.rules import FieldType
from db.session import reading, transaction
from tests.app.imports.files import FILE, imported, leads, left, many, opened, reasons, status_of


class TestJobs:
    def test_carry_an_import_from_the_upload_to_its_undoing(self, sales: Actor) -> None:
        import_id = steps.take_in(many(25).encode(), "x.csv", kind="leads", options={}, with_job=True, by=sales)
        assert run_next_job()
        assert status_of(import_id, sales).state is ImportState.MAPPED

        do(sales, actions.ask_for_check, import_id=import_id)
        assert run_next_job()
        assert status_of(import_id, sales).checked == {"created": 25, "updated": 0, "unchanged": 0, "refused": 0}

        job_id = steps.begin(import_id, with_job=True, by=sales)
        assert run_next_job()
        assert ask(sales, job_status, job_id=job_id, asked_by=sales.user_id).state is JobState.DONE
        assert (status_of(import_id, sales).state, len(leads())) == (ImportState.DONE, 25)

        do(sales, kind_named("leads").deeds.ask_for_undo, import_id=import_id)
        assert run_next_job()
        assert (status_of(import_id, sales).state, leads()) == (ImportState.UNDONE, [])

    def test_stop_when_the_person_says_so(self, sales: Actor) -> None:
        import_id = opened(many(25), sales)
        job_id = steps.begin(import_id, with_job=True, by=sales)
        with transaction() as session:
            session.get_one(Job, job_id).cancel_asked = True

        assert run_next_job()

        assert ask(sales, job_status, job_id=job_id, asked_by=sales.user_id).state is JobState.CANCELLED
        assert status_of(import_id, sales).state is ImportState.CANCELLED


class TestLook:
    def test_fails_the_import_of_what_is_no_table(self, sales: Actor) -> None:
        import_id = steps.take_in(b"%PDF-1.4", "x.csv", kind="leads", options={}, with_job=False, by=sales)

        with pytest.raises(BadInput, match="un PDF"):
            steps.look(import_id, by=sales)

        assert (status_of(import_id, sales).state, status_of(import_id, sales).problem) == (
            ImportState.FAILED,
            "Le fichier est un PDF, pas un tableau CSV ou XLSX.",
        )

    def test_remembers_what_was_decided_for_the_same_headers(self, sales: Actor) -> None:
        imported(FILE, sales, {"columns": {"Machines": "ignore", "Montant": "ignore"}, "key": "E-mail"})
        import_id = steps.take_in(
            FILE.replace("1'200.00", "5.00").encode(), "b.csv", kind="leads", options={}, with_job=False, by=sales
        )

        steps.look(import_id, by=sales)

        plan = plan_from(status_of(import_id, sales).plan)
        assert (plan.key, plan.plan_of("Machines").target, plan.plan_of("Montant").target) == (
            "E-mail",
            "ignore",
            "ignore",
        )


class TestCheck:
    def test_counts_without_writing(self, sales: Actor) -> None:
        imported(FILE, sales, {"key": "N°"})
        import_id = opened(FILE + "5;Neuf;x@ex.ch;1;1;oui\n6;Faux;non;1;1;oui\n", sales, {"key": "N°"})

        counts = steps.check(import_id, by=sales)

        assert (counts.created, counts.updated, counts.refused) == (1, 3, 1)
        assert len(leads()) == 3
        assert reasons(import_id, sales, is_dry=True) == [(6, "E-mail", "« non » n’est pas une adresse e-mail.")]

    def test_says_what_the_import_then_does(self, sales: Actor) -> None:
        bad = many(40).replace(";oui\n", ";peut-être\n", 12)
        import_id = opened(
            bad, sales, {"columns": {"Résultat": {"target": "outcome", "values": {"oui": "converted", "non": "lost"}}}}
        )
        counts = steps.check(import_id, by=sales)

        steps.begin(import_id, with_job=False, by=sales)
        done = steps.write(import_id, by=sales)

        assert (counts.created, counts.refused) == (done.created, done.refused) == (28, 12)

    def test_refuses_a_field_that_exists_with_another_type(self, sales: Actor) -> None:
        imported(FILE, sales)
        import_id = opened(FILE, sales, {"columns": {"Machines": {"target": "custom", "type": "text"}}})

        with pytest.raises(BadInput, match="existe déjà avec le type « number »"):
            steps.check(import_id, by=sales)


class TestLeadPage:
    def test_shows_what_an_import_made_or_changed(self, sales: Actor) -> None:
        imported(FILE, sales, {"key": "N°"})
        again = imported("N°;E-mail\n1;autre@ex.ch\n9;neu@ex.ch\n", sales, {"key": "N°"})

        page = ask(sales, lead_page, request=read_request(f"import={again.import_id}"), by=sales)

        assert (page.total, sorted(row.email for row in page.rows)) == (2, ["autre@ex.ch", "neu@ex.ch"])


class TestUndo:
    def test_takes_everything_back_with_the_fields_it_added(self, sales: Actor) -> None:
        done = imported(FILE, sales)

        result = steps.undo(done.import_id, by=sales)

        assert (result["removed"], result["restored"], result["left"], result["fields_kept"]) == (3, 0, 0, 0)
        assert leads() == []
        assert status_of(done.import_id, sales).state is ImportState.UNDONE
        with reading() as session:
            assert custom_fields(session, kind="lead") == []

    def test_gives_updated_leads_their_values_back(self, sales: Actor) -> None:
        imported(FILE, sales, {"key": "N°"})
        again = imported("N°;E-mail\n1;autre@ex.ch\n9;neu@ex.ch\n", sales, {"key": "N°"})

        result = steps.undo(again.import_id, by=sales)

        assert (result["removed"], result["restored"]) == (1, 1)
        assert sorted(lead.email for lead in leads()) == ["anne@ex.ch", "ida@ex.ch", "luc@ex.ch"]

    def test_leaves_a_lead_that_somebody_worked_on_and_names_it(self, sales: Actor) -> None:
        done = imported(FILE, sales)
        touched = next(lead for lead in leads() if lead.state == "new")
        do(sales, take_lead, lead_id=touched.id)

        result = steps.undo(done.import_id, by=sales)

        assert result["removed"] == 2
        assert [name for name, _, _ in left(done.import_id, sales)] == ["Garage du Lac"]
        assert result["fields_kept"] == 2

    def test_is_done_once(self, sales: Actor) -> None:
        done = imported(FILE, sales)
        steps.undo(done.import_id, by=sales)

        with pytest.raises(NotAllowed):
            steps.undo(done.import_id, by=sales)


class TestStopImport:
    def test_leaves_an_import_that_was_never_begun(self, sales: Actor) -> None:
        import_id = opened(FILE, sales)

        do(sales, actions.stop_import, import_id=import_id)

        assert status_of(import_id, sales).state is ImportState.CANCELLED
        assert leads() == []


class TestHiddenFields:
    def test_are_neither_shown_nor_overwritten(self, sales: Actor, people: dict[Role, Actor]) -> None:
        admin = people[Role.ADMINISTRATOR]
        hidden = {"kind": "lead", "key": "salaire", "label": "Salaire", "permission": "access.manage_users"}
        do(admin, define_field, **hidden, type=FieldType.CHOICE, choices=("haut", "bas"))
        draft = LeadDraft(name="A", email="a@ex.ch", received_at=now(), custom={"salaire": "haut"})
        do(admin, create_lead, draft=draft)

        import_id = opened(
            "E-mail;Salaire\na@ex.ch;bas\n",
            sales,
            {"columns": {"Salaire": {"target": "custom", "key": "salaire", "type": "choice"}}, "key": "E-mail"},
        )
        assert steps.check(import_id, by=sales).refused == 0  # its choices are not told
        with pytest.raises(BadInput, match="Le champ « Salaire » existe déjà"):
            steps.begin(import_id, with_job=False, by=sales)

        assert [lead.custom["salaire"] for lead in leads()] == ["haut"]
        assert status_of(import_id, sales).state is ImportState.MAPPED

    def test_that_the_import_itself_made_do_not_keep_it_from_going_on(self, sales: Actor) -> None:
        wish = {"target": "custom", "key": "secret", "type": "text", "permission": "access.manage_users"}
        import_id = opened("E-mail;Secret\na@ex.ch;x\n", sales, {"columns": {"Secret": wish}})
        for _ in range(2):
            steps.begin(import_id, with_job=False, by=sales)

        assert steps.write(import_id, by=sales).created == 1


class TestInterrupted:
    def test_an_import_whose_job_failed_can_be_undone(self, sales: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
        import_id = opened(many(25), sales)
        steps.begin(import_id, with_job=True, by=sales)
        write, calls = steps._write_portion, count(1)

        def breaks(*given: Any) -> None:
            if next(calls) == 2:
                raise OSError("the disk is full")
            write(*given)

        monkeypatch.setattr(steps, "_write_portion", breaks)
        assert run_next_job()
        assert (status_of(import_id, sales).state, len(leads())) == (ImportState.FAILED, 10)

        do(sales, LEADS.deeds.ask_for_undo, import_id=import_id)
        assert run_next_job()

        assert (status_of(import_id, sales).state, leads()) == (ImportState.UNDONE, [])

    def test_an_import_that_was_stopped_before_it_began_can_go_on_or_be_undone(self, sales: Actor) -> None:
        import_id = opened(many(3), sales)
        for _ in range(2):
            job_id = steps.begin(import_id, with_job=True, by=sales)
            do(sales, cancel_job, job_id=job_id)
            assert not run_next_job()
            assert status_of(import_id, sales).state is ImportState.CANCELLED

        do(sales, LEADS.deeds.ask_for_undo, import_id=import_id)
        assert run_next_job()

        assert status_of(import_id, sales).state is ImportState.UNDONE

    def test_a_second_click_finds_the_job_of_the_first(self, sales: Actor) -> None:
        import_id = opened(many(3), sales)

        jobs = {steps.begin(import_id, with_job=True, by=sales) for _ in range(2)}

        assert (len(jobs), run_next_job(), run_next_job()) == (1, True, False)
        undoing = {do(sales, LEADS.deeds.ask_for_undo, import_id=import_id) for _ in range(2)}
        assert (len(undoing), run_next_job(), run_next_job()) == (1, True, False)

    def test_one_that_is_running_is_not_undone_and_one_being_undone_does_not_run(self, sales: Actor) -> None:
        import_id = opened(many(3), sales)
        steps.begin(import_id, with_job=True, by=sales)
        with pytest.raises(NotAllowed, match="en cours"):
            do(sales, LEADS.deeds.ask_for_undo, import_id=import_id)

        assert run_next_job()
        do(sales, LEADS.deeds.ask_for_undo, import_id=import_id)

        with pytest.raises(BadInput, match="encore en cours"):
            steps.begin(import_id, with_job=True, by=sales)
