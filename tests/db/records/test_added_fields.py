"""Fields that the company adds to companies, contacts, deals and leads: the same everywhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel

from app.doors import ask, do, do_undoable
from db.access.policy.actions import set_hidden
from db.access.policy.queries import policy
from db.access.policy.rules import with_rights
from db.access.rules import Actor, Role
from db.crm.leads.actions import create_lead, edit_lead
from db.crm.leads.listing.queries import lead_counts, lead_page
from db.crm.leads.listing.rules import read_request as read_lead_request
from db.crm.leads.queries import lead_detail
from db.crm.opportunities.actions import add_opportunity, edit_opportunity
from db.crm.opportunities.listing.queries import OPPORTUNITY_QUESTIONS
from db.crm.opportunities.listing.queries import SHAPE as OPPORTUNITY_SHAPE
from db.crm.opportunities.queries import opportunity_facts
from db.crm.opportunities.rules import OpportunityDraft
from db.kernel.errors import BadInput, NotAllowed, NotFound
from db.kernel.findings import BadFields
from db.parties.actions import add_party, change_party
from db.parties.listing.queries import COMPANY_QUESTIONS, COMPANY_SHAPE, CONTACT_QUESTIONS, CONTACT_SHAPE
from db.parties.queries import party_card
from db.parties.rules import PartyDraft, PartyKind
from db.records.custom_fields.actions import add_field, bring_back_field, edit_field, move_field, retire_field
from db.records.custom_fields.drafts import FieldDraft
from db.records.custom_fields.queries import custom_fields_for, fields_to_manage
from db.records.custom_fields.rules import FieldType
from db.records.listing.rules import read_request
from db.records.merging.actions import Merge, merge_records
from db.records.search.queries import found_records
from db.records.undo.actions import undo_deed
from db.records.undo.rules import CannotUndo
from db.session import reading
from tests.db.crm.leads.make import make_draft

People = dict[Role, Actor]
FIELDS = {
    "secteur": (FieldType.CHOICE, ("Bois", "Métal")),
    "contrat": (FieldType.AMOUNT, ()),
    "visite": (FieldType.DATE, ()),
    "fidele": (FieldType.YES_NO, ()),
    "machines": (FieldType.NUMBER, ()),
    "surnom": (FieldType.TEXT, ()),
    "notes": (FieldType.LONG_TEXT, ()),
}
FULL = {
    "secteur": "Bois",
    "contrat": "1'234.50",
    "visite": "24.11.2026",
    "fidele": "oui",
    "machines": "12.5",
    "surnom": "Le Chêne",
    "notes": "une\ndeux",
}


@dataclass(frozen=True)
class Place:
    """One kind of record: how it is made, changed, read and listed."""

    kind: str
    group: str
    table: str
    make: Callable[[Actor, str, Mapping[str, Any]], UUID]
    change: Callable[[Actor, UUID, Mapping[str, Any]], Any]
    entries: Callable[[Actor, UUID], Any]
    page: Callable[[Actor, str], Any]
    counts: Callable[[Actor, str], Any]


def _party(kind: PartyKind, questions: Any, shape: Any) -> Place:
    def change(by: Actor, record_id: UUID, custom: Mapping[str, Any]) -> Any:
        version = ask(by, party_card, party_id=record_id, by=by).row_version
        return do_undoable(by, change_party, party_id=record_id, values={"custom": custom}, expected_version=version)

    return Place(
        "party",
        kind.value,
        "party",
        lambda by, name, custom: do(by, add_party, draft=PartyDraft(kind, name), custom=custom),
        change,
        lambda by, record_id: ask(by, party_card, party_id=record_id, by=by).custom,
        lambda by, address: ask(by, questions.page, request=read_request(address, shape), by=by),
        lambda by, address: ask(by, questions.counts, request=read_request(address, shape), by=by),
    )


def _opportunity() -> Place:
    def make(by: Actor, name: str, custom: Mapping[str, Any]) -> UUID:
        party_id = do(by, add_party, draft=PartyDraft(PartyKind.COMPANY, f"{name} SA"))
        draft = OpportunityDraft(name=name, party_id=party_id, expected_amount=Decimal(100))
        made: UUID = do(by, add_opportunity, draft=draft, custom=custom)
        return made

    def change(by: Actor, record_id: UUID, custom: Mapping[str, Any]) -> Any:
        version = ask(by, opportunity_facts, opportunity_id=record_id, by=by).row_version
        given = {"opportunity_id": record_id, "values": {"custom": custom}, "expected_version": version}
        return do_undoable(by, edit_opportunity, **given)

    def asked(question: Any) -> Callable[[Actor, str], Any]:
        return lambda by, address: ask(by, question, request=read_request(address, OPPORTUNITY_SHAPE), by=by)

    return Place(
        "opportunity",
        "",
        "opportunity",
        make,
        change,
        lambda by, record_id: ask(by, opportunity_facts, opportunity_id=record_id, by=by).custom,
        asked(OPPORTUNITY_QUESTIONS.page),
        asked(OPPORTUNITY_QUESTIONS.counts),
    )


def _lead() -> Place:
    def change(by: Actor, record_id: UUID, custom: Mapping[str, Any]) -> Any:
        version = ask(by, lead_detail, lead_id=record_id, by=by).row_version
        return do_undoable(by, edit_lead, lead_id=record_id, values={"custom": custom}, expected_version=version)

    return Place(
        "lead",
        "",
        "lead",
        lambda by, name, custom: do(by, create_lead, draft=make_draft(name=name, custom=dict(custom))),
        change,
        lambda by, record_id: ask(by, lead_detail, lead_id=record_id, by=by).custom,
        lambda by, address: ask(by, lead_page, request=read_lead_request(f"view=all&{address}"), by=by),
        lambda by, address: ask(by, lead_counts, request=read_lead_request(f"view=all&{address}"), by=by),
    )


PLACES = {
    "company": _party(PartyKind.COMPANY, COMPANY_QUESTIONS, COMPANY_SHAPE),
    "person": _party(PartyKind.PERSON, CONTACT_QUESTIONS, CONTACT_SHAPE),
    "opportunity": _opportunity(),
    "lead": _lead(),
}


@pytest.fixture(params=list(PLACES))
def place(request: pytest.FixtureRequest) -> Place:
    """Each kind of record of a customer."""
    return PLACES[request.param]


@pytest.fixture
def claire(people: People) -> Actor:
    """The manager."""
    return people[Role.MANAGER]


@pytest.fixture
def nadia(people: People) -> Actor:
    """The salesperson."""
    return people[Role.SALES]


@pytest.fixture
def fields(place: Place, claire: Actor, clock: datetime) -> dict[str, UUID]:
    """One field of each type, by key."""
    return {key: added(claire, place, key, clock) for key in FIELDS}


def added(by: Actor, place: Place, key: str, at: datetime, **more: Any) -> UUID:
    """Add one of the fields."""
    type, choices = FIELDS[key]
    draft = FieldDraft(key.capitalize(), choices=choices, **more)
    made: UUID = do(by, add_field, kind=place.kind, group=place.group, type=type, draft=draft, at=at)
    return made


def values_of(by: Actor, place: Place, record_id: UUID) -> dict[str, Any]:
    """Return a record's values by key."""
    return {one.field.key: one.value for one in place.entries(by, record_id)}


