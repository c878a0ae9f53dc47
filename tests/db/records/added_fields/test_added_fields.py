"""Fields that the company adds to companies, contacts, deals and leads: values and lists, the same everywhere."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.doors import ask, do
from db.access.rules import Actor
from db.kernel.errors import BadInput, NotFound
from db.kernel.findings import BadFields
from db.records.search.queries import found_records
from db.records.undo.actions import undo_deed
from db.session import reading
from tests.db.records.added_fields.added import FIELDS, FULL, Place, added, names, stored, values_of


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

    def test_come_back_one_by_one_where_nobody_touched_them_since(
        self, place: Place, fields: dict[str, UUID], nadia: Actor, claire: Actor
    ) -> None:
        record_id = place.make(nadia, "Rochat", FULL)
        done = place.change(nadia, record_id, {"secteur": "Métal", "surnom": "Le Hêtre"})
        place.change(claire, record_id, {"surnom": "Le Pin", "machines": "3"})

        plan = do(nadia, undo_deed, undoes=UUID(done.deed))

        assert [one.column for one in plan.kept] == ["custom.surnom"]
        found = values_of(nadia, place, record_id)
        assert (found["secteur"], found["surnom"], found["machines"]) == ("Bois", "Le Pin", Decimal(3))

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


class TestDatabase:
    def test_keeps_an_index_that_follows_the_records(self, place: Place, fields: dict[str, UUID], nadia: Actor) -> None:
        place.make(nadia, "Rochat", FULL)

        with reading() as session:
            rows = session.connection().execute(text("select text_order, number from custom_value")).all()
        assert len(rows) == len(FIELDS)
        assert ("", 1234.5) in [tuple(row) for row in rows]
