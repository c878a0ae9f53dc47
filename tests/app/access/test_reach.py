"""Whoever asks, through whatever door: the same records and the same fields.

A salesperson with three leads in the firm: her own, a colleague's, and nobody's. Every reader of leads must show the
same ones for the same reach, and none may tell a hidden field.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from app.api import permission
from app.api.application import application
from app.doors import ask, do
from app.lists.export import opened
from app.lists.register import list_called
from app.session import actor_of_user
from db.access.deeds.queries import DeedFilter
from db.access.policy.actions import add_team, set_hidden, set_reach
from db.access.rules import Actor, Role
from db.crm.leads.actions import (
    assign_leads,
    convert_lead,
    create_lead,
    edit_lead,
    lose_lead,
    note_exchange,
    reopen_lead,
    take_lead,
)
from db.crm.leads.calling.queries import count_open, leads_to_call
from db.crm.leads.listing.queries import lead_counts, lead_ids, lead_rows
from db.crm.leads.listing.rules import ListRequest
from db.crm.leads.queries import (
    field_changes,
    last_change,
    lead_by_key,
    lead_detail,
    lead_history,
    lead_page,
    leads_of_view,
    open_leads,
)
from db.crm.leads.related.queries import leads_of_party
from db.crm.leads.trail.queries import deeds_as_readable, lead_deeds
from db.documents.attachments.queries import attachments
from db.insights.predictions.actions import record_predictions
from db.insights.predictions.rules import Scored
from db.kernel.errors import NotAllowed, NotFound
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind
from db.records.conflicts.queries import changed_meanwhile, newest_change
from db.records.followers.actions import follow_record
from db.records.followers.queries import changes_on_followed, followers_of
from db.records.notes.actions import write_note
from db.records.notes.queries import notes
from db.records.notifications.queries import messages
from db.records.past.queries import record_as_of
from db.records.search.queries import found_records
from db.records.timeline.queries import story, timeline
from db.records.timeline.rules import StoryPart
from db.reporting.extracts.queries import extracts
from db.session import reading
from tests.app.access.reader import Ids, Reader, work_on
from tests.db.crm.leads.make import make_draft

People = dict[Role, Actor]
OWNERS = {"own": Role.SALES, "colleague": Role.MANAGER, "nobody": None}
SEEN = {
    "none": set[str](),
    "own": {"own"},
    "team": {"own", "colleague", "nobody"},
    "all": {"own", "colleague", "nobody"},
}
ALL = ListRequest(sort="name")
NAME = "Quai Ouest"


@pytest.fixture
def ids(people: People, system: Actor, clock: datetime) -> Ids:
    """The three leads, each changed once."""
    made: Ids = {}
    for name, role in OWNERS.items():
        owner_id = people[role].user_id if role else None
        draft = make_draft(name=f"{NAME} {name}", email=f"{name}@example.ch", owner_id=owner_id, **SECRET)
        made[name] = do(system, create_lead, draft=draft, at=clock)
        change = {"city": "Vevey-Funi", "phone": "+41 21 555 77 31"}
        do(system, edit_lead, lead_id=made[name], values=change, expected_version=1, at=clock)
        work_on(made[name], name, people, system, clock)
    _score(system, list(made.values()), clock)
    return made


SECRET = {"expected_amount": Decimal(777331), "source": "Sourcesecrète", "phone": "+41 21 555 77 30"}
TELLTALES = ("777331", "777'331", "Sourcesecrète", "215557730", "555 77 3", "77733100", "Motifsecret")
HIDDEN = ("lead.expected_amount", "lead.source", "lead.phone", "lead.lost_reason")


def _score(system: Actor, lead_ids: Sequence[UUID], at: datetime) -> None:
    reasons = [{"column": "source", "text": "Sourcesecrète"}, {"column": "expected_amount", "text": "777331"}]
    rows = [Scored(one, 0.4, 0.3, 0.5, "x", 9, 4, reasons) for one in lead_ids]
    do(system, record_predictions, model="lead_score", version_id=None, rows=rows, gone=[], subject_kind="lead", at=at)


def _exported(reader: Reader) -> Any:
    try:
        head, lines = opened(list_called("lead"), reader.by, "view=all")
    except NotAllowed:
        return []
    return {reader.ids[name]: (head, line) for line in lines for name in reader.ids if f"{NAME} {name}" in line}


def _copied(reader: Reader) -> Any:
    """Return what a notebook's copy holds of leads."""
    with reading() as session:
        return [(one.table, one.columns, list(one.rows)) for one in extracts(session, key=b"k", by=reader.by)]