def names(page: Any) -> list[str]:
    """Return the names of a page's rows."""
    return [row.name for row in page.rows]


def stored(place: Place, record_id: UUID) -> Any:
    """Return the JSON of a record as the database keeps it."""
    with reading() as session:
        table = SQLModel.metadata.tables[place.table]
        return session.connection().execute(table.select().where(table.c.id == record_id)).one().custom


def hidden_from(people: People, field: str, at: datetime) -> Actor:
    """Hide a field from salespeople; return one as she is then."""
    chief = people[Role.ADMINISTRATOR]
    do(chief, set_hidden, role="sales", field=field, hidden=True, at=at)
    return with_rights(people[Role.SALES], ask(chief, policy))


class TestValues:
    def test_are_read_kept_exactly_and_told_typed(self, place: Place, fields: dict[str, UUID], nadia: Actor) -> None:
        record_id = place.make(nadia, "Rochat", FULL)

        assert stored(place, record_id) == {
            "secteur": "Bois",
            "contrat": 123_450,
            "visite": "2026-11-24",
            "fidele": True,
            "machines": "12.5",
            "surnom": "Le Chêne",
            "notes": "une\ndeux",
        }
        assert values_of(nadia, place, record_id) == {
            "secteur": "Bois",
            "contrat": Decimal("1234.50"),
            "visite": date(2026, 11, 24),
            "fidele": True,
            "machines": Decimal("12.5"),
            "surnom": "Le Chêne",
            "notes": "une\ndeux",
        }
        assert [row.custom["contrat"] for row in place.page(nadia, "").rows] == [Decimal("1234.50")]

    @pytest.mark.parametrize(
        ("key", "text"),
        [
            ("secteur", "Verre"),
            ("contrat", "12.345"),
            ("visite", "demain"),
            ("fidele", "bof"),
            ("machines", "beaucoup"),
            ("inconnu", "x"),
            ("surnom", {"a": 1}),
            ("surnom", "x" * 2001),
        ],
    )
    def test_that_do_not_fit_are_refused_by_field(
        self, place: Place, fields: dict[str, UUID], nadia: Actor, key: str, text: Any
    ) -> None:
        with pytest.raises(BadFields) as refusal:
            place.make(nadia, "Rochat", {key: text})

        assert [one.field for one in refusal.value.findings] == [f"custom.{key}"]

    def test_change_key_by_key_and_come_back_by_an_undo(
        self, place: Place, fields: dict[str, UUID], nadia: Actor
    ) -> None:
        record_id = place.make(nadia, "Rochat", FULL)

        done = place.change(nadia, record_id, {"secteur": "Métal", "machines": None})

        assert values_of(nadia, place, record_id)["secteur"] == "Métal"
        assert values_of(nadia, place, record_id)["machines"] is None
        assert values_of(nadia, place, record_id)["surnom"] == "Le Chêne"
        assert names(place.page(nadia, "custom.secteur=is:Métal")) == ["Rochat"]
        do(nadia, undo_deed, undoes=UUID(done.deed))
        assert values_of(nadia, place, record_id)["secteur"] == "Bois"
        assert names(place.page(nadia, "custom.secteur=is:Métal")) == []
        assert names(place.page(nadia, "custom.machines=from:12")) == ["Rochat"]

    def test_are_found_by_their_words(self, place: Place, fields: dict[str, UUID], nadia: Actor) -> None:
        place.make(nadia, "Rochat", {"surnom": "Le Chêne"})

        assert [one.title for one in ask(nadia, found_records, query="chene", by=nadia)] == ["Rochat"]


