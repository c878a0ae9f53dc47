"""Saved views and notes."""

from datetime import datetime
from uuid import uuid4

import pytest

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.crm.leads.actions import create_lead
from db.kernel.errors import BadInput, NotAllowed, NotFound
from db.records.notes.actions import write_note
from db.records.notes.queries import notes
from db.records.timeline.queries import timeline
from db.records.views.actions import remove_view, save_view
from db.records.views.queries import saved_views
from tests.db.crm.leads.make import make_draft

People = dict[Role, Actor]


class TestSaveView:
    def test_is_ones_own_until_shared(self, people: People, clock: datetime) -> None:
        seller, manager = people[Role.SALES], people[Role.MANAGER]
        do(seller, save_view, kind="lead", name="À rappeler", query="state=new", shared=False, at=clock)
        do(manager, save_view, kind="lead", name="Salon", query="source=Salon", shared=True, at=clock)

        assert [view.name for view in ask(seller, saved_views, kind="lead", by=seller)] == ["Salon", "À rappeler"]
        assert [view.name for view in ask(manager, saved_views, kind="lead", by=manager)] == ["Salon"]

    def test_replaces_ones_own_of_the_same_name(self, people: People, clock: datetime) -> None:
        seller = people[Role.SALES]
        for query in ("state=new", "state=lost"):
            do(seller, save_view, kind="lead", name="Vue", query=query, shared=False, at=clock)

        assert [view.query for view in ask(seller, saved_views, kind="lead", by=seller)] == ["state=lost"]

    def test_is_shared_only_by_who_may(self, people: People, clock: datetime) -> None:
        with pytest.raises(NotAllowed):
            do(people[Role.SALES], save_view, kind="lead", name="Vue", query="", shared=True, at=clock)

    def test_is_removed_only_by_who_made_it(self, people: People, clock: datetime) -> None:
        view_id = do(people[Role.MANAGER], save_view, kind="lead", name="Vue", query="", shared=True, at=clock)

        with pytest.raises(NotAllowed, match="créé une vue"):
            do(people[Role.SALES], remove_view, view_id=view_id, at=clock)


class TestWriteNote:
    def test_keeps_the_note_and_tells_it_in_the_story(self, people: People, clock: datetime) -> None:
        seller = people[Role.SALES]
        lead_id = do(seller, create_lead, draft=make_draft(), at=clock)

        do(seller, write_note, kind="lead", record_id=lead_id, text=" Rappeler jeudi ", at=clock)

        assert [note.text for note in ask(seller, notes, kind="lead", record_id=lead_id)] == ["Rappeler jeudi"]
        assert ask(seller, timeline, kind="lead", record_id=lead_id)[0].text == "Rappeler jeudi"

    @pytest.mark.parametrize("text", ["", "   ", "x" * 10_001])
    def test_refuses_nothing_and_far_too_much(self, text: str, people: People, clock: datetime) -> None:
        seller = people[Role.SALES]
        lead_id = do(seller, create_lead, draft=make_draft(), at=clock)

        with pytest.raises(BadInput):
            do(seller, write_note, kind="lead", record_id=lead_id, text=text, at=clock)

    def test_refuses_a_record_that_is_not_there(self, people: People, clock: datetime) -> None:
        with pytest.raises(NotFound, match="fiche"):
            do(people[Role.SALES], write_note, kind="lead", record_id=uuid4(), text="Rappeler", at=clock)
