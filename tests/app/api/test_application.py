"""The frame of the REST API: tokens, permissions, refusals in JSON, documentation without scripts."""

import re
from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.testclient import TestClient

from app.api import errors, permission
from app.api.application import RouteWithoutPermission, application, check_permissions, routers
from app.api.permission import NotSignedIn
from db.access.rules import PERMISSIONS, Actor, Role
from db.kernel.errors import BadInput, BusinessError, ChangedMeanwhile, NotAllowed, NotFound

SALLY = Actor(UUID(int=1), "Sally", frozenset({Role.SALES}), via="api")
NARROW = Actor(UUID(int=1), "Sally", frozenset({Role.SALES}), via="api", scopes=frozenset({"insights.propose_model"}))


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A client of the API where the tokens `sally` and `narrow` are known."""

    def actor_of(token: str) -> Actor:
        known = {"sally": SALLY, "narrow": NARROW}
        if token not in known:
            raise NotSignedIn("Un jeton d'accès valide est nécessaire.")
        return known[token]

    monkeypatch.setattr(permission, "actor_of", actor_of)
    with TestClient(application, raise_server_exceptions=False) as made:
        yield made


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


class TestAllowed:
    def test_refuses_a_call_without_token(self, client: TestClient) -> None:
        answer = client.get("/api/v1/account")

        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["error"] == "NotSignedIn"

    def test_does_not_take_a_session_cookie(self, client: TestClient) -> None:
        answer = client.get("/api/v1/account", headers={"Cookie": "boussole_session=sally"})

        assert answer.status_code == 401

    def test_lets_a_token_through(self, client: TestClient) -> None:
        answer = client.get("/api/v1/account", headers=bearer("sally"))

        assert answer.json() == {"user_id": str(UUID(int=1)), "name": "Sally", "roles": ["sales"], "language": "fr"}

    def test_refuses_a_token_whose_scopes_are_narrower(self, client: TestClient) -> None:
        answer = client.get("/api/v1/account", headers=bearer("narrow"))

        assert answer.status_code == 403
        assert answer.json()["error"] == "NotAllowed"


class TestCheckPermissions:
    def test_refuses_a_route_that_names_none(self) -> None:
        router = APIRouter()
        router.add_api_route("/open", lambda: "everything")

        with pytest.raises(RouteWithoutPermission, match="/open"):
            check_permissions(router)

    def test_refuses_what_is_no_route_of_ours(self) -> None:
        router = APIRouter()
        router.add_api_websocket_route("/socket", lambda socket: None)

        with pytest.raises(RouteWithoutPermission, match="/socket"):
            check_permissions(router)

    def test_finds_only_permissions_that_the_policy_knows(self) -> None:
        from app.api.application import permission_of

        for router in routers():
            for route in router.routes:
                assert permission_of(route.dependant) in PERMISSIONS, route.path  # type: ignore[attr-defined]


class TestRefusals:
    @pytest.fixture
    def small(self) -> TestClient:
        """An API that refuses in every way."""
        api = FastAPI()
        errors.install(api)

        @api.get("/refuse/{kind}")
        def refuse(kind: str) -> None:
            kinds = {kind.__name__: kind for kind in (NotAllowed, NotFound, ChangedMeanwhile, BadInput, BusinessError)}
            raise kinds[kind]("{what} ne va pas.", what="Ceci")

        @api.get("/count")
        def count(number: Annotated[int, Depends(lambda number: int(number))], most: int) -> int:
            return number + most

        return TestClient(api, raise_server_exceptions=False)

    @pytest.mark.parametrize(
        ("kind", "status"),
        [("NotAllowed", 403), ("NotFound", 404), ("ChangedMeanwhile", 409), ("BadInput", 422), ("BusinessError", 409)],
    )
    def test_read_as_json_with_their_status(self, small: TestClient, kind: str, status: int) -> None:
        answer = small.get(f"/refuse/{kind}")

        assert answer.status_code == status
        assert answer.json() == {"error": kind, "message": "Ceci ne va pas.", "params": {"what": "Ceci"}, "fields": []}

    def test_name_the_field_in_french(self, small: TestClient) -> None:
        answer = small.get("/count?number=1&most=beaucoup")

        assert answer.status_code == 422
        assert answer.json()["message"] == "Le champ « most » doit être un nombre entier."
        assert answer.json()["fields"] == [{"field": "most", "message": "doit être un nombre entier"}]

    def test_hide_what_went_wrong_inside(self, small: TestClient) -> None:
        answer = small.get("/refuse/KeyError")

        assert answer.status_code == 500
        assert "KeyError" not in answer.text
        assert answer.json()["error"] == "InternalServerError"

    def test_answer_unknown_paths_in_json(self, client: TestClient) -> None:
        answer = client.get("/api/v1/nothing")

        assert answer.status_code == 404
        assert answer.json()["message"] == "Rien à cette adresse."


class TestDocumentation:
    def test_is_openapi_3_1_with_the_security_scheme(self, client: TestClient) -> None:
        schema = client.get("/api/v1/openapi.json").json()

        assert schema["openapi"].startswith("3.1")
        assert schema["paths"]["/api/v1/account"]["get"]["security"] == [{"jeton": []}]

    def test_is_a_page_without_scripts_that_lists_every_route(self, client: TestClient) -> None:
        schema = client.get("/api/v1/openapi.json").json()
        page = client.get("/api/v1/docs").text

        assert "<script" not in page
        assert not re.search(r"https?://(?!example\.ch/)", page)
        assert all(path in page for path in schema["paths"])

    def test_shows_an_example_of_what_every_route_takes(self, client: TestClient) -> None:
        schema = client.get("/api/v1/openapi.json").json()
        page = client.get("/api/v1/docs").text
        taking = [
            operation
            for methods in schema["paths"].values()
            for operation in methods.values()
            if "application/json" in operation.get("requestBody", {}).get("content", {})
        ]

        assert page.count("</p><table><tr><th>Champ") > 50
        assert page.count("<pre>") >= len(taking) > 15
        assert "Idempotency-Key" in page

    def test_is_searched_on_the_server(self, client: TestClient) -> None:
        page = client.get("/api/v1/docs", params={"q": "webhooks resend"}).text

        assert "/deliveries/{delivery_id}/resend" in page
        assert "/api/v1/companies" not in page
        assert "&lt;b&gt;" in client.get("/api/v1/docs", params={"q": "<b>"}).text
