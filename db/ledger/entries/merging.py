"""What the books look at when two parties become one or are taken apart again; their lines stay as posted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from db.access.rules import Actor
from db.ledger.entries.actions import findable
from db.ledger.entries.tables import JournalEntry, JournalLine
from db.ledger.open_items.tables import OpenItem, Settlement
from db.records.merging.rules import Named, register_named
from db.records.search.actions import change_search_entries
from db.records.undo.rules import CannotUndo

MOST_FOUND_ANEW = 500  # entries that are found by the new name at once; older ones keep the name that they had


def _check_parting(session: Session, gone: UUID, kept: UUID) -> None:
    """Refuse to give a party its lines back while one of them and one of the other party settle each other.

    Raises: CannotUndo.
    """
    debit: Any = aliased(OpenItem)
    credit: Any = aliased(OpenItem)
    wanted = (
        select(debit.document, credit.document)
        .select_from(Settlement)
        .join(debit, debit.id == col(Settlement.debit_line_id))
        .join(credit, credit.id == col(Settlement.credit_line_id))
        .where(debit.party_id != credit.party_id)
        .where(or_(debit.party_id == gone, credit.party_id == gone))
    )
    found = session.execute(wanted.order_by(col(Settlement.id)).limit(1)).first()
    if found is not None:
        raise CannotUndo(
            "Des postes des deux fiches ont été lettrés ensemble depuis (« {one} » et « {other} ») : "
            "délettrez-les d’abord.",
            one=found[0] or "—",
            other=found[1] or "—",
        )


def _renamed(session: Session, identity_ids: Sequence[UUID], *, by: Actor, at: datetime) -> None:
    """Let entries be found by the name that their parties have now, the newest."""
    named = select(col(JournalLine.entry_id)).where(col(JournalLine.party_id).in_(identity_ids))
    wanted = (
        select(JournalEntry).where(col(JournalEntry.id).in_(named)).order_by(col(JournalEntry.search_number).desc())
    )
    entries = session.scalars(wanted.limit(MOST_FOUND_ANEW)).all()
    change_search_entries(session, entries=[findable(session, one) for one in entries], by=by, at=at)


register_named(Named("party", _check_parting, _renamed))
