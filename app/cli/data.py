"""`boussole verify | backup | restore | upgrade`: what keeps a firm's data true and safe."""

import argparse
import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from app.backup.dump import back_up
from app.backup.places import backup_folder
from app.backup.present import is_new
from app.backup.restore import restore
from app.digests import read_digest
from app.doors import ask, now
from app.kept_balances import check_balances
from app.kept_files import KeptFiles, check_files
from app.sealing import seal_everything
from app.text import count, day
from db.access.digests.queries import against
from db.access.rules import system_actor
from db.access.seals.queries import verify
from db.access.seals.rules import Findings, Problem
from db.kernel.errors import BadInput
from db.migrations import run as migrations
from db.session import COMPANY, DEMO, database_url, open_company

DONE, REFUSED = 0, 1


def register(subparsers: Any) -> None:
    """Declare the four commands."""
    command = _declare(subparsers, "verify", run_verify, "comparer la base avec son historique")
    command.add_argument(
        "--digest", type=Path, nargs="+", default=[], metavar="FICHIER", help="et avec des empreintes gardées ailleurs"
    )
    command = _declare(subparsers, "backup", run_backup, "sauvegarder tout dans un fichier, sans rien arrêter")
    command.add_argument("file", type=Path, metavar="FICHIER", help="le fichier .tar.gz à écrire")
    command = _declare(subparsers, "restore", run_restore, "remettre une sauvegarde en place")
    command.add_argument("file", type=Path, metavar="FICHIER", help="une sauvegarde")
    command.add_argument(
        "--replace", action="store_true", help="remplacer les données présentes, après une copie de sécurité"
    )
    _declare(subparsers, "upgrade", run_upgrade, "sauvegarder, puis mettre la base à jour")


