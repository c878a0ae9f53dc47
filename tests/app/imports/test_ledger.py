"""Opening balances and open items out of files: drafts first, nothing twice, undone while nothing is posted."""

from decimal import Decimal
from uuid import UUID

import pytest

from app.doors import ask, do, now
from app.imports import steps
from db.access.rules import Actor, Role
from db.documents.imports.queries import ImportStatus
from db.ledger.entries.actions import post_entry
from db.ledger.entries.queries import entry_facts
from db.ledger.entries.rules import BadEntry
from db.ledger.intake.actions import put_difference_aside
from db.ledger.intake.queries import opening_entry
from db.ledger.intake.rules import BALANCES as KIND_BALANCES
from db.ledger.intake.rules import ITEMS as KIND_ITEMS
from db.ledger.open_items.queries import aged_list, wrong_balances
from db.ledger.reports.queries import account_statement, trial_balance
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind
from db.session import reading
from tests.app.imports.files import left

BALANCES = "Compte;Débit;Crédit\n1020;12'500.00;\n1100;2'000.00;\n2000;;500.00\n2800;;{capital}\n9876;1.00;\n"
ITEMS = (
    "Client;Genre;Facture;Date;Échéance;Montant ouvert\n"
    "Favre SA;client;F-1;03.11.2025;03.12.2025;1'240.00\n"
    "Favre SA;client;F-2;04.11.2025;04.12.2025;760.00\n"
    "Métaux SA;fournisseur;B-9;04.11.2025;04.12.2025;500.00\n"
    "Inconnue SA;client;F-3;04.11.2025;04.12.2025;1.00\n"
)


@pytest.fixture
def by(people: dict[Role, Actor]) -> Actor:
    """The accountant; the address book knows two companies."""
    for name in ("Favre SA", "Métaux SA"):
        do(people[Role.SALES], add_party, draft=PartyDraft(PartyKind.COMPANY, name))
    return people[Role.ACCOUNTANT]


def bring_in(kind: str, content: str, by: Actor) -> ImportStatus:
    """Take a file through all the steps."""
    import_id = steps.take_in(content.encode(), f"{kind}.csv", kind=kind, options={}, with_job=False, by=by)
    steps.look(import_id, by=by)
    steps.check(import_id, by=by)
    steps.begin(import_id, with_job=False, by=by)
    return steps.write(import_id, by=by)


def opening(by: Actor, kind: str) -> UUID:
    """Return the entry that holds the opening of a kind."""
    with reading() as session:
        found = opening_entry(session, kind)
    assert found is not None
    return found.id


class TestBalances:
    def test_become_one_draft_and_name_the_account_that_does_not_exist(self, by: Actor) -> None:
        done = bring_in("balances", BALANCES.format(capital="14'000.00"), by)

        facts = ask(by, entry_facts, entry_id=opening(by, KIND_BALANCES))
        assert (done.created, done.refused, len(facts.lines)) == (4, 1, 4)
        do(by, post_entry, entry_id=facts.entry_id)
        assert ask(by, trial_balance, on=now().date()).total == 0

    def test_twice_change_nothing(self, by: Actor) -> None:
        content = BALANCES.format(capital="14'000.00")
        bring_in("balances", content, by)
        do(by, post_entry, entry_id=opening(by, KIND_BALANCES))

        again = bring_in("balances", content, by)

        assert (again.created, again.updated, again.unchanged) == (0, 4, 4)

    def test_go_to_the_suspense_account_only_when_a_person_says_so(self, by: Actor) -> None:
        bring_in("balances", BALANCES.format(capital="13'900.00"), by)
        entry_id = opening(by, KIND_BALANCES)
        with pytest.raises(BadEntry, match="Il manque"):
            do(by, post_entry, entry_id=entry_id)

        assert do(by, put_difference_aside, entry_id=entry_id) == Decimal(100)

        do(by, post_entry, entry_id=entry_id)
        line = next(one for one in ask(by, entry_facts, entry_id=entry_id).lines if one.account_number == "1090")
        assert ask(by, account_statement, account_id=line.draft.account_id)[0].balance == Decimal(-100)

    def test_are_undone_as_drafts_and_left_once_posted(self, by: Actor) -> None:
        first = bring_in("balances", BALANCES.format(capital="14'000.00"), by)
        assert steps.undo(first.import_id, by=by)["removed"] == 4

        second = bring_in("balances", BALANCES.format(capital="14'000.00"), by)
        do(by, post_entry, entry_id=opening(by, KIND_BALANCES))

        assert steps.undo(second.import_id, by=by)["left"] == 1
        assert "extourner" in left(second.import_id, by)[0][2]


class TestOpenItems:
    def test_explain_the_collective_accounts_to_the_centime(self, by: Actor) -> None:
        bring_in("balances", BALANCES.format(capital="14'000.00"), by)
        done = bring_in("open_items", ITEMS, by)
        again = bring_in("open_items", ITEMS, by)
        for kind in (KIND_BALANCES, KIND_ITEMS):
            do(by, post_entry, entry_id=opening(by, kind))

        owed = ask(by, aged_list, side="receivable", on=now().date())
        favre = next(row for row in owed.rows if row.party_name == "Favre SA")
        assert (done.created, done.refused, again.created) == (3, 1, 0)
        assert (favre.total, sum(row.total for row in owed.rows)) == (Decimal(2000), owed.account_balance)
        assert ask(by, wrong_balances) == []
