"""Where notebooks live: the second origin (the product's port + 1) and one folder per analyst in the data folder."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import workspace.notebooks
from app.origins import LOOPBACK_HOSTS, port, public_url
from db.session import data_folder
from workspace.confinement.handover import put_plain, read_plain

TEMPLATES = Path(workspace.notebooks.__path__[0])
LEAD_SCORING = "lead_scoring.py"
NOTEBOOKS = {LEAD_SCORING: "Chances de signature des pistes"}
MOST_NOTEBOOK_BYTES = 2_000_000
SETTINGS = '[tool.marimo.runtime]\nauto_instantiate = true\n\n[tool.marimo.save]\nautosave = "after_delay"\n'


def notebook_port() -> int:
    """Return the port of the notebooks' origin."""
    return port() + 1


def notebook_origins() -> list[str]:
    """List the origins of the notebooks: this machine, and behind a TLS proxy `BOUSSOLE_NOTEBOOK_ORIGINS`.

    Where only `PUBLIC_URL` is given, it is the name `carnets.` before that of the product.
    """
    public = [origin.strip().rstrip("/") for origin in os.environ.get("BOUSSOLE_NOTEBOOK_ORIGINS", "").split(",")]
    site = urlsplit(public_url())
    if site.netloc and not any(public):
        public = [f"{site.scheme}://carnets.{site.netloc}"]
    return [*(f"http://{host}:{notebook_port()}" for host in LOOPBACK_HOSTS), *filter(None, public)]


def origin_beside(host: str) -> str:
    """Return the notebooks' origin for somebody who sees the product under the given `Host` header."""
    name = urlsplit(f"//{host}").hostname or LOOPBACK_HOSTS[0]
    return next(
        (origin for origin in notebook_origins()[:2] if urlsplit(origin).hostname == name), notebook_origins()[-1]
    )


@dataclass(frozen=True)
class Home:
    """The folders of one analyst: only `work` is hers to write, `snapshot` to read; the rest is the proxy's."""

    root: Path

    @property
    def work(self) -> Path:
        """Notebooks as the analyst has changed them."""
        return self.root / "work"

    @property
    def snapshot(self) -> Path:
        """The data that she may read, and the live model."""
        return self.root / "snapshot"

    @property
    def settings(self) -> Path:
        """marimo's settings, above her folder, where she cannot put something else in their place."""
        return self.root / "pyproject.toml"

    @property
    def run(self) -> Path:
        """What the confined process reads while it starts."""
        return self.root / "run"


def home_of(user_id: UUID) -> Home:
    """Return an analyst's folders, made and filled with the project's notebooks where hers are missing."""
    home = Home(data_folder() / "notebooks" / str(user_id))
    for folder in (home.root.parent, home.root, home.work, home.snapshot, home.run):  # each closed to other accounts
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    home.settings.write_text(SETTINGS, encoding="utf-8")
    for name in NOTEBOOKS:
        if not os.path.lexists(home.work / name):
            put_plain(home.work / name, (TEMPLATES / name).read_bytes())
    return home


def is_changed(home: Home, notebook: str) -> bool:
    """Test if the analyst's notebook differs from the project's."""
    try:
        own = read_plain(home.work / notebook, most_bytes=MOST_NOTEBOOK_BYTES)
    except OSError:
        return True
    return own != (TEMPLATES / notebook).read_bytes()


def restart_from_template(user_id: UUID, notebook: str) -> Path:
    """Put the project's notebook in place of the analyst's; hers stays beside it as a numbered copy, which is returned.

    Raises:
        KeyError: the project has no such notebook.
    """
    if notebook not in NOTEBOOKS:
        raise KeyError(notebook)
    own = home_of(user_id).work / notebook
    numbered = (own.with_suffix(f".{number}.py") for number in range(1, 10_000))
    kept = next(path for path in numbered if not os.path.lexists(path))
    own.rename(kept)
    put_plain(own, (TEMPLATES / notebook).read_bytes())
    return kept
