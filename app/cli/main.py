"""The command `boussole`: finds the group asked for, runs it, and turns refusals into sentences and exit codes."""

import argparse
import importlib
import json
import sys
from collections.abc import Sequence

from app.trouble import Trouble
from db.kernel.errors import BadInput, BusinessError

DONE, REFUSED, BAD_INPUT, ENVIRONMENT = 0, 1, 2, 3
# command → (module with `register(subparsers)`, what it does); only the module of the command asked for is imported
COMMANDS: dict[str, tuple[str, str]] = {
    "serve": ("app.cli.serve", "démarrer Boussole sur cette machine"),
    "user": ("app.cli.user", "personnes : ajouter, lister, fermer, lien de mot de passe"),
    "import": ("app.cli.import_file", "importer un fichier CSV ou XLSX"),
    "leads": ("app.cli.leads_evaluate", "évaluer le modèle des pistes sur un fichier"),
    "verify": ("app.cli.data", "comparer la base avec son historique"),
    "report": ("app.cli.report", "dire ce que disent les livres à une date"),
    "digest": ("app.cli.digest", "écrire l’empreinte du jour, ou exporter la chaîne"),
    "backup": ("app.cli.data", "sauvegarder tout dans un fichier"),
    "restore": ("app.cli.data", "remettre une sauvegarde en place"),
    "export-company": ("app.cli.exchange", "écrire toute l’entreprise dans un fichier ouvert (ZIP)"),
    "import-company": ("app.cli.exchange", "mettre un tel fichier dans une installation vide"),
    "starter-files": ("app.cli.exchange", "écrire les modèles de fichiers Excel pour l’import"),
    "upgrade": ("app.cli.data", "sauvegarder, puis mettre la base à jour"),
    "key": ("app.cli.key", "clé des secrets : où elle est, en changer"),
    "models": ("app.cli.models", "lister, proposer, approuver et retirer des versions de modèles"),
    "demo": ("app.cli.demo", "créer et ouvrir l’entreprise de démonstration"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code: 0 done, 1 refused, 2 not understood, 3 the machine does not permit it."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = parser_for(given[0] if given else "")
    parsed = parser.parse_args(given)
    if not hasattr(parsed, "run"):
        parser.print_help()
        return BAD_INPUT
    try:
        return int(parsed.run(parsed))
    except (BusinessError, Trouble) as refusal:
        say_why(refusal, as_json=getattr(parsed, "json", False))
        return exit_code_of(refusal)
    except KeyboardInterrupt:
        return REFUSED


def parser_for(asked: str) -> argparse.ArgumentParser:
    """Return the parser of all commands; only the group of the one asked for is imported and declares its arguments."""
    parser = argparse.ArgumentParser(prog="boussole", description="CRM et ERP pour petites entreprises.")
    commands = parser.add_subparsers(title="commandes", metavar="COMMANDE")
    group = COMMANDS.get(asked, ("", ""))[0]
    for name, (module, purpose) in COMMANDS.items():
        if module != group:
            commands.add_parser(name, help=purpose)
    if group:
        importlib.import_module(group).register(commands)
    return parser


def exit_code_of(refusal: BusinessError | Trouble) -> int:
    """Return the exit code that tells a script what kind of refusal it was."""
    if isinstance(refusal, Trouble):
        return ENVIRONMENT
    return BAD_INPUT if isinstance(refusal, BadInput) else REFUSED


def say_why(refusal: BusinessError | Trouble, *, as_json: bool) -> None:
    """Say why a command did nothing, on standard error; with `--json` as JSON on standard output."""
    if as_json:
        print(json.dumps({"error": type(refusal).__name__, "message": str(refusal)}, ensure_ascii=False))
        return
    print(refusal, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
