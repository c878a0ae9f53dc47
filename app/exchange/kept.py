"""Exports that are ready: a folder from which they go after a day."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from db.kernel.errors import NotFound
from db.session import data_folder, open_company

SAFE_NAME = re.compile(r"(company|demo)-\d{8}-\d{6}\.zip")
KEPT_FOR = timedelta(hours=24)
UNFINISHED = ".boussole-export-"


@dataclass(frozen=True)
class Kept:
    """One export that can be taken."""

    name: str
    bytes: int
    made_at: datetime

    @property
    def until(self) -> datetime:
        """Return when it goes."""
        return self.made_at + KEPT_FOR


def export_folder() -> Path:
    """Return the folder of exports."""
    folder = data_folder() / "exports"
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder


def kept_exports() -> list[Kept]:
    """Return the exports of the open company, newest first."""
    found = [path for path in export_folder().glob(f"{open_company()}-*.zip") if SAFE_NAME.fullmatch(path.name)]
    kept = [Kept(path.name, path.stat().st_size, _made_at(path)) for path in found]
    return sorted(kept, key=lambda one: one.name, reverse=True)


def export_path(name: str, *, at: datetime) -> Path:
    """Return the file of an export.

    Raises:
        NotFound: there is none of this name, it is another company's, or its day is over.
    """
    path = export_folder() / name
    is_ours = bool(SAFE_NAME.fullmatch(name)) and name.startswith(f"{open_company()}-")
    if not is_ours or not path.is_file() or _made_at(path) + KEPT_FOR < at:
        raise NotFound("Cet export n’existe plus : en demander un nouveau.")
    return path


def forget_exports(*, at: datetime) -> int:
    """Delete the exports whose day is over; return how many."""
    over = [path for path in export_folder().glob("*.zip") if _made_at(path) + KEPT_FOR < at]
    for path in over:
        path.unlink(missing_ok=True)
    return len(over)


def forget_unfinished() -> None:
    """Delete what a killed worker had begun to write."""
    for path in export_folder().glob(f"{UNFINISHED}*"):
        path.unlink(missing_ok=True)


def _made_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
