"""Counting on a phone: one thumb, a reload in the middle, somebody else at the same place."""

from decimal import Decimal
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from app.doors import ask, do
from app.session import actor_of_user
from db.access.rules import Role, system_actor
from db.stock.counts.actions import note_counted, open_count
from db.stock.counts.queries import sheet
from db.stock.counts.rules import CountDraft, Entering
from tests.browser.conftest import SignIn
from tests.conftest import NOW
from tests.db.stock.make import make_item, make_place, receive
from tests.serving import Server

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def count_id(server: Server) -> UUID:
    """A blind count of two items, ten of each are there."""
    with server.database():
        place = make_place(at=NOW)
        for name, group in (("Câble de levage", "Aa"), ("Manille de mât", "Bb")):
            receive(make_item(at=NOW, name=name, group_name=group), place, 10, at=NOW)
        made: UUID = do(system_actor(), open_count, draft=CountDraft(place))
    return made


def open_sheet(page: Page, count_id: UUID) -> None:
    """Open the sheet on a phone."""
    page.set_viewport_size(PHONE)
    page.goto(f"/compter/{count_id}")
    page.locator(".pad").wait_for()


def press(page: Page, keys: str) -> None:
    """Press number keys."""
    for key in keys:
        page.locator(".pad-key", has_text=key).first.click()


class TestCounting:
    def test_keeps_each_number_over_a_reload(self, page: Page, sign_in: SignIn, server: Server, count_id: UUID) -> None:
        sign_in(Role.WAREHOUSE)
        open_sheet(page, count_id)
        press(page, "12")
        page.get_by_role("button", name="Suivant").click()
        expect(page.get_by_role("heading", level=2)).to_have_text("Manille de mât")
        expect(page.get_by_text("en attente d’envoi")).to_have_count(0)

        page.reload()

        expect(page.get_by_text("1 sur 2")).to_be_visible()
        with server.database():
            lines = ask(system_actor(), sheet, count_id=count_id)
        assert [one.tally.counted for one in lines] == [Decimal(12), None]

    def test_asks_when_somebody_else_was_first(
        self, page: Page, sign_in: SignIn, server: Server, count_id: UUID
    ) -> None:
        luc = sign_in(Role.PURCHASING, name="Luc Perret")
        sign_in(Role.WAREHOUSE)
        open_sheet(page, count_id)
        with server.database():
            line = ask(system_actor(), sheet, count_id=count_id)[0]
            do(
                actor_of_user(luc),
                note_counted,
                line_id=line.line_id,
                counted=Decimal(4),
                entering=Entering.FIRST,
                seen_version=None,
            )
        press(page, "6")
        page.get_by_role("button", name="Suivant").click()

        page.get_by_role("alertdialog").get_by_role("button", name="Ajouter 6").click()

        expect(page.get_by_text("en attente d’envoi")).to_have_count(0)
        with server.database():
            line = ask(system_actor(), sheet, count_id=count_id)[0]
        assert line.tally.counted == Decimal(10)
