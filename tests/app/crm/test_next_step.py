"""The day that is proposed for the next step of an opportunity."""

from datetime import UTC, date, datetime

import pytest

from app.crm.next_step import proposed_step_date
from db.access.rules import Actor, Role


class TestProposedStepDate:
    @pytest.mark.parametrize(
        ("today", "proposed"),
        [
            (datetime(2026, 11, 24, 8, tzinfo=UTC), date(2026, 11, 27)),
            (datetime(2026, 11, 25, 8, tzinfo=UTC), date(2026, 11, 30)),  # not on a Saturday
            (datetime(2026, 11, 23, 23, 30, tzinfo=UTC), date(2026, 11, 27)),  # it is the 24th here
        ],
    )
    def test_is_a_working_day_in_three_days(self, people: dict[Role, Actor], today: datetime, proposed: date) -> None:
        assert proposed_step_date(people[Role.SALES], at=today) == proposed