def _declare(subparsers: Any, name: str, run: Any, purpose: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = subparsers.add_parser(name, help=purpose)
    command.add_argument("--json", action="store_true", help="répondre en JSON")
    command.set_defaults(run=run)
    return command


def _say(arguments: argparse.Namespace, facts: dict[str, Any], *sentences: str) -> None:
    """Answer a script with facts, a person with sentences."""
    if arguments.json:
        print(json.dumps(facts, ensure_ascii=False, default=str))
        return
    for sentence in sentences:
        print(sentence)


# --- verify -----------------------------------------------------------------------------------------------------------


def run_verify(arguments: argparse.Namespace) -> int:
    """Seal what waits, then compare everything with the history; 1 when something was altered."""
    if is_new(database_url()):
        raise BadInput("Il n’y a pas encore de base de données : démarrer Boussole une première fois.")
    seal_everything(system_actor("cli"))
    kept = [read_digest(place) for place in arguments.digest]
    findings, files = ask(system_actor("cli"), verify), check_files(system_actor("cli"))
    for problem in files.problems:
        findings.add(problem)
    for one in kept:
        for problem in ask(system_actor("cli"), against, kept=one):
            findings.add(problem)
    for problem in check_balances(system_actor("cli")):
        findings.add(problem)
    is_clean = findings.is_clean and not files.altered
    facts = _facts(findings) | {"clean": is_clean, "altered_files": files.altered, "orphans": files.orphans}
    _say(arguments, facts, *_sentences(findings), *_of_files(files))
    return DONE if is_clean else REFUSED


def _of_files(files: KeptFiles) -> list[str]:
    """Return what is to be said of the stored files besides those that a record tells of."""
    orphans = f"{count(len(files.orphans), 'fichier', 'fichiers')} dont aucune fiche ne parle : "
    return [
        *[f"  Le fichier {name} a été altéré." for name in files.altered],
        *([orphans + ", ".join(name[:12] for name in files.orphans[:20])] if files.orphans else []),
    ]


def _facts(findings: Findings) -> dict[str, Any]:
    return {
        "company": open_company(),
        "clean": findings.is_clean,
        "sealed": findings.sealed,
        "head": findings.head,
        "unsealed": findings.unsealed,
        "unsealed_count": findings.unsealed_count,
        "records": findings.records,
        "changes": findings.changes,
        "erased": findings.erased,
        "evidence": findings.evidence,
        "problem_count": findings.problem_count,
        "problems": [{**asdict(problem), "message": sentence_of(problem)} for problem in findings.problems],
    }


def sentence_of(problem: Problem) -> str:
    """Return a problem in words, with the row and the values named."""
    return problem.what.format(**problem.places)


def _sentences(findings: Findings) -> list[str]:
    looked_at = (
        f"{count(findings.sealed, 'acte scellé', 'actes scellés')}, "
        f"{count(findings.records, 'enregistrement comparé', 'enregistrements comparés')}, "
        f"tête de la chaîne {findings.head}"
    )
    tail = [f"{count(findings.unsealed_count, 'acte', 'actes')} pas encore scellés."] if findings.unsealed_count else []
    if findings.is_clean:
        return [f"Rien n’a été altéré : {looked_at}.", *tail]
    lines = [f"  {sentence_of(problem)}" for problem in findings.problems]
    more = findings.problem_count - len(lines)
    rest = [f"  et {count(more, 'autre', 'autres')}."] if more else []
    return [
        f"{count(findings.problem_count, 'altération', 'altérations')} :",
        *lines,
        *rest,
        f"Vu : {looked_at}.",
        *tail,
    ]


# --- backup and restore -----------------------------------------------------------------------------------------------


def run_backup(arguments: argparse.Namespace) -> int:
    """Write the open company into a file."""
    manifest = back_up(arguments.file, at=now())
    size = arguments.file.stat().st_size
    rows = sum(manifest.counts.values())
    facts = {"file": str(arguments.file), "bytes": size, "company": manifest.company, "revision": manifest.revision}
    facts |= {"seal": manifest.seal, "counts": manifest.counts, "rows": rows}
    _say(
        arguments,
        facts,
        f"Sauvegarde écrite : {arguments.file} ({size / 1_000_000:.1f} Mo, {count(rows, 'ligne', 'lignes')}, "
        f"révision {manifest.revision}).",
    )
    return DONE


def run_restore(arguments: argparse.Namespace) -> int:
    """Put a backup in place."""
    done = restore(arguments.file, at=now(), replaces=arguments.replace)
    rows = sum(done.manifest.counts.values())
    kept = [f"Ce qui était là est gardé dans {done.safety_copy}."] if done.safety_copy else []
    facts = {"company": done.manifest.company, "rows": rows, "counts": done.manifest.counts}
    facts |= {"safety_copy": str(done.safety_copy) if done.safety_copy else None, "made_at": done.manifest.made_at}
    facts |= {"to_enter_anew": list(done.to_enter_anew)}
    lost = (
        ["La clé de cette machine n’ouvre pas tous les secrets (boussole key show-path) :"]
        if done.to_enter_anew
        else []
    )
    _say(
        arguments,
        facts,
        f"Sauvegarde restaurée : {count(rows, 'ligne', 'lignes')}, état du {_moment(done.manifest.made_at)}.",
        *kept,
        *lost,
        *[f"  {sentence}" for sentence in done.to_enter_anew],
    )
    return DONE


def _moment(written: str) -> str:
    return day(datetime.fromisoformat(written))


# --- upgrade ----------------------------------------------------------------------------------------------------------


def run_upgrade(arguments: argparse.Namespace) -> int:
    """Bring every database of this installation to the newest revision, each after a backup."""
    steps = [_upgrade(name) for name in (COMPANY, DEMO) if name == COMPANY or not is_new(database_url(name))]
    _say(arguments, {"databases": steps}, *[_step_sentence(step) for step in steps])
    return DONE


def _upgrade(company: str) -> dict[str, Any]:
    url = database_url(company)
    before = None if is_new(url) else migrations.revision_of(url)
    copy = None
    if before is not None and before in migrations.revisions() and before != migrations.head():
        copy = backup_folder() / f"{company}-{now():%Y%m%d-%H%M%S}-avant-mise-a-jour.tar.gz"
        back_up(copy, at=now(), company=company)
    after = migrations.upgrade(company)
    return {"company": company, "from": before, "to": after, "backup": str(copy) if copy else None}


def _step_sentence(step: dict[str, Any]) -> str:
    if step["from"] == step["to"]:
        return f"{step['company']} : déjà à jour (révision {step['to']})."
    if step["from"] is None:
        return f"{step['company']} : base créée à la révision {step['to']}."
    return f"{step['company']} : {step['from']} → {step['to']}, sauvegarde d’avant : {step['backup']}."
