"""What an opportunity is and the life it leads."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from db.kernel.findings import BadFields, Finding
from db.kernel.lifecycle import Lifecycle
from db.kernel.money import round_to_cent
from db.records.kinds.rules import RecordKind, register_kind
from db.records.relations.rules import Relation, register_relation
from db.records.search.rules import fold

KIND = "opportunity"
register_kind(
    RecordKind(KIND, "Affaire", "Affaires", table="opportunity", read="crm.read_leads", edit="crm.edit_leads")
)

register_relation(Relation(KIND, "party", table="opportunity", source="id", target="party_id"))
register_relation(Relation(KIND, "party", table="opportunity", source="id", target="contact_id"))
MOST_AMOUNT = Decimal("1000000000000.00")
LONGEST_NAME, LONGEST_TEXT = 200, 2000


class OpportunityState(StrEnum):
    """Where an opportunity stands."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


OPPORTUNITY_LIFE = Lifecycle[OpportunityState](
    "Affaire",
    {
        OpportunityState.OPEN: frozenset({OpportunityState.WON, OpportunityState.LOST}),
        OpportunityState.WON: frozenset({OpportunityState.OPEN}),  # signed by mistake: nothing is invoiced yet
        OpportunityState.LOST: frozenset({OpportunityState.OPEN}),
    },
)

STATE_LABELS = {
    OpportunityState.OPEN: "En cours",
    OpportunityState.WON: "Gagnée",
    OpportunityState.LOST: "Perdue",
}


class BadOpportunity(BadFields):
    """Values of an opportunity cannot be kept; `findings` says which and why."""


@dataclass(frozen=True)
class OpportunityDraft:
    """An opportunity as somebody enters it."""

    name: str
    party_id: UUID | None = None
    contact_id: UUID | None = None
    owner_id: UUID | None = None
    expected_amount: Decimal | None = None
    expected_close: date | None = None
    next_step: str = ""
    next_step_date: date | None = None


DRAFT_FIELDS = tuple(one.name for one in fields(OpportunityDraft))


def check_opportunity(draft: OpportunityDraft) -> OpportunityDraft:
    """Return the draft without needless spaces.

    Raises: BadOpportunity: with all its findings.
    """
    name, step = tidy(draft.name), tidy(draft.next_step)
    amount = None if draft.expected_amount is None else round_to_cent(draft.expected_amount)
    draft = replace(draft, name=name, next_step=step, expected_amount=amount)
    found = [
        *([] if name else [Finding("name", "Donnez un nom à l’affaire.")]),
        *([] if draft.party_id else [Finding("party_id", "Choisissez la société ou la personne.")]),
        *too_long({"name": name}, LONGEST_NAME),
        *too_long({"next_step": step}, LONGEST_TEXT),
    ]
    if amount is not None and not Decimal(0) <= amount < MOST_AMOUNT:
        found.append(Finding("expected_amount", "Le montant doit être positif ; écrivez par exemple 1'234.50."))
    if found:
        raise BadOpportunity(found)
    return draft


def tidy(text: str) -> str:
    """Return a text of one line, without needless spaces."""
    return re.sub(r"\s+", " ", text or "").strip()


def too_long(texts: Mapping[str, Any], longest: int) -> list[Finding]:
    """Return a finding for each text that is longer than may be kept."""
    return [
        Finding(name, "Ce texte dépasse {longest} caractères.", {"longest": longest})
        for name, text in texts.items()
        if len(text) > longest
    ]


def orders_of(name: str, amount: Decimal | None) -> dict[str, Any]:
    """Return the columns by which lists order an opportunity: the amount in centimes, −1 when it is not known."""
    return {"name_order": fold(name), "amount_order": -1 if amount is None else int(amount * 100)}
