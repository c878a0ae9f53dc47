"""Set up, replace and take away a second factor."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, delete

from db.access.gate import gate
from db.access.people.passwords.hashing import is_right
from db.access.people.queries import find_user
from db.access.people.second_factor.proof import check_code
from db.access.people.second_factor.rules import matching_step, new_recovery_codes, new_secret, recovery_hash
from db.access.people.second_factor.tables import RecoveryCode, TotpOffer
from db.access.people.sessions.ending import end_sessions
from db.access.people.sessions.rules import FRESH_TIME, WrongCredentials
from db.access.people.sessions.tables import SignInSession
from db.access.people.tables import User
from db.access.rules import ANYBODY, Actor, check_fresh
from db.kernel.errors import NotAllowed


@gate("access.use_own_account")
def offer_second_factor(session: Session, *, by: Actor, at: datetime) -> str:
    """Return a new secret for the person's phone; it counts from the first code that she enters.

    Raises:
        FreshProofNeeded: she has a second factor already and did not just use it.
    """
    user = _own_account(session, by)
    if user.totp_since is not None:
        check_fresh(by, at)
    offer = session.get(TotpOffer, user.id) or TotpOffer(user_id=user.id, totp_secret="", offered_at=at)
    offer.totp_secret, offer.offered_at = new_secret(), at
    session.add(offer)
    return offer.totp_secret


@gate("access.use_own_account")
def confirm_second_factor(session: Session, *, code: str, password: str, by: Actor, at: datetime) -> Sequence[str]:
    """Switch the offered second factor on; return ten recovery codes, which are shown once.

    The password is asked for, so that a browser left open cannot lock its owner out. Other sessions end.

    Raises:
        WrongCredentials: the password or the code is wrong.
        NotAllowed: nothing was offered.
    """
    user = _own_account(session, by)
    offer = session.get(TotpOffer, user.id, with_for_update=True)
    if offer is None:
        raise NotAllowed("Affichez d’abord le code à scanner.")
    if user.totp_since is not None:
        check_fresh(by, at)
    if user.password_hash is not None and not is_right(password, user.password_hash):  # none in the demonstration
        raise WrongCredentials("Ce n’est pas votre mot de passe.")
    step = matching_step(offer.totp_secret, code, at=at, last_step=None)
    if step is None:
        raise WrongCredentials("Ce code ne convient pas. Vérifiez l’heure du téléphone et essayez le code suivant.")

    user.totp_secret, user.totp_since, user.totp_last_step = offer.totp_secret, at, step
    session.delete(offer)
    end_sessions(session, user_id=user.id, at=at, but=by.session_id)
    _make_fresh(session, by, at)
    return _recovery_codes(session, user, at)


@gate("access.use_own_account", fresh=True)
def renew_recovery_codes(session: Session, *, by: Actor, at: datetime) -> Sequence[str]:
    """Replace the recovery codes by ten new ones, which are shown once.

    Raises:
        NotAllowed: there is no second factor.
    """
    user = _own_account(session, by)
    if user.totp_since is None:
        raise NotAllowed("Activez d’abord un second facteur.")
    return _recovery_codes(session, user, at)


@gate("access.use_own_account", fresh=True)
def remove_second_factor(session: Session, *, by: Actor, at: datetime) -> None:
    """Do without a second factor again; what asks for a fresh proof cannot be done any more."""
    _remove(session, _own_account(session, by))


@gate("access.manage_users", fresh=True)
def reset_second_factor(session: Session, *, user_id: UUID, by: Actor, at: datetime) -> None:
    """Take the second factor away from a person who lost phone and recovery codes; her sessions end.

    Raises:
        NotAllowed: it is one's own.
    """
    if user_id == by.user_id:
        raise NotAllowed("Votre propre second facteur se change dans « Mon compte ».")
    _remove(session, find_user(session, user_id, locked=True))
    end_sessions(session, user_id=user_id, at=at)


@gate(ANYBODY)  # a narrow key need not name it: the code itself is the proof
def prove_by_code(session: Session, *, code: str, by: Actor, at: datetime) -> datetime:
    """Accept the second factor of somebody who comes without a browser; return until when it counts as fresh.

    Raises:
        NoSecondFactor: the person has none.
        WrongCredentials: the code is wrong or was used.
    """
    user = _own_account(session, by)
    check_code(session, user, code=code, at=at)
    session.add(user)
    return at + FRESH_TIME


def _own_account(session: Session, by: Actor) -> User:
    if by.user_id is None:
        raise NotAllowed("Seule une personne a un compte.")
    return find_user(session, by.user_id, locked=True)


def _remove(session: Session, user: User) -> None:
    user.totp_secret = user.totp_since = user.totp_last_step = None
    session.connection().execute(delete(RecoveryCode).where(col(RecoveryCode.user_id) == user.id))
    session.connection().execute(delete(TotpOffer).where(col(TotpOffer.user_id) == user.id))


def _recovery_codes(session: Session, user: User, at: datetime) -> Sequence[str]:
    session.connection().execute(delete(RecoveryCode).where(col(RecoveryCode.user_id) == user.id))
    codes = new_recovery_codes()
    session.add_all(RecoveryCode(user_id=user.id, code_hash=recovery_hash(code), made_at=at) for code in codes)
    return codes


def _make_fresh(session: Session, by: Actor, at: datetime) -> None:
    browser = session.get(SignInSession, by.session_id) if by.session_id else None
    if browser is not None:
        browser.fresh_until = at + FRESH_TIME
        session.add(browser)
