"""`boussole key …`: where the key of the secrets is, and a new one."""

import argparse
import json
from typing import Any

from app.backup.present import is_new
from app.text import count
from db.access.secrets.rotation import lost_secrets
from db.access.secrets.rules import what_to_enter_anew
from db.kernel import keys
from db.migrations.run import encrypt_secrets
from db.session import COMPANY, DEMO, database_url, engine_for


def register(subparsers: Any) -> None:
    """Declare the group's commands."""
    group = subparsers.add_parser("key", help="clé des secrets : où elle est, en changer")
    commands = group.add_subparsers(required=True, metavar="COMMANDE")
    _command(commands, "show-path", _show_path, "dire où est le fichier de clé, et ce qu’il n’ouvre pas")
    rotating = _command(commands, "rotate", _rotate, "faire une nouvelle clé et chiffrer à nouveau tous les secrets")
    rotating.add_argument(
        "--forget-old",
        action="store_true",
        help="effacer les anciennes clés : les sauvegardes plus anciennes gardent des secrets illisibles",
    )


def _command(commands: Any, name: str, run: Any, purpose: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(name, help=purpose, description=purpose)
    made.add_argument("--json", action="store_true", help="répondre en JSON")
    made.set_defaults(run=run)
    return made


def _show_path(arguments: argparse.Namespace) -> int:
    keys.current_key()
    lost = _lost()
    facts = {"path": str(keys.key_file()), "keys": [key.name for key in keys.known_keys()], "to_enter_anew": lost}
    _say(arguments, facts, str(keys.key_file()), *lost)
    return 0


def _rotate(arguments: argparse.Namespace) -> int:
    """Put a new key in front; every process sees it at its next secret. Old keys go last, if at all."""
    keys.current_key()
    keys.keep((keys.new_key(), *keys.known_keys()))
    changed = sum(encrypt_secrets(url) for url in _databases())
    if arguments.forget_old:
        keys.keep(keys.known_keys()[:1])
    facts = {"path": str(keys.key_file()), "key": keys.known_keys()[0].name, "encrypted": changed}
    sentence = (
        f"Nouvelle clé {keys.known_keys()[0].name} : {count(changed, 'secret chiffré', 'secrets chiffrés')} à nouveau."
    )
    _say(arguments, facts, sentence, f"Garder une copie de {keys.key_file()} ailleurs que les sauvegardes.")
    return 0


def _databases() -> list[str]:
    return [url for name in (COMPANY, DEMO) if not is_new(url := database_url(name))]


def _lost() -> list[str]:
    sentences = []
    for url in _databases():
        with engine_for(url).connect() as connection:
            sentences += [what_to_enter_anew(one.place, one.values) for one in lost_secrets(connection)]
    return sentences


def _say(arguments: argparse.Namespace, facts: dict[str, Any], *sentences: str) -> None:
    print(json.dumps(facts, ensure_ascii=False) if arguments.json else "\n".join(sentences))
