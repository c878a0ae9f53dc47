"""Whether a person reaches a record: one answer for notes, files, followers, drafts and the story, of every kind."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, SQLModel

from db.access.reach import within_reach
from db.access.readings.noting import note_reading
from db.access.rules import Actor, check_may, may
from db.kernel.errors import NotFound
from db.records.kinds.rules import KINDS, RecordKind, kind_called
from db.records.relations.queries import Place

CHUNK = 500
OWNER = "owner_id"


def check_record(session: Session, *, kind: str, record_id: UUID, by: Actor) -> None:
    """Refuse unless the record exists and the person may read it.

    Raises: NotAllowed: not this kind. NotFound: no such record, or not one of those that she may know of.
    """
    check_may(by, kind_called(kind).read)
    if (kind, record_id) not in reached(session, places=[(kind, record_id)], by=by):
        raise NotFound("Cette fiche n’existe pas ou plus.")
    note_record_read(session, kind=kind, record_id=record_id, by=by)


def note_record_read(session: Session, *, kind: str, record_id: UUID, by: Actor) -> None:
    """Note that somebody reads a record of which that is to be known (hours), unless it is her own."""
    described = kind_called(kind)
    if not described.is_logged:
        return
    table = SQLModel.metadata.tables[described.table]
    owner = session.scalar(select(table.c[OWNER]).where(table.c.id == record_id)) if OWNER in table.c else None
    if owner is None or owner != by.user_id:
        note_reading(session, kind=described.table, record_id=record_id, fields=[], through="record", by=by)


def reached(session: Session, *, places: Sequence[Place], by: Actor) -> set[Place]:
    """Return those of the records that exist and that the person may read."""
    found: set[Place] = set()
    for kind in {kind for kind, _ in places}:
        described = KINDS.get(kind)
        if described is None or not may(by, described.read):
            continue
        table = SQLModel.metadata.tables[described.table]
        narrowed = within_reach(by, described.read, table.c[OWNER]) if OWNER in table.c else []
        ids = sorted({record_id for one, record_id in places if one == kind})
        for start in range(0, len(ids), CHUNK):
            wanted = select(table.c.id).where(table.c.id.in_(ids[start : start + CHUNK]), *narrowed)
            found |= {(kind, record_id) for record_id in session.scalars(wanted)}
        if described.through and narrowed:
            found |= _through(session, described, [one for one in ids if (kind, one) not in found], by)
    return found


def _through(session: Session, described: RecordKind, ids: Sequence[UUID], by: Actor) -> set[Place]:
    """Return those records that belong to another one which the person reaches."""
    links = SQLModel.metadata.tables[described.through]
    own = links.c[f"{described.kind}_id"]
    targets: dict[Place, set[UUID]] = {}
    for start in range(0, len(ids), CHUNK):
        wanted = select(own, links.c.kind, links.c.record_id).where(own.in_(ids[start : start + CHUNK]))
        for one, kind, record_id in session.connection().execute(wanted):
            targets.setdefault((kind, record_id), set()).add(one)
    seen = reached(session, places=list(targets), by=by) if targets else set()
    return {(described.kind, one) for place in seen for one in targets[place]}
