"""A client of the API for whom every role's name is a token."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.api import permission
from app.api.application import application
from app.api.limits import Limits
from app.api.permission import NotSignedIn
from db.access.rules import Actor, Role


@pytest.fixture
def api(people: dict[Role, Actor], monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The client; nobody waits for the limit of requests. Sales asks unless a test says otherwise."""

    def actor_of(token: str) -> Actor:
        if token not in set(Role):
            raise NotSignedIn("Un jeton d'accès valide est nécessaire.")
        return people[Role(token)]

    monkeypatch.setattr(permission, "actor_of", actor_of)
    monkeypatch.setattr(Limits, "wait_seconds", lambda self, caller: 0.0)
    with TestClient(application, raise_server_exceptions=False) as made:
        made.headers["Authorization"] = "Bearer sales"
        yield made


def as_role(role: Role) -> dict[str, str]:
    """Return the headers with which a role asks."""
    return {"Authorization": f"Bearer {role.value}"}
