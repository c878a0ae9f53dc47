"""A hostile colleague with narrowed rights tries the side doors; each test is something that was tried."""

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from app.api import permission
from app.api.application import application
from app.api.limits import Limits
from app.doors import ask, do
from app.gateways.delimited_text import safe_cell
from app.lists.export import harmless
from app.lists.reading import surroundings
from app.lists.register import LISTS, list_called
from app.session import actor_of_user
from app.webhooks.messages import message_of
from db.access.policy.actions import set_hidden, set_reach
from db.access.rules import Actor, Role, may
from db.access.tables import Deed
from db.crm.leads.actions import create_lead
from db.documents.attachments.actions import attach_file
from db.jobs.queries import Event
from db.jobs.webhooks.rules import UnsafeAddress, check_address
from db.kernel.errors import BusinessError, NotFound
from db.records.listing.rules import ListRequest
from db.records.notes.actions import write_note
from db.records.notes.queries import notes
from db.records.undo.actions import undo_deed
from db.records.undo.queries import undo_plan
from db.session import reading
from tests.db.crm.leads.make import make_draft

People = dict[Role, Actor]
NAME = "Quai Secret"
COLLEAGUES = (Role.SALES, Role.PURCHASING, Role.WAREHOUSE, Role.ACCOUNTANT, Role.HR)  # whoever of them may read a list


@pytest.fixture
def theirs(people: People, system: Actor, clock: datetime) -> UUID:
    """A colleague's lead, with a note and a file; salespeople now reach only their own."""
    owner = people[Role.MANAGER].user_id
    draft = make_draft(name=NAME, owner_id=owner, expected_amount=Decimal(777331))
    made: UUID = do(system, create_lead, draft=draft, at=clock)
    do(people[Role.MANAGER], write_note, kind="lead", record_id=made, text="NOTE-SECRETE", at=clock)
    do(people[Role.MANAGER], attach_file, kind="lead", record_id=made, name="f-secret.txt", content=b"x", at=clock)
    for name in ("crm.read_leads", "crm.edit_leads"):
        do(people[Role.ADMINISTRATOR], set_reach, role="sales", permission=name, reach="own", at=clock)
    return made


def colleague(people: People, role: Role = Role.SALES) -> Actor:
    """Return the hostile colleague as she is known now."""
    user_id = people[role].user_id
    assert user_id is not None
    return actor_of_user(user_id, via="api")


def deeds() -> list[tuple[UUID, str]]:
    with reading() as session:
        return [(one.id, one.action) for one in session.query(Deed)]


