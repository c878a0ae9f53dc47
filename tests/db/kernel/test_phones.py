"""Tests of telephone numbers: read, kept, shown, compared."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.kernel import phones
from db.kernel.errors import BadInput
from db.kernel.phones import BadPhone, kept_phone, phone_digits, phone_forms, phone_link, read_phone, shown_phone


def test_examples_of_the_docstrings() -> None:
    assert doctest.testmod(phones).failed == 0


class TestReadPhone:
    @pytest.mark.parametrize(
        "text",
        [
            "079 123 45 67", "0041791234567", "0041 (0)79 123 45 67", "+41 (0)79 123 45 67", "+41791234567",
            "(079) 123.45.67", "079/123 45 67", "079-123-45-67", "791234567", "41791234567", "791234567.0",
            "tel:+41-79-123-45-67", " 079 123 45 67 ", "\u202a079\u00a0123\u202f45\u00a067\u202c",
        ],
    )  # fmt: skip
    def test_reads_a_swiss_number_however_it_is_written(self, text: str) -> None:
        assert read_phone(text) == "+41791234567"

    @pytest.mark.parametrize(
        "text", ["021 555 01 42 int. 12", "021 555 01 42, poste 12", "+41215550142 ext 12", "+41215550142;ext=12"]
    )
    def test_keeps_an_extension(self, text: str) -> None:
        assert read_phone(text) == "+41215550142;ext=12"

    def test_takes_a_number_without_a_code_as_of_the_country(self) -> None:
        assert read_phone("04 50 12 34 56", country="FR") == "+33450123456"
        assert read_phone("030 123456", country="DE") == "+4930123456"
        assert read_phone("079 123 45 67", country="ZZ") == "+41791234567"  # a country that nobody knows

    @pytest.mark.parametrize(
        "text",
        ["12", "144", "079 123 45 6", "+41 21 801", "021 801 23 45 / 079 123 45 67", "zéro", "y", "+", "x" * 300],
    )
    def test_refuses_what_nobody_can_dial(self, text: str) -> None:
        with pytest.raises(BadPhone, match="n’est pas un numéro de téléphone"):
            read_phone(text)

    @given(st.text(max_size=40))
    def test_refuses_or_gives_what_it_reads_as_the_same_again(self, text: str) -> None:
        try:
            kept = read_phone(text)
        except BadInput:
            return
        assert read_phone(kept) == kept
        assert kept == "" or kept.startswith("+")
        assert read_phone(shown_phone(kept)) == kept


class TestKeptPhone:
    def test_leaves_what_it_cannot_read(self) -> None:
        assert [kept_phone(text) for text in ("", " 12 ", "079 123 45 67")] == ["", "12", "+41791234567"]


class TestShownPhone:
    def test_shows_what_was_kept_before_alike(self) -> None:
        assert shown_phone("+41 21 555 01 42") == shown_phone("+41215550142") == "021 555 01 42"
        assert shown_phone("12") == "12"


class TestPhoneLink:
    def test_dials_from_abroad_too(self) -> None:
        assert phone_link("021 555 01 42") == "tel:+41215550142"
        assert phone_link("+41215550142;ext=12") == "tel:+41215550142;ext=12"
        assert (phone_link(""), phone_link("12")) == ("", "tel:12")


class TestPhoneDigits:
    @pytest.mark.parametrize(
        "text", ["+41 79 123 45 67", "079 123 45 67", "0041 (0)79 123 45 67", "+41791234567;ext=12"]
    )
    def test_gives_one_form_to_a_number(self, text: str) -> None:
        assert phone_digits(text) == "0791234567"

    @pytest.mark.parametrize("fragment", ["079 123", "79 123 45", "+41 79 123", "0041 79 12", "45 67"])
    def test_of_a_fragment_are_part_of_the_forms(self, fragment: str) -> None:
        assert phone_digits(fragment) in phone_forms("+41791234567")
        assert phone_digits(fragment) in phone_forms("079 123 45 67")
