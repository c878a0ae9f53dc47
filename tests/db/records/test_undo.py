"""Undoing a deed: everything comes back as it was, unless somebody touched it since."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text
from sqlmodel import SQLModel

from app.doors import ask, do, do_undoable
from db.access.history import as_json
from db.access.rules import Actor, Role
from db.access.seals.queries import verify
from db.access.tables import Deed
from db.crm.leads.actions import (
    assign_leads,
    convert_lead,
    create_lead,
    edit_lead,
    lose_lead,
    lose_leads,
    note_exchange,
    reopen_lead,
)
from db.crm.leads.queries import lead_detail
from db.crm.leads.rules import LeadDraft
from db.crm.opportunities.actions import win_opportunity
from db.kernel.errors import BusinessError, NotAllowed, NotFound
from db.parties.actions import add_contact, add_party, change_party
from db.parties.rules import PartyDraft, PartyKind
from db.records.notes.actions import write_note
from db.records.search.queries import found_records
from db.records.undo import rules as undo_rules
from db.records.undo.actions import remove_record, undo_deed
from db.records.undo.queries import undo_plan
from db.records.undo.rules import CannotUndo, LegalInverse, register_inverse
from db.session import reading

TRACKED = ("lead", "exchange", "party", "party_contact", "opportunity", "note")
LATER = timedelta(minutes=5)


@pytest.fixture
def nadia(people: dict[Role, Actor]) -> Actor:
    """The salesperson."""
    return people[Role.SALES]


@pytest.fixture
def claire(people: dict[Role, Actor]) -> Actor:
    """The manager."""
    return people[Role.MANAGER]


@pytest.fixture
def lead_id(database: Engine, nadia: Actor, clock: datetime) -> UUID:
    """A lead of the salesperson's."""
    draft = LeadDraft(
        name="Toiture Dupont",
        company_name="Dupont SA",
        person_name="Léa Dupont",
        received_at=clock - LATER,
        owner_id=nadia.user_id,
        expected_amount=Decimal("1200.00"),
    )
    return do(nadia, create_lead, at=clock, draft=draft)


def state(database: Engine) -> dict[str, Any]:
    """Return every tracked value of what these tests change, without versions and stamps."""
    found = {}
    with database.connect() as connection:
        for name in TRACKED:
            table = SQLModel.metadata.tables[name]
            kept = [c for c in table.columns if c.name not in ("updated_at", "row_version", "search_number")]
            rows = connection.execute(select(*kept).order_by(table.c.id)).mappings()
            found[name] = [{key: as_json(value) for key, value in row.items()} for row in rows]
        entry = "select kind, record_id, folded from search_entry order by kind, record_id"
        found["search"] = [tuple(str(value) for value in row) for row in connection.execute(text(entry))]
    return found


def edit(by: Actor, lead_id: UUID, at: datetime, **values: Any) -> str:
    """Change fields of a lead; return the deed."""
    version = ask(by, lead_detail, lead_id=lead_id, by=by).row_version
    return do_undoable(by, edit_lead, at=at, lead_id=lead_id, values=values, expected_version=version).deed


def undo(by: Actor, deed: str, at: datetime) -> Any:
    """Undo a deed."""
    return do_undoable(by, undo_deed, at=at, undoes=UUID(deed))