@pytest.fixture
def api(people: People, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The API for the colleague as she is known at each request; `Bearer narrow` has fewer scopes."""

    def actor_of(token: str) -> Actor:
        found = colleague(people, Role(token.split("-")[0]))
        return Actor(**{**vars(found), "scopes": frozenset({"api.use"})}) if token.endswith("-narrow") else found

    monkeypatch.setattr(permission, "actor_of", actor_of)
    monkeypatch.setattr("app.api.passage.permission.actor_of", actor_of)
    monkeypatch.setattr(Limits, "wait_seconds", lambda self, caller: 0.0)
    with TestClient(application, raise_server_exceptions=False) as client:
        client.headers["Authorization"] = "Bearer sales"
        yield client


class TestUndo:
    def test_of_what_is_out_of_reach_tells_nothing_and_does_nothing(
        self, people: People, theirs: UUID, clock: datetime
    ) -> None:
        by = colleague(people)
        told = []
        for deed_id, action in deeds():
            if not action.startswith(("crm.", "records.", "documents.")):
                continue
            told.append(repr(ask(by, undo_plan, deed_id=deed_id)))
            with pytest.raises(BusinessError) as refusal:
                do(by, undo_deed, undoes=deed_id, at=clock)
            told.append(str(refusal.value))

        assert [one for one in told if NAME in one or "SECRETE" in one or "secret" in one or "777331" in one] == []
        assert len(ask(people[Role.MANAGER], notes, kind="lead", record_id=theirs)) == 1


class TestListsOf:
    """Every list that exists, and every field by which it can be asked: hidden from a role, it can be asked no more."""

    @pytest.mark.parametrize("key", LISTS)
    def test_a_hidden_field_neither_filter_nor_sort_nor_count(self, people: People, clock: datetime, key: str) -> None:
        kind = list_called(key)
        source = kind.queries.source
        if source is None:
            return  # leads ask their own questions: tests/app/access/test_reach.py
        asked = {
            **{("sort", name): one.field for name, one in source.sorts.items()},
            **{("facets", name): one.field for name, one in source.facets.items()},
            **{("ranges", name): one.field for name, one in source.ranges.items()},
        }
        role = next(one for one in COLLEAGUES if may(people[one], kind.read))
        sort, last = [(name, one.field) for name, one in source.sorts.items()][-1]  # one order has to remain
        fields = {*asked.values()} - {last}
        hideable = {field for field in fields if self._hide(people, role, f"{source.name}.{field}", clock)}
        by = colleague(people, role)

        open_ = [way for way, field in asked.items() if field in hideable and not self._is_refused(kind, by, way, sort)]
        counts = ask(by, kind.queries.counts, request=ListRequest(sort=sort))

        assert open_ == []
        assert not {name for name in counts.chips if source.facets[name].field in hideable}
        assert source.amount is None or source.amount.field not in hideable or counts.amount is None
        assert not {one.field or one.key for one in kind.columns_seen(surroundings(kind, by))} & hideable

    @staticmethod
    def _hide(people: People, role: Role, field: str, at: datetime) -> bool:
        try:
            do(people[Role.ADMINISTRATOR], set_hidden, role=role.value, field=field, hidden=True, at=at)
        except BusinessError:
            return False
        return True

    @staticmethod
    def _is_refused(kind: Any, by: Actor, way: tuple[str, str], sort: str) -> bool:
        part, name = way
        if part == "sort":
            request = ListRequest(sort=name)
        else:
            request = ListRequest(sort=sort, **{part: {name: ("x",) if part == "facets" else "2026-01-01"}})
        try:
            ask(by, kind.queries.page, request=request)
        except NotFound:
            return True
        except BusinessError:
            return False
        return False


class TestRepeatedRequests:
    def test_are_not_answered_to_whoever_may_less_now(self, api: TestClient, people: People, clock: datetime) -> None:
        ask_once = {"url": "/api/v1/leads", "json": {"name": "Balcon", "phone": "021 555 77 31"}}
        headers = {"Idempotency-Key": "one"}
        first = api.post(**ask_once, headers=headers)
        do(people[Role.ADMINISTRATOR], set_hidden, role="sales", field="lead.phone", hidden=True, at=clock)

        again = api.post(**ask_once, headers=headers)

        assert (first.status_code, again.status_code) == (201, 422)
        assert "77 31" not in again.text

    def test_are_not_answered_to_a_narrower_key(self, api: TestClient, people: People) -> None:
        ask_once = {"url": "/api/v1/leads", "json": {"name": "Balcon"}}
        api.post(**ask_once, headers={"Idempotency-Key": "two"})

        narrow = api.post(**ask_once, headers={"Idempotency-Key": "two", "Authorization": "Bearer sales-narrow"})

        assert narrow.status_code in (403, 422)

    def test_are_not_answered_to_somebody_else(self, api: TestClient) -> None:
        ask_once = {"url": "/api/v1/leads", "json": {"name": "Balcon"}}
        mine = api.post(**ask_once, headers={"Idempotency-Key": "three"}).json()["id"]

        theirs = api.post(**ask_once, headers={"Idempotency-Key": "three", "Authorization": "Bearer manager"})

        assert (theirs.status_code, theirs.json()["id"] != mine) == (201, True)

    def test_never_keep_a_secret(self, api: TestClient, people: People) -> None:
        headers = {"Idempotency-Key": "four", "Authorization": "Bearer administrator"}
        given = {"url": "https://example.ch/x", "events": ["crm.lead_created"]}
        secret = api.post("/api/v1/webhooks", json=given, headers=headers).json()["secret"]

        again = api.post("/api/v1/webhooks", json=given, headers=headers)

        assert (again.status_code, secret in again.text) == (409, False)
        assert len(api.get("/api/v1/webhooks", headers=headers).json()) == 1


class TestRequests:
    @pytest.mark.parametrize(
        "body",
        [
            "[" * 100_000,
            '{"name":' * 50_000,
            '{"name": "x", "custom": ' + '{"a":' * 5_000 + "1" + "}" * 5_000 + "}",
            '{"name": ' + "9" * 10_000 + "}",
            '{"name": "\\u0000"}',
            '{"name": "\\ud800"}',
            "\xff\xfe",
            '{"expected_amount": 1e999999}',
            '{"expected_amount": "NaN", "name": "x"}',
            '{"expected_amount": "9e99", "name": "x"}',
        ],
        ids=["list", "dict", "custom", "number", "null", "surrogate", "bytes", "e999", "nan", "9e99"],
    )  # fmt: skip
    def test_that_are_monstrous_are_refused_in_words(self, api: TestClient, body: str) -> None:
        raw = body.encode("latin-1") if "\xff" in body else body.encode()
        answer = api.post("/api/v1/leads", content=raw, headers={"Content-Type": "application/json"})

        assert answer.status_code in (400, 413, 422), answer.text[:300]
        assert answer.json()["message"]


class TestAddresses:
    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1", "::1", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::a00:1", "2002:7f00:1::", "2001:0:7f00:1::80ff:fffe", "fe80::1%eth0", "fc00::1", "fd00:ec2::254",
            "169.254.169.254", "10.0.0.1", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.0.8", "::",
            "ff02::1", "198.18.0.1",
        ],
    )  # fmt: skip
    def test_of_machines_within_are_no_place_for_a_webhook(self, address: str) -> None:
        with pytest.raises(UnsafeAddress):
            check_address(address, allows_private=False)


class TestMentions:
    def test_of_a_record_out_of_reach_reach_no_program(self, people: People, theirs: UUID, clock: datetime) -> None:
        by = colleague(people)
        facts = {"record_kind": "lead", "note_id": "n", "user_ids": [str(by.user_id)], "by_id": "", "by_name": "X"}
        event = Event(kind="records.mentioned", subject=theirs, at=clock, facts=facts)

        assert message_of(event, by) is None
        assert json.loads(message_of(event, people[Role.MANAGER]) or "null") is None


class TestFormulas:
    @pytest.mark.parametrize(
        "text",
        ["=1+1", "+1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1+1", "＝1", "＋1", "－1", "＠x", "-2+cmd|'/C'!A"],
    )  # fmt: skip
    def test_reach_no_spreadsheet(self, text: str) -> None:
        assert harmless(text) == safe_cell(text) == "'" + text

    @pytest.mark.parametrize("text", ["+41215550142", "-12.50", "a=b", "x@y.ch", "", " Nyon"])
    def test_leave_plain_texts_alone(self, text: str) -> None:
        assert harmless(text) == safe_cell(text) == text
