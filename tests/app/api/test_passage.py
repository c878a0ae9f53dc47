"""What every request passes: a repeated POST is done once; who asks too often waits."""

from datetime import timedelta

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient

from app.api.limits import Limits
from app.api.passage import Passage
from app.doors import do, now
from db.access.repeats.actions import begin_request, forget_old_answers, keep_answer
from db.access.repeats.rules import KEPT, KeyReused, StillRunning
from db.access.rules import Actor, Role
from tests.app.api.conftest import as_role

LEADS, COMPANIES = "/api/v1/leads", "/api/v1/companies"
KEY = {"Idempotency-Key": "commande-7"}


class TestRepeatedPost:
    def test_is_done_once_and_answered_the_same(self, api: TestClient) -> None:
        first, second = (api.post(LEADS, json={"name": "Balcon"}, headers=KEY) for _ in range(2))

        assert (first.status_code, second.status_code) == (201, 201)
        assert first.content == second.content
        assert first.headers["etag"] == second.headers["etag"]
        assert second.headers["idempotency-replayed"] == "true"
        assert len(api.get(LEADS).json()["leads"]) == 1

    def test_repeats_a_refusal_as_well(self, api: TestClient) -> None:
        first, second = (api.post(LEADS, json={"name": "Balcon", "email": "x"}, headers=KEY) for _ in range(2))

        assert (first.status_code, second.status_code) == (422, 422)
        assert second.headers["idempotency-replayed"] == "true"

    def test_refuses_the_key_for_another_request(self, api: TestClient) -> None:
        api.post(LEADS, json={"name": "Balcon"}, headers=KEY)

        other = [
            api.post(LEADS, json={"name": "Terrasse"}, headers=KEY),
            api.post(COMPANIES, json={"name": "Balcon"}, headers=KEY),
        ]

        assert [(one.status_code, one.json()["error"]) for one in other] == [(422, "KeyReused")] * 2

    def test_is_another_for_another_person(self, api: TestClient) -> None:
        api.post(LEADS, json={"name": "Balcon"}, headers=KEY)

        other = api.post(LEADS, json={"name": "Balcon"}, headers={**KEY, **as_role(Role.MANAGER)})

        assert (other.status_code, "idempotency-replayed" in other.headers) == (201, False)

    def test_keeps_nothing_for_somebody_without_a_token(self, api: TestClient) -> None:
        refused = api.post(LEADS, json={"name": "Balcon"}, headers={**KEY, "Authorization": "Bearer nobody"})

        assert refused.status_code == 401
        assert api.post(LEADS, json={"name": "Balcon"}, headers=KEY).status_code == 201

    @pytest.mark.parametrize("key", ["", "x" * 256])
    def test_refuses_a_key_that_is_none(self, api: TestClient, key: str) -> None:
        assert api.post(LEADS, json={"name": "Balcon"}, headers={"Idempotency-Key": key}).status_code == 422


class TestBeginRequest:
    def test_says_that_the_first_is_still_under_way(self, people: dict[Role, Actor]) -> None:
        seller, given = people[Role.SALES], {"key": "k", "request": "a"}
        do(seller, begin_request, **given)

        with pytest.raises(StillRunning):
            do(seller, begin_request, **given)
        with pytest.raises(KeyReused):
            do(seller, begin_request, key="k", request="b")

    def test_forgets_after_a_day(self, people: dict[Role, Actor], system: Actor) -> None:
        seller, given, at = people[Role.SALES], {"key": "k", "request": "a"}, now()
        do(seller, begin_request, at=at, **given)
        do(seller, keep_answer, key="k", status=201, headers={}, body=b"{}")

        assert do(seller, begin_request, at=at + KEPT - timedelta(seconds=1), **given).status == 201
        assert do(seller, begin_request, at=at + KEPT, **given) is None
        assert do(system, forget_old_answers, at=at + 2 * KEPT) == 1


class TestLimits:
    def test_let_a_burst_through_and_then_a_steady_flow(self) -> None:
        clock = [0.0]
        limits = Limits(per_minute=60, burst=3, clock=lambda: clock[0])

        assert [limits.wait_seconds("a") for _ in range(3)] == [0, 0, 0]
        assert limits.wait_seconds("a") == pytest.approx(1)
        assert limits.wait_seconds("b") == 0
        clock[0] = 1.0
        assert limits.wait_seconds("a") == 0

    def test_are_told_in_words_with_the_time_to_wait(self) -> None:
        from fastapi import FastAPI

        app, router = FastAPI(), APIRouter()
        router.add_api_route("/", lambda: "ok")
        app.include_router(router)
        app.middleware("http")(Passage(Limits(per_minute=60, burst=1, clock=lambda: 0.0)))
        client = TestClient(app)

        first, second = client.get("/"), client.get("/")

        assert (first.status_code, second.status_code, second.headers["retry-after"]) == (200, 429, "1")
        assert second.json()["message"] == "Trop de demandes avec ce jeton : réessayer dans 1 s."
