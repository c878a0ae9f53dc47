import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspace.models.lead_score.values import as_texts, column_days, column_numbers, day_of, day_order, number_of


class TestNumberOf:
    @pytest.mark.parametrize(
        ("written", "value"),
        [
            ("1'234.50", 1234.5),
            ("1’234.50", 1234.5),
            ("1 234,50", 1234.5),
            ("1.234,50", 1234.5),
            ("1,234,567.8", 1234567.8),
            ("CHF 1'200.–", 1200.0),
            ("12,5 %", 12.5),
            ("-3e5", -300000.0),
            ("0", 0.0),
            ("0.5", 0.5),
        ],
    )
    def test_reads_swiss_french_and_plain_forms(self, written: str, value: float):
        assert number_of(written) == value

    @pytest.mark.parametrize("written", ["0041", "12a", "", "salon", "1.2.3", "12-3"])
    def test_leaves_codes_and_words_alone(self, written: str):
        assert np.isnan(number_of(written))

    @given(st.integers(-(10**12), 10**12))
    def test_reads_back_what_swiss_grouping_wrote(self, number: int):
        assert number_of(f"{number:,}".replace(",", "'")) == number


class TestAsTexts:
    def test_takes_non_answers_for_no_answer(self):
        column = pd.Series(["Select", "  ", "n/a", None, np.nan, " Salon  du  livre "], dtype=object)

        assert list(as_texts(column)) == [None, None, None, None, None, "Salon du livre"]

    def test_writes_whole_numbers_without_point(self):
        assert list(as_texts(pd.Series([1.0, np.nan, 2.5]))) == ["1", None, "2.5"]


class TestDayOf:
    def test_reads_swiss_and_iso_days_alike(self):
        assert day_of("31.12.2025", "day_first") == day_of("2025-12-31T08:30:00", "day_first") == 20453

    def test_knows_no_thirtieth_of_february(self):
        assert np.isnan(day_of("30.02.2025", "day_first"))

    def test_sees_month_first_only_where_it_must_be(self):
        assert day_order(np.array(["03/25/2025", "04/05/2025"], dtype=object)) == "month_first"
        assert day_order(np.array(["03/04/2025"], dtype=object)) == "day_first"


class TestColumns:
    def test_reads_real_numbers_and_dates_as_they_are(self):
        numbers = column_numbers(pd.Series([1.5, np.inf, np.nan]))
        days = column_days(pd.Series(pd.to_datetime(["1970-01-02T12:00Z", None])), "day_first")

        np.testing.assert_array_equal(numbers, [1.5, np.nan, np.nan])
        np.testing.assert_array_equal(days, [1.5, np.nan])
