"""From the product to the notebooks' origin: who gets a ticket, for what, and how it travels."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.doors import do
from app.notebooks import entrance
from app.notebooks.entrance import OPEN, frozen_notebooks, issue, routes
from app.notebooks.places import LEAD_SCORING, origin_beside
from db.access.rules import NOBODY, Actor, Role
from db.access.tickets.actions import redeem_ticket
from db.access.tickets.rules import TicketPurpose
from db.documents import store
from db.kernel.errors import NotAllowed, NotFound

FROZEN = "ab" * 32


@pytest.fixture
def one_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """One version has a frozen notebook."""
    monkeypatch.setattr(entrance, "frozen_notebooks", lambda actor: {FROZEN})


class TestIssue:
    def test_gives_an_analyst_a_ticket_for_her_notebook(self, people: dict[Role, Actor]) -> None:
        ticket = issue(people[Role.ANALYST], "edit", LEAD_SCORING)

        assert do(NOBODY, redeem_ticket, ticket=ticket).purpose is TicketPurpose.EDIT

    def test_gives_a_manager_a_ticket_for_a_frozen_one(self, people: dict[Role, Actor], one_frozen: None) -> None:
        ticket = issue(people[Role.MANAGER], "read", FROZEN)

        assert do(NOBODY, redeem_ticket, ticket=ticket).subject == FROZEN

    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.ANALYST])
    def test_refuses_the_editor_to_everybody_else(self, people: dict[Role, Actor], role: Role) -> None:
        with pytest.raises(NotAllowed):
            issue(people[role], "edit", LEAD_SCORING)

    @pytest.mark.parametrize("subject", ["../other/lead_scoring.py", "unknown.py", "", "/etc/passwd"])
    def test_knows_only_the_projects_notebooks(self, people: dict[Role, Actor], subject: str) -> None:
        with pytest.raises(NotFound):
            issue(people[Role.ANALYST], "edit", subject)

    def test_opens_no_other_stored_file_as_a_notebook(self, people: dict[Role, Actor], one_frozen: None) -> None:
        other = store.put(b"names and addresses of an import")

        with pytest.raises(NotFound):
            issue(people[Role.MANAGER], "read", other)

    def test_finds_no_frozen_notebook_where_no_version_was_checked(self, people: dict[Role, Actor]) -> None:
        assert frozen_notebooks(people[Role.MANAGER]) == set()


class TestOpenNotebook:
    @pytest.fixture
    def client(self, people: dict[Role, Actor], monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
        known = {"analyst": people[Role.ANALYST], "sales": people[Role.SALES]}
        monkeypatch.setattr(entrance, "who_is", known.get)
        monkeypatch.delenv("PORT", raising=False)
        monkeypatch.setattr(entrance, "wait_until_up", lambda: None)
        with TestClient(routes, base_url="http://localhost:3000") as made:
            yield made

    def open(self, client: TestClient, who: str) -> Any:
        return client.post(OPEN, data={"kind": "edit", "subject": LEAD_SCORING}, headers={"Cookie": who})

    def test_lets_the_browser_post_the_ticket_to_the_other_origin_only(self, client: TestClient) -> None:
        answer = self.open(client, "analyst")

        policy = answer.headers["content-security-policy"]
        assert 'action="http://localhost:3001/enter"' in answer.text
        assert "form-action http://localhost:3001 'self';" in policy
        assert "default-src 'none'" in policy
        assert answer.headers["referrer-policy"] == "strict-origin"
        assert answer.headers["cache-control"] == "no-store"

    def test_refuses_visitors_and_people_without_the_right(self, client: TestClient) -> None:
        assert self.open(client, "nobody").status_code == 401
        assert self.open(client, "sales").status_code == 403

    def test_is_no_link(self, client: TestClient) -> None:
        assert client.get(OPEN).status_code == 405


class TestOriginBeside:
    @pytest.mark.parametrize(
        ("host", "origin"),
        [("localhost:3000", "http://localhost:3001"), ("127.0.0.1:3000", "http://127.0.0.1:3001")],
    )
    def test_keeps_the_name_under_which_the_product_is_seen(
        self, monkeypatch: pytest.MonkeyPatch, host: str, origin: str
    ) -> None:
        monkeypatch.delenv("PORT", raising=False)

        assert origin_beside(host) == origin

    def test_is_the_public_one_behind_a_proxy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BOUSSOLE_NOTEBOOK_ORIGINS", "https://carnets.example.ch")

        assert origin_beside("boussole.example.ch") == "https://carnets.example.ch"
