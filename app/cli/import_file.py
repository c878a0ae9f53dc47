"""`boussole import KIND FILE`: a file into the open company, here and now, without the worker."""

import argparse
import json
import sys
import time
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from app.doors import ask
from app.gateways.table_files import MOST_BYTES
from app.imports import steps
from app.imports.kinds import KINDS, kind_named
from app.imports.mapping import Plan, given_plan, plan_from
from app.session import actor_of_user
from app.text import quantity
from db.access.people.queries import user_by_email
from db.access.rules import Actor, check_may, system_actor
from db.documents.imports import queries
from db.documents.imports.queries import ImportStatus
from db.documents.imports.rules import Counts
from db.kernel.errors import BadInput, NotFound
from db.migrations.run import upgrade
from db.session import reading

DONE, REFUSED = 0, 1
SHOWN = 20


def register(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("import", help="importer un fichier CSV ou XLSX")
    parser.add_argument("kind", choices=sorted(KINDS), help="ce que contient le fichier")
    parser.add_argument("file", type=Path, help="CSV, TSV ou XLSX, aussi compressé (.gz)")
    parser.add_argument(
        "--mapping", type=Path, metavar="M.json", help="correspondance des colonnes, à la place de celle proposée"
    )
    parser.add_argument(
        "--key", metavar="COL", help="colonne qui retrouve les enregistrements connus : mis à jour, sinon créés"
    )
    parser.add_argument("--sheet", default="", help="feuille du classeur")
    parser.add_argument("--as", dest="email", metavar="E-MAIL", help="au nom de cette personne")
    parser.add_argument("--dry-run", action="store_true", help="vérifier seulement")
    parser.add_argument("--json", action="store_true", help="résultat en JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Import (or only check) the file; return 0, or 1 when rows were refused."""
    began = time.monotonic()
    given = _given(arguments.mapping)
    content = _content(arguments.file)
    upgrade()
    by = _person(arguments.email) if arguments.email else system_actor("cli")
    kind = kind_named(arguments.kind)
    check_may(by, kind.permission)
    options = {"sheet": arguments.sheet or given.get("sheet", ""), "header_line": given.get("header_line")}
    import_id = steps.take_in(content, arguments.file.name, kind=kind.name, options=options, with_job=False, by=by)
    steps.look(import_id, by=by)
    proposed = plan_from(ask(by, queries.import_status, import_id=import_id, by=by).plan)
    if arguments.key:
        given["key"] = arguments.key
    plan = given_plan(proposed, given, kind=kind)
    steps.choose(import_id, plan, by=by)
    counts = _carry_out(import_id, arguments.dry_run, by)
    status = ask(by, queries.import_status, import_id=import_id, by=by)
    _tell(arguments, status, plan, counts, by, time.monotonic() - began)
    return REFUSED if counts.refused else DONE


def _person(email: str) -> Actor:
    with reading() as session:
        user = user_by_email(session, email=email)
    if user is None:
        raise NotFound("Personne n’a l’adresse {email}.", email=email)
    return actor_of_user(user.id, via="cli")


def _given(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        given = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError:
        raise BadInput("Le fichier {path} ne peut pas être lu.", path=path) from None
    except ValueError:
        raise BadInput("Le fichier {path} n’est pas du JSON.", path=path) from None
    if not isinstance(given, dict):
        raise BadInput("Le fichier {path} doit contenir un objet JSON.", path=path)
    return given


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadInput("Le fichier pèse plus de {most} Mo.", most=MOST_BYTES // 2**20)
        return path.read_bytes()
    except OSError:
        raise BadInput("Le fichier {path} ne peut pas être lu.", path=path) from None


class _Dots:
    """Progress for a person who watches a terminal."""

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Write over the last line."""
        if sys.stderr.isatty():
            print(f"\r{message} : {done} sur {total}   ", end="" if done < total else "\n", file=sys.stderr)


def _carry_out(import_id: UUID, dry_run: bool, by: Actor) -> Counts:
    if dry_run:
        counts = steps.check(import_id, by=by, watch=_Dots())
        steps.leave(import_id, by=by)
        return counts
    steps.begin(import_id, with_job=False, by=by)
    done = steps.write(import_id, by=by, watch=_Dots())
    return Counts(done.created, done.updated, done.unchanged, done.refused)


def _tell(
    args: argparse.Namespace, status: ImportStatus, plan: Plan, counts: Counts, by: Actor, seconds: float
) -> None:
    found = ask(by, queries.problems, import_id=status.import_id, is_dry=args.dry_run, by=by)
    if args.json:
        told = {
            "import_id": str(status.import_id),
            "file": status.file_name,
            "dry_run": args.dry_run,
            "rows_in": status.rows_in,
            **asdict(counts),
            "seconds": round(seconds, 2),
            "key": plan.key,
            "order": plan.order,
            "columns": {
                column.column: {
                    "target": column.target,
                    **({"key": column.key, "type": column.type} if column.key else {}),
                }
                for column in plan.columns
            },
            "remarks": status.summary["remarks"],
            "problems": [asdict(problem) for problem in found],
        }
        print(json.dumps(told, ensure_ascii=False))
        return
    verb = "à créer, {} à mettre à jour, {} refusées" if args.dry_run else "créées, {} mises à jour, {} refusées"
    print(
        f"{_n(status.rows_in)} lignes : {_n(counts.created)} "
        + verb.format(_n(counts.updated), _n(counts.refused))
        + f", en {seconds:.1f} s."
    )
    for problem in found[:SHOWN]:
        print(f"  ligne {problem.line}{', ' + problem.column if problem.column else ''} : {problem.reason}")
    if len(found) > SHOWN:
        print("  …")


def _n(number: int) -> str:
    return quantity(Decimal(number))
