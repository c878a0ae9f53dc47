"""Are the stored files those that the records tell of? What is missing, what was altered, what nobody tells of."""

from dataclasses import dataclass, field

from app.backup.dump import FILES, digest_of
from app.backup.present import is_new
from db.access.rules import Actor
from db.access.seals.rules import Problem
from db.reporting.kept_files.queries import ToldFile, told_files
from db.session import COMPANY, DEMO, data_folder, database_url, open_company, reading

MISSING = "Le fichier « {column} » de {table} {id} manque (sha256 {in_history})."
ALTERED = "Le fichier « {column} » de {table} {id} a été altéré : il devrait avoir {in_history}, il a {now}."


@dataclass
class KeptFiles:
    """What a look at the stored files found. An orphan is left by a deed that was refused after its file was kept."""

    looked_at: int = 0
    problems: list[Problem] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)


def check_files(by: Actor) -> KeptFiles:
    """Compare every stored file with its name, which is its sha256, and with what records tell."""
    found = KeptFiles()
    kept = _digests()
    found.looked_at = len(kept)
    found.altered = sorted(name for name, digest in kept.items() if digest != name)
    told = _told(open_company())
    for one in told:
        if one.sha256 not in kept and one.is_live:
            found.problems.append(_problem(MISSING, one, None))
        elif kept.get(one.sha256, one.sha256) != one.sha256:
            found.problems.append(_problem(ALTERED, one, kept[one.sha256]))
    found.orphans = sorted(kept.keys() - {one.sha256 for one in told} - _of_other_companies())
    return found


def _problem(what: str, one: ToldFile, now: str | None) -> Problem:
    return Problem(what, one.table, one.record_id, one.name, one.sha256, now)


def _digests() -> dict[str, str]:
    """Return the real sha256 of each stored file by the name that it has."""
    kept = sorted((data_folder() / FILES).glob("??/*"))
    return {path.name: digest_of(path) for path in kept if len(path.name) == 64}


def _told(company: str) -> list[ToldFile]:
    with reading(company) as session:
        return told_files(session)


def _of_other_companies() -> set[str]:
    """Return what the databases beside the open one tell of: they share the folder of files."""
    others = [name for name in (COMPANY, DEMO) if name != open_company() and not is_new(database_url(name))]
    return {one.sha256 for name in others for one in _told(name)}
