"""Queries note what they read; the door writes it before it gives the answer. What cannot be logged is not shown."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, insert
from sqlmodel import Session

from db.access.readings.tables import AccessLog
from db.access.rules import Actor
from db.kernel.record import uuid7
from db.session import AFTER_READING, transaction

NOTED = "readings"


def note_reading(
    session: Session, *, kind: str, record_id: UUID, fields: Sequence[str], through: str, by: Actor
) -> None:
    """Note that somebody reads sensitive fields of a record; without `fields`, that the record itself is sensitive.

    The product's own work (sealing, scoring, backups) is no reading by somebody.
    """
    if by.system:
        return
    noted: list[dict[str, Any]] = session.info.setdefault(NOTED, [])
    noted.append(
        {
            "id": uuid7(),
            "at": datetime.now(UTC),
            "actor_id": by.user_id,
            "actor_name": by.name,
            "via": by.via,
            "through": through,
            "record_kind": kind,
            "record_id": record_id,
            "fields": list(fields),
        }
    )


def sensitive_columns(table: Table, names: Iterable[str]) -> list[str]:
    """Return those of the columns whose every reading is logged."""
    return [name for name in names if name in table.columns and table.c[name].info.get("privacy") == "sensitive"]


def write_readings(info: dict[Any, Any], company: str | None) -> None:
    """Write what the queries of a session noted, each once."""
    noted = info.pop(NOTED, [])
    unique = {(one["record_kind"], one["record_id"], one["through"], tuple(one["fields"])): one for one in noted}
    if unique:
        with transaction(company) as writing:
            writing.connection().execute(insert(AccessLog), list(unique.values()))


AFTER_READING.append(write_readings)
