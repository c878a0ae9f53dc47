"""How opportunities come back when a deed is undone."""

from db.crm.opportunities.actions import findable
from db.crm.opportunities.rules import KIND, orders_of
from db.crm.opportunities.tables import Opportunity
from db.records.undo.rules import Undoer, register_undoer
from db.records.undo.searching import search_and_index_follow


def _derive(row: Opportunity) -> None:
    for column, value in orders_of(row.name, row.expected_amount).items():
        setattr(row, column, value)


register_undoer(
    Undoer(
        "opportunity",
        edit="crm.edit_leads",
        kind=KIND,
        owner="owner_id",
        together=(
            frozenset({"state", "closed_at", "closing_reason", "lost_reason_id"}),
            frozenset({"stage_id", "stage_since"}),
        ),
        derive=_derive,
        **search_and_index_follow(findable, KIND),
    )
)
