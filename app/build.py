"""Builds the front end once and keeps it, in a folder that is named by the hash of what it was made from."""

import fcntl
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.trouble import DiskFull, NoNetwork, Trouble

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / ".web"
KEPT_BUILDS = 3
SOURCES = ("app/**/*.py", "app/**/*.js", "app/**/*.jsx", "app/**/*.json", "assets/**/*", "db/**/*.py")
SINGLE_SOURCES = ("rxconfig.py", "requirements.txt")
WITHOUT_SCREENS = (
    "app/cli/",
    "app/edge/",
    "app/install.py",
    "app/serve.py",
    "app/worker.py",
    "assets/external/",
    "db/migrations/",
)
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)
NETWORK_SIGNS = re.compile(
    r"(DNSResolveFailed|ConnectionRefused|ConnectionClosed|ConnectionTimeout|FailedToOpenSocket|Timeout) downloading"
    r"|\bENOTFOUND\b|Failed to connect|network is unreachable"
)


class BuildFailed(Trouble):
    """The front end could not be built."""


def current_build() -> Path:
    """Return the folder of the build that belongs to the sources as they are; it exists only once built."""
    return _folder_of(source_hash())


def _folder_of(sources: str) -> Path:
    """Name a build by its sources and by the locked packages, which a build may complete."""
    return WEB / "built" / f"{sources}-{_hash_of(ROOT.glob('reflex.lock/*'))}"


def source_hash() -> str:
    """Return a hash over names and contents of everything of ours that shapes the front end."""
    return _hash_of(_sources())


def _hash_of(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def _sources() -> list[Path]:
    """List the files of ours that shape the front end."""
    found = {path for pattern in SOURCES for path in ROOT.glob(pattern) if path.is_file()}
    found.update(ROOT / name for name in SINGLE_SOURCES)
    return [path for path in found if not str(path.relative_to(ROOT)).startswith(WITHOUT_SCREENS)]


def ensure_built() -> Path:
    """Build the front end unless the very same sources were built before; return its folder.

    Raises:
        BuildFailed, DiskFull, NoNetwork: with the last lines of what the build said.
    """
    if current_build().exists():
        return current_build()
    with _one_at_a_time():
        if current_build().exists():
            return current_build()
        print("Interface (une fois par version, environ une minute)…", flush=True)
        sources = source_hash()
        try:
            _export()
        finally:
            _settle_lock()
        return _keep(WEB / "build" / "client", _folder_of(sources))


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Wait until no other process builds in this folder."""
    WEB.mkdir(exist_ok=True)
    with (WEB / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _export() -> None:
    """Let Reflex compile and bundle the pages, with our bun and without prerendering (it fails on busy machines)."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "REFLEX_SSR": "false",
        "REFLEX_CHECK_LATEST_VERSION": "false",
        "REFLEX_TELEMETRY_ENABLED": "false",
    }
    command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        _explain(done.stdout + done.stderr)


def _settle_lock() -> None:
    """Write the locked package list in one form, so that a build which changes no package changes no committed file."""
    packages = ROOT / "reflex.lock" / "package.json"
    packages.write_text(json.dumps(json.loads(packages.read_text()), indent=2) + "\n")


def _explain(output: str) -> None:
    """Raise the refusal that fits what a failed build said."""
    last_lines = "\n".join(output.splitlines()[-15:])
    if "No space left" in output or "ENOSPC" in output:
        raise DiskFull(
            "Le disque est plein : l'interface n'a pas pu être construite. Libérer de la place, puis relancer."
        )
    if NETWORK_SIGNS.search(last_lines):
        raise NoNetwork(
            "Pas de réseau : la première construction de l'interface en a besoin. Se connecter, puis relancer."
        )
    raise BuildFailed(f"L'interface n'a pas pu être construite.\n{last_lines}")


def _keep(client: Path, target: Path) -> Path:
    """Make a build independent of the port, note which inline scripts the CSP may allow, and put it in its place."""
    _patch_addresses(client)
    half_done = target.with_name(f"{target.name}.tmp")
    shutil.rmtree(half_done, ignore_errors=True)
    shutil.copytree(client, half_done / "build" / "client")
    shutil.copytree(WEB / "backend", half_done / "backend")
    (half_done / "csp.json").write_text(json.dumps(sorted(inline_script_hashes(client))))
    half_done.rename(target)
    _forget_old_builds()
    return target


def _patch_addresses(client: Path) -> None:
    """Replace the address that Reflex bakes into the bundle by the one that the page was loaded from."""
    for file in client.glob("assets/reflex-env-*.js"):
        script = file.read_text()
        script = re.sub(r"`http://localhost:\d+(/[^`]*)`", r"location.origin+`\1`", script)
        script = re.sub(r"`ws://localhost:\d+(/[^`]*)`", r"location.origin.replace(/^http/,`ws`)+`\1`", script)
        file.write_text(script)
        Path(f"{file}.gz").write_bytes(gzip.compress(script.encode(), mtime=0))


def inline_script_hashes(client: Path) -> set[str]:
    """Return the CSP sources (`sha256-…`) of all scripts that stand inside the built pages."""
    scripts = [script for page in client.glob("**/*.html") for script in INLINE_SCRIPT.findall(page.read_text())]
    return {"sha256-" + b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts if script}


def _forget_old_builds() -> None:
    """Remove all but the newest builds."""
    builds = [path for path in (WEB / "built").iterdir() if path.is_dir()]
    for old in sorted(builds, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT_BUILDS:]:
        shutil.rmtree(old, ignore_errors=True)
