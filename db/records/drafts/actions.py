"""Keeping and dropping what people type: bookkeeping, no deed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from db.access.gate import bookkeeping
from db.access.rules import Actor
from db.kernel.errors import NotAllowed
from db.kernel.record import uuid7
from db.records.drafts.rules import LIFE, NEW, check_values
from db.records.drafts.tables import FormDraft
from db.records.reach.queries import check_record


@bookkeeping("records.open")
def keep_draft(
    session: Session, *, kind: str, record_key: str, values: Mapping[str, Any], seen: str, by: Actor, at: datetime
) -> None:
    """Keep what a person has typed so far, in place of what she had typed before; forget drafts that are too old.

    Raises: BadInput: too long. NotFound: she does not reach the record.
    """
    if by.user_id is None:
        raise NotAllowed("Seule une personne garde des brouillons.")
    if not record_key.startswith(NEW):
        check_record(session, kind=kind, record_id=UUID(record_key), by=by)
    session.connection().execute(delete(FormDraft).where(col(FormDraft.saved_at) <= at - LIFE))
    known = {"owner_id": by.user_id, "kind": kind[:40], "record_key": record_key}
    kept = {"values": check_values(values), "seen": seen[:80], "saved_at": at}
    make = sqlite.insert if session.connection().dialect.name == "sqlite" else postgresql.insert
    row = make(FormDraft).values(id=uuid7(), **known, **kept)
    session.connection().execute(row.on_conflict_do_update(index_elements=list(known), set_=kept))


@bookkeeping("records.open")
def drop_draft(session: Session, *, kind: str, record_key: str, by: Actor, at: datetime) -> None:
    """Forget what a person had typed: it is saved, or she gives it up."""
    gone = delete(FormDraft).where(
        col(FormDraft.owner_id) == by.user_id,
        col(FormDraft.kind) == kind,
        col(FormDraft.record_key) == record_key,
    )
    session.connection().execute(gone)
