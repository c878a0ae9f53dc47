"""Argon2 for passwords. Source: RFC 9106, section 4 (second recommended choice: 64 MiB, 3 passes)."""

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHER = PasswordHasher()
AT_ONCE = threading.BoundedSemaphore(4)  # each costs 64 MiB: a crowd of visitors must not eat the memory


def hashed(password: str) -> str:
    """Return the salted hash that is kept of a password."""
    with AT_ONCE:
        return HASHER.hash(password)


def is_right(password: str, kept: str | None) -> bool:
    """Test a password; without a kept hash the same work is done and the answer is no, so that time tells nothing."""
    with AT_ONCE:
        try:
            return HASHER.verify(kept or _nobodys(), password) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


@cache
def _nobodys() -> str:
    return HASHER.hash("nobody has this password")
