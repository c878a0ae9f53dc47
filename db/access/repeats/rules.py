"""A program that is not sure if its request arrived may send it again under the same key.

Source: draft-ietf-httpapi-idempotency-key-header.
"""

import hashlib
from datetime import timedelta

from db.access.rules import Actor
from db.kernel.errors import BadInput, BusinessError

KEPT = timedelta(hours=24)
LONGEST_KEY = 255


class KeyReused(BadInput):
    """The key was used for another request."""


class StillRunning(BusinessError):
    """The request of this key is being carried out, or was interrupted: nobody knows yet what became of it."""


def check_key(key: str) -> None:
    """Refuse a key that is too long or not printable.

    Raises: BadInput.
    """
    if not 1 <= len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise BadInput("L’en-tête Idempotency-Key compte de 1 à {longest} caractères ASCII.", longest=LONGEST_KEY)


def fingerprint(method: str, path: str, body: bytes, rights: str) -> str:
    """Return what identifies a request; asked with other rights it is another one, so that no answer outlives them."""
    return hashlib.sha256(b"\n".join((method.encode(), path.encode(), rights.encode(), body))).hexdigest()


def rights_of(by: Actor) -> str:
    """Return all that decides what an actor is answered, as a text that is the same for the same rights."""
    owners = sorted((name, sorted(map(str, ids))) for name, ids in by.owners.items())
    return repr([sorted(map(str, part or ())) for part in (by.roles, by.granted, by.scopes, by.hidden)] + [owners])
