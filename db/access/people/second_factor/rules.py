"""Codes that change every 30 seconds, and the codes for the day when the phone is lost. Source: RFC 6238."""

import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp

STEP_SECONDS = 30
TOLERATED_STEPS = (0, -1, 1)  # a phone's clock may be half a minute off
RECOVERY_CODES = 10
ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # nothing that is taken for something else
GROUPS, GROUP_LENGTH = 3, 4


def new_secret() -> str:
    """Return a random secret for a phone (160 bits, base 32)."""
    return pyotp.random_base32()


def setup_address(secret: str, *, email: str, issuer: str) -> str:
    """Return the `otpauth:` address that the picture to be scanned stands for."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def code_at(secret: str, *, at: datetime) -> str:
    """Return the code of an instant (tests, and the demonstration)."""
    return pyotp.TOTP(secret).at(int(at.timestamp()))


def matching_step(secret: str, code: str, *, at: datetime, last_step: int | None) -> int | None:
    """Return the step whose code this is; None for a wrong code and one that is not newer than the last used."""
    typed = "".join(code.split())
    if not (typed.isascii() and typed.isdigit()):
        return None
    now = int(at.timestamp()) // STEP_SECONDS
    for step in (now + shift for shift in TOLERATED_STEPS):
        if hmac.compare_digest(pyotp.TOTP(secret).at(step * STEP_SECONDS), typed):
            return step if last_step is None or step > last_step else None
    return None


def new_recovery_codes() -> list[str]:
    """Return ten random codes of 58 bits, in groups of four."""
    return [
        "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_hash(code: str) -> str:
    """Return what is kept of a recovery code, however it was typed."""
    return hashlib.sha256("".join(sign for sign in code.upper() if sign in ALPHABET).encode()).hexdigest()
