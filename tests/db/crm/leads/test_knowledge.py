"""What models are told of leads, on both databases: nothing that the outcome itself brought about."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from app.doors import ask, do
from db.access.rules import Actor, Role
from db.crm.leads.actions import add_leads, lose_lead, note_exchange, reopen_lead
from db.crm.leads.queries import lead_history, open_leads
from db.crm.leads.rules import FIRST_DAYS, LeadDraft, LeadFacts, LeadState
from db.session import transaction
from tests.db.crm.leads.make import RECEIVED, make_draft
from workspace.models.lead_score import recipe
from workspace.models.lead_score.estimator import Knobs
from workspace.publishing import Candidate, closed_leads, try_recipe

People = dict[Role, Actor]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SINCE = datetime.fromisoformat("2025-01-01T08:00:00+00:00")


@pytest.fixture
def seller(people: People) -> Actor:
    """Somebody who works with leads."""
    return people[Role.SALES]


def call(by: Actor, lead_id: UUID, happened_at: datetime, *, noted_at: datetime | None = None) -> None:
    """Note a call, by default as soon as it is over."""
    do(
        by,
        note_exchange,
        lead_id=lead_id,
        channel="call",
        direction="out",
        happened_at=happened_at,
        text="",
        at=noted_at or happened_at,
    )


def known(by: Actor, as_of: datetime) -> dict[UUID, LeadFacts]:
    """Return what is known of each lead at an instant."""
    return {facts.lead_id: facts for facts in ask(by, lead_history, as_of=as_of)}


class TestExchanges:
    def test_count_in_the_first_days_only_of_open_and_closed_leads(self, seller: Actor, clock: datetime) -> None:
        stays, ends = do(seller, add_leads, drafts=[make_draft(), make_draft()], import_id=None, at=RECEIVED)
        for lead_id in (stays, ends):
            call(seller, lead_id, RECEIVED + HOUR)
            call(seller, lead_id, RECEIVED + FIRST_DAYS - HOUR)
        before = {lead_id: facts.fields for lead_id, facts in known(seller, RECEIVED + FIRST_DAYS).items()}

        for lead_id in (stays, ends):
            call(seller, lead_id, RECEIVED + FIRST_DAYS)
            call(seller, lead_id, RECEIVED + FIRST_DAYS + 3 * DAY)
        do(seller, lose_lead, lead_id=ends, reason="Prix", at=RECEIVED + FIRST_DAYS + 3 * DAY + HOUR)

        after = known(seller, clock)
        assert (after[stays].won, after[ends].won) == (None, False)
        assert {lead_id: facts.fields for lead_id, facts in after.items()} == before
        assert [before[lead_id]["exchanges"] for lead_id in (stays, ends)] == [Decimal(2), Decimal(2)]
        assert [facts.fields for facts in ask(seller, open_leads, as_of=clock)] == [before[stays]]

    def test_leave_out_the_call_that_closes(self, seller: Actor, clock: datetime) -> None:
        [lead_id] = do(seller, add_leads, drafts=[make_draft()], import_id=None, at=RECEIVED)
        call(seller, lead_id, RECEIVED + DAY)
        call(seller, lead_id, RECEIVED + 2 * DAY)
        do(seller, lose_lead, lead_id=lead_id, reason="Prix", at=RECEIVED + 2 * DAY)

        assert known(seller, clock)[lead_id].fields["exchanges"] == Decimal(1)

        do(seller, reopen_lead, lead_id=lead_id, at=RECEIVED + 4 * DAY)
        assert known(seller, clock)[lead_id].fields["exchanges"] == Decimal(2)
        assert known(seller, RECEIVED + 3 * DAY)[lead_id].fields["exchanges"] == Decimal(1)

    def test_count_once_they_are_noted(self, seller: Actor, clock: datetime) -> None:
        [lead_id] = do(seller, add_leads, drafts=[make_draft()], import_id=None, at=RECEIVED)
        as_of = RECEIVED + 5 * DAY

        call(seller, lead_id, RECEIVED + DAY, noted_at=as_of + DAY)

        assert known(seller, as_of)[lead_id].fields["exchanges"] == Decimal(0)
        assert known(seller, clock)[lead_id].fields["exchanges"] == Decimal(1)

    def test_do_not_give_the_outcome_away(self, seller: Actor, clock: datetime) -> None:
        """Won leads are signed on the phone, lost ones are closed after a month of silence: calls mean nothing else."""
        chance = random.Random(3)
        outcomes = [chance.random() < 0.3 for _ in range(240)]
        _past(seller, outcomes, clock)
        history = ask(seller, lead_history, as_of=clock)
        columns = sorted(history[0].fields)

        params = recipe.params_of(Knobs(boosted_trees=False))
        tried = try_recipe(Candidate(1, b"", params, columns, 0, clock), closed_leads(history, columns))

        assert "days_since_last_exchange" not in columns
        assert tried.metrics.auc is not None
        assert 0.35 < tried.metrics.auc < 0.65


def _past(by: Actor, outcomes: Sequence[bool], clock: datetime) -> None:
    chance = random.Random(7)
    with transaction() as session:
        drafts = [_closed(i, won) for i, won in enumerate(outcomes)]
        for lead_id, draft in zip(
            add_leads(session, drafts=drafts, import_id=None, by=by, at=clock), drafts, strict=True
        ):
            calls = [draft.received_at + HOUR * chance.randrange(1, 160) for _ in range(chance.randrange(1, 4))]
            if draft.state is LeadState.CONVERTED and draft.closed_at is not None:
                calls += [draft.closed_at - DAY, draft.closed_at]
            for moment in calls:
                note_exchange(session, lead_id=lead_id, happened_at=moment, **CALL, by=by, at=clock - HOUR)


CALL: Mapping[str, str] = {"channel": "call", "direction": "out", "text": ""}


def _closed(i: int, won: bool) -> LeadDraft:
    received_at = SINCE + i * DAY
    state = LeadState.CONVERTED if won else LeadState.LOST
    return LeadDraft(name=f"Piste {i}", received_at=received_at, state=state, closed_at=received_at + 40 * DAY)
