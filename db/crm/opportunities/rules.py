"""What an opportunity is and the life it leads."""

from enum import StrEnum

from db.kernel.lifecycle import Lifecycle
from db.records.kinds.rules import RecordKind, register_kind

KIND = "opportunity"
register_kind(
    RecordKind(KIND, "Affaire", "Affaires", table="opportunity", read="crm.read_leads", edit="crm.edit_leads")
)


class OpportunityState(StrEnum):
    """Where an opportunity stands."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


OPPORTUNITY_LIFE = Lifecycle[OpportunityState](
    "Affaire",
    {
        OpportunityState.OPEN: frozenset({OpportunityState.WON, OpportunityState.LOST}),
        OpportunityState.WON: frozenset(),
        OpportunityState.LOST: frozenset({OpportunityState.OPEN}),
    },
)
