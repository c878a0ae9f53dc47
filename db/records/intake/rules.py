"""What an import says of each record it touches, and what undoing it did."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

PORTION = 500  # records that one transaction takes back
TOUCHED = "Modifiée depuis l’import ; laissée telle quelle."
IN_USE = "Utilisée depuis l’import ; laissée telle quelle."
TOUCHED_BY = "{who} a modifié cette fiche depuis, le {when}."
FIELD_TOUCHED_BY = "{who} a changé cette valeur le {when} : elle reste."
USED_BY = "D’autres fiches tiennent à « {name} » : {what}."
MERGED_BY = "{who} a fusionné cette fiche avec une autre, le {when}."
REMOVED_BY = "{who} a supprimé cette fiche, le {when}."
OUT_OF_REACH = "Hors de vos droits ; laissée telle quelle."


@dataclass(frozen=True)
class Touched:
    """One record that an import made (no `before`) or changed, and its version right after."""

    record_id: UUID
    row_version: int = 1
    before: Mapping[str, Any] | None = None  # JSON values of the changed columns


@dataclass(frozen=True)
class Written:
    """What became of rows: records made, records found, and how many of these said nothing new."""

    created: int
    updated: int
    unchanged: int


@dataclass(frozen=True)
class Left:
    """One record (or one field of it) that undoing an import left as it is; `message_id` is French with places."""

    record_id: UUID
    name: str
    message_id: str
    params: Mapping[str, Any] = field(default_factory=dict)
    table: str = ""
    column: str = ""


@dataclass(frozen=True)
class Undone:
    """What one part of undoing an import did, how many records it dealt with, and how many wait for the next part."""

    removed: int = 0
    restored: int = 0
    left: list[Left] = field(default_factory=list)
    dealt: int = 0
    waiting: int = 0

    def __add__(self, other: "Undone") -> "Undone":
        """Return what two parts did together."""
        return Undone(
            self.removed + other.removed,
            self.restored + other.restored,
            [*self.left, *other.left],
            self.dealt + other.dealt,
            self.waiting + other.waiting,
        )


def in_turn(most: int, *parts: Callable[[int], Undone]) -> Undone:
    """Return what several undoings did one after the other with at most so many records among them.

    Each part gets how many records it may deal with; with none it only counts those that wait. A part begins when
    nothing of the one before it waits.
    """
    done = Undone()
    for part in parts:
        done += part(0 if done.waiting else most - done.dealt)
    return done
