"""Rows become leads, or are refused in words, on both databases."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, func, select

from app.doors import do
from app.imports import steps
from app.imports.kinds import kind_named
from db.access.rules import PERMISSIONS, Actor, Role
from db.crm.leads.tables import Lead
from db.documents.imports.actions import PortionAlreadyWritten
from db.documents.imports.rules import ImportState
from db.documents.store import FileAltered, path_of
from db.jobs.rules import JobCancelled
from db.kernel.errors import NotAllowed, NotFound
from db.records.custom_fields.queries import custom_fields
from db.session import reading
from tests.app.imports.files import FILE, Killed, Stopper, imported, leads, many, opened, reasons, status_of


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

    def test_stops_when_writing_itself_is_refused(self, sales: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
        import_id = opened(many(12), sales)
        steps.begin(import_id, with_job=False, by=sales)
        monkeypatch.setitem(PERMISSIONS, "crm.import_leads", frozenset({Role.MANAGER}))

        with pytest.raises(NotAllowed):
            steps.write(import_id, by=sales)

        assert (status_of(import_id, sales).cursor, leads()) == (0, [])

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
        do(sales, kind.deeds.write, **portion)

        with pytest.raises(PortionAlreadyWritten):
            do(sales, kind.deeds.write, **portion)

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
            steps.take_in(b"a\n1\n", "x.csv", kind="leads", options={}, with_job=False, by=people[Role.HR])


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
