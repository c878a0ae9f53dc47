"""Many leads changed while somebody changes one of them: neither deed is lost, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from time import sleep
from typing import Any
from uuid import uuid4

import pytest

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.crm.leads.actions import (
    add_leads,
    create_lead,
    edit_lead,
    lose_lead,
    reassign_leads,
    remove_leads_of_import,
    update_leads,
)
from db.crm.leads.queries import lead_detail
from db.records.custom_fields.actions import define_field
from db.records.custom_fields.rules import FieldType
from db.session import transaction
from tests.db.crm.leads.make import make_draft


@pytest.fixture
def seller(people: dict[Role, Actor]) -> Actor:
    """Somebody who works with leads."""
    return people[Role.SALES]


def while_open(first: Callable[..., Any], given: dict[str, Any], second: Callable[[], Any]) -> Any:
    """Do `first` in a transaction, begin `second` before it is committed, and return what `second` gave."""
    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            first(session, **given)
            session.flush()
            later = pool.submit(second)
            sleep(0.4)
            assert not later.done()  # it waits for the row
        return later.result(timeout=20)


class TestAtOnce:
    def test_an_import_keeps_what_somebody_just_wrote(self, seller: Actor, clock: datetime) -> None:
        for key in ("mine", "theirs"):
            do(seller, define_field, kind="lead", key=key, label=key, type=FieldType.TEXT, at=clock)
        lead_id = do(seller, create_lead, draft=make_draft(), at=clock)
        edit = {"lead_id": lead_id, "values": {"custom": {"mine": "a"}}, "expected_version": 1}
        changes = [(lead_id, {"custom": {"theirs": "b"}})]

        while_open(
            edit_lead,
            {**edit, "by": seller, "at": clock},
            lambda: do(seller, update_leads, changes=changes, import_id=None, at=clock),
        )

        found = ask(seller, lead_detail, lead_id=lead_id, by=seller)
        assert {entry.field.key: entry.value for entry in found.custom} == {"mine": "a", "theirs": "b"}

    def test_undoing_leaves_a_lead_that_is_being_edited(self, seller: Actor, clock: datetime) -> None:
        import_id = uuid4()
        [lead_id] = do(seller, add_leads, drafts=[make_draft()], import_id=import_id, at=clock)
        edit = {"lead_id": lead_id, "values": {"city": "Nyon"}, "expected_version": 1, "by": seller, "at": clock}

        done = while_open(edit_lead, edit, lambda: do(seller, remove_leads_of_import, import_id=import_id, at=clock))

        assert (done.removed, [row.record_id for row in done.left]) == (0, [lead_id])

    def test_a_lead_that_was_just_lost_is_not_handed_over(
        self, seller: Actor, people: dict[Role, Actor], clock: datetime
    ) -> None:
        manager = people[Role.MANAGER]
        lead_id = do(seller, create_lead, draft=make_draft(owner_id=seller.user_id), at=clock)
        lose = {"lead_id": lead_id, "reason": "trop cher", "by": seller, "at": clock}

        moved = while_open(
            lose_lead,
            lose,
            lambda: do(manager, reassign_leads, from_user=seller.user_id, to_user=manager.user_id, at=clock),
        )

        assert (moved, ask(seller, lead_detail, lead_id=lead_id, by=seller).owner_name) == (0, "Sales")