class TestUndoDeed:
    def test_brings_an_edit_back_and_can_itself_be_undone(
        self, database: Engine, nadia: Actor, lead_id: UUID, clock: datetime
    ) -> None:
        before = state(database)
        deed = edit(nadia, lead_id, clock, name="Façade Dupont", expected_amount=Decimal("99.50"))
        after = state(database)

        undone = undo(nadia, deed, clock + LATER)
        assert state(database) == before
        assert found_records_titles(nadia, "toiture") == ["Toiture Dupont"]

        undo(nadia, undone.deed, clock + 2 * LATER)
        assert state(database) == after
        with reading() as session:
            assert verify(session).problems == []

    def test_keeps_a_field_that_somebody_changed_since(
        self, database: Engine, nadia: Actor, claire: Actor, lead_id: UUID, clock: datetime
    ) -> None:
        deed = edit(nadia, lead_id, clock, name="Façade", city="Vevey", expected_amount=Decimal("10.00"))
        edit(claire, lead_id, clock + LATER, expected_amount=Decimal("20.00"))

        plan = undo(nadia, deed, clock + 2 * LATER).result

        now = ask(nadia, lead_detail, lead_id=lead_id, by=nadia)
        assert (now.name, now.city, now.expected_amount) == ("Toiture Dupont", "", Decimal("20.00"))
        assert [(one.column, one.params["who"]) for one in plan.kept] == [("expected_amount", "Manager")]

    def test_refuses_when_everything_was_changed_since(
        self, database: Engine, nadia: Actor, claire: Actor, lead_id: UUID, clock: datetime
    ) -> None:
        deed = edit(nadia, lead_id, clock, city="Vevey")
        edit(claire, lead_id, clock + LATER, city="Sion")

        with pytest.raises(CannotUndo, match="Manager a changé cette valeur"):
            undo(nadia, deed, clock + 2 * LATER)

    def test_happens_once(self, database: Engine, nadia: Actor, lead_id: UUID, clock: datetime) -> None:
        deed = edit(nadia, lead_id, clock, city="Vevey")
        undo(nadia, deed, clock + LATER)

        with pytest.raises(CannotUndo, match="Sales a déjà annulé cet acte"):
            undo(nadia, deed, clock + 2 * LATER)

    def test_takes_a_conversion_back_whole(
        self, database: Engine, nadia: Actor, lead_id: UUID, clock: datetime
    ) -> None:
        before = state(database)
        deed = do_undoable(nadia, convert_lead, at=clock + LATER, lead_id=lead_id).deed

        undo(nadia, deed, clock + 2 * LATER)

        assert state(database) == before

    def test_leaves_a_conversion_alone_when_the_opportunity_went_on(
        self, database: Engine, nadia: Actor, lead_id: UUID, clock: datetime
    ) -> None:
        done = do_undoable(nadia, convert_lead, at=clock + LATER, lead_id=lead_id)
        do(nadia, win_opportunity, at=clock + 2 * LATER, opportunity_id=done.result)
        before = state(database)

        with pytest.raises(CannotUndo, match="Sales a modifié cette fiche depuis"):
            undo(nadia, done.deed, clock + 3 * LATER)
        assert state(database) == before

    def test_takes_many_at_once_back(
        self, database: Engine, nadia: Actor, claire: Actor, lead_id: UUID, clock: datetime
    ) -> None:
        other = do(nadia, create_lead, at=clock, draft=LeadDraft(name="Cuisine", received_at=clock - LATER))
        before = state(database)
        deed = do_undoable(claire, lose_leads, at=clock + LATER, lead_ids=[lead_id, other], reason="trop cher").deed

        undo(claire, deed, clock + 2 * LATER)

        assert state(database) == before

    def test_asks_for_the_rights_of_the_deed_and_of_the_kind(
        self, database: Engine, nadia: Actor, people: dict[Role, Actor], lead_id: UUID, clock: datetime
    ) -> None:
        deed = edit(nadia, lead_id, clock, city="Vevey")
        narrow = replace(nadia, owners={"crm.edit_leads": frozenset({UUID(int=7)})})

        with pytest.raises(NotAllowed):
            undo(people[Role.ANALYST], deed, clock + LATER)
        with pytest.raises(CannotUndo, match="Vos droits"):
            undo(narrow, deed, clock + LATER)

    def test_proposes_the_legal_inverse_of_what_is_posted(
        self, database: Engine, nadia: Actor, lead_id: UUID, clock: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        deed = edit(nadia, lead_id, clock, city="Vevey")
        monkeypatch.setattr(undo_rules, "INVERSES", dict(undo_rules.INVERSES))
        monkeypatch.setattr("db.records.undo.queries.INVERSES", undo_rules.INVERSES)
        register_inverse("lead", lambda session, record_id: LegalInverse("Créer une note de crédit", "/avoirs"))

        plan = ask(nadia, undo_plan, deed_id=UUID(deed), by=nadia)

        assert plan.inverse == LegalInverse("Créer une note de crédit", "/avoirs")
        with pytest.raises(CannotUndo, match="comptabilisé ou envoyé"):
            undo(nadia, deed, clock + LATER)

    def test_refuses_what_no_area_knows_how_to_take_back(
        self, database: Engine, people: dict[Role, Actor], clock: datetime
    ) -> None:
        from db.access.people.actions import add_user

        done = do_undoable(
            people[Role.ADMINISTRATOR], add_user, at=clock, name="Luc", email="luc@example.ch", roles=[Role.SALES]
        )

        with reading() as session:
            newest = session.scalars(select(Deed.id).order_by(Deed.id.desc())).first()  # type: ignore[attr-defined]
        assert done.deed == "", "no notice offers to undo it"
        with pytest.raises(CannotUndo, match="ne s’annule pas"):
            undo(people[Role.ADMINISTRATOR], str(newest), clock + LATER)


class TestRemoveRecord:
    def test_removes_what_nothing_hangs_on_and_brings_it_back(
        self, database: Engine, nadia: Actor, lead_id: UUID, clock: datetime
    ) -> None:
        before = state(database)
        deed = do_undoable(nadia, remove_record, at=clock + LATER, table="lead", record_id=lead_id).deed
        with pytest.raises(NotFound):
            ask(nadia, lead_detail, lead_id=lead_id, by=nadia)
        assert found_records_titles(nadia, "toiture") == []

        undo(nadia, deed, clock + 2 * LATER)

        assert state(database) == before

    def test_leaves_what_something_hangs_on(
        self, database: Engine, nadia: Actor, lead_id: UUID, clock: datetime
    ) -> None:
        do(nadia, write_note, at=clock, kind="lead", record_id=lead_id, text="Rappeler")

        with pytest.raises(NotAllowed, match="D’autres fiches tiennent"):
            do(nadia, remove_record, at=clock + LATER, table="lead", record_id=lead_id)


def found_records_titles(by: Actor, query: str) -> list[str]:
    """Return the titles that a search finds."""
    return [one.title for one in ask(by, found_records, query=query, by=by)]


DEEDS = st.lists(st.sampled_from(["name", "city", "lose", "reopen", "call", "assign", "convert", "note"]), max_size=6)


class TestAnySequence:
    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(DEEDS)
    def test_is_taken_back_step_by_step(
        self, database: Engine, nadia: Actor, claire: Actor, clock: datetime, deeds: list[str]
    ) -> None:
        draft = LeadDraft(name="Toiture", company_name="Dupont SA", received_at=clock - LATER)
        lead_id = do(nadia, create_lead, at=clock, draft=draft)
        states, done = [state(database)], []
        for number, verb in enumerate(deeds, 1):
            try:
                deed = do_one(verb, nadia, claire, lead_id, clock + number * LATER, number)
            except BusinessError:
                continue
            if state(database) != states[-1]:
                done.append(deed)
                states.append(state(database))
        for number, deed in enumerate(reversed(done)):
            assert state(database) == states.pop()
            undo(claire, deed, clock + timedelta(hours=1 + number))
        assert state(database) == states.pop()


def do_one(verb: str, nadia: Actor, claire: Actor, lead_id: UUID, at: datetime, number: int) -> str:
    """Do one deed on a lead; return it."""
    calls: dict[str, Callable[[], Any]] = {
        "lose": lambda: do_undoable(nadia, lose_lead, at=at, lead_id=lead_id, reason="trop cher"),
        "reopen": lambda: do_undoable(nadia, reopen_lead, at=at, lead_id=lead_id),
        "convert": lambda: do_undoable(nadia, convert_lead, at=at, lead_id=lead_id),
        "assign": lambda: do_undoable(claire, assign_leads, at=at, lead_ids=[lead_id], owner_id=nadia.user_id),
        "note": lambda: do_undoable(nadia, write_note, at=at, kind="lead", record_id=lead_id, text=f"Note {number}"),
        "call": lambda: do_undoable(
            nadia, note_exchange, at=at, lead_id=lead_id, channel="call", direction="out", happened_at=at, text="Bref"
        ),
    }
    if verb in calls:
        return str(calls[verb]().deed)
    return edit(nadia, lead_id, at, **{verb: f"{verb} {number}"})


class TestParties:
    def test_come_back_as_they_were(self, database: Engine, nadia: Actor, clock: datetime) -> None:
        company = do(nadia, add_party, at=clock, draft=PartyDraft(PartyKind.COMPANY, "Dupont SA"))
        person = do(nadia, add_party, at=clock, draft=PartyDraft(PartyKind.PERSON, "Léa Dupont"))
        before = state(database)
        linked = do_undoable(nadia, add_contact, at=clock, company_id=company, person_id=person, function="Achats")
        renamed = do_undoable(
            nadia, change_party, at=clock, party_id=company, values={"name": "Dupont et fils SA"}, expected_version=1
        )

        undo(nadia, renamed.deed, clock + LATER)
        undo(nadia, linked.deed, clock + LATER)

        assert state(database) == before
