"""A chart of accounts out of a file, and the undoing of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.access.history import as_json
from db.access.rules import Actor
from db.documents.imports.deeds import import_deeds
from db.kernel.errors import BadInput
from db.ledger.accounts.actions import add_accounts, change_account, findable
from db.ledger.accounts.intake.queries import account_matches
from db.ledger.accounts.intake.rules import AccountRow
from db.ledger.accounts.queries import account_in_use
from db.ledger.accounts.rules import DRAFT_FIELDS, FIXED_IN_USE, KIND, check_account, draft_of
from db.ledger.accounts.tables import Account
from db.records.intake.actions import Taking, remember_touched, undo_touched
from db.records.intake.queries import locked_records
from db.records.intake.rules import Touched, Undone, Written
from db.records.search.actions import change_search_entries, remove_search_entries
from db.records.search.rules import fold
from db.records.timeline.actions import Told, add_entries, remove_timeline

IMPORT, UNDO = "ledger.import", "ledger.undo_import"
IN_USE = "Le compte {number} est utilisé : genre et monnaie ne changent plus."


def _write_rows(session: Session, *, import_id: UUID, rows: Sequence[AccountRow], by: Actor, at: datetime) -> Written:
    """Write one portion.

    Raises: BadInput: an account in use would change what entries rest on.
    """
    found = account_matches(session, rows=rows, by=by)
    made = add_accounts(session, drafts=[row.draft for row in rows if row.line not in found], by=by, at=at)
    told = [Told(KIND, account_id, "created", "Compte créé", at) for account_id in made]
    add_entries(session, entries=told, by=by, at=at)
    known = [(found[row.line].party_id, row) for row in rows if row.line in found]
    changed = _change(session, known, by=by, at=at)
    touched = [Touched(account_id) for account_id in made] + changed
    remember_touched(session, import_id=import_id, table="account", touched=touched, by=by, at=at)
    return Written(len(made), len(known), len(known) - len(changed))


def _change(session: Session, known: Sequence[tuple[UUID, AccountRow]], *, by: Actor, at: datetime) -> list[Touched]:
    records = locked_records(session, Account, [account_id for account_id, _ in known])
    touched = []
    for account_id, row in known:
        record: Any = records[account_id]
        now = {name: getattr(record, name) for name in DRAFT_FIELDS}
        draft = check_account(draft_of({**now, **row.given}))
        new = {name: getattr(draft, name) for name in DRAFT_FIELDS if getattr(draft, name) != now[name]}
        if set(new) & set(FIXED_IN_USE) and account_in_use(session, account_id=account_id):
            raise BadInput(IN_USE, number=record.number)
        if not new:
            continue
        touched.append(Touched(account_id, record.row_version + 1, {name: as_json(now[name]) for name in new}))
        change_account(session, account_id=account_id, values=new, expected_version=record.row_version, by=by, at=at)
    return touched


def _undo_part(session: Session, *, import_id: UUID, by: Actor, at: datetime) -> Undone:
    """Undo a part of an import; accounts changed or used since are left and named."""
    accounts = Taking(
        Account,
        remove=lambda found: _remove(session, found, by=by, at=at),
        restore=lambda pairs: _give_back(session, pairs, by=by, at=at),
        named=lambda account: f"{account.number} {account.name}",
    )
    return undo_touched(session, import_id=import_id, taking=accounts, by=by, at=at)


ACCOUNT_IMPORT = import_deeds(
    "account", module=__name__, permissions=(IMPORT, UNDO), write_rows=_write_rows, undo_part=_undo_part
)


def _give_back(session: Session, pairs: Sequence[tuple[Any, Mapping[str, Any]]], *, by: Actor, at: datetime) -> None:
    for record, values in pairs:
        for name, value in values.items():
            setattr(record, name, value)
        record.name_order = fold(record.name)
    session.flush()
    change_search_entries(session, entries=[findable(record) for record, _ in pairs], by=by, at=at)


def _remove(session: Session, found: Sequence[Any], *, by: Actor, at: datetime) -> None:
    ids, numbers = [one.id for one in found], [one.search_number for one in found]
    for one in found:
        session.delete(one)
    session.flush()
    remove_search_entries(session, numbers=numbers, by=by, at=at)
    remove_timeline(session, kind=KIND, record_ids=ids, by=by, at=at)
