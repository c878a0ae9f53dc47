"""`/livres/{what}/{csv,xlsx}?…`: the balance, open items and an account's statement as files."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from app.doors import ask
from app.downloads import for_people, passing_file
from app.ledger.days import day_of, fiscal_span, today
from app.lists.export import EXCEL, as_csv, as_xlsx
from app.records.saving import uuid_of
from app.text import say
from db.access.rules import Actor, check_may
from db.kernel.errors import NotFound
from db.ledger.accounts.queries import account_facts
from db.ledger.open_items.queries import open_lines
from db.ledger.open_items.rules import AGE_LABELS, side_named
from db.ledger.reports.queries import Place, statement, trial_balance

EXPORT = "ledger.export"
PORTION = 2000


@dataclass(frozen=True)
class Sheet:
    """A file: its name, its columns and its lines."""

    name: str
    head: tuple[str, ...]
    lines: Iterator[list[Any]]


def _in_words(by: Actor, *heads: str) -> tuple[str, ...]:
    """Return the heads of a file in its reader's language."""
    return tuple(say(by.language, head) for head in heads)


def _balance(by: Actor, given: Mapping[str, str]) -> Sheet:
    on = day_of(given, "au", today())
    found = ask(by, trial_balance, on=on)
    head = _in_words(by, "Compte", "Nom", "Ouverture", "Débit", "Crédit", "Solde CHF")
    lines = ([one.number, one.name, one.opening, one.debit, one.credit, one.balance] for one in found.rows)
    return Sheet(f"balance-{on:%Y-%m-%d}", head, lines)


def _open_items(by: Actor, given: Mapping[str, str]) -> Sheet:
    on, side = day_of(given, "au", today()), side_named(given.get("cote", ""))
    found = ask(by, open_lines, side=side, on=on, most=1_000_000)
    head = _in_words(
        by, "Client ou fournisseur", "Pièce", "Écriture", "Compte", "Date", "Échéance", "Retard (jours)", "Âge",
        "Montant CHF", "Ouvert CHF",
    )  # fmt: skip
    lines = (
        [
            one.party_name, one.document, one.number, one.account_number, one.item_date, one.due_date,
            max(one.late, 0), say(by.language, AGE_LABELS[one.age]), one.amount, one.balance,
        ]
        for one in found
    )  # fmt: skip
    return Sheet(f"postes-ouverts-{given.get('cote') or 'clients'}-{on:%Y-%m-%d}", head, lines)


def _statement(by: Actor, given: Mapping[str, str]) -> Sheet:
    account_id = uuid_of(given.get("compte", ""))
    account = ask(by, account_facts, account_id=account_id)
    first, last = fiscal_span(by, today())
    begin, end = day_of(given, "du", first), day_of(given, "au", last)
    head = _in_words(by, "Date", "Écriture", "Libellé", "Débit", "Crédit", "Solde CHF")

    def lines() -> Iterator[list[Any]]:
        found = ask(by, statement, account_id=account_id, begin=begin, end=end, most=PORTION)
        yield [begin, "", say(by.language, "Solde à l’ouverture"), None, None, found.opening]
        while True:
            for one in found.lines:
                debit, credit = (one.amount, None) if one.amount > 0 else (None, -one.amount)
                yield [one.entry_date, one.number, one.text, debit, credit, one.balance]
            if found.next_place is None:
                break
            found = _on(by, account_id, begin, end, found.next_place)

    return Sheet(f"extrait-{account.number}-{begin:%Y-%m-%d}-{end:%Y-%m-%d}", head, lines())


def _on(by: Actor, account_id: UUID, begin: Any, end: Any, place: Place) -> Any:
    after = {"after_date": place.entry_date, "after_line": place.line_id}
    return ask(by, statement, account_id=account_id, begin=begin, end=end, most=PORTION, **after)


SHEETS: dict[str, Callable[[Actor, Mapping[str, str]], Sheet]] = {
    "balance": _balance,
    "postes-ouverts": _open_items,
    "extrait": _statement,
}


@for_people
async def books(actor: Actor, request: Request) -> Response:
    """Answer with the file."""
    make, form = SHEETS.get(request.path_params["what"]), request.path_params["form"]
    if make is None or form not in ("csv", "xlsx"):
        raise NotFound("Rien à cette adresse.")
    check_may(actor, EXPORT)
    found = await run_in_threadpool(make, actor, dict(request.query_params))
    if form == "csv":
        disposition = {"content-disposition": f'attachment; filename="{found.name}.csv"'}
        lines = as_csv(found.head, found.lines)
        return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=disposition)
    path = await run_in_threadpool(as_xlsx, "Livres", found.head, found.lines)
    return passing_file(path, media_type=EXCEL, name=f"{found.name}.xlsx")


routes = Starlette(routes=[Route("/livres/{what}/{form}", books)])
