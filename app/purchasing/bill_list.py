"""The list of received bills."""

from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlencode

from app import routes
from app.lists.cells import amount_column, day_column, owner_column, owner_named, told_column
from app.lists.kind import Around, Column, Facet, ListKind, Quick, RangeEnd, Verb, word
from app.text import day, say
from db.access.rules import Actor
from db.purchasing.bills.listing.actions import change_bills
from db.purchasing.bills.listing.queries import BILL_QUESTIONS, SHAPE
from db.purchasing.bills.rules import EDIT, EXPORT, READ, STATE_LABELS, BillState, title_of
from db.records.listing.rules import read_request

CLASSES = {BillState.TO_ENTER: "open", BillState.ENTERED: "converted", BillState.DISCARDED: "lost"}
PROGRESS = {BillState.TO_ENTER: "0", BillState.ENTERED: "100", BillState.DISCARDED: "0"}
TO_ENTER = "state=to_enter"


def columns(around: Around) -> list[Column]:
    """Return every column of the list."""
    return [
        told_column("name", "Facture", "number", "220px", _name, kind="strong"),
        told_column("party", "Fournisseur", "party_id", "170px", lambda row: row.party_name),
        told_column("number", "Numéro", "number", "130px", lambda row: row.number),
        Column(
            "state",
            "État",
            "state",
            _state_cell,
            lambda row: word(STATE_LABELS[row.state]),
            width="104px",
            field="state",
        ),
        _date("bill_date", "Date", "bill_date"),
        _date("due", "Échéance", "due_date", sort="due"),
        amount_column("amount", "Montant", "amount"),
        told_column("currency", "Monnaie", "currency", "70px", lambda row: row.currency),
        owner_column(),
        day_column("received", "Reçue le", "received_at"),
        told_column("note", "Note", "note", "200px", lambda row: row.note),
    ]


def _name(row: Any) -> str:
    return title_of(row.party_name, row.number, day(row.received_at))


def _date(key: str, label: str, field: str, *, sort: str = "") -> Column:
    def shown(row: Any, language: str, today: date) -> str:
        value = getattr(row, field)
        return day(value) if value else ""

    return Column(key, label, "text", shown, lambda row: getattr(row, field), sort=sort, width="92px", field=field)


def _state_cell(row: Any, language: str, today: date) -> list[str]:
    return [CLASSES[row.state], say(language, STATE_LABELS[row.state]), PROGRESS[row.state]]


def tabs(by: Actor) -> list[tuple[str, str]]:
    """Return the views that everybody has."""
    mine = urlencode([("owner", str(by.user_id))])
    return [("À saisir", TO_ENTER), ("Déposées par moi", mine), ("Toutes", "view=all")]


def _state_named(value: str, around: Around) -> str:
    known = value in set(BillState)
    return say(around.by.language, STATE_LABELS[BillState(value)]) if known else value


def _reason(value: str, around: Around) -> dict[str, Any]:
    return {"discard_reason": value}


BILLS = ListKind(
    key="bill",
    new=("Photographier une facture", routes.PHOTOGRAPH),
    record="bill",
    table="bill",
    route=routes.BILLS,
    link=routes.bill("{id}"),
    title="Factures reçues",
    words=("facture", "factures"),
    read=READ,
    edit=EDIT,
    export=EXPORT,
    columns=columns,
    usual=("name", "party", "state", "bill_date", "due", "amount", "owner", "received"),
    queries=BILL_QUESTIONS,
    read_request=partial(read_request, shape=SHAPE),
    change=change_bills,
    facets=(
        Facet("state", "État", "state", _state_named, tuple(one.value for one in BillState)),
        Facet("owner", "Déposée par", "owner_id", owner_named),
    ),
    ranges=(
        RangeEnd("amount_from", "Montant, au moins", "CHF ≥ {value}", "amount"),
        RangeEnd("amount_to", "Montant, au plus", "CHF ≤ {value}", "amount"),
        RangeEnd("from", "Reçue dès le", "Reçue dès le {value}", "received_at"),
        RangeEnd("to", "Reçue jusqu’au", "Reçue jusqu’au {value}", "received_at"),
    ),
    quick=(
        Quick("to_enter", "À saisir", lambda by: {"state": ("to_enter",)}),
        Quick("entered", "Saisies", lambda by: {"state": ("entered",)}),
        Quick("discarded", "Écartées", lambda by: {"state": ("discarded",)}),
    ),
    verbs=(Verb("discard", "Écarter…", "{count} factures écartées.", _reason, asks="Motif", danger=True),),
    tabs=tabs,
    opens=TO_ENTER,
    usual_sort="-received",
    nothing=(
        "Aucune facture à saisir.",
        "Une facture photographiée ou déposée attend ici d’être saisie.",
        "Photographier une facture",
        routes.PHOTOGRAPH,
    ),
    none_fits="Aucune facture ne correspond.",
    file="factures-recues",
)
