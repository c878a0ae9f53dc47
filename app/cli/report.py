"""`boussole report trial-balance --on 31.12.2026 --json`: what the books say as of a day."""

import argparse
import json
from typing import Any

from app.doors import ask
from app.text import money
from db.access.rules import system_actor
from db.kernel.errors import BadInput
from db.ledger.reports.queries import TrialBalance, trial_balance
from db.records.custom_fields.rules import read_date

DONE, BAD_USE = 0, 2


def register(subparsers: Any) -> None:
    """Declare the command."""
    command = subparsers.add_parser("report", help="dire ce que disent les livres à une date")
    command.add_argument("name", choices=["trial-balance"])
    command.add_argument("--on", required=True, metavar="DATE")
    command.add_argument("--json", action="store_true", help="répondre en JSON")
    command.set_defaults(run=run_report)


def run_report(arguments: argparse.Namespace) -> int:
    """Print the trial balance."""
    try:
        on = read_date(arguments.on)
    except BadInput as refusal:
        print(refusal)
        return BAD_USE
    found = ask(system_actor("cli"), trial_balance, on=on)
    print(json.dumps(_facts(found), ensure_ascii=False) if arguments.json else _lines(found))
    return DONE


def _facts(found: TrialBalance) -> dict[str, Any]:
    rows = [
        {
            "number": row.number,
            "name": row.name,
            **{side: str(getattr(row, side)) for side in ("opening", "debit", "credit", "balance")},
        }
        for row in found.rows
    ]
    return {"on": found.on.isoformat(), "rows": rows, "total": str(found.total)}


def _lines(found: TrialBalance) -> str:
    return "\n".join(f"{row.number:<8}{row.name[:44]:<46}{money(row.balance):>16}" for row in found.rows)
