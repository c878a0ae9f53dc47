"""Questions about open items."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Subquery, case, func, or_, select, type_coerce, union_all
from sqlmodel import Session, col

from db.access.gate import readable
from db.ledger.accounts.tables import Account
from db.ledger.entries.tables import JournalEntry, JournalLine
from db.ledger.open_items.rules import AGES, LATE, age_of
from db.ledger.open_items.tables import OpenItem, Settlement
from db.parties.queries import parties_named_by, party_names
from db.parties.tables import PartyIdentity


@dataclass(frozen=True)
class Aged:
    """What one party owes or is owed, by age."""

    party_id: UUID | None
    party_name: str
    ages: dict[str, Decimal]

    @property
    def total(self) -> Decimal:
        """Return the sum of all ages."""
        return sum(self.ages.values(), Decimal("0.00"))


@dataclass(frozen=True)
class AgedList:
    """The aged list of one side, and the balance of its collective accounts: they are equal to the centime."""

    on: date
    rows: tuple[Aged, ...]
    totals: dict[str, Decimal] = field(default_factory=dict)
    account_balance: Decimal = Decimal("0.00")


@readable("ledger.read")
def aged_list(session: Session, *, side: str, on: date) -> AgedList:
    """Return what was open at the end of a day, by party and by how late it was then; largest first.

    What is dated later counts for nothing, neither items nor what settles them.
    """
    found: dict[UUID | None, dict[str, Decimal]] = {}
    open_then = _open_on(side, on)
    columns = (open_then.c.party_id, open_then.c.due_date, func.sum(open_then.c.balance))
    for party_id, due_date, balance in session.execute(
        select(*columns).group_by(open_then.c.party_id, open_then.c.due_date)
    ):
        ages = found.setdefault(party_id, dict.fromkeys(AGES, Decimal("0.00")))
        ages[age_of(due_date, on=on)] += _amount(balance)
    names = party_names(session, party_ids=[one for one in found if one])
    rows = [Aged(one, names[one].name if one in names else "", ages) for one, ages in found.items()]
    rows.sort(key=lambda row: (-abs(row.total), row.party_name))
    totals = {age: sum((row.ages[age] for row in rows), Decimal("0.00")) for age in AGES}
    return AgedList(on, tuple(rows), totals, _collective_balance(session, side, on))


def _open_on(side: str, on: date) -> Subquery:
    """Return the items that were open at the end of a day, each with its balance then (in centimes).

    That is its balance now, and what lines dated later have settled since.
    """
    later = col(OpenItem.item_date) > on
    since = union_all(
        select(col(Settlement.debit_line_id).label("line_id"), _whole(Settlement.amount).label("amount"))
        .join(OpenItem, col(OpenItem.id) == col(Settlement.credit_line_id))
        .where(later),
        select(col(Settlement.credit_line_id).label("line_id"), (-_whole(Settlement.amount)).label("amount"))
        .join(OpenItem, col(OpenItem.id) == col(Settlement.debit_line_id))
        .where(later),
    ).subquery()
    back = select(since.c.line_id, func.sum(since.c.amount).label("amount")).group_by(since.c.line_id).subquery()
    balance = _whole(OpenItem.balance) + func.coalesce(back.c.amount, 0)
    columns = [
        col(getattr(OpenItem, name)) for name in ("id", "party_id", "document", "item_date", "due_date", "account_id")
    ]
    wanted = (
        select(*columns, _whole(OpenItem.amount).label("amount"), balance.label("balance"))
        .outerjoin(back, back.c.line_id == col(OpenItem.id))
        .where(col(OpenItem.side) == side, col(OpenItem.item_date) <= on)
        .where(or_(col(OpenItem.state) == "open", back.c.line_id.is_not(None)), balance != 0)
    )
    found: Subquery = wanted.subquery()
    return found


def _whole(column: Any) -> Any:
    return type_coerce(col(column), BigInteger)


def _amount(centimes: Any) -> Decimal:
    return Decimal(int(centimes or 0)).scaleb(-2)


def _collective_balance(session: Session, side: str, on: date) -> Decimal:
    wanted = (
        select(func.sum(col(JournalLine.debit)), func.sum(col(JournalLine.credit)))
        .join(Account, col(Account.id) == col(JournalLine.account_id))
        .where(col(Account.collective) == side, col(JournalLine.is_posted), col(JournalLine.entry_date) <= on)
    )
    debit, credit = session.execute(wanted).one()
    return (debit or Decimal("0.00")) - (credit or Decimal("0.00"))


@dataclass(frozen=True)
class OpenLine:
    """One item that was open at the end of a day, and the entry that opened it; `late` in days, below zero early."""

    line_id: UUID
    entry_id: UUID
    number: str
    account_number: str
    party_id: UUID | None
    party_name: str
    document: str
    text: str
    item_date: date
    due_date: date
    amount: Decimal
    balance: Decimal
    late: int

    @property
    def age(self) -> str:
        """Return the class of age."""
        return "due" if self.late <= 0 else next((name for name, days in LATE if self.late <= days), "older")


@readable("ledger.read")
def open_lines(
    session: Session, *, side: str, on: date, party_id: UUID | None = None, only_unnamed: bool = False, most: int = 1000
) -> list[OpenLine]:
    """Return the items that were open at the end of a day, the earliest due first: all, one party's, or nobody's."""
    one = _open_on(side, on)
    wanted = (
        select(one, col(JournalLine.entry_id), col(JournalLine.text), col(JournalEntry.number), col(Account.number))
        .join(JournalLine, col(JournalLine.id) == one.c.id)
        .join(JournalEntry, col(JournalEntry.id) == col(JournalLine.entry_id))
        .join(Account, col(Account.id) == one.c.account_id)
        .order_by(one.c.due_date, one.c.id)
        .limit(most)
    )
    if only_unnamed:
        wanted = wanted.where(one.c.party_id.is_(None))
    if party_id is not None:
        wanted = wanted.where(one.c.party_id == _today(session, party_id))
    rows = session.execute(wanted).all()
    names = party_names(session, party_ids=list({row[1] for row in rows if row[1]}))
    return [_open_line(row, names, on) for row in rows]


def _open_line(row: Any, names: Mapping[UUID, Any], on: date) -> OpenLine:
    line_id, party, document, item_date, due_date, _, amount, balance, entry_id, said, number, account = row
    name = names[party].name if party in names else ""
    late = (on - due_date).days
    return OpenLine(
        line_id, entry_id, number, account, party, name, document, said, item_date, due_date,
        _amount(amount), _amount(balance), late,
    )  # fmt: skip


@dataclass(frozen=True)
class OpenDocument:
    """One open item as a payment or an entry refers to it."""

    line_id: UUID
    document: str
    item_date: date
    due_date: date
    amount: Decimal
    balance: Decimal


@readable("ledger.read")
def open_items_of_party(session: Session, *, party_id: UUID, most: int = 100) -> list[OpenDocument]:
    """Return what is open with a party, the earliest due first."""
    wanted = select(OpenItem).where(col(OpenItem.party_id) == _today(session, party_id), col(OpenItem.state) == "open")
    rows = session.scalars(wanted.order_by(col(OpenItem.due_date), col(OpenItem.id)).limit(most))
    return [OpenDocument(r.id, r.document, r.item_date, r.due_date, r.amount, r.balance) for r in rows]


def _today(session: Session, party_id: UUID) -> UUID:
    """Return the party that an id means today; the same where it is none."""
    found = parties_named_by(session, identity_ids=[party_id]).get(party_id)
    return found.party_id if found else party_id


@dataclass(frozen=True)
class WrongBalance:
    """An open item whose kept balance is not what its line and settlements say."""

    line_id: UUID
    kept: Decimal
    computed: Decimal


@readable("ledger.read")
def wrong_balances(session: Session, *, most: int = 100) -> list[WrongBalance]:
    """Return the posted lines of collective accounts whose open item is missing or has another balance."""
    settled_debit, settled_credit = _settled(Settlement.debit_line_id), _settled(Settlement.credit_line_id)
    computed = (
        type_coerce(col(JournalLine.debit), BigInteger)
        - type_coerce(col(JournalLine.credit), BigInteger)
        - func.coalesce(type_coerce(settled_debit.c.amount, BigInteger), 0)
        + func.coalesce(type_coerce(settled_credit.c.amount, BigInteger), 0)
    )
    wanted = (
        select(col(JournalLine.id), col(OpenItem.balance), computed)
        .join(Account, col(Account.id) == col(JournalLine.account_id))
        .outerjoin(OpenItem, col(OpenItem.id) == col(JournalLine.id))
        .outerjoin(settled_debit, settled_debit.c.line_id == col(JournalLine.id))
        .outerjoin(settled_credit, settled_credit.c.line_id == col(JournalLine.id))
        .where(col(Account.collective) != "", col(JournalLine.is_posted))
        .where(
            case((col(OpenItem.id).is_(None), True), else_=type_coerce(col(OpenItem.balance), BigInteger) != computed)
        )
        .limit(most)
    )
    return [
        WrongBalance(one, kept or Decimal("0.00"), Decimal(int(right)).scaleb(-2))
        for one, kept, right in session.execute(wanted)
    ]


@readable("ledger.read")
def strayed_items(session: Session, *, most: int = 100) -> list[tuple[UUID, UUID | None, UUID | None]]:
    """Return the open items of another party than their line's: the line, the party kept, the right one."""
    wanted = (
        select(col(OpenItem.id), col(OpenItem.party_id), col(PartyIdentity.party_id))
        .join(JournalLine, col(JournalLine.id) == col(OpenItem.id))
        .outerjoin(PartyIdentity, col(PartyIdentity.id) == col(JournalLine.party_id))
        .where(col(OpenItem.party_id).is_distinct_from(col(PartyIdentity.party_id)))
        .limit(most)
    )
    return [(one, kept, right) for one, kept, right in session.execute(wanted)]


def _settled(side: Any) -> Subquery:
    wanted: Any = select(col(side).label("line_id"), func.sum(col(Settlement.amount)).label("amount"))
    grouped: Subquery = wanted.group_by(col(side)).subquery()
    return grouped


@readable("ledger.read")
def settlements_of(session: Session, *, line_ids: Sequence[UUID]) -> list[tuple[UUID, UUID, UUID, Decimal]]:
    """Return what settles lines: id of the settlement, debit line, credit line, amount."""
    columns = (Settlement.id, Settlement.debit_line_id, Settlement.credit_line_id, Settlement.amount)
    ids = list(line_ids)
    wanted: Any = select(*columns).where(  # type: ignore[call-overload]
        col(Settlement.debit_line_id).in_(ids) | col(Settlement.credit_line_id).in_(ids)
    )
    return [tuple(row) for row in session.execute(wanted.order_by(col(Settlement.id)))]
