"""The list of accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.rules import Actor
from db.ledger.accounts.rules import KIND, AccountKind
from db.ledger.accounts.tables import Account
from db.records.listing.questions import questions_of
from db.records.listing.source import Column, Source


@dataclass(frozen=True)
class AccountRow:
    """One account as the list shows it."""

    record_id: UUID
    row_version: int
    number: str
    name: str
    name_de: str
    name_en: str
    kind: AccountKind
    currency: str
    collective: str
    is_archived: bool


def load_rows(session: Session, ids: Sequence[UUID], by: Actor) -> list[AccountRow]:
    """Return accounts in the order of their ids."""
    found = {row.id: row for row in session.scalars(select(Account).where(col(Account.id).in_(ids)))}
    return [
        AccountRow(
            row.id,
            row.row_version,
            row.number,
            row.name,
            row.name_de,
            row.name_en,
            AccountKind(row.kind),
            row.currency,
            row.collective,
            row.is_archived,
        )
        for row in (found[record_id] for record_id in ids)
    ]


SOURCE = Source(
    KIND,
    Account,
    "ledger.read",
    load_rows,
    usual_sort="number",
    sorts={
        "number": Column(Account.number, "number"),
        "name": Column(Account.name_order, "name"),
        "kind": Column(Account.kind, "kind"),
    },
    facets={"kind": Column(Account.kind, "kind")},
)
ACCOUNT_QUESTIONS = questions_of(SOURCE, name="account", module=__name__, export="ledger.export")
