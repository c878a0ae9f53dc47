"""`boussole serve`: the product on this machine, until Ctrl-C."""

import argparse
from typing import Any


def register(subparsers: Any) -> None:
    """Declare the command; `PORT` and `BOUSSOLE_DATA` come from the environment."""
    parser = subparsers.add_parser("serve", help="démarrer Boussole sur cette machine")
    parser.add_argument("--json", action="store_true", help="dire en JSON pourquoi le démarrage est refusé")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until stopped."""
    from app.serve import serve

    serve()
    return 0
