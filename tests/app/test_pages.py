"""Every page can be drawn: what Reflex would refuse when it builds the front end is refused here in seconds."""

import importlib

import pytest

import app.app  # noqa: F401  the states of all pages are known then
from app.pages import PAGES
from app.platform import SCREENS, Screen

for module in PAGES:
    importlib.import_module(module)


class TestEveryPage:
    @pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.route)
    def test_is_drawn_with_types_that_reflex_accepts(self, screen: Screen) -> None:
        assert screen.view().render()["name"]
