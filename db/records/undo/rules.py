"""What undoing means: which kinds of row know how, what a plan says, and why something is refused.

Areas register an `Undoer` per table beside their actions; what is posted or sent has a `LegalInverse` instead.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from db.kernel.errors import NotAllowed

Hook = Callable[..., None]  # (session, record, *, by, at)
NEVER = frozenset({"id", "search_number"})  # identities; they are not undone
MOST_CHANGES = 2000  # of one deed, in one transaction


class CannotUndo(NotAllowed):
    """Nothing of a deed can be undone, or it must not be."""


@dataclass(frozen=True)
class Undoer:
    """How rows of a table come back: who may, which fields go together, and what is derived from them.

    `derive` sets the derived columns of a row before it is written; `refresh` follows restored fields, `forget`
    precedes a removal, `remember` follows a return.
    """

    table: str
    edit: str  # permission
    kind: str = ""  # of record, when the rows are records with a page
    owner: str = ""  # the column that names whose record it is
    together: tuple[frozenset[str], ...] = ()
    derive: Callable[[Any], None] | None = None
    refresh: Hook | None = None
    forget: Hook | None = None
    remember: Hook | None = None


@dataclass(frozen=True)
class LegalInverse:
    """What the law wants instead of undoing something posted or sent: a credit note, a reversal, a return."""

    label: str  # French infinitive with its object
    route: str


UNDOERS: dict[str, Undoer] = {}
MOVING: dict[
    str, str
] = {}  # action that leads what hangs on one record to another → permission; undone as far as it goes
RETURNED: list[Hook] = []  # (session, record, *, by, at) after a removed record came back by an undo
LEAVING: list[Hook] = []  # before a record that an undo had brought back goes again
INVERSES: dict[str, Callable[..., LegalInverse | None]] = {}  # table → (session, record_id) → what to do instead


def register_undoer(undoer: Undoer) -> None:
    """Say how the rows of a table come back."""
    UNDOERS[undoer.table] = undoer


def register_inverse(table: str, inverse: Callable[..., LegalInverse | None]) -> None:
    """Say what to do instead where a row of a table is posted or sent (None: it is not)."""
    INVERSES[table] = inverse


@dataclass(frozen=True)
class Step:
    """One row that would come back as it was: `values` are those before, as history keeps them."""

    table: str
    record_id: UUID
    operation: str  # of the deed that is undone: create, update, delete
    name: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Kept:
    """One field (or a whole row: no field) that stays as it is, and why."""

    table: str
    record_id: UUID
    name: str
    column: str
    message_id: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class UndoPlan:
    """What undoing a deed would do. With `blocked` it does nothing; `inverse` says what to do instead."""

    deed_id: UUID
    action: str
    actor_name: str
    at: datetime
    steps: tuple[Step, ...] = ()
    kept: tuple[Kept, ...] = ()
    blocked: str = ""
    blocked_params: Mapping[str, Any] = field(default_factory=dict)
    inverse: LegalInverse | None = None
    many: int = 0  # changes, where they are too many for one transaction

    @property
    def can(self) -> bool:
        """Test if something would come back."""
        return not self.blocked and bool(self.steps)


def without_halves(values: Mapping[str, Any], kept: set[str], undoer: Undoer) -> dict[str, Any]:
    """Return the fields that may come back: of those that go together all, or none."""
    lost = set(kept)
    for group in undoer.together:
        if group & lost:
            lost |= group
    return {name: value for name, value in values.items() if name not in lost}
