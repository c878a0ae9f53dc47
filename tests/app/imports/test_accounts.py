"""A chart of accounts out of a file: new ones, known ones by number, undone while nothing uses them."""

from datetime import date

import pytest

from app.doors import ask, do
from app.imports import steps
from db.access.rules import Actor, Role
from db.documents.imports.queries import ImportStatus
from db.ledger.accounts.actions import create_chart
from db.ledger.accounts.queries import accounts_by_number
from tests.db.ledger.books import open_books, post, simple

FILE = (
    "Compte;Libellé;Genre;Postes ouverts\n1021;Banque Raiffeisen;actif;\n1101;Clients étranger;actif;clients\n"
    "1020;Banque cantonale;;\n6511;Téléphonie mobile;;\nabc;Faux;;\n"
)


@pytest.fixture
def by(people: dict[Role, Actor]) -> Actor:
    """The accountant."""
    return people[Role.ACCOUNTANT]


def bring_in(by: Actor) -> ImportStatus:
    """Take the file through all the steps."""
    import_id = steps.take_in(FILE.encode(), "plan.csv", kind="accounts", options={}, with_job=False, by=by)
    steps.look(import_id, by=by)
    steps.check(import_id, by=by)
    steps.begin(import_id, with_job=False, by=by)
    return steps.write(import_id, by=by)


class TestChart:
    def test_comes_in_once_and_known_accounts_change(self, by: Actor) -> None:
        do(by, create_chart)

        done, again = bring_in(by), bring_in(by)

        known = ask(by, accounts_by_number, numbers=["1020", "1021", "1101", "6511"])
        assert (done.created, done.updated, done.refused) == (3, 1, 1)
        assert (again.created, again.unchanged) == (0, 4)
        assert (known["1020"].name, known["1101"].collective) == ("Banque cantonale", "receivable")
        assert (known["6511"].kind, known["1021"].kind) == ("expense", "asset")

    def test_is_undone_but_for_what_is_used(self, by: Actor) -> None:
        open_books(by)
        done = bring_in(by)
        accounts = {
            one.number: one.account_id for one in ask(by, accounts_by_number, numbers=["1021", "3200"]).values()
        }
        post(by, simple(accounts, "1021", "3200", "5", date(2026, 5, 4)))

        steps.undo(done.import_id, by=by)

        known = ask(by, accounts_by_number, numbers=["1020", "1021", "1101", "6511"])
        assert (set(known), known["1020"].name) == ({"1020", "1021"}, "Banque, compte courant")
