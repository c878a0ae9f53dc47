"""Freezes the notebook of a version as HTML, with that version's knobs, for whoever decides about it.

A notebook is its author's code: it runs confined like her editor, on a snapshot of what she may read at the version's
cut-off. That it cannot be frozen is said on the page and does not hold the proposal back: the figures are the worker's.
"""

import json
import logging
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import marimo

from app.notebooks.assets import ADDRESS
from app.notebooks.editors import free_ports
from app.notebooks.places import SETTINGS, Home
from app.notebooks.snapshot import FILE, take_snapshot
from app.session import actor_of_user
from db.documents import store
from db.insights.proposals.queries import VersionFacts, file_of
from db.insights.proposals.rules import NOTEBOOK
from db.kernel.errors import BusinessError
from workspace.confinement.handover import read_plain
from workspace.confinement.policy import command, environment, link_code, policy_for

log = logging.getLogger("boussole.insights")
MOST_SECONDS = 240
KERNEL_PORTS = 2
MOST_BYTES = 20_000_000
FROM_ELSEWHERE = re.compile(r"https://cdn\.jsdelivr\.net/npm/@marimo-team/frontend@[\w.\-]+/dist/")


class NotFrozen(BusinessError):
    """The notebook did not run through."""


def freeze(facts: VersionFacts) -> tuple[str | None, str | None]:
    """Return the sha256 of the frozen notebook, or why there is none."""
    folder = Path(tempfile.mkdtemp(prefix="boussole-freeze-"))
    try:
        html = _export(facts, _home(folder))
        return store.put(with_our_assets(html).encode()), None
    except BusinessError as refusal:
        return None, refusal.sentence
    except (OSError, subprocess.SubprocessError) as problem:
        log.exception("version %s is not frozen", facts.version)
        return None, f"Le carnet n’a pas pu être figé ({type(problem).__name__})."
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _home(folder: Path) -> Home:
    home = Home(folder)
    for place in (home.work, home.snapshot, home.run):
        place.mkdir(parents=True)
    (home.work / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    return home


def _export(facts: VersionFacts, home: Home) -> str:
    take_snapshot(actor_of_user(facts.author_id), home, at=facts.cutoff_at)
    (home.work / "notebook.py").write_bytes(file_of(facts, NOTEBOOK))
    (home.work / "params.json").write_text(json.dumps(dict(facts.params)), encoding="utf-8")
    code = link_code(home.run / "code")
    policy = policy_for(read=[home.snapshot, code], write=[home.work], kernel_ports=free_ports(KERNEL_PORTS))
    policy_file = policy.save(home.run / "policy.json")
    target = home.work / "frozen.html"
    with (home.run / "export.log").open("wb") as said:
        done = subprocess.run(
            [
                *command(policy_file),
                "marimo",
                "-q",
                "-y",
                "export",
                "html",
                "notebook.py",
                "-o",
                target.name,
                "-f",
                "--",
                "--params-json",
                "params.json",
            ],
            cwd=home.work,
            env=environment(home=home.work, code=code, extra={"BOUSSOLE_SNAPSHOT": str(home.snapshot / FILE)}),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            timeout=MOST_SECONDS,
            check=False,
        )
    try:
        return read_plain(target, most_bytes=MOST_BYTES).decode()  # never through a link that the notebook made
    except (OSError, UnicodeDecodeError) as problem:
        lines = (home.run / "export.log").read_text(errors="replace").strip().splitlines()
        reason = "".join(lines[-1:]) or str(done.returncode)
        raise NotFrozen("Le carnet n’a pas pu être figé : {reason}", reason=reason) from problem


def with_our_assets(html: str) -> str:
    """Return the page with marimo's own files taken from our notebooks' origin instead of a foreign server."""
    return FROM_ELSEWHERE.sub(f"{ADDRESS}/{marimo.__version__}/", html)
