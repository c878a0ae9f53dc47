"""The open balance of each line on a collective account, and the pairs of lines that settle each other."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import SQLModel

from db.kernel.guards import Follows, guard
from db.kernel.record import Centimes, Record, plain

ORDERS = ("due_date", "item_date", "balance", "document")


class OpenItem(SQLModel, table=True):
    """What is open of one line: kept in the transaction that changes it, proved from lines and settlements by `verify`.

    Above zero on the debit side. `id` is that of the line; `party_id` the party that its line's identity is today.
    """

    __tablename__ = "open_item"
    __table_args__ = (
        CheckConstraint(
            "(amount > 0 and balance >= 0 and balance <= amount) or "
            "(amount < 0 and balance <= 0 and balance >= amount)",
            name="open_item_balance",
        ),
        Index("open_item_facets", "state", "side", "account_id", "search_number", "balance", "id"),
        Index("open_item_of_party", "party_id", "state", "due_date"),
        *[Index(f"open_item_by_{name}", name, "id", "search_number") for name in ORDERS],
    )
    id: UUID = plain(primary_key=True, foreign_key="journal_line.id")
    account_id: UUID = plain(foreign_key="account.id", nullable=False)
    side: str = plain(nullable=False)  # receivable, payable
    party_id: UUID | None = plain(default=None, foreign_key="party.id")
    document: str = plain(default="", nullable=False)
    item_date: date = plain(nullable=False)
    due_date: date = plain(nullable=False)
    amount: Decimal = plain(sa_type=Centimes, nullable=False)
    balance: Decimal = plain(sa_type=Centimes, nullable=False)
    state: str = plain(default="open", nullable=False)  # open, settled
    search_number: int = plain(nullable=False)  # of the entry


class Settlement(Record, table=True):
    """A debit line and a credit line that settle each other to an amount."""

    __tablename__ = "settlement"
    __table_args__ = (
        CheckConstraint("amount > 0", name="settlement_amount"),
        CheckConstraint("debit_line_id <> credit_line_id", name="settlement_two"),
        UniqueConstraint("debit_line_id", "credit_line_id"),
    )
    debit_line_id: UUID = plain(foreign_key="journal_line.id", nullable=False)
    credit_line_id: UUID = plain(foreign_key="journal_line.id", nullable=False, index=True)
    amount: Decimal = plain(sa_type=Centimes, nullable=False)


_OF_IDENTITY = "select l.id from journal_line l where l.party_id = new.id"
_FOLLOW = f"update open_item set party_id = new.party_id where id in ({_OF_IDENTITY})"
guard(Follows("party_identity", "items", "update", "old.party_id <> new.party_id", (_FOLLOW,)))