class TestRequired:
    def test_is_asked_of_a_new_record_and_cannot_be_emptied(
        self, place: Place, claire: Actor, nadia: Actor, clock: datetime
    ) -> None:
        added(claire, place, "surnom", clock, required=True)

        with pytest.raises(BadFields, match="obligatoire"):
            place.make(nadia, "Rochat", {})
        record_id = place.make(nadia, "Rochat", {"surnom": "Le Chêne"})
        with pytest.raises(BadFields, match="obligatoire"):
            place.change(nadia, record_id, {"surnom": ""})

    def test_does_not_stand_in_the_way_of_other_fields(
        self, place: Place, claire: Actor, nadia: Actor, clock: datetime
    ) -> None:
        added(claire, place, "machines", clock)
        record_id = place.make(nadia, "Rochat", {})
        added(claire, place, "surnom", clock, required=True)

        place.change(nadia, record_id, {"machines": "3"})

        assert values_of(nadia, place, record_id)["machines"] == 3


class TestLists:
    @pytest.fixture(autouse=True)
    def _records(self, place: Place, fields: dict[str, UUID], nadia: Actor) -> None:
        place.make(nadia, "Anne", {"secteur": "Métal", "contrat": "900", "visite": "2026-03-01", "fidele": "non"})
        place.make(nadia, "Bea", {"secteur": "Bois", "contrat": "1200.05", "visite": "2026-01-01", "fidele": "oui"})
        place.make(nadia, "Carla", {"secteur": "Bois", "contrat": "15"})
        place.make(nadia, "Dora", {})

    @pytest.mark.parametrize(
        ("address", "found"),
        [
            ("custom.secteur=is:bois", {"Bea", "Carla"}),
            ("custom.secteur=contains:oi", {"Bea", "Carla"}),
            ("custom.contrat=from:900", {"Anne", "Bea"}),
            ("custom.contrat=to:900&custom.secteur=is:Bois", {"Carla"}),
            ("custom.contrat=is:1'200.05", {"Bea"}),
            ("custom.visite=from:01.02.2026", {"Anne"}),
            ("custom.fidele=is:oui", {"Bea"}),
            ("custom.fidele=is:", {"Carla", "Dora"}),
        ],
    )
    def test_filter(self, place: Place, nadia: Actor, address: str, found: set[str]) -> None:
        assert set(names(place.page(nadia, address))) == found
        assert place.counts(nadia, address).total == len(found)

    @pytest.mark.parametrize("few", [True, False])
    @pytest.mark.parametrize(
        ("sort", "order"),
        [
            ("custom.contrat", ["Carla", "Anne", "Bea", "Dora"]),
            ("-custom.contrat", ["Bea", "Anne", "Carla", "Dora"]),
            ("custom.visite", ["Bea", "Anne"]),
        ],
    )
    def test_sort_page_by_page_in_both_directions(
        self, place: Place, nadia: Actor, monkeypatch: pytest.MonkeyPatch, sort: str, order: list[str], few: bool
    ) -> None:
        for module in ("db.records.listing.queries.FEW", "db.crm.leads.listing.queries.FEW"):
            monkeypatch.setattr(module, 1000 if few else 0)
        seen: list[str] = []
        page = place.page(nadia, f"sort={sort}&size=1")
        for _ in range(3):
            seen += names(page)
            page = place.page(nadia, f"sort={sort}&size=1&cursor={page.last}")
        seen += names(page)

        assert seen[: len(order)] == order
        assert sorted(seen) == ["Anne", "Bea", "Carla", "Dora"]
        assert not page.has_more
        back = place.page(nadia, f"sort={sort}&size=2&back=1&cursor={page.first}")
        assert names(back) == seen[1:3]

    def test_group(self, place: Place, nadia: Actor) -> None:
        groups = place.counts(nadia, "group=custom.secteur").groups["custom.secteur"]

        assert {value: group.count for value, group in groups.items()} == {"bois": 2, "metal": 1, "": 1}
        assert sum(group.count for group in groups.values()) == 4
        with pytest.raises(BadInput):
            place.counts(nadia, "group=custom.contrat")

    def test_refuse_what_does_not_fit(self, place: Place, nadia: Actor) -> None:
        for address, refusal in (
            ("custom.contrat=from:beaucoup", BadInput),
            ("custom.inconnu=is:1", NotFound),
            ("sort=custom.inconnu", NotFound),
            ("custom.contrat=from:", BadInput),
        ):
            with pytest.raises(refusal):
                place.page(nadia, address)


