"""`boussole models`: list versions, hand one in, decide, go back; as a named person, by the rules of the screens."""

import argparse
import json
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from app.access.entrance import prove_by_code
from app.doors import ask, do
from app.session import actor_of_user
from app.text import day
from app.worker import run_next_job
from db.access.history import as_json
from db.access.people.queries import user_by_email
from db.access.rules import Actor, system_actor
from db.insights.approvals.actions import approve, refuse, roll_back
from db.insights.approvals.queries import previous_version, work_under_way
from db.insights.proposals.actions import hand_in
from db.insights.proposals.queries import VersionFacts, checks, version, versions
from db.insights.proposals.rules import MODELS, ManifestIncomplete, check_model
from db.jobs.queries import JobStatus
from db.jobs.rules import JobState
from db.kernel.errors import BadInput, NotFound
from db.session import reading

DEFAULT = next(iter(MODELS))
PAUSE_SECONDS = 0.2


class FileMissing(BadInput):
    """A file that was named is not there."""


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its four deeds."""
    parser = subparsers.add_parser("models", help="versions of models: list, propose, approve, refuse, rollback")
    deeds = parser.add_subparsers(title="actes", metavar="ACTE", required=True)
    _deed(deeds, "list", "lister les versions", list_versions)

    proposing = _deed(deeds, "propose", "remettre une version", propose, named=True)
    proposing.add_argument("artifact", type=Path, help="artefact skops")
    proposing.add_argument("notebook", type=Path, help="source du carnet")
    proposing.add_argument("manifest", type=Path, help="manifeste JSON")
    proposing.add_argument("--note", required=True, help="pourquoi cette version")

    approving = _deed(deeds, "approve", "mettre une version en service", approve_version, named=True)
    approving.add_argument("--code", default="", help="code du second facteur de la personne")
    refusing = _deed(deeds, "refuse", "refuser une version", refuse_version, named=True)
    for decision in (approving, refusing):
        decision.add_argument("version", type=int, help="numéro de la version")
        decision.add_argument("--reason", required=True, help="raison, gardée au journal")

    returning = _deed(deeds, "rollback", "revenir à la version précédente", return_to_previous, named=True)
    returning.add_argument("--reason", required=True, help="raison, gardée au journal")


def _deed(deeds: Any, name: str, purpose: str, run: Any, *, named: bool = False) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = deeds.add_parser(name, help=purpose)
    parser.add_argument("--model", default=DEFAULT, help=f"nom du modèle ({DEFAULT})")
    parser.add_argument("--json", action="store_true", help="répondre en JSON")
    if named:
        parser.add_argument("--as", dest="email", required=True, help="adresse de la personne qui agit")
    if name != "list" and name != "refuse":
        parser.add_argument("--work", action="store_true", help="faire le travail ici et attendre qu’il soit fini")
    parser.set_defaults(run=run)
    return parser


def list_versions(arguments: argparse.Namespace) -> int:
    """Print every version with its state and what was measured."""
    check_model(arguments.model)
    reader = system_actor(via="cli")
    measured = ask(reader, checks, model=arguments.model)
    known = ask(reader, versions, model=arguments.model)
    rows = [_row(facts, measured[facts.id].measured if facts.id in measured else {}) for facts in known]
    if arguments.json:
        print(json.dumps({"model": arguments.model, "versions": rows}, ensure_ascii=False))
        return 0
    if not rows:
        print("Aucune version n’a encore été remise.")
    for row in rows:
        figures = f"AUC {row['auc']:.3f}, perte {row['log_loss']:.3f}" if row["auc"] else row["problem"] or ""
        print(f"v{row['version']:<4} {row['state']:<9} {row['cutoff']}  {row['author']:<20} {figures}")
    return 0


def _row(facts: VersionFacts, measured: Any) -> dict[str, Any]:
    return {
        "version": facts.version,
        "state": facts.state.value,
        "author": facts.author_name,
        "note": facts.note,
        "cutoff": day(facts.cutoff_at),
        "auc": measured.get("auc"),
        "log_loss": measured.get("log_loss"),
        "ece": measured.get("ece"),
        "lift_10": measured.get("lift_10"),
        "problem": facts.problem,
    }


def propose(arguments: argparse.Namespace) -> int:
    """Hand in a version from files."""
    receipt = do(
        person(arguments.email),
        hand_in,
        model=arguments.model,
        manifest=_manifest(arguments.manifest),
        artifact=_content(arguments.artifact),
        notebook=_content(arguments.notebook),
        note=arguments.note,
    )
    return _report(arguments, receipt.version, receipt.version_id)


def approve_version(arguments: argparse.Namespace) -> int:
    """Approve a version as a person with her second factor."""
    by = person(arguments.email)
    if arguments.code:
        by = prove_by_code(by, code=arguments.code)
    facts = ask(by, version, model=arguments.model, number=arguments.version)
    do(by, approve, version_id=facts.id, reason=arguments.reason, expected_version=facts.row_version)
    return _report(arguments, facts.version, facts.id)


def refuse_version(arguments: argparse.Namespace) -> int:
    """Refuse a version as a person."""
    by = person(arguments.email)
    facts = ask(by, version, model=arguments.model, number=arguments.version)
    do(by, refuse, version_id=facts.id, reason=arguments.reason, expected_version=facts.row_version)
    return _report(arguments, facts.version, facts.id)


def return_to_previous(arguments: argparse.Namespace) -> int:
    """Put the version before back as a person."""
    by = person(arguments.email)
    before = ask(by, previous_version, model=arguments.model)
    do(by, roll_back, model=arguments.model, reason=arguments.reason)
    assert before is not None  # roll_back refuses otherwise
    return _report(arguments, before.version, before.id)


def person(email: str) -> Actor:
    """Return the person whom an address names, as she may act from the command line.

    Raises:
        NotFound: nobody has this address.
    """
    with reading() as session:
        user = user_by_email(session, email=email)
        user_id = user.id if user else None
    if user_id is None:
        raise NotFound("Personne n’a l’adresse « {email} ».", email=email)
    return actor_of_user(user_id, via="cli")


def _report(arguments: argparse.Namespace, number: int, version_id: UUID) -> int:
    work = _wait(version_id) if getattr(arguments, "work", False) else None
    reader = system_actor(via="cli")
    facts = ask(reader, version, model=arguments.model, number=number)
    problem = facts.problem or (work.error if work else None)
    if arguments.json:
        answer = {"model": arguments.model, "version": number, "state": facts.state.value, "problem": problem}
        print(json.dumps(answer | {"result": as_json(work.result) if work else None}, ensure_ascii=False))
    else:
        print(f"v{number} : {facts.state.value}" + (f". {problem}" if problem else ""))
    failed = problem is not None or (work is not None and work.state is not JobState.DONE)
    return 1 if failed else 0


def _wait(version_id: UUID) -> JobStatus | None:
    while True:
        status = ask(system_actor(via="cli"), work_under_way, version_id=version_id)
        if status is None or status.state not in (JobState.WAITING, JobState.RUNNING):
            return status
        if not run_next_job():
            time.sleep(PAUSE_SECONDS)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise FileMissing("« {path} » ne se lit pas.", path=str(path)) from problem


def _manifest(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(_content(path))
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise ManifestIncomplete("Le manifeste n’est pas un objet JSON.")
    return value
