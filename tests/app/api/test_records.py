"""Companies, contacts, opportunities and what every record has, over the API, on both databases."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from fastapi.testclient import TestClient

from app.doors import do
from db.access.deeds.queries import record_deeds
from db.access.rules import Actor, Role
from db.jobs.actions import ask_for_job
from db.jobs.webhooks.actions import add_webhook
from db.session import reading, transaction
from tests.app.api.conftest import as_role

V1 = "/api/v1"


def company(api: TestClient, name: str = "Chantier naval SA", **more: Any) -> dict[str, Any]:
    answer = api.post(f"{V1}/companies", json={"name": name, **more})
    assert answer.status_code == 201, answer.text
    return {**answer.json(), "etag": answer.headers["etag"]}


class TestLists:
    def test_page_with_cursors_filters_and_counts(self, api: TestClient) -> None:
        for number in range(5):
            company(api, f"Société {number}", canton="VD" if number else "GE")

        first = api.get(f"{V1}/companies", params={"size": 3, "canton": "VD"}).json()
        second = api.get(f"{V1}/companies", params={"size": 3, "canton": "VD", "cursor": first["next"]}).json()
        counts = api.get(f"{V1}/companies/counts").json()

        names = [row["name"] for row in first["rows"] + second["rows"]]
        assert (names, second["next"]) == ([f"Société {n}" for n in range(1, 5)], None)
        assert (counts["total"], counts["facets"]["canton"]) == (5, {"VD": 4, "GE": 1})

    def test_refuse_what_they_cannot_filter_or_sort_by(self, api: TestClient) -> None:
        answers = [api.get(f"{V1}/opportunities", params={name: "x"}) for name in ("colour", "sort", "cursor")]

        assert [one.status_code for one in answers] == [422] * 3

    def test_are_for_those_who_may_read(self, api: TestClient) -> None:
        assert api.get(f"{V1}/companies", headers=as_role(Role.HR)).status_code == 403
        assert api.get(f"{V1}/companies", headers=as_role(Role.PURCHASING)).status_code == 200


class TestParty:
    def test_is_made_read_and_changed_on_the_version_that_was_read(self, api: TestClient) -> None:
        made = company(api, city="Nyon")
        address = f"{V1}/companies/{made['id']}"

        changed = api.patch(address, json={"city": "Morges"}, headers={"If-Match": made["etag"]})
        late = api.patch(address, json={"city": "Gland"}, headers={"If-Match": made["etag"]})

        assert (changed.json()["city"], changed.headers["etag"]) == ("Morges", '"2"')
        assert (late.status_code, late.json()["message"]) == (
            412,
            "Cette fiche a été modifiée entre-temps ; rechargez-la.",
        )

    def test_names_every_field_that_will_not_do(self, api: TestClient) -> None:
        answer = api.post(f"{V1}/companies", json={"name": "A", "uid": "CHE-1", "email": "x", "canton": "Vaud"})

        assert answer.status_code == 422
        assert {one["field"] for one in answer.json()["fields"]} == {"uid", "email", "canton"}

    def test_of_one_kind_is_not_found_under_the_other(self, api: TestClient) -> None:
        assert api.get(f"{V1}/contacts/{company(api)['id']}").status_code == 404

    def test_links_a_person_to_her_company(self, api: TestClient) -> None:
        firm = company(api)
        person = api.post(f"{V1}/contacts", json={"name": "Ingrid Keller"}).json()

        linked = api.post(
            f"{V1}/companies/{firm['id']}/contacts", json={"person_id": person["id"], "function": "achats"}
        )

        assert [(one["name"], one["function"]) for one in linked.json()["linked"]] == [("Ingrid Keller", "achats")]

    def test_many_are_changed_at_once_and_refusals_told(self, api: TestClient) -> None:
        one, stranger = company(api), str(uuid4())
        given = [{"record_id": record_id, "values": {"city": "Vevey"}} for record_id in (one["id"], stranger)]

        done = api.post(f"{V1}/companies/changes", json=given).json()

        assert (done["done"], [refused["record_id"] for refused in done["refused"]]) == ([one["id"]], [stranger])


class TestOpportunity:
    def test_is_opened_won_and_reopened(self, api: TestClient) -> None:
        firm = company(api)
        made = api.post(
            f"{V1}/opportunities", json={"name": "Balcon", "party_id": firm["id"], "expected_amount": "1200.50"}
        )
        address = f"{V1}/opportunities/{made.json()['id']}"

        won = api.post(f"{address}/win", json={"reason": "prix"}).json()
        refused = api.patch(address, json={"name": "Terrasse"}, headers={"If-Match": '"2"'})
        open_again = api.post(f"{address}/reopen").json()

        assert (made.status_code, made.json()["expected_amount"]) == (201, "1200.50")
        assert (won["state"], won["closing_reason"], open_again["state"]) == ("won", "prix", "open")
        assert (refused.status_code, refused.json()["error"]) == (403, "OpportunityClosed")
        assert api.get(f"{V1}/opportunities").json()["rows"][0]["party_name"] == "Chantier naval SA"


class TestEveryRecord:
    def test_has_notes_a_story_and_followers(self, api: TestClient) -> None:
        place = f"{V1}/records/party/{company(api)['id']}"

        assert api.post(f"{place}/notes", json={"text": "Rappeler"}).status_code == 201
        assert api.put(f"{place}/followers/me").status_code == 204
        story = api.get(f"{place}/timeline", params={"size": 1}).json()
        rest = api.get(f"{place}/timeline", params={"size": 5, "cursor": story["next"]}).json()

        assert story["lines"][0]["text"] == "Rappeler"
        assert "Fiche créée" in [line["message"] for line in rest["lines"]]
        assert len(api.get(f"{place}/followers").json()) == 1
        assert api.delete(f"{place}/followers/me").status_code == 204

    def test_is_found_by_fragments(self, api: TestClient) -> None:
        made = company(api, "Voilerie du Bouveret")

        found = api.get(f"{V1}/search", params={"q": "bouv voil"}).json()

        assert [one["record_id"] for one in found] == [made["id"]]

    def test_that_is_not_is_not_found(self, api: TestClient) -> None:
        assert api.get(f"{V1}/records/party/{uuid4()}/timeline").status_code == 404
        assert api.get(f"{V1}/records/dragon/{uuid4()}/timeline").status_code == 404


class TestViews:
    def test_are_kept_shared_and_removed(self, api: TestClient) -> None:
        given = {"kind": "company", "name": "Vaud", "query": "canton=VD"}

        view_id = api.post(f"{V1}/views", json=given).json()["id"]
        shared = api.post(f"{V1}/views", json={**given, "shared": True})
        api.put(f"{V1}/views/{view_id}/pin")

        [seen] = api.get(f"{V1}/views", params={"kind": "company"}).json()
        assert (seen["name"], seen["pinned"], shared.status_code) == ("Vaud", True, 403)
        assert api.delete(f"{V1}/views/{view_id}").status_code == 204
        assert api.get(f"{V1}/views", params={"kind": "company"}).json() == []


class TestUsers:
    def test_are_named_to_everybody_and_described_to_few(self, api: TestClient) -> None:
        assert len(api.get(f"{V1}/users").json()) == len(Role)
        assert api.get(f"{V1}/users/details").status_code == 403
        described = api.get(f"{V1}/users/details", headers=as_role(Role.MANAGER)).json()
        assert {"email", "roles"} <= described[0].keys()


class TestJobs:
    def test_of_ones_own_can_be_read_stopped_and_retried(
        self, api: TestClient, people: dict[Role, Actor], clock: datetime
    ) -> None:
        with transaction() as session:
            job_id = ask_for_job(session, kind="insights.rescore", arguments={}, by=people[Role.SALES], at=clock)
        place = f"{V1}/jobs/{job_id}"

        stopped = api.post(f"{place}/cancel").json()
        waiting = api.post(f"{place}/retry").json()

        assert (stopped["state"], waiting["state"]) == ("cancelled", "waiting")
        assert [line["message"] for line in api.get(f"{place}/log").json()] == [
            "Arrêt demandé par {name}",
            "Relancé par {name}",
        ]
        assert api.get(place, headers=as_role(Role.HR)).status_code == 404
        assert [one["id"] for one in api.get(f"{V1}/jobs").json()["jobs"]] == [str(job_id)]
        assert api.get(f"{V1}/jobs/schedules").status_code == 403


class TestImports:
    def test_take_a_file_in_and_follow_its_job(self, api: TestClient) -> None:
        made = api.post(f"{V1}/imports", data={"kind": "leads"}, files={"file": ("a.csv", "Nom\nAnne\n", "text/csv")})

        assert (made.status_code, made.json()["state"]) == (201, "uploaded")
        assert api.get(f"{V1}/jobs/{made.json()['job_id']}").json()["kind"] == "documents.inspect_import"
        assert api.post(f"{V1}/imports/{made.json()['id']}/run").status_code == 422
        assert [one["id"] for one in api.get(f"{V1}/imports").json()] == [made.json()["id"]]


class TestWebhooks:
    def test_show_their_secret_once(self, api: TestClient) -> None:
        boss = as_role(Role.ADMINISTRATOR)
        given = {"url": "https://example.ch/hook", "events": ["crm.lead_created"]}

        made = api.post(f"{V1}/webhooks", json=given, headers=boss)
        listed = api.get(f"{V1}/webhooks", headers=boss)

        assert made.json()["secret"].startswith("whsec_")
        assert made.json()["secret"] not in listed.text
        assert api.post(f"{V1}/webhooks", json=given).status_code == 403
        assert api.delete(f"{V1}/webhooks/{made.json()['id']}", headers=boss).status_code == 204

    def test_keep_their_secret_out_of_the_history(
        self, api: TestClient, people: dict[Role, Actor], clock: datetime
    ) -> None:
        made, secret = do(
            people[Role.ADMINISTRATOR], add_webhook, url="https://ex.ch", events=["crm.lead_created"], at=clock
        )

        assert isinstance(made, UUID)
        with reading() as session:
            [told] = record_deeds(session, kind="webhook", record_id=made)
        assert "https://ex.ch" in repr(told)
        assert secret not in repr(told)