class TestHiding:
    @pytest.mark.parametrize("hidden", ["custom.contrat", "custom"])
    def test_leaves_the_field_out_everywhere(
        self, place: Place, fields: dict[str, UUID], people: People, clock: datetime, hidden: str
    ) -> None:
        claire = people[Role.MANAGER]
        record_id = place.make(claire, "Rochat", FULL)
        nadia = hidden_from(people, f"{place.table}.{hidden}", clock)

        assert "contrat" not in values_of(nadia, place, record_id)
        assert all("contrat" not in row.custom for row in place.page(nadia, "").rows)
        assert "contrat" not in [one.key for one in ask(nadia, custom_fields_for, kind=place.kind, by=nadia)]
        for address in ("custom.contrat=from:1", "sort=custom.contrat"):
            with pytest.raises(NotFound):
                place.page(nadia, address)
        with pytest.raises(BadFields):
            place.change(nadia, record_id, {"contrat": "5"})
        assert values_of(claire, place, record_id)["contrat"] == Decimal("1234.50")

    def test_of_all_hides_what_a_record_is_found_by(
        self, place: Place, fields: dict[str, UUID], people: People, clock: datetime
    ) -> None:
        place.make(people[Role.MANAGER], "Rochat", {"surnom": "Le Chêne"})
        nadia = hidden_from(people, f"{place.table}.custom", clock)

        assert ask(nadia, found_records, query="chene", by=nadia) == []


