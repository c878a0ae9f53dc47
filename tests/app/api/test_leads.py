"""Leads over the API, on both databases: the same answers and refusals as on the screen."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from app.api import permission
from app.api.application import application
from app.api.permission import NotSignedIn
from app.doors import do
from db.access.rules import Actor, Role
from db.crm.leads.actions import create_lead
from db.records.custom_fields.actions import define_field
from db.records.custom_fields.rules import FieldType
from tests.db.crm.leads.make import make_draft

People = dict[Role, Actor]
LEADS = "/api/v1/leads"


@pytest.fixture
def client(people: People, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A client of the API for whom every role's name is a token."""

    def actor_of(token: str) -> Actor:
        if token not in set(Role):
            raise NotSignedIn("Un jeton d'accès valide est nécessaire.")
        return people[Role(token)]

    monkeypatch.setattr(permission, "actor_of", actor_of)
    with TestClient(application) as made:
        made.headers["Authorization"] = "Bearer sales"
        yield made


@pytest.fixture
def lead_id(people: People, clock: datetime) -> UUID:
    """A lead that exists."""
    made: UUID = do(people[Role.SALES], create_lead, draft=make_draft(), at=clock)
    return made


class TestLeads:
    def test_pages_through_the_list_with_exact_counts(
        self, client: TestClient, people: People, clock: datetime
    ) -> None:
        for number in range(7):
            do(people[Role.SALES], create_lead, draft=make_draft(name=f"Piste {number}"), at=clock)

        first = client.get(LEADS, params={"size": 5, "sort": "name", "canton": "VD"}).json()
        second = client.get(LEADS, params={"size": 5, "sort": "name", "canton": "VD", "cursor": first["next"]}).json()

        assert (first["total"], first["counts"]["state"]) == (7, {"new": 7})
        assert [line["name"] for line in first["leads"] + second["leads"]] == [f"Piste {n}" for n in range(7)]
        assert second["next"] is None

    def test_says_what_it_cannot_understand(self, client: TestClient) -> None:
        answer = client.get(LEADS, params={"state": "dreaming"})

        assert answer.status_code == 422
        assert "dreaming" in answer.json()["message"]

    def test_refuses_who_may_not_read(self, client: TestClient) -> None:
        assert client.get(LEADS, headers={"Authorization": "Bearer warehouse"}).status_code == 403

    def test_hides_fields_from_who_may_not_read_them(self, client: TestClient, people: People, clock: datetime) -> None:
        given = {"kind": "lead", "key": "margin", "label": "Marge", "type": FieldType.NUMBER, "at": clock}
        do(people[Role.MANAGER], define_field, permission="access.read_users", **given)
        do(people[Role.MANAGER], create_lead, draft=make_draft(custom={"margin": "12"}), at=clock)

        seen = client.get(LEADS).json()["leads"][0]["custom"]
        all_seen = client.get(LEADS, headers={"Authorization": "Bearer manager"}).json()["leads"][0]["custom"]

        assert (seen, all_seen) == ({}, {"margin": "12"})
        assert client.get(LEADS, params={"custom.margin": "is:12"}).status_code == 404


class TestChange:
    def test_takes_the_version_that_was_read(self, client: TestClient, lead_id: UUID) -> None:
        etag = client.get(f"{LEADS}/{lead_id}").headers["etag"]

        answer = client.patch(f"{LEADS}/{lead_id}", json={"city": "Nyon"}, headers={"If-Match": etag})
        again = client.patch(f"{LEADS}/{lead_id}", json={"city": "Morges"}, headers={"If-Match": etag})

        assert (answer.status_code, answer.json()["city"], answer.headers["etag"]) == (200, "Nyon", '"2"')
        assert (again.status_code, again.json()["error"]) == (412, "ChangedMeanwhile")

    def test_asks_for_the_version(self, client: TestClient, lead_id: UUID) -> None:
        answer = client.patch(f"{LEADS}/{lead_id}", json={"city": "Nyon"})

        assert (answer.status_code, "If-Match" in answer.json()["message"]) == (422, True)

    def test_empties_a_field_with_null(self, client: TestClient, lead_id: UUID) -> None:
        answer = client.patch(
            f"{LEADS}/{lead_id}", json={"phone": None, "expected_amount": "12.50"}, headers={"If-Match": '"1"'}
        )

        assert (answer.json()["phone"], answer.json()["expected_amount"]) == ("", "12.50")

    def test_refuses_an_unknown_field_and_a_bad_address(self, client: TestClient, lead_id: UUID) -> None:
        for body in ({"shoe_size": 43}, {"email": "x"}):
            assert client.patch(f"{LEADS}/{lead_id}", json=body, headers={"If-Match": '"1"'}).status_code == 422


class TestDeeds:
    def test_creates_a_lead(self, client: TestClient) -> None:
        answer = client.post(LEADS, json={"name": "Balcon", "email": "a@b.ch"})

        assert answer.status_code == 201
        assert client.get(f"{LEADS}/{answer.json()['id']}").json()["name"] == "Balcon"

    def test_loses_and_reopens(self, client: TestClient, lead_id: UUID) -> None:
        lost = client.post(f"{LEADS}/{lead_id}/lose", json={"reason": "trop cher"})
        reopened = client.post(f"{LEADS}/{lead_id}/reopen")

        assert (lost.json()["state"], reopened.json()["state"]) == ("lost", "new")

    def test_converts_once(self, client: TestClient, lead_id: UUID) -> None:
        assert client.post(f"{LEADS}/{lead_id}/convert").status_code == 201

        refused = client.post(f"{LEADS}/{lead_id}/convert")

        assert (refused.status_code, refused.json()["error"]) == (403, "AlreadyConverted")

    def test_notes_an_exchange(self, client: TestClient, lead_id: UUID) -> None:
        answer = client.post(f"{LEADS}/{lead_id}/exchanges", json={"channel": "call", "direction": "out"})

        assert (answer.status_code, answer.json()["exchanges"], answer.json()["state"]) == (201, 1, "contacted")

    def test_does_not_know_a_lead_that_is_not(self, client: TestClient) -> None:
        assert client.get(f"{LEADS}/{UUID(int=7)}").status_code == 404
