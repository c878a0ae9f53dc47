"""Month sheets, closing months, shares and days off."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.doors import ask, do
from db.access.company.actions import choose_canton, found_company
from db.access.rules import Actor, Role, system_actor
from db.kernel.errors import BadInput, NotAllowed, NotFound
from db.people.hours.actions import add_span, clock_in, edit_span
from db.people.hours.rules import SpanDraft
from db.people.months.actions import close_month, close_months, correct_closed_month, set_days_off, set_share
from db.people.months.queries import MonthSheet, month_board, month_sheet
from db.people.months.rules import MonthClosed, MonthOpen
from db.people.shares.rules import Share
from db.session import transaction

People = dict[Role, Actor]
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
LONG_CLOSED = (
    "update work_span set note = 'x'",
    "delete from work_span",
    "update work_span set started_at = '2026-11-02 07:00:00.000000', ended_at = '2026-11-02 08:00:00.000000'",
)


class Months:
    @pytest.fixture(autouse=True)
    def _people(self, people: People, clock: datetime) -> None:
        self.people, self.clock = people, clock
        self.worker, self.hr, self.manager = people[Role.WAREHOUSE], people[Role.HR], people[Role.MANAGER]
        assert self.worker.user_id
        self.owner_id = self.worker.user_id

    def works(self, begins: datetime, hours: int, **more: object) -> UUID:
        draft = SpanDraft(self.owner_id, begins, begins + timedelta(hours=hours), **more)  # type: ignore[arg-type]
        return do(self.worker, add_span, at=self.clock, draft=draft)

    def sheet(self, month: date = OCTOBER, by: Actor | None = None) -> MonthSheet:
        by = by or self.worker
        return ask(by, month_sheet, owner_id=self.owner_id, month=month, by=by, at=self.clock)

    def close(self, month: date = OCTOBER) -> None:
        do(self.hr, close_month, at=self.clock, owner_id=self.owner_id, month=month)


class TestMonthSheet(Months):
    def test_sets_work_against_what_is_due(self) -> None:
        self.works(datetime(2026, 10, 1, 6, 0, tzinfo=UTC), 4)
        self.works(datetime(2026, 10, 1, 11, 0, tzinfo=UTC), 4)

        sheet = self.sheet()

        assert (sheet.worked, sheet.due, sheet.days[0].worked, sheet.days[0].due) == (480, 22 * 504, 480, 504)
        assert sheet.weeks[date(2026, 9, 28)] == (480, 2 * 504)

    def test_counts_a_night_over_the_end_of_the_month_on_both_sides(self) -> None:
        self.works(datetime(2026, 10, 31, 21, 0, tzinfo=UTC), 8)  # 22:00 to 6:00

        assert (self.sheet(OCTOBER).worked, self.sheet(NOVEMBER).worked) == (120, 360)

    def test_knows_holidays_share_and_vacation(self) -> None:
        admin = self.people[Role.ADMINISTRATOR]
        do(system_actor(), found_company, at=self.clock, name="Atelier", uid="")
        do(admin, choose_canton, at=self.clock, canton="VD")
        do(self.hr, set_share, at=self.clock, owner_id=self.owner_id, share=Share(date(2026, 9, 1), 50, 25))
        do(
            self.worker,
            set_days_off,
            at=self.clock,
            owner_id=self.owner_id,
            first_date=date(2026, 9, 28),
            last_date=date(2026, 9, 29),
            kind="vacation",
            share=100,
        )

        sheet = self.sheet(date(2026, 9, 1))

        by_day = {one.day.day: one for one in sheet.days}
        assert (by_day[21].due, by_day[21].off) == (0, "Lundi du Jeûne fédéral")
        assert (by_day[22].due, by_day[28].due, by_day[28].off) == (252, 0, "Vacances")
        assert (sheet.percent, sheet.vacation_taken, sheet.vacation_days) == (50, 2, 25)

    def test_is_for_the_person_and_for_who_reads_hours(self) -> None:
        with pytest.raises(NotFound):
            self.sheet(by=self.people[Role.SALES])
        assert self.sheet(by=self.hr).owner_id == self.owner_id


class TestCloseMonth(Months):
    def test_is_final(self) -> None:
        span_id = self.works(datetime(2026, 10, 1, 6, 0, tzinfo=UTC), 4)
        self.close()

        assert (self.sheet().closed_by, self.sheet().closed_at) == ("Hr", self.clock)
        with pytest.raises(MonthClosed):
            do(self.worker, edit_span, at=self.clock, span_id=span_id, expected_version=1, values={"note": "x"})
        with pytest.raises(MonthClosed):
            self.works(datetime(2026, 10, 2, 6, 0, tzinfo=UTC), 4)
        with pytest.raises(MonthClosed):
            self.close()

    @pytest.mark.parametrize("statement", LONG_CLOSED)
    def test_is_final_in_the_database(self, statement: str) -> None:
        self.works(datetime(2026, 10, 1, 6, 0, tzinfo=UTC), 4)
        self.close()

        with pytest.raises(DBAPIError, match="month is closed"), transaction() as session:
            session.connection().execute(text(statement))

    @pytest.mark.parametrize("statement", ["delete from closed_month", "update closed_month set worked_minutes = 1"])
    def test_is_not_taken_back_in_the_database(self, statement: str) -> None:
        self.close()

        with pytest.raises(DBAPIError, match="never"), transaction() as session:
            session.connection().execute(text(statement))

    def test_freezes_days_off_as_well(self) -> None:
        given = {
            "owner_id": self.owner_id,
            "first_date": date(2026, 10, 5),
            "last_date": date(2026, 10, 5),
            "kind": "other",
            "share": 50,
        }
        do(self.worker, set_days_off, at=self.clock, **given)
        self.close()

        with pytest.raises(MonthClosed):
            do(self.worker, set_days_off, at=self.clock, **given)
        with pytest.raises(DBAPIError, match="month is closed"), transaction() as session:
            session.connection().execute(text("delete from day_off"))

    def test_waits_for_the_end_of_the_month_and_for_who_is_at_work(self) -> None:
        with pytest.raises(MonthOpen, match="pas terminé"):
            self.close(NOVEMBER)

        do(self.worker, clock_in, at=datetime(2026, 10, 30, 7, 0, tzinfo=UTC))

        with pytest.raises(MonthOpen, match="départ manque"):
            self.close()

    def test_is_not_for_ones_own_hours(self) -> None:
        with pytest.raises(NotAllowed, match="quelqu’un d’autre"):
            do(self.hr, close_month, at=self.clock, owner_id=self.hr.user_id, month=OCTOBER)
        with pytest.raises(NotAllowed):
            do(self.worker, close_month, at=self.clock, owner_id=self.owner_id, month=OCTOBER)

    def test_closes_several_or_none(self) -> None:
        sales = self.people[Role.SALES].user_id

        assert do(self.manager, close_months, at=self.clock, owner_ids=[self.owner_id, sales], month=OCTOBER) == 2

        board = ask(self.hr, month_board, month=OCTOBER, by=self.hr, at=self.clock)
        assert {line.owner_id for line in board if line.closed_at} == {self.owner_id, sales}


class TestCorrectClosedMonth(Months):
    def test_adds_minutes_with_a_reason(self) -> None:
        self.works(datetime(2026, 10, 1, 6, 0, tzinfo=UTC), 4)
        self.close()

        do(
            self.hr,
            correct_closed_month,
            at=self.clock,
            owner_id=self.owner_id,
            day=date(2026, 10, 2),
            minutes=-30,
            reason="Pause oubliée",
        )

        sheet = self.sheet()
        assert (sheet.worked, [(one.minutes, one.by_name) for one in sheet.corrections]) == (210, [(-30, "Hr")])

    def test_wants_a_closed_month_and_a_reason(self) -> None:
        with pytest.raises(MonthOpen):
            do(
                self.hr,
                correct_closed_month,
                at=self.clock,
                owner_id=self.owner_id,
                day=OCTOBER,
                minutes=5,
                reason="abc",
            )
        self.close()
        with pytest.raises(BadInput):
            do(self.hr, correct_closed_month, at=self.clock, owner_id=self.owner_id, day=OCTOBER, minutes=5, reason=" ")


class TestSetShare(Months):
    def test_keeps_to_the_law_and_to_closed_months(self) -> None:
        with pytest.raises(BadInput, match="329a"):
            do(self.hr, set_share, at=self.clock, owner_id=self.owner_id, share=Share(OCTOBER, 80, 10))
        self.close()
        with pytest.raises(MonthClosed):
            do(self.hr, set_share, at=self.clock, owner_id=self.owner_id, share=Share(OCTOBER, 80, 20))