def _by_key(reader: Reader) -> Any:
    return reader.asked(lead_by_key, field="email", values=[f"{name}@example.ch" for name in reader.ids])


def _deeds(reader: Reader) -> Any:
    return reader.asked(deeds_as_readable, wanted=DeedFilter(), most=50)


def _api_each(reader: Reader, address: str) -> Any:
    found = {one: reader.got(address.format(id=one)) for one in reader.ids.values()}
    return {one: told for one, told in found.items() if told is not None}


READERS: dict[str, Callable[[Reader], Any]] = {
    "list": lambda r: r.asked(lead_page, request=ALL),
    "list searched": lambda r: r.asked(lead_page, request=ListRequest(sort="name", search=NAME)),
    "ids of the view": lambda r: r.asked(lead_ids, request=ALL),
    "rows of guessed ids": lambda r: r.asked(lead_rows, ids=list(r.ids.values())),
    "rows of the view": lambda r: _view(r),
    "export": _exported,
    "detail": lambda r: r.of_each(lead_detail),
    "story": lambda r: r.of_each(story, part=StoryPart()),
    "timeline": lambda r: r.of_each(timeline),
    "notes": lambda r: r.of_each(notes),
    "changes of fields": lambda r: r.of_each(field_changes),
    "last change": lambda r: r.of_each(last_change),
    "newest change": lambda r: r.of_each(newest_change),
    "conflicts": lambda r: r.of_each(changed_meanwhile, seen=None),
    "followers": lambda r: r.of_each(followers_of),
    "deeds of the lead": lambda r: r.of_each(lead_deeds),
    "history of the firm": _deeds,
    "search": lambda r: r.asked(found_records, query=NAME, limit=20),
    "keys of an import": _by_key,
    "whom to call": lambda r: r.asked(leads_to_call, most=10),
    "models learn from": lambda r: r.asked(lead_history, as_of=r.clock),
    "models score": lambda r: r.asked(open_leads, as_of=r.clock),
    "notebook": _copied,
    "notes and files in the history": lambda r: r.asked(deeds_as_readable, wanted=DeedFilter(kind="note"), most=50),
    "files": lambda r: r.of_each(attachments),
    "as it was": lambda r: r.of_each(record_as_of, at=r.clock),
    "changes on followed": lambda r: r.asked(changes_on_followed, since=r.clock - timedelta(days=1)),
    "messages": lambda r: r.asked(messages),
    "leads of a company": lambda r: r.asked(leads_of_party, party_id=r.party),
    "API files": lambda r: _api_each(r, "/records/lead/{id}/files"),
    "API as it was": lambda r: _api_each(r, "/records/lead/{id}/as-of?at=2100-01-01T00:00:00Z"),
    "API export": lambda r: _lines(r, "/lists/lead/export/csv"),
    "API followed": lambda r: r.got("/agenda/followed?since=2000-01-01T00:00:00Z"),
    "API deeds": lambda r: r.got("/deeds"),
    "API messages": lambda r: r.got("/notifications"),
    "API list": lambda r: r.got("/leads"),
    "API lead": lambda r: _api_each(r, "/leads/{id}"),
    "API story": lambda r: _api_each(r, "/records/lead/{id}/timeline"),
    "API search": lambda r: r.got("/search?q=Quai%20Ouest"),
}


def _lines(reader: Reader, address: str) -> Any:
    """Return the lines of a file, each under the lead that it names."""
    answer = reader.client.get(f"/api/v1{address}")
    assert answer.status_code in (200, 403), answer.text
    lines = answer.content.decode("utf-8-sig").splitlines()[1:] if answer.status_code == 200 else []
    return {reader.ids[name]: line for line in lines for name in reader.ids if f"{NAME} {name}" in line}


def _view(reader: Reader) -> Any:
    try:
        with reading() as session:
            if "crm.export_leads" not in (reader.by.granted or ()):
                return []
            return list(leads_of_view(session, request=ALL, by=reader.by))
    except NotAllowed:
        return []