class TestRetiring:
    def test_keeps_values_readable_and_lets_nobody_change_them(
        self, place: Place, fields: dict[str, UUID], claire: Actor, nadia: Actor, clock: datetime
    ) -> None:
        with_value, without = place.make(nadia, "Rochat", FULL), place.make(nadia, "Favre", {})

        done = do_undoable(claire, retire_field, field_id=fields["surnom"], at=clock)

        found = {one.field.key: one for one in place.entries(nadia, with_value)}
        assert (found["surnom"].value, bool(found["surnom"].locked)) == ("Le Chêne", True)
        assert "surnom" not in values_of(nadia, place, without)
        with pytest.raises(BadFields, match="plus utilisé"):
            place.change(nadia, with_value, {"surnom": "Le Hêtre"})
        place.change(nadia, with_value, {"surnom": "Le Chêne", "machines": "4"})
        assert values_of(nadia, place, with_value)["surnom"] == "Le Chêne"

        do(claire, undo_deed, undoes=UUID(done.deed))
        place.change(nadia, without, {"surnom": "Le Hêtre"})
        do(claire, retire_field, field_id=fields["surnom"], at=clock)
        do(claire, bring_back_field, field_id=fields["surnom"], at=clock)
        assert not next(one for one in place.entries(nadia, with_value) if one.field.key == "surnom").locked


class TestMerging:
    def test_carries_the_values_of_both(self, place: Place, fields: dict[str, UUID], claire: Actor) -> None:
        kept = place.make(claire, "Rochat", {"secteur": "Bois", "contrat": "100"})
        gone = place.make(claire, "Rochat bis", {"surnom": "Le Chêne", "contrat": "250.50"})

        merge = Merge(place.kind, kept, gone, frozenset({"custom.contrat"}))
        done = do_undoable(claire, merge_records, merge=merge)

        found = values_of(claire, place, kept)
        assert (found["secteur"], found["surnom"], found["contrat"]) == ("Bois", "Le Chêne", Decimal("250.50"))
        assert names(place.page(claire, "custom.contrat=is:250.50")) == ["Rochat"]
        do(claire, undo_deed, undoes=UUID(done.deed))
        assert values_of(claire, place, gone)["contrat"] == Decimal("250.50")
        assert names(place.page(claire, "custom.contrat=is:100")) == ["Rochat"]


