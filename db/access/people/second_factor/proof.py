"""Accepting a second factor or a recovery code, once each."""

from datetime import datetime

from sqlmodel import Session, col, select

from db.access.people.second_factor.rules import matching_step, recovery_hash
from db.access.people.second_factor.tables import RecoveryCode
from db.access.people.sessions.rules import WrongCredentials
from db.access.people.tables import User
from db.kernel.errors import FreshProofNeeded


class NoSecondFactor(FreshProofNeeded):
    """The person has none; she is led to set one up."""


def check_code(session: Session, user: User, *, code: str, at: datetime) -> None:
    """Accept a code of a locked user and use it up.

    Raises:
        NoSecondFactor: the person has none.
        WrongCredentials: it is wrong, or was used before.
    """
    if user.totp_since is None:
        raise NoSecondFactor("Activez d’abord un second facteur dans « Mon compte ».")
    secret = user.totp_secret  # None where the key that opens it is not: a recovery code still does
    step = None if secret is None else matching_step(secret, code, at=at, last_step=user.totp_last_step)
    if step is not None:
        user.totp_last_step = step
        return
    if not _use_recovery_code(session, user, code, at):
        if secret is None:
            raise WrongCredentials(
                "La clé de cette machine n’ouvre pas votre second facteur : prenez un code de secours."
            )
        raise WrongCredentials("Ce code ne convient pas. Attendez le suivant, ou prenez un code de secours.")


def _use_recovery_code(session: Session, user: User, code: str, at: datetime) -> bool:
    wanted = select(RecoveryCode).where(
        RecoveryCode.user_id == user.id,
        RecoveryCode.code_hash == recovery_hash(code),
        col(RecoveryCode.used_at).is_(None),
    )
    found = session.exec(wanted.with_for_update()).first()
    if found is None:
        return False
    found.used_at = at
    session.add(found)
    return True
