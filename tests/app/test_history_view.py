"""Deeds as people read them."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from app.doors import do
from app.history import HistoryState
from app.history_view import Reader, change_view
from db.access.deeds.queries import ChangeFacts
from db.access.rules import Actor, Role
from db.crm.leads.actions import create_lead
from db.records.custom_fields.actions import define_field
from db.records.custom_fields.rules import FieldType
from tests.db.crm.leads.make import make_draft

People = dict[Role, Actor]
READER = Reader("fr", datetime(2026, 11, 24, 8, 0, tzinfo=UTC))


def detail(**custom: Any) -> str:
    """What is read of a lead that got custom values."""
    change = ChangeFacts("lead", UUID(int=1), "update", {"custom": {}}, {"custom": custom})
    return change_view(change, READER, READER.at).detail


class TestChangeView:
    @pytest.mark.parametrize("key", ["offre_date", "vu_at", "actif_since", "budget_amount"])
    @pytest.mark.parametrize("value", ["bientôt", "0001-01-01", "NaN"])
    def test_shows_what_a_custom_field_holds_whatever_its_name_promises(self, key: str, value: str) -> None:
        assert f"{key} vide → " in detail(**{key: value})

    def test_falls_back_to_the_text(self) -> None:
        assert detail(offre_date="bientôt").endswith("offre_date vide → bientôt")
        assert detail(offre_date="2026-11-24").endswith("offre_date vide → 24.11.2026")


class TestHistoryState:
    def test_leaves_out_custom_fields_that_the_reader_may_not_see(self, people: People, clock: datetime) -> None:
        given = {"kind": "lead", "key": "salaire", "label": "Salaire", "type": FieldType.TEXT, "at": clock}
        do(people[Role.ADMINISTRATOR], define_field, permission="access.manage_users", **given)
        do(people[Role.ADMINISTRATOR], create_lead, draft=make_draft(custom={"salaire": "120k"}), at=clock)

        assert "120k" in _read_by(people[Role.ADMINISTRATOR])
        assert "120k" not in _read_by(people[Role.MANAGER])


def _read_by(actor: Actor) -> str:
    """What the page shows to somebody."""
    state = HistoryState(_reflex_internal_init=True)  # type: ignore[call-arg]
    state._read(actor, "")
    return " ".join(change.detail for deed in state.deeds for change in deed.changes)
