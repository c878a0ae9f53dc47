"""The link with which the first administrator may be created from another machine."""

import pytest
from sqlalchemy import Engine

from app.access.setup_link import setup_link


class TestSetupLink:
    def test_begins_with_this_machine(self, database: Engine) -> None:
        assert (setup_link(3000) or "").startswith("http://127.0.0.1:3000/bienvenue?jeton=")

    def test_begins_with_the_public_address(self, database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PUBLIC_URL", "https://boussole.exemple.ch")

        assert (setup_link(3000) or "").startswith("https://boussole.exemple.ch/bienvenue?jeton=")
