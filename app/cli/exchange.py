"""`boussole export-company | import-company | starter-files`: a company in open formats, and files to begin with."""

import argparse
import json
from pathlib import Path
from typing import Any

from app.doors import ask, now
from app.exchange.people import Way, let_in
from app.exchange.place import import_company
from app.exchange.write import export_company
from app.imports.starter import write_starter_files
from app.origins import own_origins
from app.text import count
from db.access.people.queries import open_people
from db.access.rules import system_actor

DONE = 0


def register(subparsers: Any) -> None:
    """Declare the three commands."""
    command = _declare(subparsers, "export-company", _export, "écrire toute l’entreprise dans un fichier ouvert (ZIP)")
    command.add_argument("file", type=Path, metavar="FICHIER.zip", help="le fichier à écrire")
    command = _declare(subparsers, "import-company", _import, "mettre un tel fichier dans une installation vide")
    command.add_argument("file", type=Path, metavar="FICHIER.zip", help="le fichier à importer")
    command = _declare(subparsers, "starter-files", _starter, "écrire les modèles de fichiers Excel pour l’import")
    command.add_argument("folder", type=Path, metavar="DOSSIER", help="où les écrire")


def _declare(subparsers: Any, name: str, run: Any, purpose: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = subparsers.add_parser(name, help=purpose, description=purpose)
    command.add_argument("--json", action="store_true", help="répondre en JSON")
    command.set_defaults(run=run)
    return command


def _say(arguments: argparse.Namespace, facts: dict[str, Any], *sentences: str) -> int:
    print(json.dumps(facts, ensure_ascii=False) if arguments.json else "\n".join(sentences))
    return DONE


def _export(arguments: argparse.Namespace) -> int:
    manifest = export_company(arguments.file, at=now())
    rows = sum(table.rows for table in manifest.tables.values())
    facts = {"file": str(arguments.file), "rows": rows, "files": len(manifest.files), "version": manifest.version}
    told = f"{count(rows, 'ligne', 'lignes')} et {count(len(manifest.files), 'fichier', 'fichiers')}"
    return _say(arguments, facts, f"{told} écrits dans {arguments.file}.")


def _import(arguments: argparse.Namespace) -> int:
    done = import_company(arguments.file)
    ways = let_in()
    people = [{"name": way.name, "email": way.email, "link": _address(way)} for way in ways]
    facts = {"company": done.manifest.company, "rows": done.rows, "files": done.files, "people": people}
    told = f"{count(done.rows, 'ligne', 'lignes')} et {count(done.files, 'fichier', 'fichiers')} importés."
    links = [f"  {way.name} <{way.email}> {_address(way)}" for way in ways]
    return _say(arguments, facts, told, "Liens pour un nouveau mot de passe, valables 24 heures et une fois :", *links)


def _address(way: Way) -> str:
    return f"{own_origins()[0]}/mot-de-passe?jeton={way.token}"


def _starter(arguments: argparse.Namespace) -> int:
    names = [name for _, name in ask(system_actor("cli"), open_people)]
    written = write_starter_files(arguments.folder, person=names[0] if names else "")
    told = [f"  {path.name}" for path in written]
    facts = {"files": [path.name for path in written]}
    return _say(arguments, facts, f"Écrits dans {arguments.folder} :", *told)
