"""Whose password is to be tested, and whose link this is."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from db.access.people.passwords.tables import ResetLink
from db.access.people.queries import find_user, user_by_email
from db.access.people.tokens.rules import is_usable, token_hash


@dataclass(frozen=True)
class Account:
    """What signing in needs to know of an account. Never leaves the edge that asked."""

    user_id: UUID
    name: str
    password_hash: str | None


def account_of(session: Session, *, email: str) -> Account | None:
    """Return the open account of an address; None when there is none (the caller does the same work then)."""
    user = user_by_email(session, email=email)
    if user is None or user.closed_at is not None:
        return None
    return Account(user.id, user.name, user.password_hash)


def link_owner(session: Session, *, token: str, at: datetime) -> Account | None:
    """Return whose reset link this is; None when it is unknown, used or too old."""
    link = find_link(session, token=token, at=at)
    if link is None:
        return None
    user = find_user(session, link.user_id)
    return None if user.closed_at is not None else Account(user.id, user.name, user.password_hash)


def find_link(session: Session, *, token: str, at: datetime, locked: bool = False) -> ResetLink | None:
    """Return a reset link that may be used now."""
    wanted = select(ResetLink).where(ResetLink.token_hash == token_hash(token))
    link = session.exec(wanted.with_for_update() if locked else wanted).first()
    return link if link is not None and is_usable(link.expires_at, link.used_at, at=at) else None
