"""What a list says in its address, and what it shows of a page and its counts."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from app.crm.lead_list import LEADS, OPEN
from app.lists.address import chosen_columns, taken_apart
from app.lists.counts import counts_view
from app.lists.kind import Around
from app.lists.view import active_filters, tabs
from app.parties.lists import COMPANIES
from db.access.rules import Actor, Role
from db.kernel.errors import BadInput
from db.records.listing.rules import Group, ListCounts
from db.records.views.queries import View

AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
NADIA = Actor(UUID(int=7), "Nadia", frozenset({Role.SALES}))
MINE = View(UUID(int=1), "Vaud", "canton=VD", shared=True, own=False, pinned=True, begins=True)


def around(**given: Any) -> Around:
    """Return what surrounds a list."""
    return Around(**{"by": NADIA, "at": AT, "names": {NADIA.user_id: "Nadia"}, **given})


class TestTakenApart:
    def test_opens_the_usual_view_without_an_address(self) -> None:
        assert taken_apart(LEADS, "").base == OPEN
        assert LEADS.read_request(taken_apart(LEADS, "").asked).state == ("new", "contacted", "qualified")

    def test_opens_the_view_that_the_role_begins_with(self) -> None:
        assert taken_apart(COMPANIES, "", [MINE]).base == "canton=VD"
        assert taken_apart(COMPANIES, "view=all", [MINE]).base == "view=all"

    def test_keeps_the_page_out_of_the_view(self) -> None:
        found = taken_apart(LEADS, "q=a&back=1&cursor=x")

        assert (found.base, found.whole) == ("q=a", "q=a")
        assert "cursor=x" in found.asked

    def test_narrows_rows_to_the_group_that_is_open(self) -> None:
        found = taken_apart(COMPANIES, "group=canton&in=VD&canton=VD&canton=GE&columns=city")

        assert (found.asked, found.whole) == ("canton=VD", "canton=VD&canton=GE")
        assert taken_apart(COMPANIES, "group=name").group == ""

    def test_counts_again_only_when_a_filter_changed(self) -> None:
        looks = [taken_apart(LEADS, f"q=a{more}").filter_key for more in ("", "&sort=name", "&columns=city", "&back=1")]

        assert set(looks) == {"q=a"}

    def test_leaves_refusing_to_the_reading_of_the_request(self) -> None:
        with pytest.raises(BadInput):
            LEADS.read_request(taken_apart(LEADS, "score_from=viel").asked)


class TestChosenColumns:
    def test_keeps_order_and_widths_of_the_address(self) -> None:
        found = chosen_columns(LEADS, "city~222,custom.secret,name,x,amount~9000", around())

        assert [(column.key, column.width) for column in found] == [
            ("city", "222px"),
            ("name", "220px"),
        ]

    def test_always_has_the_name(self) -> None:
        assert [column.key for column in chosen_columns(LEADS, "city", around())] == ["name", "city"]

    def test_leaves_out_what_the_reader_may_not_see(self) -> None:
        blind = around(by=replace(NADIA, hidden=frozenset({"lead.expected_amount"})))

        assert "amount" not in [column.key for column in chosen_columns(LEADS, "amount,city", blind)]
        assert "amount" not in [column.key for column in chosen_columns(LEADS, "", blind)]


class TestCountsView:
    def test_counts_chips_facets_and_groups(self) -> None:
        chips = {"state": {"new": 3, "contacted": 4, "lost": 5}, "owner": {UUID(int=7).hex: 2, "none": 1}}
        groups = {"owner": {UUID(int=7).hex: Group(2, Decimal(900)), "none": Group(1, Decimal("334.5"))}}
        counts = ListCounts(12, amount=Decimal("1234.5"), chips=chips, groups=groups)

        shown = counts_view(LEADS, taken_apart(LEADS, ""), counts, around())

        assert shown["totals"] == ["12\u00a0pistes", ["Total", "1'234.50"]]
        assert {one["key"]: one["count"] for one in shown["quick"]} == {
            "open": "7",
            "converted": "0",
            "lost": "5",
            "mine": "2",
            "likely": None,
        }
        owners = next(facet for facet in shown["facets"] if facet["key"] == "owner")
        assert [label for _, label, _ in owners["options"]] == ["Nadia", "personne"]
        assert shown["groups"]["owner"][0][1:] == ["Nadia", "2", "900.00"]

    def test_says_when_more_was_found_than_is_counted(self) -> None:
        shown = counts_view(COMPANIES, taken_apart(COMPANIES, "q=sa"), ListCounts(10_000, is_capped=True), around())

        assert shown["totals"] == ["10'000+\u00a0sociétés"]
        assert shown["total"] is None


class TestTabs:
    def test_marks_the_view_that_the_address_is(self) -> None:
        assert [tab["on"] for tab in tabs(LEADS, "view=all", around())] == [False, False, True]
        assert [tab["on"] for tab in tabs(COMPANIES, "canton=VD", around(views=[MINE]))] == [False, True]


class TestActiveFilters:
    def test_names_what_no_chip_shows(self) -> None:
        address = taken_apart(LEADS, "state=new&canton=VD&score_from=0.5&custom.area=from:200")

        shown = [filter["label"] for filter in active_filters(LEADS, address, around())]

        assert shown == ["Nouvelle", "VD", "Signature ≥ 50\u00a0%", "area ≥ 200"]

    def test_leaves_to_chips_what_they_show(self) -> None:
        assert active_filters(LEADS, taken_apart(LEADS, OPEN), around()) == []