@pytest.fixture
def reader(
    people: People, ids: Ids, clock: datetime, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Reader]]:
    """Give the salesperson as she is now, who may also open notebooks and read the firm's history."""
    administrator = people[Role.ADMINISTRATOR]
    for name in ("workspace.open_notebook", "access.read_history"):
        do(administrator, set_reach, role="sales", permission=name, reach="all", at=clock)

    def now() -> Actor:
        user_id = people[Role.SALES].user_id
        assert user_id is not None
        return actor_of_user(user_id, via="api")

    draft = PartyDraft(PartyKind.COMPANY, "Chantier naval Bornand SA")
    party = do(administrator, add_party, draft=draft, at=clock)
    monkeypatch.setattr(permission, "actor_of", lambda token: now())
    with TestClient(application) as client:
        client.headers["Authorization"] = "Bearer any"
        yield lambda: Reader(now(), ids, clock, client, party)


def narrow(people: People, clock: datetime, reach: str, name: str = "crm.read_leads") -> None:
    """Let salespeople reach so far, in one team with the manager."""
    administrator = people[Role.ADMINISTRATOR]
    members = [people[Role.SALES].user_id, people[Role.MANAGER].user_id]
    do(administrator, add_team, name=f"Lausanne {name}", members=members, at=clock)
    do(administrator, set_reach, role="sales", permission=name, reach=reach, at=clock)


class TestReaders:
    """Tests that every reader shows the same records for the same reach."""

    @pytest.mark.parametrize("reach", ["none", "own", "team", "all"])
    def test_show_the_same_leads(
        self, reader: Callable[[], Reader], people: People, clock: datetime, reach: str
    ) -> None:
        narrow(people, clock, reach)
        one = reader()

        shown = {name: one.names_in(read(one)) if name not in BY_GUESS else _guessed(one, read) for name, read in
                 READERS.items()}  # fmt: skip

        a_sellers_own = {"whom to call": SEEN[reach] & {"own", "nobody"}}  # nobody calls a colleague's leads
        assert shown == {**dict.fromkeys(READERS, SEEN[reach]), **a_sellers_own}

    @pytest.mark.parametrize("reach", ["own", "team", "all"])
    def test_count_the_same_leads(
        self, reader: Callable[[], Reader], people: People, clock: datetime, reach: str
    ) -> None:
        narrow(people, clock, reach)
        by = reader().by

        assert ask(by, lead_counts, request=ALL).total == ask(by, count_open) == len(SEEN[reach])

    def test_without_a_team_nobody_is_seen_but_oneself(
        self, reader: Callable[[], Reader], people: People, clock: datetime
    ) -> None:
        do(people[Role.ADMINISTRATOR], set_reach, role="sales", permission="crm.read_leads", reach="team", at=clock)
        one = reader()

        assert one.names_in(READERS["list"](one)) == {"own", "nobody"}


BY_GUESS = {
    "detail", "story", "timeline", "notes", "changes of fields", "last change", "newest change", "conflicts",
    "followers", "deeds of the lead", "files", "as it was",
}  # fmt: skip


def _guessed(one: Reader, read: Callable[[Reader], Any]) -> set[str]:
    return set(read(one))


def hide(people: People, clock: datetime) -> None:
    """Hide fields from salespeople."""
    for field in HIDDEN:
        do(people[Role.ADMINISTRATOR], set_hidden, role="sales", field=field, hidden=True, at=clock)


def tales_in(told: str) -> list[str]:
    """Return the hidden values that a text tells."""
    return [one for one in TELLTALES if one in told]


