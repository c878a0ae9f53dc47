"""Open, prove and end the sessions of browsers."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, update

from db.access.gate import gate
from db.access.people.queries import find_user
from db.access.people.rules import PersonClosed
from db.access.people.second_factor.proof import check_code
from db.access.people.sessions.ending import end_sessions
from db.access.people.sessions.queries import is_demonstration, waiting_session
from db.access.people.sessions.rules import FRESH_TIME, WrongCredentials
from db.access.people.sessions.tables import SignInSession
from db.access.people.tables import User
from db.access.people.tokens.rules import new_token, token_hash
from db.access.rules import ANYBODY, Actor
from db.kernel.errors import NotAllowed, NotFound

WRONG = "L’adresse ou le mot de passe ne convient pas."
WRONG_CODE = "Ce code ne convient pas."
LONGEST_DEVICE = 120


@dataclass(frozen=True)
class Opened:
    """What the browser gets as its cookie, and whether the second factor is still to come."""

    token: str
    waits_for_code: bool


@gate(ANYBODY)
def sign_in(
    session: Session, *, user_id: UUID, proven_hash: str, device: str, address: str, by: Actor, at: datetime
) -> Opened:
    """Open a browser's session after its password was found right.

    The password is tested outside of the transaction, because Argon2 is slow on purpose; `proven_hash` is what it was
    tested against, so that a password changed meanwhile opens nothing.

    Raises:
        WrongCredentials: the person has left or the password was changed.
    """
    user = find_user(session, user_id, locked=True)
    if user.closed_at is not None or user.password_hash != proven_hash:
        raise WrongCredentials(WRONG)

    waits = user.totp_since is not None
    return Opened(_open(session, user, waits_for_code=waits, device=device, address=address, at=at), waits)


@gate(ANYBODY)
def refuse_sign_in(session: Session, *, by: Actor, at: datetime) -> None:
    """Write into the trail that somebody failed to sign in; `by` says as whom. The deed is all there is to it."""


@gate(ANYBODY)
def enter_code(session: Session, *, token: str, code: str, by: Actor, at: datetime) -> str:
    """Finish a sign-in with the second factor or a recovery code; return the new token for the cookie.

    Raises:
        WrongCredentials: the code is wrong or was used, or the password was entered too long ago.
    """
    found = waiting_session(session, token=token, at=at, locked=True)
    if found is None:
        raise WrongCredentials("Recommencez par le mot de passe : le délai est passé.")
    user = find_user(session, found.user_id, locked=True)
    check_code(session, user, code=code, at=at)

    fresh = new_token()
    found.token_hash, found.waits_for_code = token_hash(fresh), False
    found.last_seen_at, found.fresh_until = at, at + FRESH_TIME
    session.add(found)
    return fresh


@gate("access.use_own_account")
def prove_again(session: Session, *, code: str, by: Actor, at: datetime) -> datetime:
    """Accept the second factor once more; return until when what asks for a fresh proof may be done.

    Raises:
        WrongCredentials: the code is wrong or was used.
        NotAllowed: this is no browser.
    """
    found = _own_session(session, by)
    check_code(session, find_user(session, found.user_id, locked=True), code=code, at=at)
    found.fresh_until = at + FRESH_TIME
    session.add(found)
    return found.fresh_until


@gate("access.use_own_account")
def sign_out(session: Session, *, by: Actor, at: datetime) -> None:
    """End the session of this browser."""
    found = _own_session(session, by)
    found.ended_at = at
    session.add(found)


@gate("access.use_own_account")
def end_session(session: Session, *, session_id: UUID, by: Actor, at: datetime) -> None:
    """End one of one's own sessions, perhaps on a lost telephone.

    Raises:
        NotFound: it is not one's own.
    """
    found = session.get(SignInSession, session_id, with_for_update=True)
    if found is None or found.user_id != by.user_id:
        raise NotFound("Cette session n’existe pas.")
    found.ended_at = found.ended_at or at
    session.add(found)


@gate("access.use_own_account")
def end_other_sessions(session: Session, *, by: Actor, at: datetime) -> None:
    """End all of one's own sessions except this one."""
    end_sessions(session, user_id=_own_session(session, by).user_id, at=at, but=by.session_id)


@gate("access.manage_users")
def sign_out_person(session: Session, *, user_id: UUID, by: Actor, at: datetime) -> None:
    """End all sessions of a person."""
    find_user(session, user_id)
    end_sessions(session, user_id=user_id, at=at)


@gate(ANYBODY)
def enter_demonstration(
    session: Session, *, user_id: UUID, secret: str, device: str, address: str, by: Actor, at: datetime
) -> str:
    """Open a session as a person of the demonstration, without a password; return the token for the cookie.

    `secret` is a second factor for her if she has none yet: the screens show its code, marked as a demonstration.

    Raises:
        NotAllowed: the database is a real firm's.
        PersonClosed: the person has left.
    """
    if not is_demonstration(session):
        raise NotAllowed("Seule la démonstration s’ouvre sans mot de passe.")
    user = find_user(session, user_id, locked=True)
    if user.closed_at is not None:
        raise PersonClosed("{name} ne travaille plus avec Boussole.", name=user.name)
    if user.totp_since is None:
        user.totp_secret, user.totp_since = secret, at
    return _open(session, user, waits_for_code=False, device=device, address=address, at=at)


def note_seen(session: Session, *, session_id: UUID, at: datetime) -> None:
    """Write that a browser is being used (bookkeeping, no deed)."""
    session.connection().execute(
        update(SignInSession).where(col(SignInSession.id) == session_id).values(last_seen_at=at)
    )


def _open(session: Session, user: User, *, waits_for_code: bool, device: str, address: str, at: datetime) -> str:
    token = new_token()
    session.add(
        SignInSession(
            user_id=user.id,
            token_hash=token_hash(token),
            waits_for_code=waits_for_code,
            device=device[:LONGEST_DEVICE],
            address=address[:LONGEST_DEVICE],
            opened_at=at,
            last_seen_at=at,
        )
    )
    return token


def _own_session(session: Session, by: Actor) -> SignInSession:
    found = session.get(SignInSession, by.session_id, with_for_update=True) if by.session_id else None
    if found is None or found.user_id != by.user_id:
        raise NotAllowed("Ceci se fait dans un navigateur où vous êtes connecté.")
    return found
