"""The life of an import, and what must add up."""

from dataclasses import dataclass
from enum import StrEnum

from db.kernel.lifecycle import Lifecycle


class ImportState(StrEnum):
    """Where an import stands."""

    UPLOADED = "uploaded"  # the file is here; its columns are being looked at
    MAPPED = "mapped"  # every column has its place; nothing is written yet
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"  # stopped: before anything was written, or between two portions
    FAILED = "failed"
    UNDONE = "undone"


IMPORT_LIFE = Lifecycle[ImportState](
    "Import",
    {
        ImportState.UPLOADED: frozenset({ImportState.MAPPED, ImportState.CANCELLED, ImportState.FAILED}),
        ImportState.MAPPED: frozenset({ImportState.MAPPED, ImportState.RUNNING, ImportState.CANCELLED}),
        ImportState.RUNNING: frozenset(
            {ImportState.DONE, ImportState.CANCELLED, ImportState.FAILED, ImportState.RUNNING}
        ),
        ImportState.DONE: frozenset({ImportState.UNDONE}),
        ImportState.CANCELLED: frozenset({ImportState.RUNNING, ImportState.UNDONE}),
        ImportState.FAILED: frozenset({ImportState.RUNNING, ImportState.UNDONE}),
        ImportState.UNDONE: frozenset(),
    },
)


@dataclass(frozen=True)
class FoundProblem:
    """What is wrong with one cell (or, without a column, with the row)."""

    line: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class Counts:
    """What became of rows; `unchanged` are those of the updated ones that said nothing new."""

    created: int
    updated: int
    unchanged: int
    refused: int

    @property
    def rows(self) -> int:
        """Return how many rows were dealt with."""
        return self.created + self.updated + self.refused


class RowsLost(AssertionError):
    """Rows of the file are neither created nor updated nor refused: a mistake in the code, never the user's."""


def check_balance(counts: Counts, *, rows_in: int) -> None:
    """Refuse to end an import in which a row was lost or counted twice.

    Raises:
        RowsLost: rows in are not rows created, updated and refused.
    """
    if rows_in != counts.rows:
        raise RowsLost(f"{rows_in} rows in, but {counts}")


@dataclass(frozen=True)
class UndoStand:
    """How far the undoing of an import is, in records."""

    done: int
    total: int
    is_over: bool