class TestHiddenFields:
    """Tests that no reader tells a hidden field, in whatever form."""

    def test_are_told_by_nobody(self, reader: Callable[[], Reader], people: People, clock: datetime) -> None:
        before = {name: repr(read(reader())) for name, read in READERS.items()}
        hide(people, clock)

        after = {name: repr(read(reader())) for name, read in READERS.items()}

        assert {name: found for name, told in after.items() if (found := tales_in(told))} == {}
        assert {name for name, told in before.items() if not tales_in(told)} == TELLS_NO_FIELD

    def test_find_filter_and_sort_nothing(self, reader: Callable[[], Reader], people: People, clock: datetime) -> None:
        hide(people, clock)
        by = reader().by
        for query in ("Sourcesecrète", "555 77 31", "215557731"):
            assert ask(by, found_records, query=query) == []
            assert ask(by, lead_page, request=ListRequest(sort="name", search=query)).rows == []
            assert ask(by, lead_counts, request=ListRequest(sort="name", search=query)).total == 0
        for sort in ("amount", "source", "-phone"):
            with pytest.raises(NotFound):
                ask(by, lead_page, request=ListRequest(sort=sort))
        with pytest.raises(NotFound):
            ask(by, lead_page, request=ListRequest(sort="name", source=("x",)))
        with pytest.raises(NotFound):
            ask(by, lead_by_key, field="phone", values=["021 555 77 31"])

    def test_are_kept_and_cannot_be_changed(
        self, reader: Callable[[], Reader], people: People, ids: Ids, system: Actor, clock: datetime
    ) -> None:
        hide(people, clock)
        by = reader().by
        with pytest.raises(NotFound):
            do(by, edit_lead, lead_id=ids["own"], values={"phone": "1"}, expected_version=4, at=clock)
        with pytest.raises(NotFound):
            do(by, create_lead, draft=make_draft(source="", phone="021 555 00 00"), at=clock)

        do(by, edit_lead, lead_id=ids["own"], values={"city": "Morges"}, expected_version=4, at=clock)

        assert ask(system, lead_detail, lead_id=ids["own"]).expected_amount == 777331


TELLS_NO_FIELD = {
    "ids of the view", "notes", "last change", "newest change", "followers", "search", "keys of an import",
    "API search", "notes and files in the history", "files", "API files",
}  # fmt: skip


WRITERS: dict[str, Callable[[Actor, UUID, datetime], Any]] = {
    "follow": lambda by, one, at: do(by, follow_record, kind="lead", record_id=one, at=at),
    "write a note": lambda by, one, at: do(by, write_note, kind="lead", record_id=one, text="x", at=at),
    "edit": lambda by, one, at: do(by, edit_lead, lead_id=one, values={"city": "X"}, expected_version=4, at=at),
    "note an exchange": lambda by, one, at: do(
        by, note_exchange, lead_id=one, channel="call", direction="out", happened_at=at, text="x", at=at
    ),
    "lose": lambda by, one, at: do(by, lose_lead, lead_id=one, reason="cher", at=at),
    "reopen": lambda by, one, at: do(by, reopen_lead, lead_id=one, at=at),
    "take": lambda by, one, at: do(by, take_lead, lead_id=one, at=at),
    "convert": lambda by, one, at: do(by, convert_lead, lead_id=one, at=at),
}


class TestWriters:
    """Tests that who does not reach a lead cannot change it either."""

    @pytest.mark.parametrize("reach", ["own", "team"])
    def test_change_only_what_is_reached(
        self, reader: Callable[[], Reader], people: People, ids: Ids, clock: datetime, reach: str
    ) -> None:
        narrow(people, clock, reach)
        by = reader().by

        changed = {
            name: {one for one, lead_id in ids.items() if _does(write, by, lead_id, clock)}
            for name, write in WRITERS.items()
        }

        assert changed == dict.fromkeys(WRITERS, SEEN[reach])

    def test_read_further_than_they_edit(
        self, reader: Callable[[], Reader], people: People, ids: Ids, clock: datetime
    ) -> None:
        narrow(people, clock, "own", "crm.edit_leads")
        by = reader().by

        assert set(reader().of_each(lead_detail)) == set(ids)
        with pytest.raises(NotAllowed):
            WRITERS["edit"](by, ids["colleague"], clock)

    def test_give_away_only_within_their_reach(
        self, reader: Callable[[], Reader], people: People, ids: Ids, clock: datetime
    ) -> None:
        narrow(people, clock, "own")
        by, manager = reader().by, people[Role.MANAGER].user_id
        for owner_id in (manager, None):
            with pytest.raises(NotAllowed):
                do(by, assign_leads, lead_ids=[ids["own"]], owner_id=owner_id, at=clock)
        with pytest.raises(NotAllowed):
            do(by, create_lead, draft=make_draft(owner_id=manager), at=clock)

        made = do(by, create_lead, draft=make_draft(owner_id=None), at=clock)

        assert ask(by, lead_detail, lead_id=made).owner_id == by.user_id


def _does(write: Callable[[Actor, UUID, datetime], Any], by: Actor, lead_id: UUID, at: datetime) -> bool:
    try:
        write(by, lead_id, at)
    except (NotFound, NotAllowed):
        return False
    return True
