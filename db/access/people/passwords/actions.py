"""Change a password, or choose one through a link."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, update

from db.access.gate import gate
from db.access.people.passwords.hashing import hashed, is_right
from db.access.people.passwords.queries import find_link
from db.access.people.passwords.rules import GIVEN_LINK_LIFE, MAILED_LINK_LIFE, check_password
from db.access.people.passwords.tables import ResetLink
from db.access.people.queries import find_user, user_by_email
from db.access.people.rules import PersonClosed
from db.access.people.sessions.ending import end_sessions
from db.access.people.sessions.rules import WrongCredentials
from db.access.people.tables import User
from db.access.people.tokens.rules import new_token, token_hash
from db.access.rules import ANYBODY, Actor
from db.kernel.errors import NotAllowed


class LinkUsedUp(NotAllowed):
    """The link is unknown, used or too old."""


@dataclass(frozen=True)
class MailedLink:
    """To whom a link is sent; the token exists here and in the mail only."""

    token: str
    email: str
    name: str
    language: str


@gate("access.use_own_account")
def change_password(session: Session, *, current: str, new: str, by: Actor, at: datetime) -> None:
    """Replace one's own password; other browsers are signed out, open reset links die.

    Raises:
        WrongCredentials: `current` is not the password.
        WeakPassword: the new one would be guessed.
    """
    if by.user_id is None:
        raise NotAllowed("Seule une personne a un mot de passe.")
    user = find_user(session, by.user_id, locked=True)
    if not is_right(current, user.password_hash):
        raise WrongCredentials("Ce n’est pas votre mot de passe actuel.")
    _set(session, user, new, at=at, but=by.session_id)


@gate("access.manage_users", fresh=True)
def make_reset_link(session: Session, *, user_id: UUID, by: Actor, at: datetime) -> str:
    """Return the token of a link that lets a person choose a password, good once for 24 hours; earlier ones die.

    Raises:
        PersonClosed: she has left.
    """
    user = find_user(session, user_id, locked=True)
    if user.closed_at is not None:
        raise PersonClosed("{name} ne travaille plus avec Boussole.", name=user.name)
    return _new_link(session, user, life=GIVEN_LINK_LIFE, at=at)


@gate("access.mail_reset_link")
def make_mailed_link(session: Session, *, email: str, by: Actor, at: datetime) -> MailedLink | None:
    """Make the link for a forgotten password, good once for 30 minutes; None when nobody has the address."""
    user = user_by_email(session, email=email)
    if user is None or user.closed_at is not None:
        return None
    return MailedLink(_new_link(session, user, life=MAILED_LINK_LIFE, at=at), user.email, user.name, user.language)


@gate(ANYBODY)
def use_reset_link(session: Session, *, token: str, password: str, by: Actor, at: datetime) -> UUID:
    """Choose a password through a link; all browsers of the person are signed out. Return her id.

    Raises:
        LinkUsedUp: it is unknown, used or too old.
        WeakPassword: the password would be guessed; the link stays good.
    """
    link = find_link(session, token=token, at=at, locked=True)
    if link is None:
        raise LinkUsedUp("Ce lien a déjà servi ou n’est plus valable. Demandez-en un autre.")
    user = find_user(session, link.user_id, locked=True)
    if user.closed_at is not None:
        raise LinkUsedUp("Ce lien a déjà servi ou n’est plus valable. Demandez-en un autre.")
    _set(session, user, password, at=at, but=None)
    return user.id


def _set(session: Session, user: User, password: str, *, at: datetime, but: UUID | None) -> None:
    check_password(password, email=user.email, name=user.name)
    user.password_hash, user.password_changed_at = hashed(password), at
    end_sessions(session, user_id=user.id, at=at, but=but)
    _use_up_links(session, user, at)


def _new_link(session: Session, user: User, *, life: timedelta, at: datetime) -> str:
    _use_up_links(session, user, at)
    token = new_token()
    session.add(ResetLink(user_id=user.id, token_hash=token_hash(token), made_at=at, expires_at=at + life))
    return token


def _use_up_links(session: Session, user: User, at: datetime) -> None:
    links = update(ResetLink).where(col(ResetLink.user_id) == user.id, col(ResetLink.used_at).is_(None))
    session.connection().execute(links.values(used_at=at))
