"""How two leads become one."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from db.crm.leads.derived import state_order
from db.crm.leads.rules import KIND, OPEN_STATES, TEXT_FIELDS, LeadState
from db.crm.leads.tables import Lead
from db.records.duplicates.queries import Source, register_source
from db.records.merging.rules import CannotMerge, Merger, register_merger

ADDRESS = ("street", "house_number", "postal_code", "city", "canton")
FIELDS = (*TEXT_FIELDS, "next_step_date", "owner_id", "expected_amount")


def _check(session: Session, kept: Lead, gone: Lead) -> None:
    if gone.state == LeadState.CONVERTED.value and kept.state == LeadState.CONVERTED.value:
        raise CannotMerge("Ces deux pistes sont converties : fusionnez plutôt leurs affaires.")
    if gone.state == LeadState.CONVERTED.value:
        raise CannotMerge("« {name} » est convertie : gardez-la, et fusionnez l’autre avec elle.", name=gone.name)
    if kept.state == LeadState.LOST.value and LeadState(gone.state) in OPEN_STATES:
        raise CannotMerge("« {name} » est encore ouverte : gardez-la, et fusionnez l’autre avec elle.", name=gone.name)


def _combine(kept: Lead, gone: Lead, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what both sides make together: all exchanges, the first day, the step of whichever was further on."""
    last = [at for at in (kept.last_exchange_at, gone.last_exchange_at) if at is not None]
    states = [one.state for one in (kept, gone) if LeadState(one.state) in OPEN_STATES]
    is_open = LeadState(kept.state) in OPEN_STATES
    return {
        "exchanges": kept.exchanges + gone.exchanges,
        "last_exchange_at": max(last, default=None),
        "received_at": min(kept.received_at, gone.received_at),
        "state": max(states, key=state_order) if is_open else kept.state,
    }


register_source(Source(KIND, ("name", "company_name", "email", "phone", "postal_code", "city", "street")))
register_merger(Merger(KIND, fields=FIELDS, together=ADDRESS, check=_check, combine=_combine))
