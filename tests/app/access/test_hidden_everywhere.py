"""Fields that a role may not see are told by no route of the API, whatever its kind of record; read from the registry.

Every field that can be hidden gets a value that nothing else has, straight in the database. Then every route that
reads is asked about every record: once with everything seen, once with everything hidden.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from sqlalchemy import Engine, Table, select, update
from sqlalchemy.exc import SQLAlchemyError

from app.api import permission
from app.api.application import PREFIX, application
from app.api.limits import Limits
from app.doors import ask, do
from app.lists.register import LISTS
from db.access.policy.queries import hideable_fields
from db.access.rules import PERMISSIONS, Actor, Role
from db.people.hours.actions import add_span
from db.people.hours.rules import SpanDraft
from db.purchasing.bills.actions import receive_bill
from db.records.kinds.rules import KINDS
from db.schema import metadata
from tests.app.access.test_matrix import api_routes
from tests.app.exchange.company import fill_company
from tests.db.purchasing.test_bills import page

People = dict[Role, Actor]
NUMBER = Decimal("777331.25")
DAY = date(1987, 3, 1)


@pytest.fixture
def company(people: People, system: Actor, clock: datetime) -> None:
    """Something of everything, all of it somebody else's."""
    fill_company(people, system, clock)
    by = people[Role.MANAGER]
    do(by, receive_bill, files=(page(1),), note="x", at=clock)
    assert by.user_id is not None
    begins = clock - timedelta(hours=30)
    do(by, add_span, draft=SpanDraft(by.user_id, begins, begins + timedelta(hours=2), task="x"), at=clock)


@pytest.fixture
def telltales(company: None, database: Engine, people: People) -> dict[str, str]:
    """Return by field the value that nothing else has; those whose rules allow none are absent."""
    found: dict[str, str] = {}
    for place, field in enumerate(ask(people[Role.MANAGER], hideable_fields)):
        table, name = field.split(".", 1)
        told = _plant(database, metadata.tables[table], name, place)
        if told:
            found[field] = told
    return found


def _plant(database: Engine, table: Table, name: str, place: int) -> str:
    """Write into a row what nothing else says; return how it is told, nothing where the database refuses it."""
    first = select(table.c.id).order_by(table.c.id).limit(1).scalar_subquery()
    for value in (f"zz{name}{place}zz", NUMBER + place, DAY + timedelta(days=place)):
        try:
            with database.begin() as connection:
                connection.execute(update(table).where(table.c.id == first).values({name: value}))
        except (SQLAlchemyError, AttributeError, TypeError, ValueError, ArithmeticError):
            continue
        return str(value)
    return ""


@contextmanager
def api_of(by: Actor, patch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """Give the API to one person."""
    patch.setattr(permission, "actor_of", lambda token: by)
    patch.setattr("app.api.passage.permission.actor_of", lambda token: by)
    patch.setattr(Limits, "wait_seconds", lambda self, caller: 0.0)
    with TestClient(application, raise_server_exceptions=False) as client:
        client.headers["Authorization"] = "Bearer any"
        yield client


def _ids(database: Engine) -> dict[str, list[UUID]]:
    with database.connect() as connection:
        return {
            table.name: list(connection.scalars(select(table.c.id).order_by(table.c.id).limit(3)))
            for table in metadata.tables.values()
            if "id" in table.c and isinstance(next(iter(table.primary_key)).type.python_type, type)
            and next(iter(table.primary_key)).type.python_type is UUID
        }  # fmt: skip


def _requests(route: APIRoute, ids: dict[str, list[UUID]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every way of asking a route about the records that there are."""
    asked = [one.name for one in route.dependant.path_params]
    asked += [one.name for one in route.dependant.query_params if one.field_info.is_required()]
    known = {one.name for one in route.dependant.query_params}
    usual = {name: value for name, value in {"size": 100, "most": 100}.items() if name in known}
    ways: list[dict[str, Any]] = [{}]
    if "kind" in asked:
        ways = [
            {"kind": one.kind, "record_id": str(each), "record_ids": [str(each) for each in ids[one.table][:2]]}
            for one in KINDS.values()
            for each in ids[one.table]
        ]
    for name in asked:
        ways = [way | more for way in ways for more in _choices(name, way, ids)]
    for way in ways:
        path, rest = PREFIX + route.path, dict(usual)
        for name in asked:
            if "{" + name + "}" in path:
                path = path.replace("{" + name + "}", str(way[name]))
            else:
                rest[name] = way[name]
        yield path, rest


def _choices(name: str, way: dict[str, Any], ids: dict[str, list[UUID]]) -> list[dict[str, Any]]:
    if name in way:
        return [{}]
    if name.endswith(("_id", "_ids")):
        return [{name: str(each)} for rows in ids.values() for each in rows[:1]]
    fixed = {
        "key": list(LISTS), "form": ["csv"], "on": ["2026-11-24"], "at": ["2100-01-01T00:00:00Z"], "q": ["zz"],
        "since": ["2000-01-01T00:00:00Z"], "month": ["2026-11"], "model": ["lead_score"], "number": ["1"],
    }  # fmt: skip
    return [{name: value} for value in fixed.get(name, ["x"])]


def _told(client: TestClient, ids: dict[str, list[UUID]], telltales: dict[str, str]) -> dict[str, set[str]]:
    """Return which routes tell which fields; a route that breaks down tells `broken`."""
    found: dict[str, set[str]] = {}
    for route in api_routes():
        if "GET" not in route.methods:
            continue
        for path, params in _requests(route, ids):
            answer = client.get(path, params=params)
            names = {field for field, value in telltales.items() if value in answer.text.replace("'", "")}
            if answer.status_code >= 500:
                names.add("broken")
            if names:
                found.setdefault(route.path, set()).update(names)
    return found


def everything(people: People, hidden: frozenset[str]) -> Actor:
    """Return somebody who may do everything, and to whom these fields are hidden."""
    granted = frozenset(PERMISSIONS)
    return Actor(
        people[Role.HR].user_id, "Hr", frozenset(Role), hidden=hidden, granted=granted, own_granted=granted, via="api"
    )


class TestHiddenFields:
    """Tests that a field that can be hidden is hidden on every road, and that hiding breaks none."""

    def test_are_told_by_no_route(
        self, people: People, telltales: dict[str, str], database: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ids = _ids(database)
        with api_of(everything(people, frozenset()), monkeypatch) as client:
            seen = _told(client, ids, telltales)
        with api_of(everything(people, frozenset(telltales)), monkeypatch) as client:
            hidden = _told(client, ids, telltales)

        assert hidden == {}
        assert len(set[str]().union(*seen.values())) > 25  # what was told before
