"""The folder of backups: what is there, what is known of each, and which of them are kept."""

import json
import os
import re
import tarfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from app.backup.manifest import NAME, read_manifest
from app.doors import ask, now
from app.text import SWITZERLAND
from db.access.company.queries import founded_at
from db.access.rules import Actor, may
from db.kernel.errors import BusinessError, NotFound
from db.session import COMPANY, DEMO, data_folder, open_company

FOLDER = "sauvegardes"
ENDING = ".tar.gz"
SAFE_NAME = re.compile(r"[\w-][\w.-]{0,150}\.tar\.gz", re.ASCII)
NIGHTLY = "nightly"
LONGEST_WITHOUT = timedelta(hours=24)


@dataclass(frozen=True)
class Backup:
    """One backup as the list shows it; `checked_at` and `problem` tell of the last restore beside."""

    name: str
    company: str
    made_at: str
    size: int
    rows: int = 0
    kind: str = "other"
    checked_at: str = ""
    problem: str = ""

    @property
    def at(self) -> datetime:
        """When it was made."""
        return datetime.fromisoformat(self.made_at)


def backup_folder() -> Path:
    """Return where backups go: `BOUSSOLE_BACKUPS` (another disk, best), else a folder among the data."""
    folder = Path(os.environ.get("BOUSSOLE_BACKUPS") or data_folder() / FOLDER)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def path_of(name: str) -> Path:
    """Return the file of a backup.

    Raises:
        NotFound: there is none with this name.
    """
    path = backup_folder() / name
    if not SAFE_NAME.fullmatch(name) or not path.is_file() or path.is_symlink():
        raise NotFound("Cette sauvegarde n’existe plus.")
    return path


def backups(company: str) -> list[Backup]:
    """Return the backups of a company, newest first; other files are passed over."""
    found = [_known(path) for path in backup_folder().glob(f"*{ENDING}") if SAFE_NAME.fullmatch(path.name)]
    return sorted(
        (one for one in found if one is not None and one.company == company), key=lambda one: one.at, reverse=True
    )


def remember(backup: Backup) -> None:
    """Keep beside a backup what is known of it."""
    path = _notes(backup.name)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(backup), ensure_ascii=False), encoding="utf-8")
    fresh.replace(path)


def note_check(name: str, *, at: datetime, problem: str) -> None:
    """Keep how a restore beside went."""
    found = _known(path_of(name))
    if found is not None:
        remember(replace(found, checked_at=at.isoformat(), problem=problem))


def forget(name: str) -> None:
    """Delete a backup and what is known of it."""
    path_of(name).unlink(missing_ok=True)
    _notes(name).unlink(missing_ok=True)


def _notes(name: str) -> Path:
    return backup_folder() / f"{name}.json"


def _known(path: Path) -> Backup | None:
    """Return what is known of a file; one that came from elsewhere is asked itself."""
    size = path.stat().st_size
    try:
        kept = Backup(**json.loads(_notes(path.name).read_text(encoding="utf-8")))
        if kept.size == size:
            return kept
    except (OSError, ValueError, TypeError):
        pass
    try:
        with tarfile.open(path, "r:gz") as tar:
            first = tar.next()
            content = tar.extractfile(first) if first is not None and first.name == NAME else None
            manifest = read_manifest(content.read() if content else b"", path.name)
    except (tarfile.TarError, zlib.error, EOFError, OSError, BusinessError):
        return None
    found = Backup(path.name, manifest.company, manifest.made_at, size, sum(manifest.counts.values()))
    remember(found)
    return found


def is_backup_missing(by: Actor) -> bool:
    """Test if a firm that is a day old has no backup of the last 24 hours, and the actor could make one."""
    if not may(by, "access.manage_backups") or open_company() == DEMO:
        return False
    at = now()
    newest = max((path.stat().st_mtime for path in backup_folder().glob(f"{COMPANY}-*{ENDING}")), default=0.0)
    if at.timestamp() - newest < LONGEST_WITHOUT.total_seconds():
        return False
    founded = ask(by, founded_at)
    return founded is not None and at - founded >= LONGEST_WITHOUT


# --- which are kept ---------------------------------------------------------------------------------------------------


def to_forget(nightly: Sequence[Backup], *, daily: int, weekly: int, monthly: int) -> list[Backup]:
    """Return the nightly backups that no rule keeps: the newest of each of the last days, weeks and months are kept."""
    newest_first = sorted(nightly, key=lambda one: one.at, reverse=True)
    kept: set[str] = set()
    for most, period in ((daily, "%Y-%m-%d"), (weekly, "%G-%V"), (monthly, "%Y-%m")):
        kept.update(_newest_of_each(newest_first, period, most))
    return [one for one in newest_first if one.name not in kept]


def _newest_of_each(newest_first: Iterable[Backup], period: str, most: int) -> list[str]:
    chosen: dict[str, str] = {}
    for one in newest_first:
        chosen.setdefault(one.at.astimezone(SWITZERLAND).strftime(period), one.name)
    return list(chosen.values())[:most]
