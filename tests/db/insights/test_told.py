"""What the machine said of a record, and what people answered."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.crm.leads.actions import create_lead
from db.insights.predictions.actions import give_feedback, record_predictions, record_shown
from db.insights.told.queries import told_predictions
from db.kernel.errors import NotAllowed, NotFound
from db.records.timeline.rules import StoryPart
from tests.db.crm.leads.make import make_draft
from tests.db.insights.make import MODEL, scored

People = dict[Role, Actor]


class TestToldPredictions:
    def test_are_first_moved_and_answered_newest_first(self, people: People, system: Actor, clock: datetime) -> None:
        seller = people[Role.SALES]
        lead = do(seller, create_lead, draft=make_draft(), at=clock)
        for minute, share in enumerate((0.4, 0.402, 0.6)):
            at = clock + timedelta(minutes=minute)
            given = {"model": MODEL, "version_id": None, "gone": [], "subject_kind": "lead"}
            do(system, record_predictions, rows=[scored(lead, share, rung="rule")], at=at, **given)
        about = {"model": MODEL, "subject_kind": "lead", "subject_id": lead}
        do(seller, give_feedback, agrees=False, reason="Déjà client", at=clock + timedelta(hours=1), **about)

        told = ask(seller, told_predictions, kind="lead", record_id=lead, part=StoryPart(), by=seller)

        assert [(one.probability, one.agrees, one.reason, one.by_name) for one in told] == [
            (0.6, False, "Déjà client", seller.name),
            (0.6, None, "", ""),
            (0.4, None, "", ""),
        ]
        older = StoryPart(before=(told[1].at, told[1].line_id))
        assert ask(seller, told_predictions, kind="lead", record_id=lead, part=older, by=seller) == told[2:]

    def test_are_for_who_may_see_predictions(self, people: People, clock: datetime) -> None:
        lead = do(people[Role.SALES], create_lead, draft=make_draft(), at=clock)

        with pytest.raises(NotAllowed):
            ask(people[Role.HR], told_predictions, kind="lead", record_id=lead, part=StoryPart(), by=people[Role.HR])

    def test_take_no_word_on_a_lead_beyond_reach(self, people: People, system: Actor, clock: datetime) -> None:
        seller = people[Role.SALES]
        lead = do(people[Role.MANAGER], create_lead, draft=make_draft(), at=clock)
        given = {"model": MODEL, "version_id": None, "gone": [], "subject_kind": "lead"}
        do(system, record_predictions, rows=[scored(lead, 0.4, rung="rule")], at=clock, **given)
        narrow = replace(seller, owners={"crm.read_leads": frozenset({seller.user_id})})
        about = {"model": MODEL, "subject_kind": "lead", "subject_id": lead}

        with pytest.raises(NotFound):
            do(narrow, give_feedback, agrees=False, reason="Déjà client", at=clock, **about)
        do(narrow, record_shown, model=MODEL, subject_kind="lead", subject_ids=[lead], at=clock + timedelta(hours=1))

        told = ask(seller, told_predictions, kind="lead", record_id=lead, part=StoryPart(), by=seller)
        assert [one.agrees for one in told] == [None]
