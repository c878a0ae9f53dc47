"""Holidays, quiet hours, VAT rates, numbers: pure reference data and what is reckoned from it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from app.doors import ask, do
from db.access.calendars.rules import CANTONS, easter, holidays, is_rest_day, quiet_until
from db.access.numbering.actions import change_number_formats
from db.access.numbering.queries import number_formats
from db.access.numbering.rules import check_format, check_formats, number_written
from db.access.rules import Actor, Role
from db.access.settings.actions import change_settings
from db.access.settings.queries import settings
from db.access.taxes.rules import rate_on
from db.kernel.errors import BadInput, NotAllowed

NIGHT = {"begins": 19 * 60, "ends": 7 * 60}


class TestHolidays:
    @pytest.mark.parametrize(
        ("year", "day"),
        [(2024, date(2024, 3, 31)), (2025, date(2025, 4, 20)), (2026, date(2026, 4, 5)), (2038, date(2038, 4, 25))],
    )
    def test_easter(self, year: int, day: date) -> None:
        assert easter(year) == day

    @pytest.mark.parametrize(
        ("canton", "day"),
        [
            ("GE", date(2026, 9, 10)),  # Jeûne genevois
            ("GE", date(2026, 12, 31)),
            ("VD", date(2026, 9, 21)),  # Lundi du Jeûne
            ("NE", date(2026, 3, 1)),
            ("JU", date(2026, 6, 23)),
            ("FR", date(2026, 6, 4)),  # Fête-Dieu
            ("VS", date(2026, 3, 19)),
            ("BE", date(2026, 12, 26)),
        ],
    )
    def test_of_a_canton(self, canton: str, day: date) -> None:
        assert day in holidays(canton, 2026)

    @pytest.mark.parametrize("canton", CANTONS)
    def test_all_keep_new_year_the_national_day_and_christmas(self, canton: str) -> None:
        assert {date(2027, 1, 1), date(2027, 8, 1), date(2027, 12, 25)} <= set(holidays(canton, 2027))

    def test_are_not_those_of_another_canton(self) -> None:
        assert not is_rest_day("VD", date(2026, 12, 31))
        assert is_rest_day("", date(2026, 11, 29))  # a Sunday is one everywhere


class TestQuietUntil:
    def test_is_not_quiet_by_day(self, clock: datetime) -> None:
        assert quiet_until(clock, canton="VD", **NIGHT) is None

    def test_ends_in_the_morning(self) -> None:
        assert quiet_until(datetime(2026, 11, 24, 21, 0, tzinfo=UTC), canton="VD", **NIGHT) == datetime(
            2026, 11, 25, 6, 0, tzinfo=UTC
        )

    def test_goes_over_sundays_and_holidays(self) -> None:
        thursday = datetime(2026, 12, 24, 20, 0, tzinfo=UTC)

        assert quiet_until(thursday, canton="BE", **NIGHT) == datetime(2026, 12, 28, 6, 0, tzinfo=UTC)
        assert quiet_until(thursday, canton="GE", **NIGHT) == datetime(2026, 12, 26, 6, 0, tzinfo=UTC)

    def test_knows_summer_time(self) -> None:
        assert quiet_until(datetime(2026, 7, 1, 3, 0, tzinfo=UTC), canton="VD", **NIGHT) == datetime(
            2026, 7, 1, 5, 0, tzinfo=UTC
        )

    def test_may_lie_within_a_day(self) -> None:
        noon = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)

        assert quiet_until(noon, begins=720, ends=780, canton="") == datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
        assert quiet_until(noon, begins=0, ends=0, canton="") is None


class TestVat:
    @pytest.mark.parametrize(
        ("code", "day", "percent"),
        [
            ("standard", date(2026, 11, 24), "8.1"),
            ("reduced", date(2024, 1, 1), "2.6"),
            ("lodging", date(2024, 1, 1), "3.8"),
            ("standard", date(2023, 12, 31), "7.7"),
            ("reduced", date(2020, 5, 5), "2.5"),
            ("lodging", date(2018, 1, 1), "3.7"),
        ],
    )
    def test_rate_of_the_day_of_supply(self, code: str, day: date, percent: str) -> None:
        assert rate_on(code, day) == Decimal(percent)

    def test_says_that_it_does_not_know(self) -> None:
        with pytest.raises(LookupError):
            rate_on("standard", date(2017, 12, 31))


class TestNumbering:
    def test_is_written(self) -> None:
        assert number_written("D-{AAAA}-{00000}", year=2026, number=12) == "D-2026-00012"
        assert number_written("F{AA}/{000}", year=2026, number=12345) == "F26/12345"

    @pytest.mark.parametrize("wrong", ["", "F-2026", "{000}{000}", "{AAAA}{AA}{000}", "É-{000}", "F {000}", "x" * 60])
    def test_refuses_what_is_no_format(self, wrong: str) -> None:
        with pytest.raises(BadInput):
            check_format(wrong)

    def test_two_kinds_never_share_one(self) -> None:
        with pytest.raises(BadInput, match="mêmes numéros"):
            check_formats({"offer": "X-{000}", "order": "X-{00000}"})

    def test_is_kept(self, people: dict[Role, Actor], clock: datetime) -> None:
        boss = people[Role.ADMINISTRATOR]
        do(boss, change_number_formats, at=clock, formats={"invoice": "FA-{AA}-{0000}"})

        assert ask(boss, number_formats)["invoice"] == "FA-{AA}-{0000}"
        with pytest.raises(BadInput):
            do(boss, change_number_formats, at=clock, formats={"offer": "FA-{AA}-{00}"})
        with pytest.raises(NotAllowed):
            do(people[Role.SALES], change_number_formats, at=clock, formats={})


class TestSettings:
    def test_are_defaults_until_changed(self, people: dict[Role, Actor], clock: datetime) -> None:
        boss = people[Role.ADMINISTRATOR]
        assert ask(boss, settings)["backup.daily"] == 7

        do(boss, change_settings, at=clock, values={"backup.daily": 14, "backup.hour": 3})

        assert (ask(boss, settings)["backup.daily"], ask(boss, settings)["backup.hour"]) == (14, 3)

    @pytest.mark.parametrize("values", [{"backup.daily": 0}, {"backup.hour": 24}, {"none.such": 1}])
    def test_refuse_what_is_out_of_bounds(
        self, values: dict[str, int], people: dict[Role, Actor], clock: datetime
    ) -> None:
        with pytest.raises(BadInput):
            do(people[Role.ADMINISTRATOR], change_settings, at=clock, values=values)
