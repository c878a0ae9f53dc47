"""Companies and persons out of a file, and the undoing of the whole."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.access.rules import Actor
from db.crm.imports.added import make_fields, remove_made
from db.documents.imports.deeds import AddedFields, import_deeds
from db.documents.imports.tables import ImportBatch
from db.parties.intake.actions import undo_parties, write_parties
from db.parties.intake.rules import PartyRow, contact_row
from db.parties.rules import PartyKind
from db.records.intake.rules import Written

GROUPS = {
    "companies": PartyKind.COMPANY.value,
    "suppliers": PartyKind.COMPANY.value,
    "contacts": PartyKind.PERSON.value,
}  # what is imported → whose custom fields


def _make(session: Session, *, batch: ImportBatch, fields: Sequence[Any], by: Actor, at: datetime) -> None:
    make_fields(session, batch=batch, kind="party", group=GROUPS[batch.kind], fields=fields, by=by, at=at)


def _write_rows(session: Session, *, import_id: UUID, rows: Sequence[PartyRow], by: Actor, at: datetime) -> Written:
    """Write one portion; who speaks for a company of the file is added with it.

    Raises: BadInput: a party cannot be kept so; nothing is written.
    """
    done: Written = write_parties(session, rows=rows, import_id=import_id, by=by, at=at)
    people = [contact_row(row) for row in rows if row.contact and row.draft.kind is PartyKind.COMPANY]
    write_parties(session, rows=people, import_id=import_id, by=by, at=at)
    return done


PARTY_IMPORT = import_deeds(
    "party",
    module=__name__,
    permissions=("parties.import", "crm.undo_import"),
    write_rows=_write_rows,
    undo_part=undo_parties,
    added=AddedFields(_make, remove_made),
)
