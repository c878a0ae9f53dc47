"""Whatever somebody types, every reader of typed text either reads it or refuses it in a sentence."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.lists.cells import read_amount, read_day
from app.lists.register import LISTS, list_called
from db.catalog.items.rules import read_barcode
from db.catalog.units.rules import read_packages, read_quantity
from db.kernel.errors import BusinessError
from db.parties.rules import read_uid
from db.purchasing.qr_bills.rules import read_payload
from db.records.custom_fields.rules import read_date, read_number
from db.records.listing.days import centimes, centimes_above, day_after, day_begins, day_ends
from db.records.listing.rules import read_cursor
from db.records.notifications.rules import read_minute
from db.records.search.rules import fold, search_words

NASTY = (
    "", "   ", "\x00", "\ud800", "\u202eabc", "\u200b", "😀" * 50, "0001-01-01", "9999-12-31", "31.12.9999",
    "01.01.0001", "29.02.2023", "29.02.2024", "2024-02-30", "1e30", "1e999999999", "-1e-999999999", "NaN", "sNaN", "-0",
    "Infinity", "1'000'000'000'000'000'000.00", "٣٤", "²", "１２", "9" * 400, "24:00", "99:99", "1/0", "0x10", "1_000",
    "’",
    "1.2.3", "a" * 200_000, "1" * 200_000, "1 " * 50_000, "'" * 50_000, "1.2" * 30_000, "+1 (2)" * 10_000,
    "SPC\n" * 20_000,
)  # fmt: skip
PARTS = (
    "q",
    "sort",
    "from",
    "to",
    "amount_from",
    "after",
    "before",
    "size",
    "state",
    "owner",
    "columns",
    "in",
    "group",
)
READERS: dict[str, Callable[[str], Any]] = {
    "amount": lambda text: read_amount(text, None),  # type: ignore[arg-type]
    "day": lambda text: read_day(text, None),  # type: ignore[arg-type]
    "quantity": lambda text: read_quantity(text, unit="pce"),
    "packages": lambda text: read_packages(text, "pce"),
    "number": read_number,
    "date": read_date,
    "barcode": read_barcode,
    "QR bill": read_payload,
    "cursor": read_cursor,
    "day begins": day_begins,
    "day ends": day_ends,
    "day after": day_after,
    "centimes": centimes,
    "centimes above": centimes_above,
    "minute": read_minute,
    "UID": read_uid,
    "words": search_words,
    "folded": fold,
    **{f"list {key}": (lambda text, key=key: _addresses(key, text)) for key in LISTS},
}


def _addresses(key: str, text: str) -> None:
    for part in PARTS:
        try:
            list_called(key).read_request(f"{part}={text}")
        except BusinessError:
            continue


def _read(reader: str, text: str) -> None:
    said = ""
    try:
        READERS[reader](text)
    except BusinessError as refusal:
        said = str(refusal)
    assert len(said) < 1000  # a refusal repeats no flood of text


@pytest.mark.parametrize("reader", READERS)
class TestReaders:
    def test_survive_what_is_known_to_hurt(self, reader: str) -> None:
        for text in NASTY:
            _read(reader, text)

    @settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(text=st.one_of(st.text(max_size=30), st.text("0123456789.'-/:eE+ ,’", max_size=20)))
    def test_survive_anything(self, reader: str, text: str) -> None:
        _read(reader, text)
