"""What `=` computes."""

import doctest

import pytest

from app.palette import compute
from app.palette.compute import computed


class TestComputed:
    @pytest.mark.parametrize(
        ("typed", "result"),
        [
            ("1'200.50 + 34", "1'234.50"),
            ("0.1+0.2", "0.30"),
            ("2*(3+4)", "14"),
            ("10 - 2 - 3", "5"),
            ("−5 × 2", "−10"),
            ("100 - 3%", "97"),
            ("50% * 30", "15"),
            ("1200 + 8.1%", "1'297.20"),
            ("10/3", "3.3333333333"),
            ("7 : 2", "3.50"),
        ],
    )
    def test_is_exact_and_written_as_here(self, typed: str, result: str) -> None:
        assert computed(typed) == result

    @pytest.mark.parametrize(
        "typed", ["", "3 +", "1/0", "2**9", "(1", "1)", "abs(1)", "9" * 200, "__import__('os')", "()", "%", "1 2"]
    )
    def test_says_nothing_to_what_is_no_calculation(self, typed: str) -> None:
        assert computed(typed) == ""

    def test_examples_of_its_docstring_hold(self) -> None:
        assert doctest.testmod(compute).failed == 0
