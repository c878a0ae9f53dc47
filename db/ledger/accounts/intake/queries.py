"""Which accounts the rows of a file mean."""

from collections.abc import Sequence

from sqlmodel import Session

from db.access.gate import readable
from db.access.rules import Actor
from db.ledger.accounts.intake.rules import AccountRow
from db.ledger.accounts.queries import accounts_by_number
from db.parties.intake.rules import Match


@readable("ledger.read")
def account_matches(session: Session, *, rows: Sequence[AccountRow], by: Actor) -> dict[int, Match]:
    """Return, by line, the account that each row means; a row that means a new one is absent."""
    known = accounts_by_number(session, numbers=[row.draft.number for row in rows])
    return {row.line: Match(known[row.draft.number].account_id) for row in rows if row.draft.number in known}
