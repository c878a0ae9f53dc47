"""Put a backup in place: checked whole before anything is touched, and never over data without a safety copy."""

import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import inspect, select

from app.backup.dump import FILES, Progress, back_up, digest_of, no_progress, sentences_for
from app.backup.filling import BackupDamaged, Carried, replace_database, wait_for_writers
from app.backup.manifest import NAME, Manifest, not_a_backup, read_manifest
from app.backup.places import backup_folder
from app.backup.present import is_new, is_untouched
from db.access.secrets.rotation import lost_secrets
from db.access.secrets.rules import what_to_enter_anew
from db.kernel.errors import BadInput, NotAllowed
from db.migrations.run import revisions
from db.schema import metadata
from db.session import COMPANY, DEMO, data_folder, database_url, engine_for, maintenance, switch_company

SIGN_OF_LIFE = timedelta(seconds=30)


class StillRunning(NotAllowed):
    """A process of the product works on the database that would be replaced."""


class NotEmpty(NotAllowed):
    """The installation holds data."""


@dataclass(frozen=True)
class Restored:
    """What was restored, and where what was there before is kept."""

    manifest: Manifest
    safety_copy: Path | None
    to_enter_anew: tuple[str, ...] = ()  # secrets that the key of this machine does not open, in words


def restore(source: Path, *, at: datetime, replaces: bool = False) -> Restored:
    """Put the company of a backup in place and open it; Boussole is stopped.

    Raises:
        BadInput: there is no such file, it is no backup, or a newer version wrote it.
        BackupDamaged: a part of it is not what was written.
        NotEmpty: there is data, and `replaces` was not asked for.
        StillRunning: Boussole is running.
    """
    with unpacked(source) as (manifest, folder):
        url = database_url(manifest.company)
        _check_not_running(url, at)
        safety_copy = _secure(url, manifest.company, at=at, replaces=replaces)
        _copy_files(manifest, folder)
        replace_database(url, manifest, folder)
    switch_company(manifest.company)
    return Restored(manifest, safety_copy, lost_in(url))


def restore_while_running(
    source: Path, *, company: str, at: datetime, carried: Carried, progress: Progress = no_progress
) -> Restored:
    """Put a backup of the open company in place while people look on; writing is refused meanwhile.

    Whatever goes wrong, the present stays as it is.

    Raises:
        BadInput, BackupDamaged: as `restore`.
        NotAllowed: the backup is another company's.
    """
    progress(1, 4, "La sauvegarde est contrôlée")
    with unpacked(source) as (manifest, folder):
        if manifest.company != company:
            raise NotAllowed("Cette sauvegarde est celle d’une autre base : ouvrez celle-ci d’abord.")
        url = database_url(company)
        with maintenance():
            wait_for_writers(url)
            progress(2, 4, "Le présent est sauvegardé")
            safety_copy = _secure(url, company, at=at, replaces=True)
            _copy_files(manifest, folder)
            progress(3, 4, "Les données sont remplacées")
            replace_database(url, manifest, folder, carried)
    return Restored(manifest, safety_copy, lost_in(url))


@contextmanager
def unpacked(source: Path) -> Iterator[tuple[Manifest, Path]]:
    """Give a backup unpacked and checked, in a folder that is cleared away afterwards.

    Raises:
        BadInput: there is no such file, it is no backup, or a newer version wrote it.
        BackupDamaged: a part of it is not what was written.
    """
    if not source.is_file():
        raise BadInput("Le fichier {name} n’existe pas.", name=str(source))
    with sentences_for(data_folder()), tempfile.TemporaryDirectory(dir=data_folder(), prefix=".restore-") as folder:
        manifest = _unpack(source, Path(folder))
        _check_revision(manifest)
        yield manifest, Path(folder)


def lost_in(url: str) -> tuple[str, ...]:
    """Say which secrets the key of this machine does not open."""
    with engine_for(url).connect() as connection:
        return tuple(what_to_enter_anew(one.place, one.values) for one in lost_secrets(connection))


# --- reading the archive ----------------------------------------------------------------------------------------------


def _unpack(source: Path, folder: Path) -> Manifest:
    """Unpack the archive, checking every part against the manifest."""
    try:
        with tarfile.open(source, "r:gz") as tar:
            manifest = _manifest(tar, source.name)
            for member in tar:
                _unpack_member(tar, member, manifest, folder, source.name)
    except (tarfile.TarError, zlib.error, EOFError, OSError) as problem:
        if isinstance(problem, OSError) and problem.errno is not None:
            raise
        raise not_a_backup(source.name) from problem
    missing = [name for name in manifest.hashes if not (folder / name).is_file()]
    if missing or manifest.company not in (COMPANY, DEMO):
        raise not_a_backup(source.name)
    return manifest


def _manifest(tar: tarfile.TarFile, name: str) -> Manifest:
    first = tar.next()
    content = tar.extractfile(first) if first is not None and first.name == NAME else None
    if content is None:
        raise not_a_backup(name)
    return read_manifest(content.read(), name)


def _unpack_member(tar: tarfile.TarFile, member: tarfile.TarInfo, manifest: Manifest, folder: Path, name: str) -> None:
    content = tar.extractfile(member) if member.isreg() else None
    if content is None or (member.name not in manifest.hashes and member.name != NAME):
        raise not_a_backup(name)
    if member.name == NAME:
        return
    target = folder / member.name
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as out:
        shutil.copyfileobj(content, out, 1024 * 1024)
    if digest_of(target) != manifest.hashes[member.name]:
        raise BackupDamaged("La sauvegarde est abîmée : {part} a changé depuis qu’elle a été écrite.", part=member.name)


# --- is it allowed ----------------------------------------------------------------------------------------------------


def _check_revision(manifest: Manifest) -> None:
    if manifest.revision not in revisions():
        raise BadInput(
            "La sauvegarde (révision {revision}) vient d’une version plus récente de Boussole. "
            "Installer cette version.",
            revision=manifest.revision,
        )


def _check_not_running(url: str, at: datetime) -> None:
    """Refuse while a worker has given a sign of life a moment ago."""
    if is_new(url):
        return
    beats = metadata.tables["heartbeat"]
    with engine_for(url).connect() as connection:
        if not inspect(connection).has_table("heartbeat"):
            return
        last = connection.execute(select(beats.c.at).order_by(beats.c.at.desc()).limit(1)).scalar()
    if last is not None and last > at - SIGN_OF_LIFE:
        raise StillRunning("Boussole est en marche : l’arrêter (Ctrl-C), attendre trente secondes, puis restaurer.")


def _secure(url: str, company: str, *, at: datetime, replaces: bool) -> Path | None:
    """Return the safety copy of what is there; None when nothing is."""
    if is_new(url) or not _holds_data(url):
        return None
    if not replaces:
        raise NotEmpty(
            "Cette installation contient déjà des données. Pour les remplacer (une copie de sécurité est faite "
            "d’abord), ajouter --replace."
        )
    safety_copy = backup_folder() / f"{company}-{at:%Y%m%d-%H%M%S-%f}-avant-restauration.tar.gz"
    back_up(safety_copy, at=at, company=company)
    return safety_copy


def _holds_data(url: str) -> bool:
    """Test if anything but bookkeeping is there."""
    with engine_for(url).connect() as connection:
        return not is_untouched(connection)


def _copy_files(manifest: Manifest, folder: Path) -> None:
    """Put the files in their places; one that is there already has the same content, because its name says so."""
    for name in manifest.hashes:
        target = data_folder() / name
        if name.startswith(f"{FILES}/") and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.replace(folder / name, target)
