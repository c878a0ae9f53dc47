"""Records that are likely the same: said while somebody types, and found among all."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from app.doors import ask, do, do_undoable
from app.duplicates.job import find
from app.worker import JobRun
from db.access.rules import Actor, Role
from db.crm.leads.actions import create_lead
from db.kernel.errors import NotFound
from db.parties.actions import add_party
from db.parties.rules import Address, PartyDraft, PartyKind
from db.records.duplicates.actions import say_not_double
from db.records.duplicates.queries import Likely, found_pairs, likely_doubles
from db.records.duplicates.rules import Traits, compared, likely_pairs, traits_of
from db.records.merging.actions import Merge, merge_records
from db.records.undo.actions import undo_deed
from tests.db.crm.leads.make import make_draft

VEVEY = {"postal_code": "1800", "city": "Vevey"}


def traits(name: str, group: str = "company", **given: str) -> Traits:
    """Return the traits of a made-up record."""
    return traits_of(uuid4(), group, {"name": name, **given})


@pytest.fixture
def nadia(people: dict[Role, Actor]) -> Actor:
    """The salesperson."""
    return people[Role.SALES]


def company(by: Actor, at: datetime, name: str, **given: Any) -> UUID:
    """Add a company; return its id."""
    return do(by, add_party, at=at, draft=PartyDraft(PartyKind.COMPANY, name, **given))


class TestCompared:
    @pytest.mark.parametrize(
        ("one", "other", "reasons"),
        [
            (traits("Bornand SA", uid="CHE-116.281.710"), traits("BN", uid="CHE116281710"), ("uid",)),
            (traits("Bornand Sàrl", **VEVEY), traits("BORNAND", **VEVEY), ("name", "place")),
            (traits("Garage Dupont", **VEVEY), traits("Dupont garage SA", **VEVEY), ("name", "place")),
            (traits("Menuiserie Bornand", **VEVEY), traits("Menuiserie Bornnad", **VEVEY), ("near_name", "place")),
            (
                traits("Ida Rey", "person", email="ida@x.ch"),
                traits("I. Rey", "person", email="IDA@x.ch"),
                ("email", "near_name"),
            ),
            (traits("Bornand", phone="021 555 01 42"), traits("Bornand SA", phone="+41215550142"), ("phone", "name")),
        ],
    )
    def test_says_what_two_share(self, one: Traits, other: Traits, reasons: tuple[str, ...]) -> None:
        pair = compared(one, other)

        assert pair is not None
        assert pair.reasons == reasons

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (traits("Bornand", uid="CHE-116.281.710"), traits("Bornand", uid="CHE-105.805.649")),
            (traits("Bornand", **VEVEY), traits("Bornand", "person", **VEVEY)),
            (traits("Ida Rey", "person", phone="021 555 01 42"), traits("Luc Favre", "person", phone="021 555 01 42")),
            (traits("Garage Dupont", **VEVEY), traits("Garage Martin", **VEVEY)),
            (traits("Garage Dupont", postal_code="1800"), traits("Garage Dupont", postal_code="1201")),
        ],
    )
    def test_leaves_apart_what_is_not_the_same(self, one: Traits, other: Traits) -> None:
        assert compared(one, other) is None


class TestLikelyPairs:
    def test_compares_no_block_that_everybody_is_in(self) -> None:
        crowd = [traits(f"{n * 7919:x}{n * 104729:x}", "person", phone="021 555 00 00") for n in range(200)]

        assert likely_pairs(crowd, frozenset()) == []


class TestLikelyDoubles:
    def _typed(self, by: Actor, kind: str = "party", group: str = "company", **values: str) -> list[Likely]:
        return ask(by, likely_doubles, kind=kind, group=group, values=values, besides=None, by=by)

    def test_finds_by_each_thing_that_is_typed(self, database: Engine, nadia: Actor, clock: datetime) -> None:
        given = {"uid": "CHE-116.281.710", "email": "info@bornand.ch", "phone": "021 555 01 42"}
        known = company(nadia, clock, "Chantier Bornand SA", **given, address=Address(postal_code="1800", city="Vevey"))
        company(nadia, clock, "Chantier Rochat SA")

        for values, field in (
            ({"uid": "che 116 281 710"}, "uid"),
            ({"email": "INFO@bornand.ch"}, "email"),
            ({"phone": "+41 21 555 01 42"}, "phone"),
            ({"name": "Bornand Chantier", "postal_code": "1800"}, "name"),
            ({"name": "chantier bornnad", "city": "Vevey", "postal_code": "1800"}, "name"),
        ):
            found = self._typed(nadia, **values)
            assert [(one.record_id, one.field) for one in found] == [(known, field)], values

    def test_tells_of_what_is_out_of_reach_only_that_it_exists(
        self, database: Engine, people: dict[Role, Actor], clock: datetime
    ) -> None:
        claire, nadia = people[Role.MANAGER], people[Role.SALES]
        assert nadia.user_id is not None
        do(claire, create_lead, at=clock, draft=make_draft(owner_id=claire.user_id))
        narrow = replace(nadia, owners={"crm.read_leads": frozenset({nadia.user_id})})

        by_email = self._typed(narrow, "lead", "", email="ingrid.keller@bornand.example")
        by_name = self._typed(narrow, "lead", "", name="Garde-corps quai Ouest", postal_code="1800")

        assert by_email == [Likely("email", ("email",), owner_name="Manager")]
        assert by_name == []

    def test_of_a_hidden_field_tells_nothing(self, database: Engine, nadia: Actor, clock: datetime) -> None:
        company(nadia, clock, "Bornand", email="info@bornand.ch")
        blind = replace(nadia, hidden=frozenset({"party.email"}))

        assert self._typed(blind, email="info@bornand.ch") == []


class TestFoundPairs:
    def _search(self, by: Actor) -> dict[str, Any]:
        return find(JobRun(uuid4(), "records.find_duplicates", {"kind": "party"}, by, 1))

    @pytest.fixture(autouse=True)
    def _quiet(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(JobRun, "progress", lambda *_: None)

    def test_are_remembered_as_none_and_gone_once_merged(self, database: Engine, nadia: Actor, clock: datetime) -> None:
        place = Address(postal_code="1800", city="Vevey")
        one, other = (company(nadia, clock, name, address=place) for name in ("Bornand SA", "Bornand"))
        third, fourth = (company(nadia, clock, name, address=place) for name in ("Garage Rey", "Garage Rey SA"))
        assert self._search(nadia) == {"compared": 4, "found": 2}

        deed = do_undoable(nadia, say_not_double, at=clock, kind="party", one_id=one, other_id=other).deed
        do(nadia, merge_records, at=clock, merge=Merge("party", third, fourth))

        assert ask(nadia, found_pairs, kind="party", size=10, by=nadia).pairs == ()
        assert self._search(nadia)["found"] == 0
        do(nadia, undo_deed, at=clock, undoes=UUID(deed))
        assert self._search(nadia)["found"] == 1
        [pair] = ask(nadia, found_pairs, kind="party", size=10, by=nadia).pairs
        assert set(pair.names) == {"Bornand SA", "Bornand"}
        assert pair.reasons == ("name", "place")

    def test_of_an_unknown_kind_is_refused(self, database: Engine, nadia: Actor) -> None:
        with pytest.raises(NotFound):
            ask(nadia, found_pairs, kind="note", size=10, by=nadia)
