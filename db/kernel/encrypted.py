"""A column whose text stands encrypted in the database (AES-256-GCM), bound to its place."""

import logging
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Dialect, String
from sqlalchemy.types import TypeDecorator

from db.kernel.keys import current_key, known_keys

MARK = "enc:1:"
NONCE_BYTES = 12
log = logging.getLogger("boussole.secrets")


class Encrypted(TypeDecorator[str]):
    """A text that only the key opens: `secret(sa_type=Encrypted("company.mail_password"))`.

    The place is authenticated with the value: what stands in one column does not open in another. Without the key the
    column reads as None; what was there stays as it is until somebody writes it anew. Use it in no condition: the same
    text is never written the same way twice.
    """

    impl = String
    cache_ok = True

    def __init__(self, place: str) -> None:
        self.place = place
        super().__init__()

    def __repr__(self) -> str:
        """Return what a migration writes."""
        return f"Encrypted({self.place!r})"

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return what the database keeps."""
        return None if value is None else lock(value, self.place)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the text; None when the key that opens it is not here."""
        return None if value is None else unlock(value, self.place)


def lock(text: str, place: str) -> str:
    """Return a text as it is kept."""
    key, nonce = current_key(), os.urandom(NONCE_BYTES)
    content = AESGCM(key.content).encrypt(nonce, text.encode(), place.encode())
    return f"{MARK}{key.name}:{urlsafe_b64encode(nonce + content).decode()}"


def unlock(kept: str, place: str) -> str | None:
    """Return the text of a kept value; None when it does not open here. What an older release kept plain is given."""
    if not kept.startswith(MARK):
        return kept
    name, _, content = kept.removeprefix(MARK).partition(":")
    key = next((one for one in known_keys() if one.name == name), None)
    if key is None:
        log.warning("the key %s of %s is not here", name, place)
        return None
    try:
        sealed = urlsafe_b64decode(content)
        return AESGCM(key.content).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode()).decode()
    except (InvalidTag, ValueError):
        log.warning("a value of %s was altered", place)
        return None


def key_name_of(kept: str) -> str | None:
    """Return the name of the key that opens a kept value; None when it is plain."""
    return kept.removeprefix(MARK).partition(":")[0] if kept.startswith(MARK) else None
