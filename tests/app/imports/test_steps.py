"""Imports from the file to the leads, on both databases."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, func, select

from app.doors import ask, do
from app.imports import steps
from app.imports.kinds import kind_named
from app.imports.mapping import given_plan, plan_from
from app.worker import run_next_job
from db.access.rules import Actor, Role
from db.crm.leads.actions import take_lead
from db.crm.leads.tables import Lead
from db.documents.imports import actions, queries
from db.documents.imports.actions import PortionAlreadyWritten
from db.documents.imports.queries import ImportStatus
from db.documents.imports.rules import ImportState
from db.documents.store import FileAltered, path_of
from db.jobs.queries import job_status
from db.jobs.rules import JobCancelled, JobState
from db.jobs.tables import Job
from db.kernel.errors import BadInput, NotAllowed, NotFound
from db.records.custom_fields.queries import custom_fields
from db.session import reading, transaction

FILE = """N°;Société;E-mail;Montant;Machines;Résultat
1;Boulangerie Rochat;anne@ex.ch;1'200.00;3;oui
2;Menuiserie Favre;luc@ex.ch;3'400.50;4;non
3;Garage du Lac;ida@ex.ch;900.00;12;
"""


@dataclass
class Stopper:
    """Follows an import and asks it to stop, or breaks it, after some rows."""

    after: int
    error: Exception
    seen: list[int] = field(default_factory=list)

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Stop when the time has come."""
        self.seen.append(done)
        if done >= self.after:
            raise self.error


class Killed(RuntimeError):
    """The worker dies."""


@pytest.fixture
def sales(people: dict[Role, Actor]) -> Actor:
    """The salesperson."""
    return people[Role.SALES]


