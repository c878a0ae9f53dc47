"""Changing accounts from their list."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from db.access.gate import gate
from db.access.rules import Actor
from db.kernel.errors import BadInput
from db.ledger.accounts.actions import change_account
from db.ledger.accounts.queries import account_facts
from db.records.listing.changes import Change, Changed, each

VERBS = {"archive": {"is_archived": True}, "restore": {"is_archived": False}}


@gate("ledger.manage_accounts")
def change_accounts(session: Session, *, changes: Sequence[Change], by: Actor, at: datetime) -> Changed:
    """Change fields of accounts, archive or restore them; what cannot be done is refused one by one.

    Raises: BusinessError: nothing could be done.
    """
    return each(session, changes, lambda change: _change(session, change, by=by, at=at))


def _change(session: Session, change: Change, *, by: Actor, at: datetime) -> None:
    if change.verb != "edit" and change.verb not in VERBS:
        raise BadInput("« {verb} » ne se fait pas en lot.", verb=change.verb[:40])
    version = change.expected_version
    if version is None:
        version = account_facts(session, account_id=change.record_id).row_version
    values = VERBS.get(change.verb, change.values)
    change_account(session, account_id=change.record_id, values=values, expected_version=version, by=by, at=at)
