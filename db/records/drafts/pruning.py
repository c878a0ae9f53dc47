"""Deleting unsaved forms that nobody came back to (bookkeeping, no deed)."""

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col

from db.records.drafts.tables import FormDraft


def prune_drafts(session: Session, *, before: datetime) -> dict[str, int]:
    """Delete drafts that were last written before an instant."""
    done = session.connection().execute(delete(FormDraft).where(col(FormDraft.saved_at) < before))
    return {"form_draft": done.rowcount}
