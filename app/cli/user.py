"""`boussole user …`: let people in from the command line, list them, close accounts, make links for passwords."""

import argparse
import json
import sys
from typing import Any
from uuid import UUID

from app.access.leaving import import_areas
from app.doors import ask, do
from app.origins import public_origin
from db.access.people.actions import add_user, close_person
from db.access.people.passwords.actions import make_reset_link
from db.access.people.queries import people, user_by_email
from db.access.people.rules import LANGUAGES
from db.access.people.second_factor.actions import reset_second_factor
from db.access.rules import Role, system_actor
from db.kernel.errors import NotFound
from db.session import reading

OPERATOR = system_actor("cli")  # who can read the data folder needs no password


def register(subparsers: Any) -> None:
    """Declare the group's commands."""
    group = subparsers.add_parser("user", help="personnes : ajouter, lister, fermer, lien de mot de passe")
    commands = group.add_subparsers(required=True, metavar="COMMANDE")

    adding = _command(commands, "add", _add, "ajouter une personne")
    adding.add_argument("--name", required=True, help="prénom et nom")
    adding.add_argument("--email", required=True, help="adresse avec laquelle elle se connecte")
    adding.add_argument(
        "--role", action="append", required=True, choices=[role.value for role in Role], help="plusieurs fois"
    )
    adding.add_argument("--language", default="fr", choices=LANGUAGES)
    adding.add_argument("--password-stdin", action="store_true", help="lire le mot de passe sur l’entrée standard")

    listing = _command(commands, "list", _list, "lister les personnes")
    listing.add_argument("--all", action="store_true", help="aussi celles qui sont parties")

    closing = _command(commands, "close", _close, "fermer le compte d’une personne qui part")
    closing.add_argument("email")
    closing.add_argument("--to", metavar="EMAIL", help="qui reprend ses fiches")

    linking = _command(
        commands, "reset-link", _reset_link, "créer un lien de mot de passe, valable 24 heures et une fois"
    )
    linking.add_argument("email")

    resetting = _command(commands, "reset-second-factor", _reset_second_factor, "retirer un second facteur perdu")
    resetting.add_argument("email")


def _command(commands: Any, name: str, run: Any, purpose: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(name, help=purpose, description=purpose)
    made.add_argument("--json", action="store_true", help="répondre en JSON")
    made.set_defaults(run=run)
    return made


def _add(arguments: argparse.Namespace) -> int:
    password = sys.stdin.readline().rstrip("\n") if arguments.password_stdin else None
    made = do(
        OPERATOR,
        add_user,
        name=arguments.name,
        email=arguments.email,
        roles=arguments.role,
        password=password,
        language=arguments.language,
    )
    _say(arguments, {"id": str(made), "email": arguments.email}, f"{arguments.name} est ajouté ({arguments.email}).")
    return 0


def _list(arguments: argparse.Namespace) -> int:
    found = [
        {
            "id": str(person.id),
            "name": person.name,
            "email": person.email,
            "roles": sorted(role.value for role in person.roles),
            "second_factor": person.has_second_factor,
            "closed_at": person.closed_at.isoformat() if person.closed_at else None,
        }
        for person in ask(OPERATOR, people, with_closed=arguments.all)
    ]
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False))
        return 0
    for person in found:
        left = " (compte fermé)" if person["closed_at"] else ""
        print(f"{person['name']} <{person['email']}> {', '.join(person['roles'])}{left}")
    return 0


def _close(arguments: argparse.Namespace) -> int:
    import_areas()
    successor = _id_of(arguments.to) if arguments.to else None
    moved = do(OPERATOR, close_person, user_id=_id_of(arguments.email), to_user=successor)
    _say(arguments, {"closed": arguments.email, "reassigned": moved}, f"Le compte de {arguments.email} est fermé.")
    return 0


def _reset_link(arguments: argparse.Namespace) -> int:
    token = do(OPERATOR, make_reset_link, user_id=_id_of(arguments.email))
    address = f"{public_origin()}/mot-de-passe?jeton={token}"
    _say(arguments, {"email": arguments.email, "link": address}, address)
    return 0


def _reset_second_factor(arguments: argparse.Namespace) -> int:
    do(OPERATOR, reset_second_factor, user_id=_id_of(arguments.email))
    sentence = f"{arguments.email} n’a plus de second facteur : en activer un nouveau dans Mon compte."
    _say(arguments, {"email": arguments.email}, sentence)
    return 0


def _id_of(email: str) -> UUID:
    with reading() as session:
        user = user_by_email(session, email=email)
        if user is None:
            raise NotFound("Personne n’a l’adresse {email}.", email=email)
        return user.id


def _say(arguments: argparse.Namespace, facts: dict[str, Any], sentence: str) -> None:
    print(json.dumps(facts, ensure_ascii=False) if arguments.json else sentence)
