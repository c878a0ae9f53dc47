"""Values as people write them."""

import contextlib
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.imports import values
from app.imports.values import NotThat, Style


class TestReadNumber:
    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("1'234.50", "1234.50"),
            ("1’234.50", "1234.50"),
            ("1 234,50", "1234.50"),
            ("1\u202f234,50", "1234.50"),
            ("1,234.50", "1234.50"),
            ("1.234,50", "1234.50"),
            ("CHF 1'234.–", "1234"),
            ("1'234.--", "1234"),
            ("-5", "-5"),
            ("−5.5", "-5.5"),
            ("5-", "-5"),
            ("(12.30)", "-12.30"),
            ("12 %", "12"),
            ("1.234.567", "1234567"),
            ("0.5", "0.5"),
            (".5", "0.5"),
            ("1e3", "1000"),
            ("5191.0", "5191.0"),
        ],
    )
    def test_reads_the_usual_ways(self, text: str, number: str) -> None:
        assert values.read_number(text) == Decimal(number)

    def test_lets_the_column_decide_what_is_ambiguous(self) -> None:
        assert values.read_number("1,234", Style(decimal=",")) == Decimal("1.234")
        assert values.read_number("1,234", Style(decimal=".")) == Decimal(1234)

    @pytest.mark.parametrize("text", ["", "abc", "1.2.3", "12 rue", "1/2", "NaN", "Infinity", "--", "9" * 20])
    def test_refuses_what_is_no_number(self, text: str) -> None:
        with pytest.raises(NotThat):
            values.read_number(text)

    @given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
    def test_reads_back_every_amount_that_is_written_the_swiss_way(self, amount: Decimal) -> None:
        assert values.read_number(f"{amount:,f}".replace(",", "'")) == amount


class TestReadDay:
    @pytest.mark.parametrize(
        "text",
        [
            "31.12.2025",
            "31.12.25",
            "31/12/2025",
            "31-12-2025",
            "2025-12-31",
            "2025/12/31",
            "20251231",
            "31 décembre 2025",
            "31. Dezember 2025",
            "31-Dec-2025",
            "46022",
            "2025-12-31T23:59:00",
            "31.12.2025 08:30",
        ],
    )
    def test_reads_the_usual_ways(self, text: str) -> None:
        assert values.read_day(text) == date(2025, 12, 31)

    def test_reads_american_days_where_the_column_is_american(self) -> None:
        assert values.read_day("12/31/2025", Style(day_first=False)) == date(2025, 12, 31)

    @pytest.mark.parametrize("text", ["31.02.2025", "2025-13-01", "hier", "12", "1.1.0001", "00.00.0000"])
    def test_refuses_what_is_no_day(self, text: str) -> None:
        with pytest.raises(NotThat):
            values.read_day(text)


class TestReadMoment:
    def test_takes_a_clock_without_zone_for_swiss_time(self) -> None:
        assert values.read_moment("15.07.2026 08:30") == datetime(2026, 7, 15, 6, 30, tzinfo=UTC)

    def test_obeys_a_zone(self) -> None:
        assert values.read_moment("2026-07-15T08:30:00+05:00") == datetime(2026, 7, 15, 3, 30, tzinfo=UTC)
        assert values.read_moment("2026-07-15T08:30:00Z") == datetime(2026, 7, 15, 8, 30, tzinfo=UTC)

    def test_puts_a_bare_day_at_noon(self) -> None:
        assert values.read_moment("15.01.2026") == datetime(2026, 1, 15, 11, tzinfo=UTC)


class TestReadPhone:
    @pytest.mark.parametrize(
        "text",
        [
            "021 801 23 45",
            "+41 21 801 23 45",
            "+41 (0)21 801 23 45",
            "0041 21 801 23 45",
            "(021) 801.23.45",
            "218012345",
            "41218012345",
            "218012345.0",
        ],
    )
    def test_makes_swiss_numbers_international(self, text: str) -> None:
        assert values.read_phone(text) == "+41218012345"

    def test_keeps_foreign_numbers(self) -> None:
        assert values.read_phone("+33 1 23 45 67 89") == "+33123456789"

    @pytest.mark.parametrize("text", ["12", "abc", "021 801 23 4", "call me 0218012345", "+41 21 801"])
    def test_refuses_what_is_no_number(self, text: str) -> None:
        with pytest.raises(NotThat):
            values.read_phone(text)


class TestReadOthers:
    def test_reads_yes_and_no_in_four_languages(self) -> None:
        assert all(values.read_yes_no(word) for word in ("Oui", "ja", "YES", "1", "true", "Vrai", "x"))
        assert not any(values.read_yes_no(word) for word in ("Non", "nein", "no", "0", "FALSE", "faux"))
        with pytest.raises(NotThat):
            values.read_yes_no("peut-être")

    def test_reads_cantons_by_letters_and_name(self) -> None:
        assert [values.read_canton(text) for text in ("vd", "Genève", "canton du Valais", "Zürich", "St. Gallen")] == [
            "VD",
            "GE",
            "VS",
            "ZH",
            "SG",
        ]
        with pytest.raises(NotThat):
            values.read_canton("Bavière")

    def test_reads_addresses_of_mail(self) -> None:
        assert values.read_email("Jean Dupont <Jean.Dupont@Exemple.CH>") == "Jean.Dupont@exemple.ch"
        with pytest.raises(NotThat):
            values.read_email("jean.dupont(at)exemple.ch")

    def test_reads_postal_codes(self) -> None:
        assert [values.read_postal_code(text) for text in ("1003", "CH-1003", "1003.0", "SW1A 1AA")] == [
            "1003",
            "1003",
            "1003",
            "SW1A 1AA",
        ]

    @given(st.text(max_size=40))
    def test_never_fails_otherwise_than_by_refusing(self, text: str) -> None:
        for read in (
            values.read_number,
            values.read_day,
            values.read_moment,
            values.read_phone,
            values.read_email,
            values.read_canton,
            values.read_postal_code,
            values.read_yes_no,
        ):
            with contextlib.suppress(NotThat):
                read(text)
