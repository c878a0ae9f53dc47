"""Amounts, dates and counts as people write them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from app.text import count, day, instant, money, percent, quantity, say

NBSP = "\u00a0"


class TestMoney:
    @pytest.mark.parametrize(
        ("amount", "written"),
        [
            ("0", "0.00"),
            ("1234.5", "1'234.50"),
            ("1234567.005", "1'234'567.01"),
            ("-12", "−12.00"),
            ("0.004", "0.00"),
        ],
    )
    def test_groups_thousands_and_rounds_half_up(self, amount: str, written: str) -> None:
        assert money(Decimal(amount)) == written


class TestQuantity:
    @pytest.mark.parametrize(("amount", "written"), [("1200.500", "1'200.5"), ("100", "100"), ("1E+3", "1'000")])
    def test_drops_needless_zeros(self, amount: str, written: str) -> None:
        assert quantity(Decimal(amount)) == written

    def test_keeps_the_unit_on_the_line(self) -> None:
        assert quantity(Decimal("312"), "m") == f"312{NBSP}m"


class TestPercent:
    @pytest.mark.parametrize(
        ("share", "written"),
        [(0.74, f"74{NBSP}%"), (0.0, f"0{NBSP}%"), (1.0, f"100{NBSP}%"), (0.001, f"<{NBSP}1{NBSP}%")],
    )
    def test_says_a_share(self, share: float, written: str) -> None:
        assert percent(share) == written

    def test_never_rounds_to_certainty(self) -> None:
        assert percent(0.999) == f">{NBSP}99{NBSP}%"
        assert percent(0.999, decimals=1) == f"99.9{NBSP}%"


class TestInstant:
    AT = datetime(2026, 11, 24, 13, 32, tzinfo=UTC)

    def test_leaves_out_what_the_reader_knows(self) -> None:
        assert instant(self.AT, on=date(2026, 11, 24)) == "14:32"
        assert instant(self.AT, on=date(2026, 1, 1)) == "24.11. 14:32"
        assert instant(self.AT, on=date(2025, 11, 24)) == "24.11.2026 14:32"
        assert instant(self.AT) == "24.11.2026 14:32"

    def test_is_told_in_swiss_time_in_summer_too(self) -> None:
        assert instant(datetime(2026, 7, 1, 22, 30, tzinfo=UTC)) == "02.07.2026 00:30"
        assert day(datetime(2026, 7, 1, 22, 30, tzinfo=UTC)) == "02.07.2026"


class TestCount:
    def test_agrees_as_french_does(self) -> None:
        assert [count(n, "affaire", "affaires") for n in (0, 1, 2)] == [
            f"0{NBSP}affaire",
            f"1{NBSP}affaire",
            f"2{NBSP}affaires",
        ]

    def test_agrees_as_english_does(self) -> None:
        assert count(0, "appel proposé", "appels proposés", "en") == f"0{NBSP}calls proposed"


class TestSay:
    def test_fills_the_places_in_the_readers_language(self) -> None:
        assert say("en", "et {count} autres fiches", count=3) == "and 3 more records"

    def test_falls_back_to_french(self) -> None:
        assert say("de", "Phrase que personne n’a traduite, {name}.", name="Léa").endswith("traduite, Léa.")
