"""Signing in, step by step: count the attempt, test outside of any transaction (Argon2 is slow on purpose), then open.

Every refusal takes the same time and says the same, whether the account exists or not.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.doors import do, now
from db.access.company.queries import sends_mail
from db.access.people.passwords import actions as passwords
from db.access.people.passwords.hashing import is_right
from db.access.people.passwords.queries import Account, account_of, link_owner
from db.access.people.queries import find_user
from db.access.people.second_factor import actions as second_factor
from db.access.people.sessions import actions as sessions
from db.access.people.sessions.attempts import count_attempt, forget_attempt
from db.access.people.sessions.queries import waiting_session
from db.access.people.sessions.rules import WrongCredentials
from db.access.rules import NOBODY, Actor
from db.jobs.actions import ask_for_job
from db.kernel.errors import BusinessError, NotAllowed
from db.session import reading, transaction

Tries = Sequence[tuple[str, str]]
LONGEST_TYPED = 256


def sign_in(*, email: str, password: str, device: str, address: str) -> sessions.Opened:
    """Open a session for a person with her password.

    Raises:
        WrongCredentials: address and password do not belong together.
        TooManyAttempts: with the minutes to wait.
    """
    at = now()
    tries = [("account", email), ("address", address)]
    _count(tries, at)
    with reading() as session:
        account = account_of(session, email=email)

    kept = account.password_hash if account else None
    if not is_right(password[:LONGEST_TYPED], kept) or account is None or kept is None:
        do(_stranger(account), sessions.refuse_sign_in, at=at)  # for unknown addresses too: it must take as long
        raise WrongCredentials(sessions.WRONG)
    opened: sessions.Opened = do(
        _as_herself(account),
        sessions.sign_in,
        at=at,
        user_id=account.user_id,
        proven_hash=kept,
        device=device,
        address=address,
    )
    _forget(tries, at)
    return opened


def enter_code(*, token: str, code: str, address: str) -> str:
    """Finish a sign-in with the second factor; return the new token for the cookie.

    Raises:
        WrongCredentials: the code is wrong or was used, or the password was entered too long ago.
        TooManyAttempts: with the minutes to wait.
    """
    at = now()
    with reading() as session:
        waiting = waiting_session(session, token=token, at=at)
        who = waiting.user_id if waiting else None
    if who is None:
        raise WrongCredentials("Recommencez par le mot de passe : le délai est passé.")

    tries = [("code", str(who)), ("address", address)]
    _count(tries, at)
    try:
        fresh: str = do(_person(who), sessions.enter_code, at=at, token=token, code=code[:LONGEST_TYPED])
    except WrongCredentials:
        do(_stranger(_account(who)), sessions.refuse_sign_in, at=at)
        raise
    _forget(tries, at)
    return fresh


def prove_again(by: Actor, *, code: str) -> datetime:
    """Take the second factor once more from a person who is signed in; return until when the proof is fresh.

    Raises:
        WrongCredentials: the code is wrong or was used.
        TooManyAttempts: with the minutes to wait.
    """
    at = now()
    tries = [("code", str(by.user_id))]
    _count(tries, at)
    until: datetime = do(by, sessions.prove_again, at=at, code=code[:LONGEST_TYPED])
    _forget(tries, at)
    return until


def prove_by_code(by: Actor, *, code: str) -> Actor:
    """Return somebody who comes without a browser, with the second factor that she gave.

    Raises:
        NoSecondFactor: she has none. WrongCredentials: the code is wrong or was used.
        TooManyAttempts: with the minutes to wait, in all ways together.
    """
    at = now()
    tries = [("code", str(by.user_id))]
    _count(tries, at)
    until: datetime = do(by, second_factor.prove_by_code, at=at, code=code[:LONGEST_TYPED])
    _forget(tries, at)
    return replace(by, fresh_until=until)


def change_password(by: Actor, *, current: str, new: str) -> None:
    """Change one's own password, with as many attempts at the current one as signing in has.

    Raises:
        WrongCredentials: `current` is wrong. WeakPassword: the new one would be guessed. TooManyAttempts: wait.
    """
    at = now()
    tries = [("account", str(by.user_id))]
    _count(tries, at)
    try:
        do(by, passwords.change_password, at=at, current=current[:LONGEST_TYPED], new=new)
    except BusinessError as refusal:
        if not isinstance(refusal, WrongCredentials):
            _forget(tries, at)
        raise
    _forget(tries, at)


def confirm_second_factor(by: Actor, *, code: str, password: str) -> Sequence[str]:
    """Switch the offered second factor on; return the recovery codes.

    Raises:
        WrongCredentials: the password or the code is wrong. TooManyAttempts: wait.
    """
    at = now()
    tries = [("account", str(by.user_id))]
    _count(tries, at)
    codes: Sequence[str] = do(
        by, second_factor.confirm_second_factor, at=at, code=code[:LONGEST_TYPED], password=password[:LONGEST_TYPED]
    )
    _forget(tries, at)
    return codes


def use_reset_link(*, token: str, password: str, address: str) -> None:
    """Choose a password through a link.

    Raises:
        LinkUsedUp: it is unknown, used or too old. WeakPassword: the password would be guessed. TooManyAttempts: wait.
    """
    at = now()
    tries = [("address", address)]
    _count(tries, at)
    with reading() as session:
        owner = link_owner(session, token=token, at=at)
    do(_as_herself(owner) if owner else NOBODY, passwords.use_reset_link, at=at, token=token, password=password)
    _forget(tries, at)


def ask_for_mail(*, email: str, address: str) -> None:
    """Ask for a reset link by mail. Whether somebody has the address is found out later, by the worker.

    Raises:
        NotAllowed: the firm lets no mail leave.
        TooManyAttempts: too many requests for this account or from this address.
    """
    at = now()
    with transaction() as session:
        if not sends_mail(session):
            raise NotAllowed("L’envoi d’e-mails n’est pas activé.")
        count_attempt(session, tries=[("reset", email), ("address", address)], at=at)
        ask_for_job(session, kind="access.mail_reset_link", arguments={"email": email[:254]}, by=NOBODY, at=at)


def _count(tries: Tries, at: datetime) -> None:
    with transaction() as session:
        count_attempt(session, tries=tries, at=at)


def _forget(tries: Tries, at: datetime) -> None:
    with transaction() as session:
        forget_attempt(session, tries=tries, at=at)


def _account(user_id: UUID) -> Account:
    with reading() as session:
        user = find_user(session, user_id)
        return Account(user.id, user.name, None)


def _person(user_id: UUID) -> Actor:
    return _as_herself(_account(user_id))


def _as_herself(account: Account) -> Actor:
    return Actor(account.user_id, account.name)


def _stranger(account: Account | None) -> Actor:
    return Actor(None, f"visiteur (compte de {account.name})" if account else "visiteur (adresse inconnue)")
