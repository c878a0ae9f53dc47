"""Check an exported company whole and unpack it, before anything is touched."""

import hashlib
import shutil
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from app.exchange.layout import MANIFEST, MEMBER
from app.exchange.manifest import BadArchive, Manifest, not_ours, read_manifest
from app.trouble import DiskFull

MOST_MANIFEST = 64 * 2**20
MOST_RATIO = 200  # JSON lines hardly shrink more than thirtyfold
FREE_OF_RATIO = 64 * 2**20
PIECE = 1 << 20
# what zipfile raises on a damaged archive; RuntimeError also stands for a compression that it does not know
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, UnicodeDecodeError)


def unpack(source: Path, folder: Path, told: Callable[[float], None]) -> Manifest:
    """Unpack the archive into `folder` (`rows/TABLE.jsonl`, `files/SHA256`); return its manifest.

    Every part is checked against the manifest while it is written; no name of the archive becomes a path. `told` hears
    which share of it (0 to 1) is done.

    Raises:
        BadArchive: it is no export of a company, or a part is missing, cut, altered or larger than it says.
        BadInput: a newer version wrote it.
        DiskFull: what it holds does not fit.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = _manifest(archive, source.name)
            _check_parts(archive, manifest, source, folder)
            (folder / "rows").mkdir()
            (folder / "files").mkdir()
            done = 0
            for name, member in manifest.members.items():
                _unpack_part(archive, name, manifest, folder)
                done += member.bytes
                told(done / max(1, manifest.bytes))
    except BROKEN as problem:
        raise not_ours(source.name) from problem
    return manifest


def _manifest(archive: zipfile.ZipFile, name: str) -> Manifest:
    found = [info for info in archive.infolist() if info.filename == MANIFEST]
    if len(found) != 1 or found[0].file_size > MOST_MANIFEST:
        raise not_ours(name)
    with archive.open(found[0]) as content:
        return read_manifest(content.read(MOST_MANIFEST + 1), name)


def _check_parts(archive: zipfile.ZipFile, manifest: Manifest, source: Path, folder: Path) -> None:
    """Refuse parts that the manifest does not name, names that are used twice, and what would fill the disk."""
    names = [info.filename for info in archive.infolist() if info.filename != MANIFEST]
    if len(set(names)) != len(names) or not all(MEMBER.fullmatch(name) for name in names):
        raise BadArchive("{name} contient des parties qu’un export n’a pas ; il est refusé.", name=source.name)
    missing = set(manifest.members) ^ set(names)
    if missing:
        raise BadArchive("{name} est incomplet : {part} manque.", name=source.name, part=sorted(missing)[0])
    if manifest.bytes > MOST_RATIO * source.stat().st_size + FREE_OF_RATIO:
        raise BadArchive("{name} grossirait démesurément à l’ouverture ; il est refusé.", name=source.name)
    if manifest.bytes > shutil.disk_usage(folder).free:
        raise DiskFull("Le disque n’a pas la place pour cet import. Libérer de la place.")


def _unpack_part(archive: zipfile.ZipFile, name: str, manifest: Manifest, folder: Path) -> None:
    expected = manifest.members[name]
    target = _place(name, folder)
    digest, size = hashlib.sha256(), 0
    with archive.open(name) as content, (target or Path("/dev/null")).open("wb") as out:
        while piece := content.read(PIECE):
            size += len(piece)
            if size > expected.bytes:
                break
            digest.update(piece)
            out.write(piece)
    if size != expected.bytes or digest.hexdigest() != expected.sha256:
        raise BadArchive("L’archive est abîmée : {part} a changé depuis l’export.", part=name)
    if name.startswith("files/") and expected.sha256 != name.split("/")[1]:
        raise BadArchive("L’archive est abîmée : {part} a changé depuis l’export.", part=name)


def _place(name: str, folder: Path) -> Path | None:
    """Return where a part is kept while it is looked at; None for what is only checked."""
    if name.endswith(".jsonl") and name.startswith("tables/"):
        return folder / "rows" / name.removeprefix("tables/")
    return folder / "files" / name.split("/")[1] if name.startswith("files/") else None
