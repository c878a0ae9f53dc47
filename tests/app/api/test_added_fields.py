"""Fields that the company added, over the API: set up, written, read, filtered."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from db.access.rules import Role
from tests.app.api.conftest import as_role

MANAGER = as_role(Role.MANAGER)


def define(api: TestClient, label: str, type: str, kind: str = "party", group: str = "company", **more: Any) -> str:
    given = {"kind": kind, "group": group, "label": label, "type": type, **more}
    answer = api.post("/api/v1/custom-fields/managed", json=given, headers=MANAGER)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


class TestSettings:
    def test_are_changed_by_who_may(self, api: TestClient) -> None:
        field_id = define(api, "Contrat", "amount", label_de="Vertrag")
        assert api.post(f"/api/v1/custom-fields/{field_id}/retire").status_code == 403
        changed = {"label": "Contrat annuel", "label_de": "Jahresvertrag"}
        answer = api.patch(f"/api/v1/custom-fields/{field_id}", json=changed, headers={**MANAGER, "If-Match": '"1"'})
        assert answer.status_code == 204, answer.text
        assert api.post(f"/api/v1/custom-fields/{field_id}/retire", headers=MANAGER).status_code == 204

        asked = {"kind": "party", "group": "company"}
        [found] = api.get("/api/v1/custom-fields/managed", params=asked, headers=MANAGER).json()
        assert (found["field"]["label"], found["field"]["is_retired"]) == ("Contrat annuel", True)
        assert api.get("/api/v1/custom-fields", params={"kind": "party"}).json() == []
        assert api.post(f"/api/v1/custom-fields/{field_id}/bring-back", headers=MANAGER).status_code == 204
        assert (
            api.post(f"/api/v1/custom-fields/{field_id}/move", json={"places": 1}, headers=MANAGER).status_code == 204
        )


class TestValues:
    @pytest.mark.parametrize(
        ("path", "kind", "group"),
        [("companies", "party", "company"), ("contacts", "party", "person"), ("opportunities", "opportunity", "")],
    )
    def test_are_written_read_and_filtered(self, api: TestClient, path: str, kind: str, group: str) -> None:
        define(api, "Contrat", "amount", kind, group)
        define(api, "Visite", "date", kind, group)
        base: dict[str, Any] = {"name": "Rochat"}
        if path == "opportunities":
            base["party_id"] = api.post("/api/v1/companies", json={"name": "Rochat SA"}).json()["id"]

        sent = {**base, "custom": {"contrat": "1250.50", "visite": "2026-11-24"}}
        made = api.post(f"/api/v1/{path}", json=sent)
        assert made.status_code == 201, made.text
        assert made.json()["custom"] == {"contrat": "1250.50", "visite": "2026-11-24"}

        where, etag = f"/api/v1/{path}/{made.json()['id']}", made.headers["etag"]
        changed = api.patch(where, json={"custom": {"visite": None}}, headers={"If-Match": etag})
        assert changed.status_code == 200, changed.text
        assert changed.json()["custom"] == {"contrat": "1250.50", "visite": None}
        rows = api.get(f"/api/v1/{path}", params={"custom.contrat": "from:1000", "sort": "-custom.contrat"}).json()[
            "rows"
        ]
        assert [row["custom"]["contrat"] for row in rows] == ["1250.50"]
        assert api.get(f"/api/v1/{path}", params={"custom.contrat": "to:10"}).json()["rows"] == []
        assert api.get(f"/api/v1/{path}/counts", params={"custom.contrat": "from:1000"}).json()["total"] == 1

    def test_that_do_not_fit_are_told_field_by_field(self, api: TestClient) -> None:
        define(api, "Contrat", "amount", required=True)

        answer = api.post("/api/v1/companies", json={"name": "Rochat", "custom": {"contrat": "1.234"}})
        assert answer.status_code == 422
        assert "centime" in answer.text
        assert api.post("/api/v1/companies", json={"name": "Rochat"}).status_code == 422
        assert api.get("/api/v1/companies", params={"custom.inconnu": "is:1"}).status_code == 404
        assert api.get("/api/v1/companies", params={"custom.contrat": "from:x"}).status_code == 422
