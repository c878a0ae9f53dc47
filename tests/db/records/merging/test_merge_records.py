"""Two records become one, nothing is lost, and an undo gives both back."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, Uuid, delete, select
from sqlmodel import SQLModel

from app.doors import ask, do, do_undoable
from db import schema
from db.access.history import as_json
from db.access.rules import Actor, Role
from db.access.seals.queries import verify
from db.crm.leads.actions import convert_lead, create_lead, note_exchange
from db.crm.leads.queries import lead_detail
from db.crm.opportunities.actions import add_opportunity
from db.crm.opportunities.queries import opportunities_of_party
from db.crm.opportunities.rules import OpportunityDraft
from db.kernel.errors import BusinessError, ChangedMeanwhile, NotAllowed, NotFound
from db.kernel.guards import GUARDS, AppendOnly
from db.parties.actions import add_contact, add_party, change_party
from db.parties.queries import party_card, people_of
from db.parties.rules import Address, PartyDraft, PartyKind
from db.records.followers.actions import follow_record
from db.records.followers.queries import followers_of
from db.records.merging.actions import Merge, merge_records
from db.records.merging.queries import comparison, record_after_merges
from db.records.merging.references import is_frozen, kind_column_of, references_to
from db.records.merging.rules import MERGERS, STAYS, CannotMerge
from db.records.notes.actions import write_note
from db.records.notes.queries import notes
from db.records.search.queries import found_records
from db.records.timeline.queries import timeline
from db.records.undo.actions import undo_deed
from db.records.undo.rules import CannotUndo
from db.session import reading
from tests.db.crm.leads.make import make_draft

LATER = timedelta(minutes=5)
BOOKS = {"deed", "change", "change_value", "seal", "event", "merged_record", "moved_reference", "search_word", "job"}
OWN = {"updated_at", "row_version", "search_number", "number", "record_number"}


@pytest.fixture
def nadia(people: dict[Role, Actor]) -> Actor:
    """The salesperson."""
    return people[Role.SALES]


@pytest.fixture
def claire(people: dict[Role, Actor]) -> Actor:
    """The manager."""
    return people[Role.MANAGER]


def company(by: Actor, at: datetime, name: str, **given: Any) -> UUID:
    """Add a company; return its id."""
    return do(by, add_party, at=at, draft=PartyDraft(PartyKind.COMPANY, name, **given))


def person(by: Actor, at: datetime, name: str, **given: Any) -> UUID:
    """Add a person; return her id."""
    return do(by, add_party, at=at, draft=PartyDraft(PartyKind.PERSON, name, **given))


def merge(by: Actor, at: datetime, kept: UUID, gone: UUID, kind: str = "party", *taken: str) -> str:
    """Merge two records; return the deed."""
    return do_undoable(by, merge_records, at=at, merge=Merge(kind, kept, gone, frozenset(taken))).deed


def undo(by: Actor, deed: str, at: datetime) -> str:
    """Undo a deed; return the deed that did."""
    return do_undoable(by, undo_deed, at=at, undoes=UUID(deed)).deed


def everything(database: Engine) -> dict[str, Any]:
    """Return every row of every table except the books of deeds, and the lines that tell of merging and undoing."""
    found: dict[str, Any] = {}
    with database.connect() as connection:
        for table in SQLModel.metadata.tables.values():
            if table.name in BOOKS:
                continue
            columns = [column for column in table.c if column.name not in OWN]
            rows = [
                tuple(str(as_json(value)) for value in row)
                for row in connection.execute(select(*columns))
                if not (table.name == "timeline_entry" and row._mapping["icon"] in ("undone", "merged"))
                and not (table.name == "timeline_link" and row._mapping["entry_id"] in _told(connection))
            ]
            found[table.name] = sorted(rows)
    return found


def _told(connection: Any) -> set[UUID]:
    lines = SQLModel.metadata.tables["timeline_entry"]
    return set(connection.scalars(select(lines.c.id).where(lines.c.icon.in_(("undone", "merged")))))


class TestEveryReference:
    """Whatever points to a record that can be merged follows, or says why it does not."""

    def test_every_id_without_a_foreign_key_is_understood(self) -> None:
        schema.import_tables()
        known = {"by_id", "actor_id", "user_id", "author_id", "owner_id", "asked_by", "session_id"}
        known |= {"job_id", "import_id", "digest_id", "event_id", "version_id", "undoes", "winner_id", "id"}
        known |= {"subject", "version"}  # of an event: its own kind says which record; a plain token
        unknown = [
            f"{table.name}.{column.name}"
            for table in SQLModel.metadata.tables.values()
            for column in table.c
            if isinstance(column.type, Uuid)
            and not column.foreign_keys
            and column.name not in known
            and f"{table.name}.{column.name}" not in STAYS
            and not kind_column_of(table, column)
        ]

        assert unknown == [], "name the column of its kind beside it, or say in STAYS why it does not follow"

    @pytest.mark.parametrize("kind", sorted(MERGERS))
    def test_can_be_led_elsewhere_in_the_database(self, kind: str) -> None:
        frozen = [f"{one.table}.{one.column}" for one in references_to(kind) if is_frozen(one.table, one.column)]

        assert frozen == [], "name it by an identity (db.records.relations), or add it to the guard's `free`"

    def test_what_stays_exists(self) -> None:
        tables = SQLModel.metadata.tables
        absent = [
            one for one in STAYS if one.split(".")[0] in tables and one.split(".")[1] not in tables[one.split(".")[0]].c
        ]

        assert absent == []
        assert AppendOnly("change") in GUARDS


class TestMergeRecords:
    def test_keeps_every_child_and_what_was_known(
        self, database: Engine, nadia: Actor, claire: Actor, clock: datetime
    ) -> None:
        home = Address("Rue du Lac", "3", "1800", "Vevey", "VD")
        kept = company(nadia, clock, "Bornand SA", email="info@bornand.example", phone="021 555 01 42")
        gone = company(
            nadia, clock, "Chantier Bornand", email="bornand@example.ch", uid="CHE-116.281.710", address=home
        )
        ida, luc = person(nadia, clock, "Ida Rey"), person(nadia, clock, "Luc Favre")
        for firm, who, function in ((kept, ida, "Achats"), (gone, ida, "Direction"), (gone, luc, "Atelier")):
            do(nadia, add_contact, at=clock, company_id=firm, person_id=who, function=function)
        do(nadia, add_opportunity, at=clock, draft=OpportunityDraft("Ponton", party_id=gone, owner_id=nadia.user_id))
        do(nadia, write_note, at=clock, kind="party", record_id=gone, text="Rappeler en mars")
        for who in (claire, nadia):
            do(who, follow_record, at=clock, kind="party", record_id=gone)
        do(claire, follow_record, at=clock, kind="party", record_id=kept)

        merge(nadia, clock + LATER, kept, gone)

        card = ask(nadia, party_card, party_id=kept)
        assert (card.name, card.uid, card.email) == ("Bornand SA", "CHE-116.281.710", "info@bornand.example")
        assert card.address == home
        assert [(one.name, one.function) for one in ask(nadia, people_of, company_id=kept)] == [
            ("Ida Rey", "Achats, Direction"),
            ("Luc Favre", "Atelier"),
        ]
        assert [one.name for one in ask(nadia, opportunities_of_party, party_id=kept, by=nadia)] == ["Ponton"]
        assert len(ask(nadia, notes, kind="party", record_id=kept, by=nadia)) == 1
        assert set(ask(nadia, followers_of, kind="party", record_id=kept, by=nadia)) == {nadia.user_id, claire.user_id}
        told = [line.message_id for line in ask(nadia, timeline, kind="party", record_id=kept, by=nadia)]
        assert {"« {merged} » a été fusionnée avec cette fiche", "Note", "Affaire ouverte"} <= set(told)
        assert ask(nadia, record_after_merges, kind="party", record_id=gone) == kept
        for asked in ("chantier bornand", "bornand@example.ch", "116281710", "rappeler mars"):
            hits = ask(nadia, found_records, query=asked, by=nadia)
            found = {(one.parent_id or one.record_id) for one in hits}
            assert kept in found, asked
            assert gone not in found, asked

    def test_takes_the_chosen_fields(self, database: Engine, nadia: Actor, clock: datetime) -> None:
        kept, gone = company(nadia, clock, "Bornand"), company(nadia, clock, "Bornand SA", phone="021 555 01 42")

        merge(nadia, clock, kept, gone, "party", "name", "phone")

        card = ask(nadia, party_card, party_id=kept)
        assert (card.name, card.phone) == ("Bornand SA", "+41215550142")

    def test_refuses_two_company_numbers_and_a_person_with_a_company(
        self, database: Engine, nadia: Actor, clock: datetime
    ) -> None:
        one = company(nadia, clock, "Bornand", uid="CHE-116.281.710")
        other, ida = company(nadia, clock, "Bornand", uid="CHE-105.805.649"), person(nadia, clock, "Ida Rey")

        with pytest.raises(CannotMerge, match="deux numéros IDE"):
            merge(nadia, clock, one, other)
        with pytest.raises(CannotMerge, match="Une société et une personne"):
            merge(nadia, clock, one, ida)

    def test_refuses_what_was_changed_or_merged_meanwhile(
        self, database: Engine, nadia: Actor, claire: Actor, clock: datetime
    ) -> None:
        one, other = company(nadia, clock, "Bornand"), company(nadia, clock, "Bornand SA")
        seen = ask(nadia, comparison, kind="party", record_ids=[one, other], by=nadia)
        versions = {side.record_id: side.row_version for side in seen.sides}
        do(claire, change_party, at=clock, party_id=other, values={"city": "Vevey"}, expected_version=versions[other])

        asked = Merge("party", one, other, kept_version=versions[one], gone_version=versions[other])
        with pytest.raises(ChangedMeanwhile, match="relisez la comparaison"):
            do(nadia, merge_records, at=clock, merge=asked)
        merge(claire, clock, one, other)
        with pytest.raises(NotFound, match="fusionnée entre-temps"):
            merge(nadia, clock, one, other)

    def test_is_refused_without_the_right(self, database: Engine, people: dict[Role, Actor], clock: datetime) -> None:
        nadia = people[Role.SALES]
        one, other = company(nadia, clock, "Bornand"), company(nadia, clock, "Bornand SA")

        with pytest.raises(NotAllowed):
            merge(people[Role.ANALYST], clock, one, other)

    def test_adds_the_exchanges_of_two_leads(self, database: Engine, nadia: Actor, clock: datetime) -> None:
        kept = do(nadia, create_lead, at=clock, draft=make_draft(owner_id=nadia.user_id))
        gone = do(nadia, create_lead, at=clock, draft=make_draft(owner_id=nadia.user_id, name="Garde-corps"))
        for lead_id in (kept, gone):
            call = {"channel": "call", "direction": "out", "happened_at": clock - LATER, "text": "Appelée"}
            do(nadia, note_exchange, at=clock, lead_id=lead_id, **call)

        deed = merge(nadia, clock, kept, gone, "lead")

        assert ask(nadia, lead_detail, lead_id=kept, by=nadia).exchanges == 2
        undo(nadia, deed, clock + LATER)
        assert [ask(nadia, lead_detail, lead_id=one, by=nadia).exchanges for one in (kept, gone)] == [1, 1]

    def test_keeps_the_lead_that_is_converted(self, database: Engine, nadia: Actor, clock: datetime) -> None:
        one = do(nadia, create_lead, at=clock, draft=make_draft(owner_id=nadia.user_id))
        other = do(nadia, create_lead, at=clock, draft=make_draft(owner_id=nadia.user_id))
        do(nadia, convert_lead, at=clock, lead_id=other)

        with pytest.raises(CannotMerge, match="gardez-la"):
            merge(nadia, clock, one, other, "lead")
        merge(nadia, clock, other, one, "lead")


class TestUndoMerge:
    def _story(self, by: Actor, other: Actor, at: datetime) -> tuple[UUID, UUID]:
        kept, gone = (
            company(by, at, "Bornand SA", phone="021 555 01 42"),
            company(by, at, "Bornand", phone="+41 79 123 45 67"),
        )
        ida, luc = person(by, at, "Ida Rey"), person(by, at, "Luc Favre")
        for firm, who, function in ((kept, ida, "Achats"), (gone, ida, "Direction"), (gone, luc, "")):
            do(by, add_contact, at=at, company_id=firm, person_id=who, function=function)
        do(by, add_opportunity, at=at, draft=OpportunityDraft("Ponton", party_id=gone, contact_id=luc))
        do(by, write_note, at=at, kind="party", record_id=gone, text="Rappeler en mars")
        for who in (by, other):
            do(who, follow_record, at=at, kind="party", record_id=gone)
        do(other, follow_record, at=at, kind="party", record_id=kept)
        return kept, gone

    def test_gives_everything_back_and_can_be_undone_itself(
        self, database: Engine, nadia: Actor, claire: Actor, clock: datetime
    ) -> None:
        kept, gone = self._story(nadia, claire, clock)
        before = everything(database)
        deed = merge(nadia, clock + LATER, kept, gone, "party", "phone")
        merged = everything(database)

        back = undo(claire, deed, clock + 2 * LATER)
        assert everything(database) == before
        assert ask(nadia, record_after_merges, kind="party", record_id=gone) is None

        again = undo(claire, back, clock + 3 * LATER)
        assert everything(database) == merged
        undo(nadia, again, clock + 4 * LATER)
        assert everything(database) == before
        with reading() as session:
            assert verify(session).problems == []

    def test_leaves_field_by_field_what_was_touched_since(
        self, database: Engine, nadia: Actor, claire: Actor, clock: datetime
    ) -> None:
        kept, gone = self._story(nadia, claire, clock)
        deed = merge(nadia, clock, kept, gone, "party", "name", "phone")
        version = ask(nadia, party_card, party_id=kept).row_version
        values = {"phone": "+41 21 555 99 99"}
        do(claire, change_party, at=clock + LATER, party_id=kept, values=values, expected_version=version)

        plan = do(nadia, undo_deed, at=clock + 2 * LATER, undoes=UUID(deed))

        cards = [ask(nadia, party_card, party_id=one) for one in (kept, gone)]
        assert [(one.name, one.phone) for one in cards] == [("Bornand SA", "+41215559999"), ("Bornand", "+41791234567")]
        assert [(one.column, one.params["who"]) for one in plan.kept] == [("phone", "Manager")]
        assert [one.name for one in ask(nadia, opportunities_of_party, party_id=gone, by=nadia)] == ["Ponton"]

    def test_of_an_earlier_merge_asks_for_the_later_one_first(
        self, database: Engine, nadia: Actor, clock: datetime
    ) -> None:
        one, two, three = (company(nadia, clock, name) for name in ("Bornand", "Bornand SA", "Bornand Nautique"))
        first = merge(nadia, clock, two, one)
        second = merge(nadia, clock, three, two)
        assert ask(nadia, record_after_merges, kind="party", record_id=one) == three

        with pytest.raises(CannotUndo, match="annulez d’abord"):
            undo(nadia, first, clock)
        undo(nadia, second, clock)
        undo(nadia, first, clock)
        assert ask(nadia, record_after_merges, kind="party", record_id=one) is None


class TestAnySequence:
    """Random edits, merges and undos, all undone again, give back the same records."""

    STEPS = ("edit", "merge", "note", "link", "undo")

    @given(
        plan=st.lists(
            st.tuples(st.sampled_from(STEPS), st.integers(0, 3), st.integers(0, 3), st.integers(0, 9)), max_size=12
        )
    )
    @settings(
        max_examples=15,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    def test_undone_backwards_gives_the_beginning(
        self, database: Engine, nadia: Actor, clock: datetime, plan: list[tuple[str, int, int, int]]
    ) -> None:
        parties = [company(nadia, clock, f"Bornand {n}", phone=f"021 555 01 4{n}") for n in range(3)]
        ida = person(nadia, clock, "Ida Rey")
        before = everything(database)
        deeds: list[str] = []
        at = clock

        for verb, one, other, value in plan:
            at += LATER
            deeds += self._step(nadia, at, verb, [*parties, ida], (one, other, value), deeds)

        for deed in reversed(deeds):
            at += LATER
            undo(nadia, deed, at)
        assert _told_apart(everything(database)) == _told_apart(before)
        with reading() as session:
            assert verify(session).problems == []

    def _step(
        self, by: Actor, at: datetime, verb: str, ids: list[UUID], choice: tuple[int, int, int], deeds: list[str]
    ) -> list[str]:
        one, other, value = ids[choice[0]], ids[choice[1]], choice[2]
        steps: dict[str, Callable[[], str]] = {
            "edit": lambda: _edit(by, at, one, value),
            "merge": lambda: merge(by, at, one, other, "party", *(["phone"] if value % 2 else [])),
            "note": lambda: _note(by, at, one, value),
            "link": lambda: _link(by, at, one, ids[3], value),
        }
        if verb == "undo":
            if deeds:
                undo(by, deeds.pop(), at)
            return []
        try:
            return [deed for deed in (steps[verb](),) if deed]
        except BusinessError:
            return []


def _edit(by: Actor, at: datetime, record_id: UUID, value: int) -> str:
    version = ask(by, party_card, party_id=record_id).row_version
    values = {"city": f"Ville {value}", "email": f"n{value}@example.ch"}
    return do_undoable(by, change_party, at=at, party_id=record_id, values=values, expected_version=version).deed


def _note(by: Actor, at: datetime, record_id: UUID, value: int) -> str:
    return do_undoable(by, write_note, at=at, kind="party", record_id=record_id, text=f"Note {value}").deed


def _link(by: Actor, at: datetime, record_id: UUID, who: UUID, value: int) -> str:
    given = {"company_id": record_id, "person_id": who, "function": f"F{value}"}
    return do_undoable(by, add_contact, at=at, **given).deed


def _told_apart(found: dict[str, Any]) -> dict[str, Any]:
    """Leave the stories out: what was told stays told, also of what was undone."""
    return {name: rows for name, rows in found.items() if name not in ("timeline_entry", "timeline_link")}


def test_a_row_left_behind_would_be_refused_by_the_database(database: Engine, nadia: Actor, clock: datetime) -> None:
    """A reference that nobody led elsewhere stops the merge: the foreign key refuses to lose its record."""
    from sqlalchemy.exc import IntegrityError

    kept = company(nadia, clock, "Bornand")
    do(nadia, add_opportunity, at=clock, draft=OpportunityDraft("Ponton", party_id=kept))

    parties = SQLModel.metadata.tables["party"]
    with pytest.raises(IntegrityError), database.begin() as connection:
        connection.execute(delete(parties).where(parties.c.id == kept))
