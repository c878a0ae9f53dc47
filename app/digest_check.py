"""The worker's verification of the history: the chain, every record, every stored file, and every kept digest."""

from typing import Any

from app.digests import digest_folder, read_digest
from app.doors import ask
from app.kept_balances import check_balances
from app.kept_files import check_files
from app.sealing import seal_everything
from app.worker import JobRun
from db.access.digests.queries import against
from db.access.rules import Actor, system_actor
from db.access.seals.queries import verify
from db.access.seals.rules import Problem
from db.kernel.errors import BadInput

MOST_TOLD = 50


def run(job: JobRun) -> dict[str, Any]:
    """Verify everything; return what was looked at, what is wrong, and what each kept digest says."""
    by = system_actor()
    job.progress(0, 0, "Sceller ce qui attend")
    seal_everything(by)
    findings = ask(by, verify, watch=lambda done, total: job.progress(done, total, "Comparer avec l’historique"))
    files = check_files(by)
    beside = [*files.problems, *check_balances(by)]
    altered = [Problem("Le fichier {id} a été altéré.", "file", name) for name in files.altered]
    digests = _digests(by, job)
    total = findings.problem_count + len(beside) + len(altered) + sum(map(len, digests.values()))
    return {
        "clean": total == 0,
        "sealed": findings.sealed,
        "records": findings.records,
        "files": files.looked_at,
        "problem_count": total,
        "problems": [_told(one) for one in [*findings.problems, *beside, *altered][:MOST_TOLD]],
        "digests": {name: [_told(one) for one in found] for name, found in digests.items()},
    }


def _digests(by: Actor, job: JobRun) -> dict[str, list[Problem]]:
    """Return what each kept digest says against the database, by its name."""
    places = sorted(digest_folder().glob("*.json"))
    found: dict[str, list[Problem]] = {}
    for number, place in enumerate(places):
        job.progress(number, len(places), "Comparer avec les empreintes gardées")
        try:
            found[place.stem] = ask(by, against, kept=read_digest(place))
        except BadInput:
            found[place.stem] = [Problem("« {id} » n’est pas une empreinte de Boussole.", "digest", place.name)]
    return found


def _told(problem: Problem) -> dict[str, Any]:
    """Return a problem as JSON keeps it: the French sentence and what fills its places."""
    return {"what": problem.what, "places": {key: str(value) for key, value in problem.places.items()}}