@pytest.fixture(autouse=True)
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Portions of ten rows, so that small files have several."""
    monkeypatch.setattr(steps, "PORTION", 10)


def opened(text: str, by: Actor, given: dict[str, Any] | None = None, name: str = "pistes.csv") -> UUID:
    """Take a file in, look at it and choose the plan."""
    import_id = steps.take_in(text.encode(), name, kind="leads", options={}, with_job=False, by=by)
    steps.look(import_id, by=by)
    proposed = plan_from(status_of(import_id, by).plan)
    steps.choose(import_id, given_plan(proposed, given or {}, kind=kind_named("leads")), by=by)
    return import_id


def imported(text: str, by: Actor, given: dict[str, Any] | None = None) -> ImportStatus:
    """Import a file whole."""
    import_id = opened(text, by, given)
    steps.begin(import_id, with_job=False, by=by)
    return steps.write(import_id, by=by)


def status_of(import_id: UUID, by: Actor) -> ImportStatus:
    return ask(by, queries.import_status, import_id=import_id, by=by)


def leads() -> list[Lead]:
    with reading() as session:
        return list(session.exec(select(Lead).order_by(col(Lead.received_at), col(Lead.name))))


def many(count: int, *, first: int = 1) -> str:
    return "N°;Société;Résultat\n" + "".join(
        f"{n};Firme {n};{'oui' if n % 3 else 'non'}\n" for n in range(first, first + count)
    )


def reasons(import_id: UUID, by: Actor, *, is_dry: bool = False) -> list[tuple[int, str, str]]:
    found = ask(by, queries.problems, import_id=import_id, is_dry=is_dry, by=by)
    return [(problem.line, problem.column, problem.reason) for problem in found]


class TestWrite:
    def test_makes_leads_with_custom_fields_and_outcomes(self, sales: Actor) -> None:
        done = imported(FILE, sales)

        made = leads()
        assert (done.state, done.rows_in, done.created, done.updated, done.refused) == (ImportState.DONE, 3, 3, 0, 0)
        assert [lead.company_name for lead in made] == ["Boulangerie Rochat", "Menuiserie Favre", "Garage du Lac"]
        assert [lead.state for lead in made] == ["converted", "lost", "new"]
        assert [lead.custom["machines"] for lead in made] == ["3", "4", "12"]
        with reading() as session:
            assert {field.key: field.type.value for field in custom_fields(session, kind="lead")} == {
                "n": "number",
                "machines": "number",
            }

    def test_keeps_the_order_of_the_file_when_there_is_no_date(self, sales: Actor) -> None:
        imported("Société\n" + "".join(f"Firme {n}\n" for n in range(25)), sales)

        made = leads()
        assert [lead.company_name for lead in made] == [f"Firme {n}" for n in range(25)]
        assert len({lead.received_at for lead in made}) == 25

    def test_turns_the_order_round_when_the_numbers_fall(self, sales: Actor) -> None:
        imported("Lead Number;Société\n" + "".join(f"{n};Firme {n}\n" for n in range(25, 0, -1)), sales)

        assert [lead.company_name for lead in leads()] == [f"Firme {n}" for n in range(1, 26)]

    def test_counts_what_it_refuses_and_says_why(self, sales: Actor) -> None:
        import_id = opened(FILE + "4;Sans @;pas-une-adresse;douze;x\n", sales, {"columns": {"Machines": "ignore"}})
        steps.begin(import_id, with_job=False, by=sales)

        done = steps.write(import_id, by=sales)

        assert (done.rows_in, done.created, done.refused) == (4, 3, 1)
        assert reasons(import_id, sales) == [
            (5, "E-mail", "« pas-une-adresse » n’est pas une adresse e-mail."),
            (5, "Montant", "« douze » n’est pas un nombre ; écrire par exemple 1'234.50."),
        ]

    def test_refuses_a_key_that_the_file_has_already(self, sales: Actor) -> None:
        done = imported("Ref;Société\nA;Un\nB;Deux\na;Trois\n;Quatre\n", sales, {"key": "Ref"})

        assert (done.created, done.refused) == (2, 2)
        assert [reason for _, _, reason in reasons(done.import_id, sales)] == [
            "Même clé qu’à la ligne 2 ; seule la première est importée.",
            "La clé est vide.",
        ]

    def test_updates_those_whose_key_is_known_and_leaves_what_the_file_does_not_say(self, sales: Actor) -> None:
        imported(FILE, sales, {"key": "N°"})

        again = imported("N°;E-mail;Machines\n2;luc@favre.ch;\n4;neu@ex.ch;1\n", sales, {"key": "N°"})

        by_number = {lead.custom["n"]: lead for lead in leads()}
        assert (again.created, again.updated, again.refused) == (1, 1, 0)
        assert (by_number["2"].email, by_number["2"].company_name, by_number["2"].custom["machines"]) == (
            "luc@favre.ch",
            "Menuiserie Favre",
            "4",
        )

    def test_finds_known_leads_by_e_mail(self, sales: Actor) -> None:
        imported(FILE, sales)

        again = imported("E-mail;Localité\nAnne@EX.ch;Morges\n", sales, {"key": "E-mail"})

        assert (again.created, again.updated) == (0, 1)
        assert {lead.city for lead in leads() if lead.email == "anne@ex.ch" or lead.city} == {"Morges"}

    def test_says_how_many_of_the_updated_rows_said_nothing_new(self, sales: Actor) -> None:
        imported(FILE, sales, {"key": "N°"})

        again = imported(FILE, sales, {"key": "N°"})

        assert (again.created, again.updated, again.unchanged) == (0, 3, 3)

    def test_refuses_only_the_row_that_the_records_refuse(self, sales: Actor) -> None:
        imported(
            "N°;Société;Reçue le;Close le;Résultat\n1;A;01.06.2026;02.06.2026;oui\n2;B;01.06.2026;;\n",
            sales,
            {"key": "N°"},
        )

        again = imported(
            "N°;Close le\n1;01.01.2020\n2;05.06.2026\n", sales, {"key": "N°", "columns": {"Close le": "closed_at"}}
        )

        assert (again.updated, again.refused) == (1, 1)
        assert again.rows_in == again.created + again.updated + again.refused

    def test_goes_on_exactly_where_a_killed_worker_stopped(self, sales: Actor) -> None:
        import_id = opened(many(35), sales, {"key": "N°"})
        steps.begin(import_id, with_job=False, by=sales)
        with pytest.raises(Killed):
            steps.write(import_id, by=sales, watch=Stopper(20, Killed()))
        assert (status_of(import_id, sales).cursor, len(leads())) == (20, 20)
        steps.rows_path(status_of(import_id, sales)).unlink()  # the rows are read again from the file

        done = steps.write(import_id, by=sales)

        assert (done.state, done.created, done.refused) == (ImportState.DONE, 35, 0)
        assert sorted(int(lead.custom["n"]) for lead in leads()) == list(range(1, 36))

    def test_remembers_the_keys_of_earlier_portions_after_an_interruption(self, sales: Actor) -> None:
        import_id = opened(many(20) + "3;Encore;oui\n", sales, {"key": "N°"})
        steps.begin(import_id, with_job=False, by=sales)
        with pytest.raises(Killed):
            steps.write(import_id, by=sales, watch=Stopper(20, Killed()))

        done = steps.write(import_id, by=sales)

        assert (done.created, done.updated, done.refused) == (20, 0, 1)
        assert reasons(import_id, sales)[0][2].startswith("Même clé qu’à la ligne 4")

    def test_stops_when_asked_and_can_go_on(self, sales: Actor) -> None:
        import_id = opened(many(35), sales)
        steps.begin(import_id, with_job=False, by=sales)
        with pytest.raises(JobCancelled):
            steps.write(import_id, by=sales, watch=Stopper(10, JobCancelled("stop")))
        assert (status_of(import_id, sales).state, len(leads())) == (ImportState.CANCELLED, 10)

        steps.begin(import_id, with_job=False, by=sales)
        done = steps.write(import_id, by=sales)

        assert (done.state, len(leads())) == (ImportState.DONE, 35)

    def test_writes_no_portion_twice_when_two_processes_work(self, sales: Actor) -> None:
        import_id = opened(many(5), sales)
        steps.begin(import_id, with_job=False, by=sales)
        kind = kind_named("leads")
        portion: dict[str, Any] = {
            "import_id": import_id,
            "cursor": 0,
            "rows": [],
            "key_field": "",
            "problems": [],
            "refused": 3,
        }
        do(sales, kind.write, **portion)

        with pytest.raises(PortionAlreadyWritten):
            do(sales, kind.write, **portion)

    def test_refuses_a_file_that_was_altered(self, sales: Actor) -> None:
        import_id = opened(FILE, sales)
        status = status_of(import_id, sales)
        path_of(status.sha256).write_bytes(b"autre chose")
        steps.rows_path(status).unlink()

        with pytest.raises(FileAltered):
            steps.check(import_id, by=sales)

    def test_is_for_its_owner_alone(self, sales: Actor, people: dict[Role, Actor]) -> None:
        import_id = opened(FILE, sales)

        with pytest.raises(NotFound):
            status_of(import_id, people[Role.MANAGER])
        with pytest.raises(NotFound):
            steps.begin(import_id, with_job=False, by=people[Role.MANAGER])
        with pytest.raises(NotAllowed):
            steps.take_in(b"a\n1\n", "x.csv", kind="leads", options={}, with_job=False, by=people[Role.WAREHOUSE])


class TestRows:
    def test_name_the_column_that_a_record_refuses(self, sales: Actor) -> None:
        import_id = opened(f"N°;Société\n1;{'x' * 300}\n", sales)

        steps.check(import_id, by=sales)

        assert reasons(import_id, sales, is_dry=True) == [(2, "Société", "Ce texte dépasse 200 caractères.")]

    def test_refuse_a_word_that_is_no_choice_of_a_known_field(self, sales: Actor) -> None:
        given = {"columns": {"Taille": {"target": "custom", "type": "choice"}}}
        imported("Société;Taille\nA;petite\nB;grande\nC;petite\n", sales, given)
        import_id = opened("Société;Taille\nD;moyenne\nE;grande\n", sales, given)

        counts = steps.check(import_id, by=sales)

        assert (counts.created, counts.refused) == (1, 1)
        assert reasons(import_id, sales, is_dry=True)[0][2] == "« moyenne » n’est pas un choix prévu pour ce champ."

    def test_refuse_the_error_of_a_spreadsheet(self, sales: Actor) -> None:
        import_id = opened(
            "Société;Montant\nA;1\nB;#N/A\nC;#DIV/0!\n", sales, {"columns": {"Montant": "expected_amount"}}
        )

        assert steps.check(import_id, by=sales).refused == 2


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

        do(sales, kind_named("leads").ask_for_undo, import_id=import_id)
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


class TestUndo:
    def test_takes_everything_back_with_the_fields_it_added(self, sales: Actor) -> None:
        done = imported(FILE, sales)

        result = steps.undo(done.import_id, by=sales)

        assert (result["removed"], result["restored"], result["refused"], result["fields_kept"]) == (3, 0, [], 0)
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
        assert [row["name"] for row in result["refused"]] == ["Garage du Lac"]
        assert result["fields_kept"] == 2

    def test_is_done_once(self, sales: Actor) -> None:
        done = imported(FILE, sales)
        steps.undo(done.import_id, by=sales)

        with pytest.raises(NotAllowed):
            steps.undo(done.import_id, by=sales)


CELLS = st.sampled_from(
    ["", "x", "12", "1'234.50", "oui", "non", "a@ex.ch", "31.12.2025", "=1+1", "#N/A", "é" * 300, "Firme"]
)


class TestEveryRow:
    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(rows=st.lists(st.lists(CELLS, min_size=1, max_size=7), min_size=1, max_size=30))
    def test_is_created_updated_or_refused(self, rows: list[list[str]], sales: Actor) -> None:
        lines = [row for row in rows if any(row)]
        text = "N°;Société;E-mail;Montant;Reçue le;Résultat\n" + "".join(";".join(row) + "\n" for row in rows)
        if not lines:
            return
        given_key = {
            "key": "N°",
            "columns": {
                "N°": {"target": "custom", "type": "text", "key": "n"},
                "Société": "company_name",
                "E-mail": "email",
                "Montant": "expected_amount",
                "Reçue le": "received_at",
                "Résultat": "outcome",
            },
        }
        import_id = opened(text, sales, given_key)
        with reading() as session:
            before = _count(session)

        counts = steps.check(import_id, by=sales)
        steps.begin(import_id, with_job=False, by=sales)
        done = steps.write(import_id, by=sales)

        assert done.rows_in == done.created + done.updated + done.refused == len(lines)
        assert (counts.created, counts.updated, counts.refused) == (done.created, done.updated, done.refused)
        with reading() as session:
            assert _count(session) - before == done.created


def _count(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Lead)).one()


class TestStopImport:
    def test_leaves_an_import_that_was_never_begun(self, sales: Actor) -> None:
        import_id = opened(FILE, sales)

        do(sales, actions.stop_import, import_id=import_id)

        assert status_of(import_id, sales).state is ImportState.CANCELLED
        assert leads() == []
