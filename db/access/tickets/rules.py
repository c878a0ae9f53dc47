"""What a ticket is: a random word, good once and for a minute, that carries a person from one origin to another."""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from db.kernel.errors import NotAllowed

LIFE = timedelta(seconds=60)


class TicketPurpose(StrEnum):
    """What the ticket opens at the notebooks' origin."""

    EDIT = "edit"  # the analyst's own notebooks
    READ = "read"  # one frozen notebook, named by the ticket's subject


class TicketNotValid(NotAllowed):
    """The ticket is unknown, was used before, or is older than a minute."""


def new_ticket() -> str:
    """Return a random ticket of 256 bits."""
    return secrets.token_urlsafe(32)


def ticket_hash(ticket: str) -> str:
    """Return what is kept of a ticket."""
    return hashlib.sha256(ticket.encode()).hexdigest()


def check_ticket(used_at: datetime | None, expires_at: datetime | None, *, at: datetime) -> None:
    """Refuse a ticket that is unknown (no expiry), used or expired.

    Raises:
        TicketNotValid: it is.
    """
    if expires_at is None or used_at is not None or at >= expires_at:
        raise TicketNotValid("Ce billet d’entrée n’est plus valable. Rouvrir le carnet depuis Boussole.")
