"""Opportunities out of a file, and the undoing of the whole, with the companies that they brought."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.access.rules import Actor
from db.crm.imports.added import make_fields, remove_made
from db.crm.opportunities.intake.actions import undo_opportunities, write_opportunities
from db.documents.imports.deeds import AddedFields, import_deeds
from db.documents.imports.tables import ImportBatch
from db.parties.intake.actions import undo_parties
from db.records.intake.rules import PORTION, Undone, in_turn


def _make(session: Session, *, batch: ImportBatch, fields: Sequence[Any], by: Actor, at: datetime) -> None:
    make_fields(session, batch=batch, kind="opportunity", group="", fields=fields, by=by, at=at)


def _undo_part(session: Session, *, import_id: UUID, by: Actor, at: datetime) -> Undone:
    """Undo the next part; opportunities and companies touched or used since are left and named."""
    mine: dict[str, Any] = {"import_id": import_id, "by": by, "at": at}
    return in_turn(
        PORTION,
        lambda most: undo_opportunities(session, most=most, **mine),
        lambda most: undo_parties(session, most=most, **mine),
    )


OPPORTUNITY_IMPORT = import_deeds(
    "opportunity",
    module=__name__,
    permissions=("crm.import_leads", "crm.undo_import"),
    write_rows=write_opportunities,
    undo_part=_undo_part,
    added=AddedFields(_make, remove_made),
)
