"""Which records a record points to."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, SQLModel

from db.records.relations.rules import RELATIONS

CHUNK = 500
Place = tuple[str, UUID]  # kind and id of a record


def relatives(session: Session, *, kind: str, record_ids: Sequence[UUID]) -> dict[UUID, list[Place]]:
    """Return where the story of each record is told as well; records that stand alone are absent."""
    found: dict[UUID, list[Place]] = {}
    ids = sorted(set(record_ids))
    for relation in (one for one in RELATIONS if one.kind == kind):
        table = SQLModel.metadata.tables[relation.table]
        source, target = table.c[relation.source], table.c[relation.target]
        for start in range(0, len(ids), CHUNK):
            wanted = select(source, target).where(source.in_(ids[start : start + CHUNK]), target.is_not(None))
            for record_id, other in session.connection().execute(wanted):
                places = found.setdefault(record_id, [])
                if (relation.to, other) not in places:
                    places.append((relation.to, other))
    return found
