"""What every record has and what the firm sets, over the API: past, undo, files, messages, rights, exports."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.doors import do
from db.access.rules import Actor, Role
from db.records.notifications.actions import tell
from db.records.notifications.rules import Told, Topic
from tests.app.api.conftest import as_role
from tests.app.api.test_records import V1, company

People = dict[Role, Actor]
BOSS = as_role(Role.ADMINISTRATOR)
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 30


class TestPast:
    def test_is_read_as_of_an_instant(self, api: TestClient) -> None:
        made = company(api, city="Nyon")
        line = api.get(f"{V1}/records/party/{made['id']}/as-of", params={"at": "2100-01-01T00:00:00Z"})
        before = api.get(f"{V1}/records/party/{made['id']}/as-of", params={"at": "2000-01-01T00:00:00Z"})

        assert (line.json()["exists"], line.json()["values"]["city"]) == (True, "Nyon")
        assert (before.json()["exists"], before.json()["values"]) == (False, {})
        assert api.get(f"{V1}/records/party/{made['id']}/as-of", params={"at": "2100-01-01"}).status_code == 422


class TestUndo:
    def test_takes_back_the_change_that_the_story_tells(self, api: TestClient) -> None:
        made = company(api, city="Nyon")
        address = f"{V1}/companies/{made['id']}"
        api.patch(address, json={"city": "Gland"}, headers={"If-Match": made["etag"]})
        [line] = api.get(f"{V1}/records/party/{made['id']}/timeline", params={"sort": "change"}).json()["lines"]

        plan = api.get(f"{V1}/deeds/{line['deed_id']}/undo").json()
        undone = api.post(f"{V1}/deeds/{line['deed_id']}/undo")
        again = api.post(f"{V1}/deeds/{line['deed_id']}/undo")

        assert plan["steps"][0]["fields"] == ["city"]
        assert (undone.status_code, api.get(address).json()["city"]) == (200, "Nyon")
        assert (again.status_code, "déjà annulé" in again.json()["message"]) == (403, True)

    def test_brings_a_removed_record_back(self, api: TestClient) -> None:
        made = company(api)

        removed = api.delete(f"{V1}/records/party/{made['id']}")
        gone = api.get(f"{V1}/companies/{made['id']}")
        deeds = api.get(f"{V1}/deeds", params={"kind": "party", "record_id": made["id"]}, headers=BOSS).json()["deeds"]
        api.post(f"{V1}/deeds/{deeds[0]['id']}/undo")

        assert (removed.status_code, gone.status_code) == (204, 404)
        assert api.get(f"{V1}/companies/{made['id']}").status_code == 200

    def test_is_for_those_who_may(self, api: TestClient) -> None:
        assert api.get(f"{V1}/deeds", headers=as_role(Role.SALES)).status_code == 403


class TestFiles:
    def test_are_attached_read_shown_and_taken_off(self, api: TestClient) -> None:
        made = company(api)
        address = f"{V1}/records/party/{made['id']}/files"

        put = api.post(address, files={"file": ("../../plan.png", PNG)})
        file_id = put.json()["id"]
        shown = api.get(f"{V1}/files/{file_id}/content", params={"download": "false"})
        taken = api.get(f"{V1}/files/{file_id}/content")

        assert (put.status_code, put.json()["name"], put.json()["media_type"]) == (201, "plan.png", "image/png")
        assert (shown.content, shown.headers["content-disposition"][:6]) == (PNG, "inline")
        assert taken.headers["content-disposition"].startswith("attachment")
        assert len(api.get(address).json()) == 1
        assert api.delete(f"{V1}/files/{file_id}").status_code == 204
        assert api.get(f"{V1}/files/{file_id}").status_code == 404

    def test_are_never_run_by_a_browser(self, api: TestClient) -> None:
        made = company(api)
        script = ("dessin.svg", b"<svg onload='alert(1)'/>", "image/svg+xml")

        file_id = api.post(f"{V1}/records/party/{made['id']}/files", files={"file": script}).json()["id"]
        shown = api.get(f"{V1}/files/{file_id}/content", params={"download": "false"})

        assert shown.headers["content-type"] == "application/octet-stream"
        assert shown.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in shown.headers["content-security-policy"]


class TestNotifications:
    def test_are_listed_read_and_chosen(self, api: TestClient, people: People, system: Actor, clock: datetime) -> None:
        user_id = people[Role.SALES].user_id
        assert user_id is not None
        told = Told(user_id, Topic.JOB, "x", "Le travail « {job} » a échoué", {"job": "Import"})
        do(system, tell, told=[told], at=clock - timedelta(days=300))

        listed = api.get(f"{V1}/notifications").json()
        api.put(f"{V1}/notifications/{listed['messages'][0]['id']}/read", json={})
        chosen = api.put(f"{V1}/notifications/choices", json={"alert": "none"}).json()
        hours = api.put(
            f"{V1}/notifications/hours", json={"digest_at": "08:00", "quiet_from": "18:30", "quiet_to": "06:00"}
        )

        assert (listed["unread"], listed["messages"][0]["topic"]) == (1, "job")
        assert api.get(f"{V1}/notifications").json()["unread"] == 0
        assert (chosen["alert"], hours.json()) == ("none", api.get(f"{V1}/notifications/hours").json())
        assert api.put(f"{V1}/notifications/hours", json={**hours.json(), "digest_at": "25:00"}).status_code == 422

    def test_of_somebody_else_are_not_found(
        self, api: TestClient, people: People, system: Actor, clock: datetime
    ) -> None:
        manager = people[Role.MANAGER].user_id
        assert manager is not None
        do(system, tell, told=[Told(manager, Topic.JOB, "y", "Le travail « {job} » a échoué", {"job": "X"})], at=clock)
        theirs = api.get(f"{V1}/notifications", headers=as_role(Role.MANAGER)).json()["messages"][0]["id"]

        assert api.put(f"{V1}/notifications/{theirs}/read", json={}).status_code == 404


class TestRights:
    @pytest.fixture(autouse=True)
    def _fresh(self, people: People, clock: datetime) -> None:
        """The administrator has just proven herself; time does not stand still for the API."""
        for role, actor in people.items():
            people[role] = Actor(**{**vars(actor), "fresh_until": None})

    def test_are_read_by_those_who_may(self, api: TestClient) -> None:
        found = api.get(f"{V1}/rights", headers=BOSS).json()

        assert found["reaches"]["crm.read_leads"]["sales"] == "all"
        assert found["choices"]["crm.read_leads"]["sales"] == ["none", "own", "team", "all"]
        assert "lead.phone" in found["hideable"]
        assert api.get(f"{V1}/rights", headers=as_role(Role.SALES)).status_code == 403

    def test_are_not_changed_without_the_second_factor(self, api: TestClient) -> None:
        change = {"reaches": [{"role": "sales", "permission": "crm.read_leads", "reach": "own"}]}

        answer = api.post(f"{V1}/rights", json=change, headers=BOSS)

        assert (answer.status_code, answer.json()["error"]) == (403, "FreshProofNeeded")

    def test_are_changed_with_it(self, api: TestClient, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
        later = datetime(2100, 1, 1, tzinfo=UTC)
        proved = lambda by, code: Actor(**{**vars(by), "fresh_until": later})  # noqa: E731
        monkeypatch.setattr("app.api.rights.proven", proved)
        change: dict[str, Any] = {
            "reaches": [{"role": "sales", "permission": "crm.read_leads", "reach": "own"}],
            "hidden": [{"role": "sales", "field": "lead.phone", "hidden": True}],
        }

        found = api.post(f"{V1}/rights", json=change, headers={**BOSS, "X-Second-Factor": "123456"}).json()

        assert (found["reaches"]["crm.read_leads"]["sales"], found["hidden"]["sales"]) == ("own", ["lead.phone"])

    def test_refuse_a_wrong_code(self, api: TestClient) -> None:
        headers = {**BOSS, "X-Second-Factor": "000000"}

        answer = api.post(f"{V1}/rights/teams", json={"name": "Lausanne"}, headers=headers)

        assert answer.status_code in (403, 409)


class TestSettings:
    def test_of_the_firm_need_the_right(self, api: TestClient) -> None:
        for path in ("company", "mail"):
            assert api.get(f"{V1}/settings/{path}").status_code == 403
        assert api.get(f"{V1}/settings/numbers").json()["alerts.per_day"] == 5
        assert api.put(f"{V1}/settings/numbers", json={"alerts.per_day": 3}).status_code == 403

    def test_are_changed_within_their_bounds(self, api: TestClient) -> None:
        changed = api.put(f"{V1}/settings/numbers", json={"alerts.per_day": 3}, headers=BOSS)
        beyond = api.put(f"{V1}/settings/numbers", json={"alerts.per_day": 999}, headers=BOSS)

        assert (changed.json()["alerts.per_day"], beyond.status_code) == (3, 422)


class TestExports:
    def test_of_a_view_are_those_of_the_screen(self, api: TestClient) -> None:
        company(api, "=2+5", city="Nyon")
        company(api, "Garage SA", city="Gland")

        text = api.get(f"{V1}/lists/company/export/csv", params={"q": "nyon"}).content.decode("utf-8-sig")
        book = api.get(f"{V1}/lists/company/export/xlsx")

        assert ("'=2+5" in text, "Garage" in text) == (True, False)
        assert book.content.startswith(b"PK")
        assert api.get(f"{V1}/lists/company/export/csv", headers=as_role(Role.HR)).status_code == 403
        assert api.get(f"{V1}/lists/nothing/export/csv").status_code == 404

    def test_of_everything_need_the_right_and_the_second_factor(self, api: TestClient, people: People) -> None:
        people[Role.ADMINISTRATOR] = Actor(**{**vars(people[Role.ADMINISTRATOR]), "fresh_until": None})

        assert api.post(f"{V1}/company-exports").status_code == 403
        assert api.post(f"{V1}/company-exports", headers=BOSS).json()["error"] == "FreshProofNeeded"
        assert api.get(f"{V1}/company-exports/..%2Fcompany.sqlite", headers=BOSS).status_code == 404


class TestBulk:
    def test_is_shown_before_it_is_done(self, api: TestClient) -> None:
        made = api.post(f"{V1}/leads", json={"name": "Balcon"}).json()
        given = {"verb": "lose", "value": "trop cher", "ids": [made["id"]]}

        verbs = {one["key"]: one["verbs"] for one in api.get(f"{V1}/lists").json()}["lead"]
        before = api.post(f"{V1}/lists/lead/bulk/preview", json=given)
        done = api.post(f"{V1}/lists/lead/bulk", json=given).json()

        assert "lose" in verbs
        assert (before.json()["fit"], before.json()["refused"]) == (1, [])
        assert (done["done"], api.get(f"{V1}/leads/{made['id']}").json()["state"]) == (1, "lost")
