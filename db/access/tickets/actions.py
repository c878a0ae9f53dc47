"""Issue a ticket to a person who is signed in, and redeem it once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import CursorResult, delete, update
from sqlmodel import Session, col

from db.access.gate import gate
from db.access.rules import ANYBODY, Actor
from db.access.tickets.rules import LIFE, TicketNotValid, TicketPurpose, check_ticket, new_ticket, ticket_hash
from db.access.tickets.tables import Ticket


@dataclass(frozen=True)
class Redeemed:
    """For whom and for what a ticket was good."""

    user_id: UUID
    session_id: UUID | None
    purpose: TicketPurpose
    subject: str


@gate("workspace.open_notebook")
def issue_editing_ticket(session: Session, *, notebook: str, by: Actor, at: datetime) -> str:
    """Give an analyst a ticket for one of her notebooks; return it (it is shown once and kept as a hash)."""
    return _issue(session, TicketPurpose.EDIT, notebook, by=by, at=at)


@gate("insights.read_models")
def issue_reading_ticket(session: Session, *, frozen_sha256: str, by: Actor, at: datetime) -> str:
    """Give a person a ticket for one frozen notebook; return it. The caller checks that the file is one."""
    return _issue(session, TicketPurpose.READ, frozen_sha256, by=by, at=at)


def _issue(session: Session, purpose: TicketPurpose, subject: str, *, by: Actor, at: datetime) -> str:
    if by.user_id is None:
        raise TicketNotValid("Un billet d’entrée est pour une personne.")
    session.connection().execute(delete(Ticket).where(col(Ticket.expires_at) < at - LIFE))
    ticket = new_ticket()
    session.add(
        Ticket(
            digest=ticket_hash(ticket),
            user_id=by.user_id,
            session_id=by.session_id,
            purpose=purpose.value,
            subject=subject,
            expires_at=at + LIFE,
        )
    )
    return ticket


@gate(ANYBODY)
def redeem_ticket(session: Session, *, ticket: str, by: Actor, at: datetime) -> Redeemed:
    """Use a ticket up; of two who try at once, one gets in.

    Raises:
        TicketNotValid: it is unknown, used or expired.
    """
    digest = ticket_hash(ticket)
    found = session.get(Ticket, digest)
    check_ticket(found.used_at if found else None, found.expires_at if found else None, at=at)
    assert found is not None

    wanted = update(Ticket).where(col(Ticket.digest) == digest, col(Ticket.used_at).is_(None)).values(used_at=at)
    changed: CursorResult[tuple[()]] = session.connection().execute(wanted)
    check_ticket(None if changed.rowcount == 1 else at, found.expires_at, at=at)
    return Redeemed(found.user_id, found.session_id, TicketPurpose(found.purpose), found.subject)
