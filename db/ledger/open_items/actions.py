"""Opening items with the lines that are posted, and settling them with each other."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import gate
from db.access.rules import Actor
from db.kernel.errors import NotFound
from db.ledger.accounts.tables import Account
from db.ledger.entries.tables import JournalLine
from db.ledger.open_items.rules import CannotReconcile, OpenPart, matches
from db.ledger.open_items.tables import OpenItem, Settlement
from db.parties.queries import parties_for_posting


@gate("ledger.post")
def open_items_of(session: Session, *, entry_id: UUID, by: Actor, at: datetime) -> None:
    """Open an item for each line of a posted entry on a collective account; lines that settle others do so."""
    wanted = (
        select(JournalLine, col(Account.collective))
        .join(Account, col(Account.id) == col(JournalLine.account_id))
        .where(col(JournalLine.entry_id) == entry_id, col(Account.collective) != "")
        .order_by(col(JournalLine.position))
    )
    found = [(row[0], row[1]) for row in session.execute(wanted)]
    parties = parties_for_posting(session, identity_ids=[line.party_id for line, _ in found])
    for line, side in found:
        amount = line.debit - line.credit
        session.add(
            OpenItem(
                id=line.id,
                account_id=line.account_id,
                side=side,
                party_id=parties[line.party_id] if line.party_id else None,
                document=line.document,
                item_date=line.entry_date,
                due_date=line.due_date or line.entry_date,
                amount=amount,
                balance=amount,
                search_number=line.search_number,
            )
        )
    session.flush()
    for line, _ in found:
        if line.settles_id is not None:
            _check_alike(_locked(session, [line.settles_id, line.id]))
            _settle(session, [line.settles_id, line.id])


@gate("ledger.edit")
def reconcile(session: Session, *, line_ids: Sequence[UUID], by: Actor, at: datetime) -> int:
    """Let open items of one account and party settle each other, in the order given; return how many pairs.

    Raises: NotFound, CannotReconcile.
    """
    _check_alike(_locked(session, line_ids))
    done = _settle(session, line_ids)
    if not done:
        raise CannotReconcile("Il faut au moins un poste au débit et un au crédit qui soient encore ouverts.")
    return done


@gate("ledger.edit")
def unreconcile(session: Session, *, line_id: UUID, by: Actor, at: datetime) -> int:
    """Open again what settled a line; return how many pairs were taken apart.

    Raises: NotFound. CannotReconcile: nothing settles it.
    """
    wanted = select(Settlement).where(
        (col(Settlement.debit_line_id) == line_id) | (col(Settlement.credit_line_id) == line_id)
    )
    pairs = session.scalars(wanted.order_by(col(Settlement.id))).all()
    if not pairs:
        raise CannotReconcile("Rien n’est lettré avec ce poste.")
    items = {
        item.id: item for item in _locked(session, [one for p in pairs for one in (p.debit_line_id, p.credit_line_id)])
    }
    for pair in pairs:
        give_back(items, pair)
        session.delete(pair)
    session.flush()
    return len(pairs)


def give_back(items: dict[UUID, OpenItem], pair: Settlement) -> None:
    """Add what a pair had settled to both balances."""
    items[pair.debit_line_id].balance += pair.amount
    items[pair.credit_line_id].balance -= pair.amount
    for one in (pair.debit_line_id, pair.credit_line_id):
        items[one].state = "open"


def take(items: dict[UUID, OpenItem], pair: Settlement) -> None:
    """Take what a pair settles from both balances."""
    items[pair.debit_line_id].balance -= pair.amount
    items[pair.credit_line_id].balance += pair.amount
    for one in (pair.debit_line_id, pair.credit_line_id):
        items[one].state = "open" if items[one].balance else "settled"


def _check_alike(items: Sequence[OpenItem]) -> None:
    """Refuse items that do not settle each other.

    Raises: CannotReconcile.
    """
    if len({(item.account_id, item.party_id) for item in items}) > 1:
        raise CannotReconcile("Seuls des postes du même compte et de la même personne se lettrent.")


def _settle(session: Session, line_ids: Sequence[UUID]) -> int:
    items = {item.id: item for item in _locked(session, line_ids)}
    found = matches([OpenPart(one, items[one].balance) for one in line_ids])
    for match in found:
        known = select(Settlement).where(
            col(Settlement.debit_line_id) == match.debit_line_id, col(Settlement.credit_line_id) == match.credit_line_id
        )
        pair = Settlement(**vars(match))
        take(items, pair)
        earlier = session.scalars(known).first()
        if earlier is None:
            session.add(pair)
        else:
            earlier.amount += match.amount
    session.flush()
    return len(found)


def _locked(session: Session, line_ids: Sequence[UUID]) -> list[OpenItem]:
    """Return items locked in a fixed order.

    Raises: NotFound: one is no open item.
    """
    ids = list(dict.fromkeys(line_ids))
    wanted = select(OpenItem).where(col(OpenItem.id).in_(ids)).order_by(col(OpenItem.id)).with_for_update()
    found = session.scalars(wanted.execution_options(populate_existing=True)).all()
    if len(found) < len(ids):
        raise NotFound("Ce poste ouvert n’existe pas.")
    return list(found)


def locked_items(session: Session, pair: Settlement) -> dict[UUID, OpenItem]:
    """Return the two items of a pair, locked."""
    return {item.id: item for item in _locked(session, [pair.debit_line_id, pair.credit_line_id])}
