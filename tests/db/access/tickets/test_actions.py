"""Tickets: good once, for a minute, for who may."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from app.doors import do
from db.access.rules import NOBODY, Actor, Role
from db.access.tickets.actions import issue_editing_ticket, issue_reading_ticket, redeem_ticket
from db.access.tickets.rules import TicketNotValid, TicketPurpose
from db.kernel.errors import NotAllowed


class TestRedeemTicket:
    def test_tells_for_whom_and_for_what(self, people: dict[Role, Actor], clock: datetime) -> None:
        analyst = people[Role.ANALYST]
        ticket = do(analyst, issue_editing_ticket, notebook="lead_scoring.py", at=clock)

        redeemed = do(NOBODY, redeem_ticket, ticket=ticket, at=clock)

        assert (redeemed.user_id, redeemed.purpose, redeemed.subject) == (
            analyst.user_id,
            TicketPurpose.EDIT,
            "lead_scoring.py",
        )

    def test_refuses_a_ticket_twice(self, people: dict[Role, Actor], clock: datetime) -> None:
        ticket = do(people[Role.ANALYST], issue_editing_ticket, notebook="lead_scoring.py", at=clock)
        do(NOBODY, redeem_ticket, ticket=ticket, at=clock)

        with pytest.raises(TicketNotValid):
            do(NOBODY, redeem_ticket, ticket=ticket, at=clock)

    def test_refuses_a_ticket_after_a_minute(self, people: dict[Role, Actor], clock: datetime) -> None:
        ticket = do(people[Role.MANAGER], issue_reading_ticket, frozen_sha256="ab" * 32, at=clock)

        with pytest.raises(TicketNotValid):
            do(NOBODY, redeem_ticket, ticket=ticket, at=clock + timedelta(seconds=60))

    def test_refuses_an_invented_ticket(self, database: Engine, clock: datetime) -> None:
        with pytest.raises(TicketNotValid):
            do(NOBODY, redeem_ticket, ticket="invented", at=clock)


class TestIssueEditingTicket:
    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.ANALYST])
    def test_refuses_whoever_is_no_analyst(self, people: dict[Role, Actor], clock: datetime, role: Role) -> None:
        with pytest.raises(NotAllowed):
            do(people[role], issue_editing_ticket, notebook="lead_scoring.py", at=clock)


class TestIssueReadingTicket:
    def test_refuses_whoever_may_not_read_models(self, people: dict[Role, Actor], clock: datetime) -> None:
        with pytest.raises(NotAllowed):
            do(people[Role.WAREHOUSE], issue_reading_ticket, frozen_sha256="ab" * 32, at=clock)
