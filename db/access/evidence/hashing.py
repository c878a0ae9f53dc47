"""Which tables give evidence, and how rows become one hash."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from db.access.history import as_json, canonical

SOURCES: dict[str, tuple[str, ...]] = {}  # table → its columns that are hashed
POINTER = "evidence_id"
SEALING = "access.evidence.seal_evidence"  # the deed of the sealer, which no list of deeds shows


def register_source(table: str, columns: tuple[str, ...]) -> None:
    """Say that rows of a table are written with evidence, over these columns; `id` comes first."""
    SOURCES[table] = columns


def row_text(row: Mapping[str, Any], columns: Iterable[str]) -> str:
    """Return the one text of a row, the same when it is written and when it is read on either database."""
    return canonical([_plain(row[name]) for name in columns])


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else as_json(value)


def new_salt() -> str:
    """Return a salt, without which a short row could be guessed from its hash."""
    return os.urandom(8).hex()


@dataclass
class Tally:
    """The hash of a batch while its rows come, in the order of their ids."""

    columns: tuple[str, ...]
    salt: str
    rows: int = 0
    _hash: Any = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self._hash = hashlib.sha256(self.salt.encode())

    def take(self, row: Mapping[str, Any]) -> None:
        """Add a row."""
        self._hash.update(row_text(row, self.columns).encode())
        self.rows += 1

    @property
    def digest(self) -> str:
        """Return the hash of the rows so far."""
        return str(self._hash.hexdigest())


def root_of(digests: Iterable[str]) -> str:
    """Return the one hash of several pieces of evidence, in the order of their ids."""
    return hashlib.sha256("".join(digests).encode()).hexdigest()
