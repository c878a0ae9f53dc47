"""The kinds of record that timeline, search, notes, files, followers, history and undo know about.

Each area registers its own beside its rules; what concerns every kind is written once, over this register.
"""

from dataclasses import dataclass

from db.access.policy.rules import declare_table
from db.access.rules import Actor, may
from db.kernel.errors import NotFound


@dataclass(frozen=True)
class RecordKind:
    """What is common to the records of one kind. `table` is where its history is written under."""

    kind: str
    label: str  # French, singular
    plural: str
    table: str
    read: str  # permission
    edit: str  # permission
    hideable: frozenset[str] | None = None  # fields that can be hidden from roles; None: all that are not essential
    through: str = ""  # a table `<kind>_id, kind, record_id`: who reaches one of those records reaches this one as well
    is_logged: bool = False  # whoever reads such a record of somebody else leaves a line in the log of readings


KINDS: dict[str, RecordKind] = {}


def register_kind(described: RecordKind) -> None:
    """Make a kind of record known."""
    KINDS[described.kind] = described
    declare_table(described.table, label=described.plural, read=described.read, fields=described.hideable)


def kind_called(kind: str) -> RecordKind:
    """Return what is known of a kind.

    Raises: NotFound: there is no such kind.
    """
    try:
        return KINDS[kind]
    except KeyError:
        raise NotFound("Ce genre de fiche n’existe pas.") from None


def readable_kinds(by: Actor) -> list[RecordKind]:
    """Return the kinds that a person may read, in the order in which they were registered."""
    return [described for described in KINDS.values() if may(by, described.read)]
