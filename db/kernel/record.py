"""Common columns of every record, and how a column declares its privacy."""

import os
import struct
import threading
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Dialect, String
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from db.kernel.sentences import Sentence, kept, read_sentence

_ticks = threading.Lock()
_last_tick = 0
_VERSION, _NOISE = 0x7 << 76 | 0b10 << 62, 0x3FFF_FFFF_FFFF_FFFF


def uuid7() -> UUID:
    """Return an identity that sorts by time, also within a millisecond of one process.

    Source: RFC 9562, section 5.7, with the fraction of the millisecond in `rand_a` (section 6.2, method 3).
    """
    [found] = uuid7s(1)
    return found


def uuid7s(many: int) -> list[UUID]:
    """Return identities in their order, made at once: one look at the clock and at the source of chance for all."""
    return [UUID(int=number) for number in identities(many)]


def identities(many: int) -> list[int]:
    """Return the numbers of identities that sort by time, in their order."""
    global _last_tick
    with _ticks:
        first = max(time.time_ns() * 4096 // 1_000_000, _last_tick + 1)
        _last_tick = first + many - 1
    noises = struct.unpack(f">{many}Q", os.urandom(8 * many))
    return [
        (tick >> 12) << 80 | _VERSION | (tick & 4095) << 64 | noise & _NOISE
        for tick, noise in zip(range(first, first + many), noises, strict=True)
    ]


class Said(TypeDecorator[str]):
    """A column of sentences: written as `kept`, read as `Sentence`."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return what the database keeps."""
        return None if value is None else kept(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Sentence | None:
        """Return the sentence."""
        return None if value is None else read_sentence(value)


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept and given back in UTC on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the instant in UTC; refuse one without a time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware UTC instant."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Scaled(TypeDecorator[Decimal]):
    """Store a Decimal as a whole number of its smallest part, the same on SQLite and PostgreSQL.

    `places` decimals are kept: prices have 4, quantities 6. What has more is refused, never rounded in silence.
    """

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def __repr__(self) -> str:
        return f"Scaled({self.places})"

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        """Return the whole number; raise ValueError when the value has more decimals."""
        if value is None:
            return None
        scaled = Decimal(value).scaleb(self.places)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{value} has more than {self.places} decimals")
        return int(scaled)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Return the value with all its decimals."""
        return None if value is None else Decimal(int(value)).scaleb(-self.places)


class Centimes(Scaled):
    """Store a Decimal amount in CHF as a whole number of centimes."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(2)

    def __repr__(self) -> str:
        return "Centimes()"


def _column(privacy: str, **options: Any) -> Any:
    info = {"privacy": privacy, "tracked": options.pop("tracked", True)}
    kwargs = {**options.pop("sa_column_kwargs", {}), "info": info}
    return Field(sa_column_kwargs=kwargs, **options)


def plain(**options: Any) -> Any:
    """Declare a column that says nothing about a person."""
    return _column("plain", **options)


def personal(**options: Any) -> Any:
    """Declare a column that identifies or describes a person (export, erasure, pseudonym in notebooks)."""
    return _column("personal", **options)


def sensitive(**options: Any) -> Any:
    """Declare a column whose every reading is logged (salary, health)."""
    return _column("sensitive", **options)


def secret(**options: Any) -> Any:
    """Declare a column that never leaves the database: not in history, export, notebook or API."""
    return _column("secret", **options)


class Record(SQLModel):
    """What every tracked record has. Writing one outside a deed is refused (see `db.access.history`)."""

    id: UUID = plain(default_factory=uuid7, primary_key=True)
    created_at: datetime = plain(sa_type=Instant, default=None, nullable=False, tracked=False)
    updated_at: datetime = plain(sa_type=Instant, default=None, nullable=False, tracked=False)
    row_version: int = plain(default=1, nullable=False, tracked=False)