class TestSettings:
    def test_are_for_managers(self, people: People, clock: datetime) -> None:
        given = {"kind": "party", "group": "company", "type": FieldType.TEXT, "draft": FieldDraft("Surnom")}
        with pytest.raises(NotAllowed):
            do(people[Role.SALES], add_field, at=clock, **given)

    def test_name_a_field_in_the_language_of_its_reader(self, claire: Actor, clock: datetime) -> None:
        draft = FieldDraft("Secteur", "Line of business", "Branche")
        do(claire, add_field, kind="party", group="company", type=FieldType.TEXT, draft=draft, at=clock)

        seen = []
        for language in ("fr", "en", "de"):
            reader = replace(claire, language=language)
            seen += [one.label for one in ask(reader, custom_fields_for, kind="party", group="company", by=reader)]
        assert seen == ["Secteur", "Line of business", "Branche"]

    def test_give_companies_and_contacts_fields_of_their_own(self, claire: Actor, clock: datetime) -> None:
        company, person = PLACES["company"], PLACES["person"]
        do(claire, add_field, kind="party", group="company", type=FieldType.TEXT, draft=FieldDraft("Rang"), at=clock)
        do(claire, add_field, kind="party", group="person", type=FieldType.NUMBER, draft=FieldDraft("Rang"), at=clock)

        assert list(values_of(claire, company, company.make(claire, "SA", {"rang": "premier"}))) == ["rang"]
        assert values_of(claire, person, person.make(claire, "Anne", {"rang_2": "2"})) == {"rang_2": Decimal(2)}
        with pytest.raises(BadFields, match="pas prévu"):
            person.make(claire, "Bea", {"rang": "premier"})

    def test_refuse_a_field_without_name_or_choices_and_one_that_is_there(self, claire: Actor, clock: datetime) -> None:
        given: dict[str, Any] = {"kind": "lead", "group": "", "at": clock}
        with pytest.raises(BadFields, match="nom"):
            do(claire, add_field, type=FieldType.TEXT, draft=FieldDraft("  "), **given)
        with pytest.raises(BadFields, match="choix"):
            do(claire, add_field, type=FieldType.CHOICE, draft=FieldDraft("Secteur"), **given)
        do(claire, add_field, type=FieldType.TEXT, draft=FieldDraft("Secteur"), **given)
        with pytest.raises(BadFields, match="existe déjà"):
            do(claire, add_field, type=FieldType.TEXT, draft=FieldDraft("sécteur"), **given)

    def test_move_fields_among_their_own(self, claire: Actor, clock: datetime) -> None:
        place = PLACES["company"]
        ids = [added(claire, place, key, clock) for key in ("surnom", "machines", "notes")]

        do(claire, move_field, field_id=ids[2], places=-1, at=clock)
        do(claire, move_field, field_id=ids[0], places=-1, at=clock)

        found = ask(claire, fields_to_manage, kind="party", group="company")
        assert [one.field.key for one in found] == ["surnom", "notes", "machines"]

    def test_keep_what_was_chosen_when_a_choice_goes(self, claire: Actor, clock: datetime) -> None:
        place = PLACES["company"]
        field_id = added(claire, place, "secteur", clock)
        record_id = place.make(claire, "Rochat", {"secteur": "Bois"})
        do(claire, edit_field, field_id=field_id, draft=FieldDraft("Secteur", choices=("Métal",)), expected_version=1)

        assert values_of(claire, place, record_id) == {"secteur": "Bois"}
        assert names(place.page(claire, "custom.secteur=is:Bois")) == ["Rochat"]
        with pytest.raises(BadFields):
            place.make(claire, "Favre", {"secteur": "Bois"})

    def test_undo_the_adding_only_while_nobody_uses_the_field(self, claire: Actor, clock: datetime) -> None:
        place = PLACES["company"]
        given: dict[str, Any] = {"kind": "party", "group": "company", "type": FieldType.TEXT, "at": clock}
        used = do_undoable(claire, add_field, draft=FieldDraft("Surnom"), **given)
        unused = do_undoable(claire, add_field, draft=FieldDraft("Rang"), **given)
        place.make(claire, "Rochat", {"surnom": "Le Chêne"})

        do(claire, undo_deed, undoes=UUID(unused.deed))
        with pytest.raises(CannotUndo, match="Surnom"):
            do(claire, undo_deed, undoes=UUID(used.deed))
        assert [one.key for one in ask(claire, custom_fields_for, kind="party", by=claire)] == ["surnom"]


class TestDatabase:
    def test_keeps_an_index_that_follows_the_records(self, place: Place, fields: dict[str, UUID], nadia: Actor) -> None:
        place.make(nadia, "Rochat", FULL)

        with reading() as session:
            rows = session.connection().execute(text("select text_order, number from custom_value")).all()
        assert len(rows) == len(FIELDS)
        assert ("", 1234.5) in [tuple(row) for row in rows]
