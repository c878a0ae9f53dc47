"""What is typed on the entry screen becomes an entry, or findings beside the fields that they concern."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from app.doors import ask, do
from app.ledger.entry_view import begin_again, entry_view, find_for_entry, keep_entry, post_typed, save_typed
from app.ledger.typed import ROW_FIELDS, beside_rows, read_typed_entry
from db.access.rules import Actor, Role
from db.kernel.findings import Finding
from db.kernel.record import uuid7
from db.ledger.accounts.queries import chart
from db.ledger.entries.queries import entry_facts
from db.ledger.entries.rules import EntryState
from db.ledger.open_items.queries import aged_list
from db.ledger.periods.actions import lock_period
from db.ledger.periods.queries import fiscal_years
from db.ledger.periods.rules import PeriodState
from db.ledger.reports.queries import trial_balance
from tests.db.ledger.books import customer, open_books, post, simple

MAY = date(2026, 5, 4)


@pytest.fixture
def by(people: dict[Role, Actor]) -> Actor:
    """The accountant, with books."""
    open_books(people[Role.ACCOUNTANT])
    return people[Role.ACCOUNTANT]


def row(**values: str) -> dict[str, str]:
    """Return a row as the screen sends it."""
    return {**dict.fromkeys(ROW_FIELDS, ""), **values}


def sent(*rows: dict[str, str], text: str = "Loyer", day: str = "04.05.2026", **more: Any) -> dict[str, Any]:
    """Return what the screen sends."""
    entry = {"date": day, "text": text, "document": "", "rows": list(rows)}
    return {"key": "new", "version": 0, "fresh": str(uuid7()), "entry": entry, **more}


def balances(by: Actor) -> dict[str, Decimal]:
    """Return what the accounts hold."""
    return {one.number: one.balance for one in ask(by, trial_balance, on=date(2026, 12, 31)).rows if one.balance}


class TestPostTyped:
    def test_makes_two_lines_of_a_row_with_a_contra_account(self, by: Actor) -> None:
        told = post_typed(by, sent(row(account="6000", debit="1'200.00", contra="1020")))

        assert (told["what"], told["number"]) == ("posted", "E-2026-000001")
        assert balances(by) == {"6000": Decimal(1200), "1020": Decimal(-1200)}

    def test_takes_several_rows_and_leaves_empty_ones_out(self, by: Actor) -> None:
        rows = (
            row(account="1020", debit="108.10"),
            row(account="3200", credit="100"),
            row(account="2200", credit="8.10"),
            row(),
        )

        assert post_typed(by, sent(*rows))["what"] == "posted"
        assert balances(by)["2200"] == Decimal("-8.10")

    def test_says_what_is_wrong_beside_the_row(self, by: Actor) -> None:
        told = post_typed(by, sent(row(account="1020", debit="abc"), row(account="77x", credit="5"), day="31.02.2026"))

        assert set(told["errors"]) == {"date", "rows.0.debit", "rows.1.account"}
        assert balances(by) == {}

    def test_says_what_is_missing(self, by: Actor) -> None:
        told = post_typed(by, sent(row(account="1020", debit="10"), row(account="1100", credit="4"), text=""))

        assert told["errors"]["lines"] == "Il manque 6.00 au crédit."
        assert set(told["errors"]) == {"text", "lines", "rows.1.party"}

    def test_never_posts_the_same_entry_twice(self, by: Actor) -> None:
        given = sent(row(account="6000", debit="10", contra="1020"))
        post_typed(by, given)

        again = post_typed(by, given)

        assert (again["what"], again["number"]) == ("posted", "")
        assert "E-2026-000001" in again["again"]
        assert balances(by)["6000"] == Decimal(10)

    def test_refuses_a_closed_day_beside_the_date(self, by: Actor) -> None:
        [year] = ask(by, fiscal_years)
        do(by, lock_period, period_id=year.periods[4].period_id, state=PeriodState.CLOSED)

        told = post_typed(by, sent(row(account="6000", debit="10", contra="1020")))

        assert "close" in told["errors"]["date"]

    def test_settles_the_open_item_that_was_chosen(self, by: Actor, people: dict[Role, Actor]) -> None:
        party = customer(people[Role.SALES], "Bornand SA")
        owed = row(account="1100", debit="500", contra="3200", party=str(party), document="F-1", due="03.06.2026")
        post_typed(by, sent(owed))
        [item] = find_for_entry(by, {"what": "open", "text": str(party)})["items"]

        paid = row(account="1020", debit="500", contra="1100", party=str(party), settles=item[0])
        told = post_typed(by, sent(paid, day="10.06.2026"))

        assert told["what"] == "posted"
        assert ask(by, aged_list, side="receivable", on=date(2026, 6, 30)).rows == ()
        assert ask(by, aged_list, side="receivable", on=date(2026, 6, 9)).rows[0].total == Decimal(500)

    def test_refuses_an_open_item_of_somebody_else(self, by: Actor, people: dict[Role, Actor]) -> None:
        one, other = (customer(people[Role.SALES], name) for name in ("Bornand SA", "Favre SA"))
        post_typed(by, sent(row(account="1100", debit="500", contra="3200", party=str(one))))
        [item] = find_for_entry(by, {"what": "open", "text": str(one)})["items"]

        told = post_typed(by, sent(row(account="1020", debit="500", contra="1100", party=str(other), settles=item[0])))

        assert set(told["errors"]) == {"rows.0.settles"}

    @pytest.mark.parametrize(
        "given", [None, 3, [], {"entry": 4}, {"entry": {"rows": {"0": 1}, "date": []}}, {"key": 7}]
    )
    def test_survives_whatever_is_sent(self, by: Actor, given: Any) -> None:
        assert read_typed_entry(given).rows == ()


class TestKeepEntry:
    def test_keeps_what_is_half_typed_over_a_reload(self, by: Actor) -> None:
        keep_entry(by, sent(row(account="10", debit="12x"), text="Loyer de m"))

        view = json.loads(entry_view(by))

        assert (view["entry"]["text"], view["entry"]["rows"][0]["debit"]) == ("Loyer de m", "12x")
        assert view["draft"]
        assert json.loads(begin_again(by, sent()))["entry"]["text"] == ""

    def test_is_forgotten_once_posted(self, by: Actor) -> None:
        given = sent(row(account="6000", debit="10", contra="1020"))
        keep_entry(by, given)
        post_typed(by, given)

        assert json.loads(entry_view(by))["draft"] == ""


class TestSaveTyped:
    def test_keeps_a_draft_that_opens_again_and_is_posted(self, by: Actor) -> None:
        told = save_typed(by, sent(row(account="6000", debit="10")))
        entry_id = told["href"].rsplit("/", 1)[-1]
        view = json.loads(entry_view(by, draft=entry_id))
        assert view["entry"]["rows"][0]["account"] == "6000"

        rows = [*view["entry"]["rows"], row(account="1020", credit="10")]
        given = {"key": entry_id, "version": view["version"], "entry": {**view["entry"], "rows": rows}}
        assert post_typed(by, given)["number"] == "E-2026-000001"

        assert ask(by, entry_facts, entry_id=UUID(entry_id)).state is EntryState.POSTED

    def test_a_refused_posting_leaves_the_draft_as_it_was(self, by: Actor) -> None:
        told = save_typed(by, sent(row(account="6000", debit="10")))
        entry_id = told["href"].rsplit("/", 1)[-1]
        view = json.loads(entry_view(by, draft=entry_id))
        given = {"key": entry_id, "version": view["version"], "entry": {**view["entry"], "text": "Autre"}}

        assert post_typed(by, given)["what"] == "refused"

        assert json.loads(entry_view(by, draft=entry_id))["entry"]["text"] == "Loyer"


class TestLike:
    def test_offers_the_newest_entry_of_each_text_that_begins_so(self, by: Actor) -> None:
        for amount in ("10", "20"):
            post_typed(by, sent(row(account="6000", debit=amount, contra="1020"), text="Loyer de l’atelier"))
        post_typed(by, sent(row(account="6500", debit="5", contra="1020"), text="Papier"))

        [found] = find_for_entry(by, {"what": "texts", "text": "loyer"})["options"]
        assert (found[1], found[3]) == ("Loyer de l’atelier", "20.00")

        entry = find_for_entry(by, {"what": "like", "text": found[0]})["entry"]
        assert [(one["account"], one["contra"], one["debit"]) for one in entry["rows"]] == [("6000", "1020", "20.00")]


class TestBesideRows:
    def test_leads_a_finding_on_a_line_to_the_part_of_its_row(self) -> None:
        found = [Finding("lines.1.account", "x"), Finding("lines.0.amount", "x"), Finding("entry_date", "x")]

        names = [one.field for one in beside_rows(found, [(0, "account"), (0, "contra")])]

        assert names == ["rows.0.contra", "rows.0.debit", "date"]


class TestRoundTrip:
    def test_of_any_entry_says_the_same(self, by: Actor) -> None:
        made = {one.number: one.account_id for one in ask(by, chart)}
        draft = simple(made, "6000", "1020", "99.95", MAY, "Loyer")
        entry_id, _ = post(by, replace(draft, document="B-7"))

        view = json.loads(entry_view(by, like=str(entry_id)))

        assert view["entry"]["rows"] == [row(account="6000", contra="1020", debit="99.95")]
        assert (view["entry"]["text"], view["entry"]["document"]) == ("Loyer", "")
