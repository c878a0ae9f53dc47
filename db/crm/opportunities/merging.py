"""How two opportunities become one."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from db.crm.opportunities.rules import DRAFT_FIELDS, KIND, OpportunityState
from db.crm.opportunities.tables import Opportunity
from db.records.merging.rules import CannotMerge, Merger, register_merger


def _check(session: Session, kept: Opportunity, gone: Opportunity) -> None:
    if kept.lead_id is not None and gone.lead_id is not None:
        raise CannotMerge("Ces deux affaires viennent de deux pistes : chacune garde la sienne.")
    if gone.lead_id is not None:
        raise CannotMerge("« {name} » vient d’une piste : gardez-la, et fusionnez l’autre avec elle.", name=gone.name)
    if gone.state == OpportunityState.WON.value:
        raise CannotMerge("« {name} » est gagnée : gardez-la, et fusionnez l’autre avec elle.", name=gone.name)
    if kept.state == OpportunityState.LOST.value and gone.state == OpportunityState.OPEN.value:
        raise CannotMerge("« {name} » est encore ouverte : gardez-la, et fusionnez l’autre avec elle.", name=gone.name)


def _combine(kept: Opportunity, gone: Opportunity, values: Mapping[str, Any]) -> dict[str, Any]:
    return {"opened_at": min(kept.opened_at, gone.opened_at)}


register_merger(Merger(KIND, fields=DRAFT_FIELDS, check=_check, combine=_combine))
