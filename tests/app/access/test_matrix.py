"""Every role at every door: what the policy answers is what the door does. The entries come from the registries.

Actions, queries, handlers, pages and routes of the API are taken from the product itself, once with the policy that a
firm begins with and once with every right turned over that can be; nothing is listed here by hand.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials
from fastapi.testclient import TestClient
from sqlalchemy import Engine

import db as database_package
from app.access.rights.words import AREAS, PERMISSION_WORDS
from app.api import permission
from app.api.application import PREFIX, application, permission_of, routers
from app.doors import ask, do
from app.history_words import COLUMNS
from app.platform import SCREENS, all_handlers, permission_of_route, undeclared_handlers
from app.session import actor_of_user
from db.access.gate import ACTIONS, QUERIES
from db.access.policy.actions import set_reach
from db.access.policy.queries import hideable_fields
from db.access.policy.rules import KEPT, NARROWABLE, NEEDS, UNTAKEABLE, Reach, default_reach, is_fixed
from db.access.rules import ANYBODY, PERMISSIONS, Actor, Role, may
from db.kernel.errors import NotAllowed

People = dict[Role, Actor]
NOTHING = {"no_such_argument": None}  # a door that lets one through then fails on this


def everything_imported() -> None:
    """Let every action, query, page and route be known."""
    for module in pkgutil.walk_packages(database_package.__path__, "db."):
        if module.name.endswith((".queries", ".actions")):
            importlib.import_module(module.name)
    importlib.import_module("app.app")


everything_imported()


@pytest.fixture(params=["as delivered", "turned over"])
def firm(request: pytest.FixtureRequest, people: People, clock: datetime) -> People:
    """The people as they are known now: with the default policy, or with each right the other way round."""
    if request.param == "turned over":
        for role in Role:
            for name in (one for one in PERMISSIONS if not is_fixed(role, one)):
                other = Reach.NONE if default_reach(role, name) is Reach.ALL else Reach.ALL
                given = {"role": role.value, "permission": name, "reach": other.value}
                do(people[Role.ADMINISTRATOR], set_reach, at=clock, **given)
    return {role: _now(one) for role, one in people.items()}


def _now(one: Actor) -> Actor:
    assert isinstance(one.user_id, UUID)
    found = actor_of_user(one.user_id)
    return Actor(**{**vars(found), "fresh_until": one.fresh_until})


def is_let_through(door: Callable[[], Any]) -> bool:
    """Test if a door lets one through: what is behind it then fails on an argument that nobody takes."""
    try:
        door()
    except NotAllowed as refusal:
        problem: Exception = refusal
    except TypeError as mistake:
        problem = mistake
    else:
        raise AssertionError("neither refused nor let through")
    assert any(words in str(problem) for words in ("droits ne permettent pas", "unexpected keyword argument")), problem
    return isinstance(problem, TypeError)


class TestEveryDoor:
    def test_of_queries_answers_as_the_policy(self, firm: People) -> None:
        wrong = [
            (name, role.value)
            for name, query in QUERIES.items()
            for role, actor in firm.items()
            if is_let_through(lambda by=actor, one=query: ask(by, one, **NOTHING)) != may(actor, query.permission)
        ]

        assert wrong == []

    def test_of_actions_answers_as_the_policy(self, firm: People) -> None:
        wrong = [
            (name, role.value)
            for name, action in ACTIONS.items()
            for role, actor in firm.items()
            if is_let_through(lambda by=actor, one=action: do(by, one, **NOTHING)) != may(actor, action.permission)
        ]

        assert wrong == []

    def test_of_the_api_answers_as_the_policy(self, firm: People, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(permission, "actor_of", lambda token: firm[Role(token)])

        wrong = [
            (route.path, role.value)
            for route in api_routes()
            for role, actor in firm.items()
            if _api_lets_through(route, role) != may(actor, permission_of(route.dependant) or "")
        ]

        assert wrong == []

    def test_of_the_api_refuses_over_http(self, firm: People, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(permission, "actor_of", lambda token: firm[Role(token.split("-")[0])])
        passed = []
        with TestClient(application, raise_server_exceptions=False) as client:
            for number, route in enumerate(api_routes()):
                for role, actor in firm.items():
                    if not may(actor, permission_of(route.dependant) or ""):
                        answer = _called(client, route, f"{role.value}-{number}")
                        passed += [(route.path, role.value, answer)] if answer != 403 else []

        assert passed == []

    def test_of_pages_asks_what_the_page_declares(self) -> None:
        assert {one.route: permission_of_route(one.route) for one in SCREENS} == {
            one.route: one.permission for one in SCREENS
        }


def api_routes() -> Iterator[APIRoute]:
    """Give every route of the API."""
    for router in routers():
        yield from (route for route in router.routes if isinstance(route, APIRoute))


def _api_lets_through(route: APIRoute, role: Role) -> bool:
    """Knock at the route's own door, the dependency that names the permission."""
    try:
        _door(route.dependant)(HTTPAuthorizationCredentials(scheme="Bearer", credentials=role.value))
    except NotAllowed:
        return False
    return True


