"""`boussole digest`: write the day's digest, or the whole chain in an open form for somebody else to check."""

import argparse
import json
from pathlib import Path
from typing import Any

from app.digests import export_chain, write_digest
from app.doors import now
from app.text import count
from db.access.rules import system_actor

DONE = 0


def register(subparsers: Any) -> None:
    """Declare the command."""
    command = subparsers.add_parser("digest", help="écrire l’empreinte du jour, ou exporter la chaîne")
    command.add_argument(
        "--export", type=Path, metavar="FICHIER", help="écrire la chaîne entière (JSON, une par ligne)"
    )
    command.add_argument("--json", action="store_true", help="répondre en JSON")
    command.set_defaults(run=run_digest)


def run_digest(arguments: argparse.Namespace) -> int:
    """Write what was asked for and say where it is."""
    by = system_actor("cli")
    if arguments.export is not None:
        links = export_chain(by, arguments.export)
        facts: dict[str, Any] = {"file": str(arguments.export), "links": links}
        told = f"Chaîne exportée : {arguments.export} ({count(links, 'acte scellé', 'actes scellés')})."
    else:
        facts = {"file": str(write_digest(by, now()))}
        told = f"Empreinte du jour : {facts['file']}. En garder une copie ailleurs."
    print(json.dumps(facts, ensure_ascii=False) if arguments.json else told)
    return DONE
