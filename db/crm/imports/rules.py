"""What a row of a file means for the leads: a new one, or changes of one that is known."""

from dataclasses import dataclass
from typing import Any

from db.crm.leads.rules import LeadDraft, LeadState


@dataclass(frozen=True)
class NewField:
    """A custom field that the import needs."""

    key: str
    label: str
    type: str
    personal: bool
    permission: str
    feature: bool
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class LeadRow:
    """One readable row: the lead as it would be if new, what the file says about it, and the value of its key."""

    line: int
    draft: LeadDraft
    given: dict[str, Any]
    key: Any = None


def changes_of(row: LeadRow) -> dict[str, Any]:
    """Return what the row changes of a known lead: only what the file says; empty cells leave values as they are."""
    said = {name: value for name, value in row.given.items() if value is not None}
    if "state" in said and said["state"] is not LeadState.LOST:
        said["lost_reason"] = ""  # of an earlier loss; the file says that it is none
    return said
