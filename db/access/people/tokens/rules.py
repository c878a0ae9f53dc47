"""Random tokens: shown once, kept as hashes."""

import hashlib
import secrets
from datetime import datetime, timedelta

from db.access.rules import PERMISSIONS
from db.kernel.errors import BadInput

PREFIX = "boussole_"  # so that a key that leaked into a file can be searched for
LONGEST_LIFE = timedelta(days=366)


def new_token(prefix: str = "") -> str:
    """Return a random token of 256 bits."""
    return prefix + secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return what is kept of a random token: guessing it is hopeless, so that one fast hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_usable(expires_at: datetime, revoked_at: datetime | None, *, at: datetime) -> bool:
    """Test if a key is neither expired nor revoked."""
    return revoked_at is None and at < expires_at


def check_scopes(scopes: frozenset[str]) -> None:
    """Refuse a key for nothing or for unknown permissions.

    Raises:
        BadInput: with the names that are unknown.
    """
    unknown = sorted(scopes - PERMISSIONS.keys())
    if unknown:
        raise BadInput("Droits inconnus : {names}.", names=", ".join(unknown))
    if not scopes:
        raise BadInput("Choisissez au moins un droit pour cette clé.")


def check_expiry(expires_at: datetime, *, at: datetime) -> None:
    """Refuse a key that is already over or that would live longer than a year.

    Raises:
        BadInput: says the limit.
    """
    if not at < expires_at <= at + LONGEST_LIFE:
        raise BadInput("L’échéance d’une clé est au plus dans un an.")
