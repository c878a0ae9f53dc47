"""What a row of a file means for the opportunities."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from db.crm.opportunities.rules import BadOpportunity, OpportunityState, tidy
from db.kernel.findings import Finding
from db.parties.intake.rules import Identity
from db.records.search.rules import fold


@dataclass(frozen=True)
class OpportunityRow:
    """One readable row: the opportunity as it would be if new, and what the file says of it."""

    line: int
    name: str
    company: str
    opened_at: datetime
    state: OpportunityState = OpportunityState.OPEN
    closed_at: datetime | None = None
    closing_reason: str = ""
    expected_amount: Decimal | None = None
    next_step: str = ""
    next_step_date: date | None = None
    given: dict[str, Any] = field(default_factory=dict)
    custom: dict[str, Any] = field(default_factory=dict)  # typed values of added fields, by key
    key: tuple[Identity, ...] = ()


def check_row(row: OpportunityRow) -> None:
    """Refuse a row that cannot be an opportunity.

    Raises: BadOpportunity: with all its findings.
    """
    found = []
    if not tidy(row.name):
        found.append(Finding("name", "Donnez un nom à l’affaire."))
    if not tidy(row.company):
        found.append(Finding("company_name", "Indiquez la société ; elle est créée si elle est nouvelle."))
    if row.expected_amount is not None and row.expected_amount < 0:
        found.append(Finding("expected_amount", "Le montant doit être positif ; écrivez par exemple 1'234.50."))
    if row.closed_at is not None and row.closed_at < row.opened_at:
        found.append(Finding("closed_at", "La clôture est antérieure à l’ouverture."))
    if row.state is OpportunityState.LOST and not row.closing_reason:
        found.append(Finding("closing_reason", "Dites en quelques mots pourquoi l’affaire est perdue."))
    if found:
        raise BadOpportunity(found)


def identities_of(name: str, company: str) -> tuple[Identity, ...]:
    """Return by what an opportunity is recognised: its name at its company."""
    return (Identity("name", fold(name), fold(company)),)
