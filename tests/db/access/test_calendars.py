"""Days off of the cantons against published lists, and when the firm works."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from app.doors import ask, do
from db.access.calendars.rules import easter, holidays, legal_holidays
from db.access.calendars.working.actions import remove_firm_day, set_firm_day, set_working_week
from db.access.calendars.working.queries import working_calendar
from db.access.calendars.working.rules import (
    USUAL_WEEK,
    NeverWorks,
    OwnDay,
    WorkCalendar,
    WorkDay,
    due_minutes,
    next_working_instant,
    read_minute,
    working_instant_after,
)
from db.access.rules import Actor, Role
from db.kernel.errors import BadInput, NotAllowed
from db.session import transaction

VAUD = WorkCalendar(canton="VD")
# Jours fériés, Fédération des Entreprises Romandes, fer-ge.ch/web/fer-ge/jours-feries (2024 and 2025)
PUBLISHED_2025 = {
    "GE": "1.1 18.4 21.4 29.5 9.6 1.8 11.9 25.12 31.12",
    "VD": "1.1 2.1 18.4 21.4 29.5 9.6 1.8 22.9 25.12",
    "JU": "1.1 2.1 18.4 21.4 1.5 29.5 9.6 19.6 23.6 1.8 15.8 1.11 25.12",
    "VS": "1.1 19.3 29.5 19.6 1.8 15.8 1.11 8.12 25.12",
    "FR": "1.1 18.4 29.5 19.6 1.8 15.8 1.11 8.12 25.12",
}
# feiertagskalender.ch, canton Neuchâtel, days recognised by law (2020); 2022 and 2023: days after a Sunday
NEUCHATEL_2020 = "1.1 1.3 10.4 1.5 21.5 1.8 25.12"


def days(text: str, year: int) -> list[date]:
    pairs = [one.split(".") for one in text.split()]
    return sorted(date(year, int(month), int(day)) for day, month in pairs)


class TestEaster:
    # US Naval Observatory / Federal Chancellery: dates of Easter
    @pytest.mark.parametrize("sunday", [date(2025, 4, 20), date(2026, 4, 5), date(2027, 3, 28), date(2028, 4, 16)])
    def test_is_the_published_day(self, sunday: date) -> None:
        assert easter(sunday.year) == sunday


class TestLegalHolidays:
    @pytest.mark.parametrize("canton", sorted(PUBLISHED_2025))
    def test_are_those_of_the_published_list(self, canton: str) -> None:
        assert list(legal_holidays(canton, 2025)) == days(PUBLISHED_2025[canton], 2025)

    def test_of_neuchatel_have_no_easter_monday(self) -> None:
        assert list(legal_holidays("NE", 2020)) == days(NEUCHATEL_2020, 2020)
        assert date(2020, 4, 13) in holidays("NE", 2020)

    @pytest.mark.parametrize(("year", "day"), [(2022, date(2022, 12, 26)), (2023, date(2023, 1, 2))])
    def test_of_neuchatel_follow_a_sunday(self, year: int, day: date) -> None:
        assert day in legal_holidays("NE", year)
        assert day.replace(year=2026) not in legal_holidays("NE", 2026)

    @pytest.mark.parametrize("day", [date(2025, 9, 11), date(2026, 9, 10), date(2027, 9, 9), date(2028, 9, 7)])
    def test_of_geneva_have_the_fast_on_the_thursday_after_the_first_sunday(self, day: date) -> None:
        assert legal_holidays("GE", day.year)[day] == "Jeûne genevois"

    @pytest.mark.parametrize("day", [date(2025, 9, 22), date(2026, 9, 21), date(2027, 9, 20), date(2028, 9, 18)])
    def test_of_vaud_have_the_monday_of_the_federal_fast(self, day: date) -> None:
        assert legal_holidays("VD", day.year)[day] == "Lundi du Jeûne fédéral"


class TestNextWorkingInstant:
    def test_is_now_while_the_firm_works(self, clock: datetime) -> None:
        assert next_working_instant(VAUD, clock) == clock

    def test_goes_over_night_weekend_and_holiday(self) -> None:
        thursday_evening = datetime(2026, 4, 2, 17, 0, tzinfo=UTC)  # before Good Friday and Easter

        assert next_working_instant(VAUD, thursday_evening) == datetime(2026, 4, 7, 6, 0, tzinfo=UTC)

    def test_keeps_the_wall_clock_over_the_change_of_time(self) -> None:
        friday_evening = datetime(2026, 10, 23, 16, 0, tzinfo=UTC)

        assert next_working_instant(VAUD, friday_evening) == datetime(2026, 10, 26, 7, 0, tzinfo=UTC)

    def test_knows_the_days_of_the_firm(self) -> None:
        bridge = WorkCalendar(
            canton="VD", own={date(2026, 5, 15): OwnDay("Pont", 0), date(2026, 5, 14): OwnDay("x", 100)}
        )

        assert next_working_instant(bridge, datetime(2026, 5, 14, 7, 0, tzinfo=UTC)).day == 14
        assert next_working_instant(bridge, datetime(2026, 5, 14, 18, 0, tzinfo=UTC)).day == 18

    def test_refuses_a_calendar_that_never_works(self, clock: datetime) -> None:
        with pytest.raises(NeverWorks):
            next_working_instant(WorkCalendar(week=(None,) * 7), clock)


class TestWorkingInstantAfter:
    def test_counts_opening_only(self) -> None:
        friday = datetime(2026, 11, 27, 15, 24, tzinfo=UTC)  # an hour before the end

        assert working_instant_after(VAUD, friday, minutes=90) == datetime(2026, 11, 30, 7, 30, tzinfo=UTC)


class TestDueMinutes:
    def test_is_the_share_of_a_person(self) -> None:
        assert due_minutes(VAUD, date(2026, 11, 24)) == 504
        assert due_minutes(VAUD, date(2026, 11, 24), percent=60) == 302

    def test_is_nothing_on_a_holiday_and_half_on_half_a_day(self) -> None:
        half = WorkCalendar(canton="VD", own={date(2026, 12, 24): OwnDay("Veille de Noël", 50)})

        assert due_minutes(half, date(2026, 12, 25)) == 0
        assert due_minutes(half, date(2026, 12, 24)) == 252


class TestReadMinute:
    @pytest.mark.parametrize(("text", "minute"), [("8:00", 480), ("17h24", 1044), ("0730", 450), ("8", 480)])
    def test_reads_what_people_write(self, text: str, minute: int) -> None:
        assert read_minute(text) == minute

    @pytest.mark.parametrize("text", ["", "25:00", "8:60", "huit", "8:0:0", "-1"])
    def test_refuses_anything_else(self, text: str) -> None:
        with pytest.raises(BadInput):
            read_minute(text)


class TestSetWorkingWeek:
    def test_replaces_the_usual_week(self, database: Engine, people: dict[Role, Actor]) -> None:
        admin = people[Role.ADMINISTRATOR]
        assert ask(admin, working_calendar).week == USUAL_WEEK
        week = (WorkDay(420, 960, 30), *[None] * 4, WorkDay(480, 720), None)

        do(admin, set_working_week, week=week)

        assert ask(admin, working_calendar).week == week

    def test_is_for_administrators(self, database: Engine, people: dict[Role, Actor]) -> None:
        with pytest.raises(NotAllowed):
            do(people[Role.SALES], set_working_week, week=USUAL_WEEK)

    @pytest.mark.parametrize("hours", [WorkDay(600, 600), WorkDay(480, 1500), WorkDay(480, 540, 60)])
    def test_refuses_hours_that_no_day_has(self, database: Engine, people: dict[Role, Actor], hours: WorkDay) -> None:
        with pytest.raises(BadInput, match="Lundi"):
            do(people[Role.ADMINISTRATOR], set_working_week, week=(hours, *[None] * 6))

    def test_is_kept_by_the_database_as_well(self, database: Engine, people: dict[Role, Actor]) -> None:
        do(people[Role.ADMINISTRATOR], set_working_week, week=USUAL_WEEK)

        with pytest.raises(DBAPIError), transaction() as session:
            session.connection().execute(text("update working_day set begins = ends"))


class TestFirmDays:
    def test_come_and_go(self, database: Engine, people: dict[Role, Actor]) -> None:
        admin, day = people[Role.ADMINISTRATOR], date(2026, 12, 24)

        do(admin, set_firm_day, day=day, name="Veille de Noël", share=100)
        do(admin, set_firm_day, day=day, name="Veille  de Noël", share=50)

        assert dict(ask(admin, working_calendar).own) == {day: OwnDay("Veille de Noël", 50)}

        do(admin, remove_firm_day, day=day)

        assert not ask(admin, working_calendar).own
