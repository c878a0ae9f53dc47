"""Verifying as a job, for the screen: what is wrong is told, also by each kept digest."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from app.digests import digest_folder, write_digest
from app.doors import ask, do, now
from app.worker import run_next_job
from db.access.rules import Actor, Role
from db.crm.leads.actions import create_lead
from db.jobs.checks.actions import ask_for_verification
from db.jobs.checks.queries import verification
from db.jobs.rules import JobState
from db.kernel.errors import NotAllowed
from tests.db.access.test_seals import by_hand
from tests.db.crm.leads.make import make_draft
from tests.db.ledger.books import customer, open_books, post, simple

People = dict[Role, Actor]


def verified(by: Actor) -> dict[str, object]:
    """Ask for a verification, let the worker do it, return what it found."""
    do(by, ask_for_verification)
    while run_next_job():
        pass
    found = ask(by, verification, done=True)
    assert found is not None
    assert found.state is JobState.DONE
    return dict(found.result or {})


@pytest.fixture
def firm(database: Engine, people: People) -> Actor:
    """The manager of a firm with a lead and a digest of today."""
    claire = people[Role.MANAGER]
    do(claire, create_lead, draft=make_draft(name="Garde-corps"))
    write_digest(claire, now())
    return claire


class TestVerification:
    def test_is_clean_where_nothing_was_altered(self, firm: Actor) -> None:
        found = verified(firm)

        assert (found["clean"], found["problem_count"], found["problems"]) == (True, 0, [])
        assert list(found["digests"].values()) == [[]]  # type: ignore[attr-defined]

    def test_tells_what_was_altered_and_which_digest_disagrees(self, database: Engine, firm: Actor) -> None:
        by_hand(database, "update lead set name = 'Mallory'", "delete from seal where number > 1")

        found = verified(firm)

        assert found["clean"] is False
        assert "lead" in {one["places"]["table"] for one in found["problems"]}  # type: ignore[attr-defined]

    def test_tells_of_a_digest_that_is_none(self, firm: Actor) -> None:
        (digest_folder() / "2026-01-01.json").write_text("{}", encoding="utf-8")

        found = verified(firm)

        assert found["clean"] is False
        assert len(found["digests"]["2026-01-01"]) == 1  # type: ignore[index]

    def test_is_one_job_at_a_time(self, firm: Actor) -> None:
        first: UUID = do(firm, ask_for_verification)

        assert do(firm, ask_for_verification) == first

    def test_is_for_those_who_read_the_history(self, firm: Actor, people: People) -> None:
        with pytest.raises(NotAllowed):
            do(people[Role.SALES], ask_for_verification)


class TestBalances:
    def test_that_are_not_the_sum_of_their_lines_are_told(self, database: Engine, firm: Actor, people: People) -> None:
        accountant = people[Role.ACCOUNTANT]
        accounts = open_books(accountant)
        draft = simple(accounts, "1100", "3200", "99.50", date(2026, 5, 4))
        owed = replace(draft.lines[0], party_id=customer(firm, "Régie du Quai SA"))
        post(accountant, replace(draft, lines=(owed, draft.lines[1])))
        assert verified(firm)["clean"] is True
        by_hand(database, "update open_item set balance = 5000")

        found = verified(firm)

        assert found["clean"] is False
        assert any(one["places"].get("now") == "50.00" for one in found["problems"])  # type: ignore[attr-defined]


class TestEvidenceOfText:
    def test_has_no_row_without_the_chain(self, database: Engine, firm: Actor) -> None:
        """The first sealing writes what stands for what was there before."""
        with database.connect() as connection:
            rests = connection.execute(text("select count(*) from evidence where is_rest")).scalar_one()

        assert rests == 3