def _door(dependant: Any) -> Callable[..., Any]:
    for dependency in dependant.dependencies:
        if hasattr(dependency.call, "permission"):
            found: Callable[..., Any] = dependency.call
            return found
        if dependency.dependencies:
            return _door(dependency)
    raise AssertionError("a route without a door")


def _called(client: TestClient, route: APIRoute, token: str) -> int:
    path = PREFIX + route.path
    for part in route.dependant.path_params:
        path = path.replace("{" + part.name + "}", str(UUID(int=1)))
    headers = {"Authorization": f"Bearer {token}", "If-Match": '"1"', "Idempotency-Key": token}
    return client.request(sorted(route.methods)[0], path, headers=headers, json={}).status_code


class TestRegistries:
    """Tests that nothing gets into a registry without a declared permission."""

    def test_hold_only_what_declares_a_permission(self) -> None:
        known = {*PERMISSIONS, ANYBODY, "framework"}
        entries = {
            **{f"action {name}": one.permission for name, one in ACTIONS.items()},
            **{f"query {name}": one.permission for name, one in QUERIES.items()},
            **{f"handler {name}": permission for name, permission in all_handlers().items()},
            **{f"page {one.route}": one.permission for one in SCREENS},
            **{f"route {one.path}": permission_of(one.dependant) for one in api_routes()},
        }

        assert {name: found for name, found in entries.items() if found not in known} == {}
        assert undeclared_handlers() == []
        assert len(entries) > 500

    def test_know_for_whom_records_of_an_owner_are_read(self) -> None:
        """Whoever reads records that can be narrowed must be told for whom."""
        blind = [name for name, one in QUERIES.items() if one.permission in NARROWABLE and not one.takes_by]

        assert blind == []

    def test_serve_only_routes_of_the_collected_routers(self) -> None:
        assert isinstance(application, FastAPI)
        collected = {PREFIX + route.path for route in api_routes()}
        served = {route.path for route in application.routes if isinstance(route, APIRoute)}

        assert served - collected == {f"{PREFIX}/docs"}


class TestWords:
    """Tests that a manager reads every right and every field in words."""

    def test_say_every_permission_and_its_area(self) -> None:
        assert [name for name in PERMISSIONS if name not in PERMISSION_WORDS] == []
        assert [name for name in PERMISSIONS if name.split(".")[0] not in AREAS] == []
        assert [name for name in PERMISSION_WORDS if name not in PERMISSIONS] == []

    def test_say_every_field_that_can_be_hidden(self, people: People, database: Engine) -> None:
        fields = ask(people[Role.MANAGER], hideable_fields)

        assert [name for name in fields if name.split(".", 1)[1] not in COLUMNS] == []

    def test_declare_rules_only_for_permissions_that_exist(self) -> None:
        declared = {*NARROWABLE, *NEEDS, *NEEDS.values(), *UNTAKEABLE, *KEPT}

        assert declared <= set(PERMISSIONS)
