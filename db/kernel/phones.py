"""Telephone numbers: read as people write them, kept as E.164, shown as the Swiss write them.

An extension stands behind the number as RFC 3966 writes it (`+41215550142;ext=12`). What was kept before numbers were
read (any text with digits) is shown and compared as well as it can be.
"""

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

from db.kernel.errors import BadInput

HOME = "CH"
KNOWN = 20_000
_KEPT = re.compile(r"\+[1-9]\d{5,14}(;ext=\d{1,7})?")
_EXTENSION = re.compile(
    r"[\s,;]*\b(?:poste|interne|int|extension|ext|durchwahl|dw|intern)\b\.?\s*:?\s*(\d{1,7})\s*$", re.IGNORECASE
)
_SPREADSHEET = re.compile(r"(\d{7,})\.0")


class BadPhone(BadInput):
    """A text is no telephone number."""


def read_phone(text: str, *, country: str = HOME) -> str:
    """Return a number in E.164; one without a country code is of the country (two letters). Empty stays empty.

    >>> read_phone("079 123 45 67"), read_phone("+41 (0)21 555 01 42, int. 12")
    ('+41791234567', '+41215550142;ext=12')
    >>> read_phone("04 50 12 34 56", country="FR")
    '+33450123456'

    Raises: BadPhone.
    """
    bare = _visible(text)
    if not bare:
        return ""
    read = _read(bare, country.upper() or HOME)
    if read is None:
        raise BadPhone(
            "« {given} » n’est pas un numéro de téléphone ; écrivez par exemple +41 21 555 01 42.",
            given=bare[:60],
        )
    return read


def kept_phone(text: str, *, country: str = HOME) -> str:
    """Return a number in E.164, or the text as it is where it is none."""
    bare = _visible(text)
    return (_read(bare, country.upper() or HOME) or bare) if bare else ""


def shown_phone(kept: str, *, country: str = HOME) -> str:
    """Return a number as people write it: Swiss ones nationally, others with their country's code.

    >>> shown_phone("+41791234567"), shown_phone("+33612345678"), shown_phone("+41215550142;ext=12")
    ('079 123 45 67', '+33 6 12 34 56 78', '021 555 01 42 int. 12')
    """
    return _shown(kept_phone(kept, country=country))


def phone_link(kept: str, *, country: str = HOME) -> str:
    """Return the address that calls a number; empty for no number."""
    number = kept_phone(kept, country=country)
    if _KEPT.fullmatch(number):
        return f"tel:{number}"
    figures = re.sub(r"[^\d+]", "", number)
    return f"tel:{figures}" if figures else ""


def phone_digits(phone: str | None) -> str:
    """Return a number as digits without its extension: nationally when Swiss, else with the country's code.

    >>> phone_digits("+41 79 123 45 67"), phone_digits("0033 6 12 34 56 78")
    ('0791234567', '33612345678')
    """
    bare = (phone or "").partition(";")[0]
    figures = re.sub(r"\D", "", re.sub(r"^(\s*(?:\+|00)[\d\s]*)\(0\)", r"\1", bare))
    if figures.startswith("00"):
        figures = figures[2:]
        if figures.startswith("41"):
            return "0" + figures[2:].removeprefix("0")
    if figures.startswith("41") and len(figures) == 11:
        return "0" + figures[2:]
    return figures


def phone_forms(phone: str) -> str:
    """Return the digits of a number in the national and the international form, for fragments of either.

    >>> phone_forms("079 123 45 67"), phone_forms("+33612345678")
    ('0791234567 41791234567', '33612345678 0612345678')
    """
    first = phone_digits(phone)
    number = _parsed(kept_phone(phone), HOME)
    if number is None:
        return first
    code, national = str(number.country_code), phonenumbers.national_significant_number(number)
    forms = (first, code + national, "0" + national)
    return " ".join(dict.fromkeys(form for form in forms if form))


def _visible(text: str) -> str:
    """Return a text without the signs of direction that numbers bring along when they are copied."""
    return " ".join("".join(sign for sign in text if sign.isprintable() or sign.isspace()).split())


@lru_cache(KNOWN)
def _read(bare: str, country: str) -> str | None:
    if _KEPT.fullmatch(bare) and not bare.startswith("+41"):
        return bare
    number = _parsed(_plain(bare), country)
    if number is None or not _is_number(number):
        return None
    tail = f";ext={number.extension}" if number.extension else ""
    number.extension = None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164) + tail


def _plain(bare: str) -> str:
    """Return a text as the library reads it: the extension in its words, `00` as `+`, no trace of a spreadsheet."""
    text = _EXTENSION.sub(r" ext. \1", bare.removeprefix("tel:"))
    text = _SPREADSHEET.sub(r"\1", text)
    text = re.sub(r"^\s*00(?=[1-9 ])", "+", text)
    text = re.sub(r"^\s*(41\d{9})$", r"+\1", text)
    return text.replace("(0)", "") if text.lstrip("( ").startswith("+") else text


def _parsed(text: str, country: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, country if country in phonenumbers.SUPPORTED_REGIONS else HOME)
    except NumberParseException:
        return None


def _is_number(number: PhoneNumber) -> bool:
    """Test if a number can exist: Swiss ones by the numbering plan, others by their length, for plans grow."""
    if number.country_code == 41:
        return phonenumbers.is_valid_number(number)
    return phonenumbers.is_possible_number(number)


@lru_cache(KNOWN)
def _shown(kept: str) -> str:
    number = _parsed(kept, HOME) if _KEPT.fullmatch(kept) else None
    if number is None:
        return kept
    extension, number.extension = number.extension, None
    style = PhoneNumberFormat.NATIONAL if number.country_code == 41 else PhoneNumberFormat.INTERNATIONAL
    text = phonenumbers.format_number(number, style)
    return f"{text} int. {extension}" if extension else text
