"""The key that opens the secrets in the database; kept in a file of its own that no backup packs.

`BOUSSOLE_KEY_FILE` names the file; by default it stands in the user's configuration folder, one per installation. Its
first line is the key in use, the others are earlier ones, which still open older backups.
"""

import contextlib
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from platformdirs import user_config_path

from db.kernel.errors import BusinessError
from db.session import data_folder

KEY_BYTES = 32
MARK = "installation"


class KeyProblem(BusinessError):
    """The key file cannot be read, written or understood."""


@dataclass(frozen=True)
class Key:
    """One key and the short name by which a kept value says what opens it."""

    name: str
    content: bytes

    def as_line(self) -> str:
        """Return the key as the file keeps it."""
        return f"{self.name} {urlsafe_b64encode(self.content).decode()}"


def key_file() -> Path:
    """Return where the key stands: `BOUSSOLE_KEY_FILE`, else the user's configuration folder."""
    given = os.environ.get("BOUSSOLE_KEY_FILE")
    return Path(given) if given else user_config_path("boussole") / f"{_installation()}.key"


def _installation() -> str:
    """Return the name of this installation, which stays when its folder is moved."""
    mark = data_folder() / MARK
    with contextlib.suppress(FileExistsError):
        _write_new(mark, secrets.token_hex(8) + "\n")
    return mark.read_text(encoding="utf-8").strip()


def current_key() -> Key:
    """Return the key in use; the first time there is none, it is made."""
    path = key_file()
    if not path.exists():
        with contextlib.suppress(FileExistsError):
            _write_new(path, new_key().as_line() + "\n")
    return known_keys()[0]


def known_keys() -> tuple[Key, ...]:
    """Return all keys, the one in use first; none while there is no file.

    Raises:
        KeyProblem: the file cannot be read or holds something else.
    """
    path = key_file()
    try:
        stamp = path.stat()
    except FileNotFoundError:
        return ()
    except OSError as problem:
        raise KeyProblem(
            "Le fichier de clé {path} ne peut pas être lu ({reason}).", path=str(path), reason=problem.strerror
        ) from problem
    return _read(path, stamp.st_mtime_ns, stamp.st_ino)


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int, _identity: int) -> tuple[Key, ...]:
    try:
        lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        found = tuple(Key(name, urlsafe_b64decode(content)) for name, content in lines)
    except (OSError, ValueError) as problem:
        raise KeyProblem("Le fichier {path} n’est pas une clé de Boussole.", path=str(path)) from problem
    if not found or any(len(key.content) != KEY_BYTES for key in found):
        raise KeyProblem("Le fichier {path} n’est pas une clé de Boussole.", path=str(path))
    return found


def new_key() -> Key:
    """Return a random key."""
    return Key(secrets.token_hex(4), secrets.token_bytes(KEY_BYTES))


def keep(all_keys: tuple[Key, ...]) -> None:
    """Replace the file as a whole, so that nobody ever reads half of it."""
    path = key_file()
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    _write_new(fresh, "".join(key.as_line() + "\n" for key in all_keys))
    fresh.replace(path)


def _write_new(path: Path, text: str) -> None:
    """Write a file that only its owner may read; raise FileExistsError when it is there already.

    It appears with its content (hard link), so that another process never reads an empty one.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError as problem:
        raise KeyProblem(
            "Le fichier de clé {path} ne peut pas être écrit ({reason}). Nommer une autre place : BOUSSOLE_KEY_FILE=…",
            path=str(path),
            reason=problem.strerror,
        ) from problem
    finally:
        temporary.unlink(missing_ok=True)
