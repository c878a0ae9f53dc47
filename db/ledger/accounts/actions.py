"""Adding and changing accounts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from db.access.bulk import insert_rows
from db.access.company.queries import company
from db.access.gate import gate
from db.access.rules import Actor
from db.kernel.errors import BadInput, ChangedMeanwhile, NotFound
from db.kernel.findings import Finding
from db.kernel.record import uuid7
from db.ledger.accounts.queries import account_in_use
from db.ledger.accounts.rules import (
    DRAFT_FIELDS,
    FIXED_IN_USE,
    KIND,
    AccountDraft,
    AccountInUse,
    BadAccount,
    check_account,
    draft_of,
    swiss_chart,
)
from db.ledger.accounts.tables import Account
from db.records.listing.changes import check_fields_seen
from db.records.search.actions import Findable, add_search_entries, change_search_entries
from db.records.search.queries import next_numbers
from db.records.search.rules import fold, search_lines
from db.records.timeline.actions import add_entry


@gate("ledger.manage_accounts")
def add_account(session: Session, *, draft: AccountDraft, by: Actor, at: datetime) -> UUID:
    """Add an account; return its id.

    Raises: BadAccount.
    """
    draft = check_account(draft)
    _check_free(session, draft.number)
    [account_id] = add_accounts(session, drafts=[draft], by=by, at=at)
    add_entry(session, kind=KIND, record_id=account_id, icon="created", message_id="Compte créé", by=by, at=at)
    return account_id


@gate("ledger.manage_accounts")
def create_chart(session: Session, *, by: Actor, at: datetime) -> int:
    """Give a company without accounts the Swiss chart, in its language; return how many accounts it has then."""
    count = session.scalar(select(func.count()).select_from(Account)) or 0
    if count:
        return count
    firm = company(session)
    drafts = [check_account(draft) for draft in swiss_chart(firm.language if firm else "fr")]
    return len(add_accounts(session, drafts=drafts, by=by, at=at))


@gate("ledger.manage_accounts")
def add_accounts(session: Session, *, drafts: Sequence[AccountDraft], by: Actor, at: datetime) -> list[UUID]:
    """Add accounts that were checked before, findable; return their ids."""
    numbers = next_numbers(session, count=len(drafts)) if drafts else []
    rows = [
        {**vars(draft), "id": uuid7(), "name_order": fold(draft.name), "search_number": number}
        for draft, number in zip(drafts, numbers, strict=True)
    ]
    insert_rows(session, Account, rows)
    add_search_entries(session, entries=[_found_by(row) for row in rows], by=by, at=at)
    return [row["id"] for row in rows]


@gate("ledger.manage_accounts")
def change_account(
    session: Session, *, account_id: UUID, values: Mapping[str, Any], expected_version: int, by: Actor, at: datetime
) -> int:
    """Change fields of an account (names of `AccountDraft`); return the new version.

    Raises: NotFound, ChangedMeanwhile, BadAccount, AccountInUse: what entries rest on.
    """
    check_fields_seen(by, KIND, list(values))
    row = session.get(Account, account_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("Ce compte n’existe pas ou plus.")
    if row.row_version != expected_version:
        raise ChangedMeanwhile("Ce compte a été modifié entre-temps ; rechargez-le.")
    unknown = set(values) - set(DRAFT_FIELDS)
    if unknown:
        raise BadInput("Champ inconnu : {names}.", names=", ".join(sorted(unknown)))
    before = {name: getattr(row, name) for name in DRAFT_FIELDS}
    draft = check_account(draft_of({**before, **values}))
    changed = [name for name in DRAFT_FIELDS if getattr(draft, name) != before[name]]
    if set(changed) & set(FIXED_IN_USE) and account_in_use(session, account_id=account_id):
        raise AccountInUse(
            "Le compte {number} est utilisé : numéro, genre et monnaie ne changent plus. Archivez-le et créez-en un.",
            number=row.number,
        )
    if "number" in changed:
        _check_free(session, draft.number)
    for name in changed:
        setattr(row, name, getattr(draft, name))
    row.name_order = fold(row.name)
    session.flush()
    change_search_entries(session, entries=[findable(row)], by=by, at=at)
    return row.row_version


def _check_free(session: Session, number: str) -> None:
    taken = session.scalars(select(Account).where(col(Account.number) == number)).first()
    if taken is not None:
        message = "Le compte {number} existe déjà : {name}."
        raise BadAccount([Finding("number", message, {"number": number, "name": taken.name})])


def findable(row: Account) -> Findable:
    """Return how an account is found: by its number or a word of its names."""
    return _found_by(
        {name: getattr(row, name) for name in ("id", "number", "name", "name_de", "name_en", "search_number")}
    )


def _found_by(row: Mapping[str, Any]) -> Findable:
    title = f"{row['number']} {row['name']}"
    named, folded = search_lines([("name", title), ("name_de", row["name_de"]), ("name_en", row["name_en"])])
    return Findable(row["search_number"], KIND, row["id"], "ledger.read", title, "", folded, named)
