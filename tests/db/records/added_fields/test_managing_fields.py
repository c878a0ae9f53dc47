"""Added fields of every kind: hidden, retired, merged, set up."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from app.doors import ask, do, do_undoable
from db.access.rules import Actor, Role
from db.kernel.errors import NotAllowed, NotFound
from db.kernel.findings import BadFields
from db.records.custom_fields.actions import add_field, bring_back_field, edit_field, move_field, retire_field
from db.records.custom_fields.drafts import FieldDraft
from db.records.custom_fields.queries import custom_fields_for, fields_to_manage
from db.records.custom_fields.rules import FieldType
from db.records.merging.actions import Merge, merge_records
from db.records.search.queries import found_records
from db.records.undo.actions import undo_deed
from db.records.undo.rules import CannotUndo
from tests.db.records.added_fields.added import (
    FULL,
    PLACES,
    People,
    Place,
    added,
    hidden_from,
    names,
    values_of,
)


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
