"""A record as it was."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.doors import ask, do
from db.access.rules import NO_OWNER, Actor, Role
from db.crm.leads.actions import create_lead, edit_lead
from db.crm.leads.queries import lead_detail
from db.kernel.errors import NotAllowed, NotFound
from db.records.past.queries import record_as_of
from tests.db.crm.leads.make import make_draft

SEEN = ("name", "city", "email", "next_step")
EDIT = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["Garde-corps", "Escalier", "Portail à l’Étang"]),
        "city": st.sampled_from(["", "Vevey", "Nyon"]),
        "next_step": st.sampled_from(["", "Rappeler", "Visiter"]),
    },
)


def past(by: Actor, lead_id, at):
    """Return the lead as it was."""
    return ask(by, record_as_of, kind="lead", record_id=lead_id, at=at, by=by)


class TestRecordAsOf:
    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(edits=st.lists(EDIT, min_size=1, max_size=6))
    def test_is_what_was_seen_then(self, database, system, clock, edits):
        lead_id = do(system, create_lead, draft=make_draft(), at=clock)
        seen = []
        for hours, values in enumerate(edits):
            version = ask(system, lead_detail, lead_id=lead_id, by=system).row_version
            at = clock + timedelta(hours=hours + 1)
            do(system, edit_lead, lead_id=lead_id, values=values, expected_version=version, at=at)
            now = ask(system, lead_detail, lead_id=lead_id, by=system)
            seen.append((at, {name: getattr(now, name) for name in SEEN}))

        for at, then in seen:
            told = past(system, lead_id, at + timedelta(minutes=30))
            assert told.exists
            assert {name: told.values[name] for name in SEEN} == then

    def test_is_nothing_before_it_was_made(self, database, system, clock):
        lead_id = do(system, create_lead, draft=make_draft(), at=clock)
        told = past(system, lead_id, clock - timedelta(seconds=1))
        assert (told.exists, told.values) == (False, {})

    def test_keeps_to_fields_rows_and_kinds(self, database, system, people, clock):
        lead_id = do(system, create_lead, draft=make_draft(), at=clock)
        sales = people[Role.SALES]
        blind = Actor(sales.user_id, "S", sales.roles, hidden=frozenset({"lead.email"}))
        assert "email" in past(sales, lead_id, clock).values
        assert "email" not in past(blind, lead_id, clock).values
        other = frozenset({uuid4()})
        narrow = Actor(sales.user_id, "S", sales.roles, owners={"crm.read_leads": other})
        with pytest.raises(NotFound):
            past(narrow, lead_id, clock)
        assert past(
            Actor(sales.user_id, "S", sales.roles, owners={"crm.read_leads": other | {NO_OWNER}}), lead_id, clock
        )
        with pytest.raises(NotAllowed):
            past(people[Role.WAREHOUSE], lead_id, clock)
        with pytest.raises(NotFound):
            past(sales, uuid4(), clock)
