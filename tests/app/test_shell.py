"""The frame: every page in it, every entry of the navigation leads to one."""

import importlib
from collections import Counter

import pytest

from app.navigation import ENTRIES, SETTINGS, _owner
from app.pages import PAGES
from app.platform import SCREENS, Screen
from db.access.rules import ANYBODY, PERMISSIONS


@pytest.fixture(scope="module")
def screens() -> list[Screen]:
    """Every page of the product."""
    for name in PAGES:
        importlib.import_module(name)
    return SCREENS


class TestScreens:
    def test_name_a_permission_that_exists(self, screens: list[Screen]) -> None:
        undeclared = [one.route for one in screens if one.permission not in {*PERMISSIONS, ANYBODY}]

        assert undeclared == []

    def test_have_one_address_each(self, screens: list[Screen]) -> None:
        repeated = [route for route, number in Counter(one.route for one in screens).items() if number > 1]

        assert repeated == []

    def test_can_be_drawn(self, screens: list[Screen]) -> None:
        for one in screens:
            assert one.view().render()

    def test_only_those_before_signing_in_are_open_to_all(self, screens: list[Screen]) -> None:
        open_to_all = {one.route for one in screens if one.permission == ANYBODY}

        assert open_to_all <= {
            "/",
            "404",
            "/bienvenue",
            "/connexion",
            "/connexion/code",
            "/mot-de-passe",
            "/bienvenue/demonstration",
            "/bienvenue/import",
        }


class TestNavigation:
    def test_leads_to_pages_only(self, screens: list[Screen]) -> None:
        routes = {one.route for one in screens}

        assert [entry.route for entry in (*ENTRIES, *SETTINGS) if entry.route not in routes] == []

    def test_gives_each_entry_a_key_of_its_own(self) -> None:
        assert len({entry.key for entry in (*ENTRIES, *SETTINGS)}) == len((*ENTRIES, *SETTINGS))

    @pytest.mark.parametrize(
        ("here", "marked"),
        [
            ("/pistes", "/pistes"),
            ("/pistes/[lead_id]", "/pistes"),
            ("/importer/[kind]", "/importer"),
            ("/modeles/[model]/[version]", "/modeles"),
            ("/compte", ""),
        ],
    )
    def test_marks_the_entry_that_a_page_belongs_to(self, here: str, marked: str) -> None:
        assert _owner(here) == marked
