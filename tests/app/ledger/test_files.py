"""Balance, open items and statements as files, for those who may take them along."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine

from app.ledger.files import SHEETS
from db.access.rules import Actor, Role
from tests.db.ledger.books import customer, open_books, post, simple


@pytest.fixture
def by(people: dict[Role, Actor]) -> Actor:
    """The accountant."""
    return people[Role.ACCOUNTANT]


class TestSheets:
    def test_hold_what_the_screens_show(self, by: Actor, people: dict[Role, Actor], database: Engine) -> None:
        accounts = open_books(by)
        party = customer(people[Role.SALES], "Bornand SA")
        post(by, simple(accounts, "1020", "3200", "100", date(2026, 5, 4), "Vente"))
        owed = simple(accounts, "1100", "3200", "40", date(2026, 5, 4), "Facture")
        lines = (replace(owed.lines[0], party_id=party), owed.lines[1])
        post(by, type(owed)(owed.entry_date, owed.text, lines, "F-1"))

        balance = list(SHEETS["balance"](by, {"au": "31.12.2026"}).lines)
        items = list(SHEETS["postes-ouverts"](by, {"cote": "clients", "au": "31.12.2026"}).lines)
        extract = SHEETS["extrait"](by, {"compte": str(accounts["1020"]), "du": "01.01.2026", "au": "31.12.2026"})

        assert [line[0] for line in balance] == ["1020", "1100", "3200"]
        assert [(line[0], line[7], str(line[9])) for line in items] == [("Bornand SA", "plus de 90 jours", "40.00")]
        assert [str(line[5]) for line in extract.lines] == ["0.00", "100.00"]
