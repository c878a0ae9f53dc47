"""Restore a backup beside, into a file that is thrown away: the only proof that it can be restored."""

import tempfile
from pathlib import Path

from sqlmodel import Session

from app.backup.dump import Progress, no_progress, sentences_for
from app.backup.filling import fill_file
from app.backup.restore import unpacked
from app.text import count
from db.access.seals.queries import verify
from db.kernel.errors import BusinessError
from db.session import data_folder, engine_for


def problem_of(source: Path, progress: Progress = no_progress) -> str:
    """Return what is wrong with a backup; "" when it was restored, its rows counted and its chain verified."""
    try:
        with sentences_for(data_folder()), tempfile.TemporaryDirectory(dir=data_folder(), prefix=".essai-") as place:
            progress(1, 4, "La sauvegarde est contrôlée")
            with unpacked(source) as (manifest, folder):
                progress(2, 4, "Elle est restaurée à côté")
                fill_file(Path(place) / "essai.sqlite", manifest, folder)
            progress(3, 4, "La chaîne est vérifiée")
            return _broken_chain(Path(place) / "essai.sqlite", manifest.seal)
    except BusinessError as refusal:
        return str(refusal)


def _broken_chain(file: Path, seal: str) -> str:
    engine = engine_for(f"sqlite:///{file}")
    try:
        with Session(engine) as session:
            findings = verify(session)
    finally:
        engine.dispose()
    if findings.problems:
        return f"{count(findings.problem_count, 'altération', 'altérations')} dans l’historique."
    if seal and findings.head != seal:
        return "La chaîne ne finit pas où la sauvegarde le dit."
    return ""
