"""Models over the API, with real keys on both databases: hand-ins whole or not at all, decisions by the same rules."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlmodel import Session

from app.api.application import application
from app.doors import do, now
from db.access.people.second_factor.rules import code_at, new_secret
from db.access.people.sessions.rules import FREE_FAILURES
from db.access.people.tables import User
from db.access.people.tokens.actions import issue_token
from db.access.rules import Actor, Role
from db.insights.proposals.rules import MOST_BYTES
from db.session import engine
from tests.db.insights.make import manifest, proposed, row_version, state_of

People = dict[Role, Actor]
MODEL = "/api/v1/models/lead_score"


@pytest.fixture
def client(people: People) -> Iterator[TestClient]:
    """A client of the API before an open company."""
    with TestClient(application, raise_server_exceptions=False) as made:
        yield made


def token(by: Actor, *scopes: str) -> dict[str, str]:
    """The header of a key that may do what `scopes` say."""
    key = do(
        replace(by, fresh_until=None),
        issue_token,
        user_id=by.user_id,
        scopes=scopes,
        expires_at=now() + timedelta(hours=1),
        label="essai",
    )
    return {"Authorization": f"Bearer {key}"}


def post(client: TestClient, headers: dict[str, str], *, artifact: bytes = b"model", **claims: Any) -> Response:
    """Hand in a version."""
    return client.post(
        f"{MODEL}/hand-ins",
        headers=headers,
        data={"manifest": json.dumps(manifest(b"model", b"nb") | claims), "note": "Plus de sources"},
        files={"artifact": ("a", artifact), "notebook": ("n", b"nb")},
    )


class TestReceiveHandIn:
    def test_makes_one_draft_however_often_it_is_sent(self, client: TestClient, people: People) -> None:
        key = token(people[Role.ANALYST], "insights.propose_model", "insights.read_models")

        first, second = post(client, key), post(client, key)

        assert (first.status_code, first.json()["version"], first.json()["already"]) == (201, 1, False)
        assert second.json() == first.json() | {"already": True}
        assert [v["state"] for v in client.get(f"{MODEL}/versions", headers=key).json()] == ["draft"]

    def test_needs_a_key(self, client: TestClient) -> None:
        assert post(client, {}).status_code == 401

    def test_needs_the_scope(self, client: TestClient, people: People) -> None:
        assert post(client, token(people[Role.ANALYST], "insights.read_models")).status_code == 403

    def test_names_a_tampered_file(self, client: TestClient, people: People) -> None:
        answer = post(client, token(people[Role.ANALYST], "insights.propose_model"), artifact=b"modem")

        assert (answer.status_code, answer.json()["error"]) == (403, "FileTampered")
        assert "artifact.skops" in answer.json()["message"]

    def test_names_what_the_manifest_lacks(self, client: TestClient, people: People) -> None:
        answer = post(client, token(people[Role.ANALYST], "insights.propose_model"), seed="sept")

        assert (answer.status_code, answer.json()["params"]) == (422, {"field": "seed"})

    def test_refuses_a_file_that_is_too_large(
        self, client: TestClient, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(MOST_BYTES, "artifact.skops", 4)

        answer = post(client, token(people[Role.ANALYST], "insights.propose_model"))

        assert (answer.status_code, answer.json()["error"]) == (422, "FileTooLarge")


class TestApproveVersion:
    def test_refuses_without_the_second_factor(self, client: TestClient, people: People) -> None:
        version_id = proposed(people[Role.ANALYST], now())

        answer = _decide(
            client, token(people[Role.MANAGER], "insights.approve_model", "insights.read_models"), version_id
        )

        assert (answer.status_code, answer.json()["error"]) == (403, "FreshProofNeeded")

    def test_approves_with_the_code_of_the_phone(self, client: TestClient, people: People) -> None:
        secret = _give_phone(people[Role.MANAGER])
        version_id = proposed(people[Role.ANALYST], now())
        key = token(people[Role.MANAGER], "insights.approve_model", "insights.read_models")

        answer = _decide(client, key, version_id, code=code_at(secret, at=now()))

        assert answer.status_code == 202, answer.text
        assert state_of(version_id) == "approved"
        assert client.get(f"{MODEL}/versions/1/work", headers=key).json()["job_id"] == answer.json()["job_id"]
        assert client.get(f"{MODEL}/decisions", headers=key).json()[0]["by"] == "Manager"

    def test_refuses_a_wrong_code(self, client: TestClient, people: People) -> None:
        _give_phone(people[Role.MANAGER])
        version_id = proposed(people[Role.ANALYST], now())
        key = token(people[Role.MANAGER], "insights.approve_model", "insights.read_models")

        assert _decide(client, key, version_id, code="000000").status_code >= 400
        assert state_of(version_id) == "proposed"

    def test_lets_nobody_guess_codes(self, client: TestClient, people: People) -> None:
        secret = _give_phone(people[Role.MANAGER])
        version_id = proposed(people[Role.ANALYST], now())
        key = token(people[Role.MANAGER], "insights.approve_model", "insights.read_models")

        for _ in range(FREE_FAILURES["code"]):
            assert _decide(client, key, version_id, code="not a code").json()["error"] == "WrongCredentials"
        answer = _decide(client, key, version_id, code=code_at(secret, at=now()))

        assert answer.json()["error"] == "TooManyAttempts"
        assert state_of(version_id) == "proposed"


class TestRefuseVersion:
    def test_keeps_the_reason(self, client: TestClient, people: People) -> None:
        version_id = proposed(people[Role.ANALYST], now())
        key = token(people[Role.MANAGER], "insights.approve_model", "insights.read_models")

        answer = _decide(client, key, version_id, what="refuse")

        assert (answer.status_code, answer.json()["state"]) == (200, "refused")


class TestReturnToPrevious:
    def test_says_when_there_is_none(self, client: TestClient, people: People) -> None:
        key = token(people[Role.MANAGER], "insights.roll_back")

        answer = client.post(f"{MODEL}/roll-back", headers=key, json={"reason": "Plaintes"})

        assert (answer.status_code, answer.json()["error"]) == (403, "NothingToReturnTo")


class TestListModels:
    def test_names_the_purpose(self, client: TestClient, people: People, system: Actor) -> None:
        answer = client.get("/api/v1/models", headers=token(people[Role.SALES], "insights.read_models"))

        assert [(m["model"], m["live"]) for m in answer.json()] == [("lead_score", None)]


def _decide(
    client: TestClient, key: dict[str, str], version_id: Any, *, what: str = "approve", code: str = ""
) -> Response:
    decision = {"reason": "Mieux", "expected_version": row_version(version_id), "code": code}
    return client.post(f"{MODEL}/versions/1/{what}", headers=key, json=decision)


def _give_phone(by: Actor) -> str:
    """Let a person have a second factor; return its secret."""
    secret = new_secret()
    statement = User.__table__.update().where(User.__table__.c.id == by.user_id)  # type: ignore[attr-defined]
    with Session(engine()) as session:
        session.connection().execute(statement.values(totp_secret=secret, totp_since=now()))
        session.commit()
    return secret
