"""Why undoing an import leaves a record, or one of its fields, as it is: who did what to it since, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from db.access.history import as_json
from db.kernel.record import Record
from db.records.intake.queries import Since
from db.records.intake.rules import FIELD_TOUCHED_BY, MERGED_BY, REMOVED_BY, TOUCHED, TOUCHED_BY, USED_BY, Left
from db.records.intake.tables import ImportedRecord
from db.records.undo.rules import MOVING

SWISS_TIME = ZoneInfo("Europe/Zurich")


@dataclass(frozen=True)
class Telling:
    """One record that an import wrote, and what happened to it since, oldest first."""

    table: str
    record_id: UUID
    since: Sequence[Since]

    def whole(self, name: str, message_id: str, **params: Any) -> Left:
        """Return that the whole record stays."""
        return Left(self.record_id, name, message_id, params, self.table)

    def gone(self) -> list[Left]:
        """Return why a record is not there any more: merged or removed; nothing where nobody knows."""
        removal = next((one for one in reversed(self.since) if one.operation == "delete"), None)
        if removal is None:
            return []
        name = str(removal.before.get("name") or removal.before.get("label") or "")[:80]
        why = MERGED_BY if removal.action in MOVING else REMOVED_BY
        return [self.whole(name, why, **_by(removal))]

    def created(self, name: str, used_by: Sequence[str]) -> Left:
        """Return why a record that the import made stays: others hang on it, or somebody changed it."""
        if used_by:
            return Left(self.record_id, name, USED_BY, {"name": name, "what": ", ".join(used_by)}, self.table)
        if not self.since:
            return self.whole(name, TOUCHED)
        return self.whole(name, TOUCHED_BY, **_by(self.since[-1]))

    def updated(
        self, name: str, mark: ImportedRecord, record: Record, together: Sequence[frozenset[str]]
    ) -> tuple[dict[str, Any], list[Left]]:
        """Return which values a changed record gets back, and which fields stay because somebody changed them since."""
        before: Mapping[str, Any] = mark.before or {}
        if record.row_version == mark.row_version:
            return dict(before), []
        if not self.since:  # an import of an earlier version: who changed what since is not known
            return {}, [self.whole(name, TOUCHED)]
        touched = _touched(before, self.since, together)
        stays = [
            Left(self.record_id, name, FIELD_TOUCHED_BY, _by(touched[column]), self.table, column)
            for column in sorted(touched)
            if as_json(getattr(record, column)) != before[column]
        ]
        return {column: value for column, value in before.items() if column not in touched}, stays


def _touched(before: Mapping[str, Any], since: Sequence[Since], together: Sequence[frozenset[str]]) -> dict[str, Since]:
    """Return who last changed each of some fields; of those that go together all are changed when one is."""
    touched = {column: one for one in since for column in one.after if column in before}
    for group in together:
        toucher = next((touched[column] for column in sorted(group) if column in touched), None)
        if toucher is not None:
            touched |= {column: toucher for column in group & set(before) if column not in touched}
    return touched


def _by(one: Since) -> dict[str, str]:
    return {"who": one.who, "when": _swiss(one.at)}


def _swiss(at: datetime) -> str:
    return f"{at.astimezone(SWISS_TIME):%d.%m.%Y à %H:%M}"
