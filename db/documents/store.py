"""Files by their content: named by their sha256, written once, verified at every read."""

import hashlib
import os
import re
import tempfile
from pathlib import Path

from db.kernel.errors import BusinessError
from db.session import data_folder


class FileAltered(BusinessError):
    """A stored file is not what its name says any more, or is gone."""


def put(content: bytes) -> str:
    """Keep a file; return its sha256. The same content twice is one file; a half-written one is never seen."""
    sha256 = hashlib.sha256(content).hexdigest()
    place = path_of(sha256)
    if place.exists():
        return sha256
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".writing-")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(name, place)
    return sha256


def get(sha256: str) -> bytes:
    """Return the content of a file.

    Raises:
        FileAltered: it is gone, or its content is not what its name says.
    """
    try:
        content = path_of(sha256).read_bytes()
    except FileNotFoundError:
        raise FileAltered("Le fichier {name} manque.", name=sha256[:12]) from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise FileAltered("Le fichier {name} a été altéré.", name=sha256[:12])
    return content


def path_of(sha256: str) -> Path:
    """Return where a file is kept.

    Raises:
        FileAltered: the name is no sha256.
    """
    if not re.fullmatch("[0-9a-f]{64}", sha256):
        raise FileAltered("« {name} » ne désigne aucun fichier.", name=sha256[:80])
    return data_folder() / "files" / sha256[:2] / sha256
