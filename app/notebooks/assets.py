"""marimo's own public files, one copy per version that frozen notebooks were made with, so that old ones still open."""

import re
import shutil
from pathlib import Path

import marimo
from starlette.responses import FileResponse, PlainTextResponse, Response

ADDRESS = "/marimo-assets"
# a frozen notebook runs in an opaque origin, which must be let in by name: these files are public
HEADERS = {
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "cache-control": "public, max-age=31536000, immutable",
}
KNOWN_VERSION = re.compile(r"\d+(\.\w+){1,3}")


def keep_current(folder: Path) -> Path:
    """Copy the installed marimo's files into `folder/<version>`, unless they are there; return that."""
    target = folder / marimo.__version__
    if not target.exists():
        half_done = folder / f".{marimo.__version__}.new"
        shutil.rmtree(half_done, ignore_errors=True)
        shutil.copytree(Path(marimo.__file__).parent / "_static", half_done)
        half_done.rename(target)
    return target


def asset_response(folder: Path, version: str, path: str) -> Response:
    """Return one file of one version; 404 for what is not beneath it."""
    base = (folder / version).resolve()
    file = (base / path).resolve()
    if not KNOWN_VERSION.fullmatch(version) or not file.is_relative_to(base) or not file.is_file():
        return PlainTextResponse("Rien à cette adresse.", status_code=404)
    return FileResponse(file, headers=HEADERS)
