"""What is kept in words is read in the reader’s language: refusals of imports, ends of jobs, calls; old ones too."""

from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from app.components.states import job_view
from app.doors import ask
from app.imports import steps
from app.imports.pages.views import problem_rows
from app.jobs.views import log_row
from app.records.story import in_words
from app.text import say
from app.worker import run_next_job
from db.access.rules import Actor, Role
from db.crm.calls.rules import OUTCOMES, read_call, told_call
from db.documents.imports import queries
from db.jobs.actions import ask_for_job
from db.jobs.queries import job, job_log
from db.kernel.errors import BadInput
from db.kernel.sentences import Sentence, kept, read_sentence
from db.session import engine, transaction
from tests.app.imports.files import opened

UNKNOWN = "L’article « {number} » n’existe pas : importer d’abord les articles."


class TestSentence:
    def test_is_the_french_one_and_knows_its_places(self) -> None:
        sentence = Sentence(UNKNOWN, number="K-1")

        assert sentence == "L’article « K-1 » n’existe pas : importer d’abord les articles."
        assert say("en", sentence) == "The item “K-1” does not exist: import the items first."

    @pytest.mark.parametrize("number", ["K-1", 'a"b', "{accolade}", "[1]", "é ’"])
    def test_comes_back_as_it_was_kept(self, number: str) -> None:
        read = read_sentence(kept(Sentence(UNKNOWN, number=number)))

        assert (read.message_id, read.params) == (UNKNOWN, {"number": number})

    @pytest.mark.parametrize("old", ["Un ancien texte, déjà rempli.", '["', '["a"]', "[x] {y}", ""])
    def test_of_an_earlier_release_stays_as_it_is(self, old: str) -> None:
        assert read_sentence(old) == old
        assert say("de", read_sentence(old)) == old

    def test_is_what_a_refusal_says(self) -> None:
        again = BadInput(BadInput(UNKNOWN, number="K-1").sentence)

        assert (again.message_id, again.params) == (UNKNOWN, {"number": "K-1"})


class TestImport:
    def test_tells_each_reader_what_was_refused(self, people: dict[Role, Actor], database: Engine) -> None:
        by = people[Role.MANAGER]
        import_id = opened("Article;Lieu;Quantité\nK-77;A;5\n", by, kind="stock")
        steps.check(import_id, by=by)

        found = ask(by, queries.problems, import_id=import_id, is_dry=True, by=by)

        assert [row["reason"] for row in problem_rows(found, "en")] == [
            "The item “K-77” does not exist: import the items first."
        ]
        assert "gibt es nicht" in problem_rows(found, "de")[0]["reason"]
        assert found[0].reason.startswith("L’article « K-77 »")


class TestJob:
    def test_tells_each_reader_why_it_failed(self, people: dict[Role, Actor], clock: datetime) -> None:
        by = people[Role.MANAGER]
        job_id = _failed(by, clock)

        ended = ask(by, job, job_id=job_id, by=by)
        line = ask(by, job_log, job_id=job_id, by=by)[-1]

        assert ended.error is not None
        assert "KeyError" in ended.error
        assert "KeyError" in job_view(ended, "en")["error"]
        assert job_view(ended, "en")["error"].startswith("Unexpected error")
        assert log_row(line, "de")["text"].startswith("Unerwarteter Fehler")

    def test_of_an_earlier_release_is_read(self, people: dict[Role, Actor], clock: datetime) -> None:
        by = people[Role.MANAGER]
        job_id = _failed(by, clock)
        with engine().begin() as connection:
            connection.execute(text("update job set error = 'Le fichier « a.csv » est vide.'"))

        assert job_view(ask(by, job, job_id=job_id, by=by), "en")["error"] == "Le fichier « a.csv » est vide."


def _failed(by: Actor, at: datetime) -> UUID:
    with transaction() as session:
        job_id = ask_for_job(session, kind="documents.run_import", arguments={}, by=by, at=at)
    assert run_next_job()
    return job_id


class TestCall:
    @pytest.mark.parametrize("outcome", OUTCOMES)
    @pytest.mark.parametrize("words", ["", "Veut un devis. Vite"])
    def test_is_taken_apart_again(self, outcome: str, words: str) -> None:
        told = told_call(outcome, words)

        assert read_call(told) == (False, OUTCOMES[outcome], words)
        assert read_call(f"Appel : {told}") == (True, OUTCOMES[outcome], words)

    def test_is_told_in_the_language_of_the_reader(self) -> None:
        assert in_words("Joint. Veut un devis", "de") == "Erreicht. Veut un devis"
        assert in_words("Appel : Pas de réponse", "en") == "Call : No answer"
        assert in_words("Jointure à refaire", "de") == "Jointure à refaire"
