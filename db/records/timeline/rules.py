"""The sorts of lines in a story, by which it is filtered."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

SORTS: dict[str, tuple[str, ...]] = {
    "exchange": ("call", "email", "visit", "other"),
    "note": ("note",),
    "document": ("file", "file_gone"),
    "state": ("received", "created", "assigned", "converted", "opened", "won", "lost", "reopened"),
    "suggestion": ("suggestion",),
}
CHANGE = "change"  # changes of fields, which the history keeps
Cursor = tuple[datetime, UUID]  # instant and id of the last line of the page before


@dataclass(frozen=True)
class StoryPart:
    """Which lines of a story are wanted: one sort or all (""), those before a line."""

    sort: str = ""
    before: Cursor | None = None
    most: int = 30
