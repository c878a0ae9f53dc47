"""Questions about accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import Session, col

from db.access.gate import readable
from db.kernel.errors import NotFound
from db.ledger.accounts.tables import Account
from db.ledger.entries.tables import JournalLine
from db.records.search.rules import escaped, fold


@dataclass(frozen=True)
class AccountFacts:
    """What is known of one account."""

    account_id: UUID
    number: str
    name: str
    name_de: str
    name_en: str
    kind: str
    currency: str
    collective: str
    co_position: str
    is_archived: bool
    row_version: int


@readable("ledger.read")
def account_facts(session: Session, *, account_id: UUID) -> AccountFacts:
    """Return one account.

    Raises: NotFound.
    """
    row = session.get(Account, account_id)
    if row is None:
        raise NotFound("Ce compte n’existe pas ou plus.")
    return _facts(row)


@readable("ledger.read")
def account_in_use(session: Session, *, account_id: UUID) -> bool:
    """Test if any line, posted or not, uses an account."""
    wanted = select(col(JournalLine.id)).where(col(JournalLine.account_id) == account_id)
    return session.scalars(wanted.limit(1)).first() is not None


@readable("ledger.read")
def chart(session: Session) -> list[AccountFacts]:
    """Return all accounts by number."""
    return [_facts(row) for row in session.scalars(select(Account).order_by(col(Account.number)))]


@readable("ledger.read")
def accounts_by_number(session: Session, *, numbers: Sequence[str]) -> dict[str, AccountFacts]:
    """Return the accounts that exist among numbers."""
    wanted = select(Account).where(col(Account.number).in_(list(set(numbers))))
    return {row.number: _facts(row) for row in session.scalars(wanted)}


@readable("ledger.read")
def accounts_like(session: Session, *, text: str, most: int = 12) -> list[AccountFacts]:
    """Return accounts in use whose number begins with a text, or with that word in their name, by number."""
    word = escaped(fold(text))
    name, number = col(Account.name_order), col(Account.number)
    wanted = select(Account).where(
        or_(
            number.like(f"{word.upper()}%", escape="\\"),
            name.like(f"{word}%", escape="\\"),
            name.like(f"% {word}%", escape="\\"),
        ),
        ~col(Account.is_archived),
    )
    return [_facts(row) for row in session.scalars(wanted.order_by(number).limit(most))]


def _facts(row: Account) -> AccountFacts:
    same = {name: getattr(row, name) for name in AccountFacts.__dataclass_fields__ if name != "account_id"}
    return AccountFacts(account_id=row.id, **same)
