"""What a person had typed."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from db.access.gate import readable
from db.access.rules import Actor
from db.records.drafts.rules import LIFE
from db.records.drafts.tables import FormDraft


@dataclass(frozen=True)
class KeptDraft:
    """What was typed into a form, when, and the newest change that was known then."""

    values: dict[str, str]
    seen: str
    saved_at: datetime


@readable("records.open")
def draft_of_form(session: Session, *, kind: str, record_key: str, by: Actor, at: datetime) -> KeptDraft | None:
    """Return the person's own draft of a form, unless there is none or it is too old."""
    wanted = select(FormDraft).where(
        FormDraft.owner_id == by.user_id,
        FormDraft.kind == kind,
        FormDraft.record_key == record_key,
        col(FormDraft.saved_at) > at - LIFE,
    )
    row = session.exec(wanted).first()
    return KeptDraft(row.values, row.seen, row.saved_at) if row else None
