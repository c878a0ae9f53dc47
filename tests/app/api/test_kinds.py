"""A kind that only declared its list and its form is read, made, changed, stepped and counted over the API."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.api import errors, permission
from app.api.kinds import address_of_kind, routes_of
from app.api.permission import NotSignedIn
from app.api.steps import STEPS, Step
from app.doors import do
from app.lists.register import list_called
from db.access.policy.actions import set_hidden
from db.access.rules import Actor, Role
from db.crm.opportunities.actions import lose_opportunity, win_opportunity

People = dict[Role, Actor]


@pytest.fixture
def api(people: People, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """An API that knows companies and opportunities from their screens alone."""

    def actor_of(token: str) -> Actor:
        if token not in set(Role):
            raise NotSignedIn("Un jeton d'accès valide est nécessaire.")
        return people[Role(token)]

    monkeypatch.setattr(permission, "actor_of", actor_of)
    steps = (
        Step("win", win_opportunity, "opportunity_id", "Noter qu'une affaire est signée."),
        Step("lose", lose_opportunity, "opportunity_id", "Noter qu'une affaire est perdue."),
    )
    monkeypatch.setitem(STEPS, "opportunity", steps)
    made = FastAPI()
    errors.install(made)
    for key in ("company", "contact", "opportunity"):
        made.include_router(routes_of(list_called(key)))
    with TestClient(made, raise_server_exceptions=False) as client:
        client.headers["Authorization"] = "Bearer sales"
        yield client


def company(api: TestClient, **more: Any) -> dict[str, Any]:
    answer = api.post("/companies", json={"name": "Chantier naval SA", **more})
    assert answer.status_code == 201, answer.text
    return {**answer.json(), "etag": answer.headers["etag"]}


class TestOne:
    def test_is_made_with_what_the_form_begins_with(self, api: TestClient) -> None:
        made = company(api, city="Nyon")

        assert (made["name"], made["city"], made["country"], made["row_version"]) == (
            "Chantier naval SA",
            "Nyon",
            "CH",
            1,
        )

    def test_is_changed_on_the_version_that_was_read(self, api: TestClient) -> None:
        made = company(api)
        address, if_match = f"/companies/{made['id']}", {"If-Match": made["etag"]}

        changed = api.patch(address, json={"city": "Morges"}, headers=if_match)
        late = api.patch(address, json={"city": "Gland"}, headers=if_match)

        assert (changed.json()["city"], changed.headers["etag"], late.status_code) == ("Morges", '"2"', 412)

    def test_names_every_field_that_is_missing_or_wrong(self, api: TestClient) -> None:
        answer = api.post("/companies", json={"uid": "CHE-1", "email": "x"})

        assert answer.status_code == 422
        assert {one["field"] for one in answer.json()["fields"]} == {"name", "uid", "email"}

    def test_knows_no_field_that_its_form_has_not(self, api: TestClient) -> None:
        assert api.post("/companies", json={"name": "A", "row_version": 7}).status_code == 422
        assert api.post("/companies", json={"name": "A", "custom": {"colour": "red"}}).status_code == 404

    def test_shows_and_takes_no_hidden_field(self, api: TestClient, people: People, clock: Any) -> None:
        made = company(api, phone="+41 21 555 01 42")
        do(people[Role.ADMINISTRATOR], set_hidden, role="sales", field="party.phone", hidden=True, at=clock)
        people[Role.SALES] = Actor(**{**vars(people[Role.SALES]), "hidden": frozenset({"party.phone"})})

        read = api.get(f"/companies/{made['id']}")
        written = api.patch(f"/companies/{made['id']}", json={"phone": "1"}, headers={"If-Match": made["etag"]})

        assert (read.json().get("phone"), written.status_code) == (None, 404)


class TestList:
    def test_pages_counts_and_changes_many(self, api: TestClient) -> None:
        ids = [company(api, canton="VD")["id"] for _ in range(3)]

        page = api.get("/companies", params={"size": 2, "canton": "VD"}).json()
        counts = api.get("/companies/counts").json()
        changed = api.post("/companies/changes", json=[{"record_id": one, "values": {"city": "Nyon"}} for one in ids])

        assert (len(page["rows"]), page["next"] is not None, counts["total"]) == (2, True, 3)
        assert len(changed.json()["done"]) == 3

    def test_is_found_under_its_plural(self) -> None:
        words = ["item", "sales_order", "company", "entry", "delivery", "purchase_bill", "journal", "address", "batch"]

        assert [address_of_kind(one) for one in words] == [
            "/items",
            "/sales-orders",
            "/companies",
            "/entries",
            "/deliveries",
            "/purchase-bills",
            "/journals",
            "/addresses",
            "/batches",
        ]


class TestSteps:
    def test_take_what_their_action_takes(self, api: TestClient) -> None:
        made = api.post("/opportunities", json={"name": "Balcon", "party_id": company(api)["id"]}).json()
        address = f"/opportunities/{made['id']}"

        unknown = api.post(f"{address}/win", json={"reason": "prix", "colour": "red"})
        won = api.post(f"{address}/win", json={"reason": "prix"})
        again = api.post(f"{address}/win", json={"reason": "prix"})

        assert (unknown.status_code, won.status_code, again.status_code) == (422, 200, 403)
        assert api.get(address).status_code == 200

    def test_are_for_those_who_may(self, api: TestClient) -> None:
        made = api.post("/opportunities", json={"name": "Balcon", "party_id": company(api)["id"]}).json()

        answer = api.post(
            f"/opportunities/{made['id']}/win", json={"reason": ""}, headers={"Authorization": "Bearer analyst"}
        )

        assert answer.status_code == 403
