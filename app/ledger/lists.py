"""The lists of journal entries and of accounts."""

from functools import partial
from typing import Any

from app import routes
from app.lists.cells import day_column, text_column
from app.lists.kind import Around, Column, Facet, ListKind, Quick, RangeEnd, Verb, word
from app.text import money, say
from db.ledger.accounts.listing.actions import change_accounts
from db.ledger.accounts.listing.queries import ACCOUNT_QUESTIONS
from db.ledger.accounts.listing.queries import SOURCE as ACCOUNT_SOURCE
from db.ledger.accounts.rules import KIND_LABELS, AccountKind
from db.ledger.entries.listing.actions import change_entries
from db.ledger.entries.listing.queries import ENTRY_QUESTIONS
from db.ledger.entries.listing.queries import SOURCE as ENTRY_SOURCE
from db.ledger.entries.rules import STATE_LABELS, EntryState
from db.records.listing.rules import read_request

ENTRY_SHAPE, ACCOUNT_SHAPE = ENTRY_SOURCE.shape, ACCOUNT_SOURCE.shape


def entry_columns(around: Around) -> list[Column]:
    """Return every column of the entries."""
    return [
        text_column("text", "Libellé", "name", width="240px", kind="strong", edit=False),
        day_column("date", "Date", "entry_date"),
        text_column("number", "Numéro", width="130px", edit=False),
        _shown("debits", "Débit", "100px"),
        _shown("credits", "Crédit", "110px"),
        Column(
            "total",
            "CHF",
            "money",
            lambda row, language, today: money(row.total),
            lambda row: row.total,
            sort="total",
            falls=True,
            width="110px",
            field="total",
        ),
        _shown("document", "Pièce", "120px"),
        Column(
            "state",
            "État",
            "text",
            lambda row, language, today: say(language, STATE_LABELS[row.state]),
            lambda row: word(STATE_LABELS[row.state]),
            width="110px",
            field="state",
        ),
    ]


def account_columns(around: Around) -> list[Column]:
    """Return every column of the accounts."""
    return [
        text_column("number", "Numéro", width="90px", kind="strong"),
        text_column("name", "Compte", width="300px"),
        Column(
            "kind",
            "Genre",
            "text",
            lambda row, language, today: say(language, KIND_LABELS[row.kind]),
            lambda row: word(KIND_LABELS[row.kind]),
            sort="kind",
            width="120px",
            field="kind",
        ),
        _shown("currency", "Monnaie", "80px"),
        _shown("name_de", "Nom allemand", "260px"),
        _shown("name_en", "Nom anglais", "260px"),
        Column(
            "archived",
            "Archivé",
            "text",
            lambda row, language, today: say(language, "oui") if row.is_archived else "",
            lambda row: row.is_archived,
            width="80px",
            field="is_archived",
        ),
    ]


def _shown(key: str, label: str, width: str) -> Column:
    return Column(
        key, label, "text", lambda row, language, today: getattr(row, key), lambda row: getattr(row, key), width=width
    )


def _nothing(value: str, around: Around) -> dict[str, Any]:
    return {}


def _entry_state(value: str, around: Around) -> str:
    known = value in set(EntryState)
    return say(around.by.language, STATE_LABELS[EntryState(value)]) if known else value


def _account_kind(value: str, around: Around) -> str:
    known = value in set(AccountKind)
    return say(around.by.language, KIND_LABELS[AccountKind(value)]) if known else value


ENTRIES = ListKind(
    key="journal_entry",
    record="journal_entry",
    table="journal_entry",
    route=routes.ENTRIES,
    link=routes.entry("{id}"),
    title="Écritures",
    words=("écriture", "écritures"),
    read="ledger.read",
    edit="ledger.post",
    export="ledger.export",
    columns=entry_columns,
    usual=("text", "date", "number", "debits", "credits", "total", "document", "state"),
    queries=ENTRY_QUESTIONS,
    read_request=partial(read_request, shape=ENTRY_SHAPE),
    change=change_entries,
    facets=(Facet("state", "État", "state", _entry_state, tuple(state.value for state in EntryState)),),
    ranges=(
        RangeEnd("from", "Datée dès le", "Datée dès le {value}", "entry_date"),
        RangeEnd("to", "Datée jusqu’au", "Datée jusqu’au {value}", "entry_date"),
    ),
    quick=(
        Quick("draft", "Brouillons", lambda by: {"state": ("draft",)}),
        Quick("posted", "Comptabilisées", lambda by: {"state": ("posted",)}),
    ),
    verbs=(
        Verb("post", "Comptabiliser", "{count} écritures comptabilisées.", _nothing),
        Verb("remove", "Supprimer", "{count} brouillons supprimés.", _nothing, danger=True),
    ),
    opens="view=all",
    usual_sort="-date",
    new=("Saisir une écriture", routes.ENTERING),
    nothing=(
        "Aucune écriture.",
        "Les livres commencent avec les soldes d’ouverture, ou avec la première écriture saisie.",
        "Saisir une écriture",
        routes.ENTERING,
    ),
    none_fits="Aucune écriture ne correspond.",
    file="ecritures",
)
ACCOUNTS = ListKind(
    key="account",
    record="account",
    table="account",
    route=routes.ACCOUNTS,
    link=routes.account_page("{id}"),
    title="Plan comptable",
    words=("compte", "comptes"),
    read="ledger.read",
    edit="ledger.manage_accounts",
    export="ledger.export",
    columns=account_columns,
    usual=("number", "name", "kind", "currency", "archived"),
    queries=ACCOUNT_QUESTIONS,
    read_request=partial(read_request, shape=ACCOUNT_SHAPE),
    change=change_accounts,
    facets=(Facet("kind", "Genre", "kind", _account_kind, tuple(kind.value for kind in AccountKind)),),
    verbs=(
        Verb("archive", "Archiver", "{count} comptes archivés.", _nothing),
        Verb("restore", "Désarchiver", "{count} comptes désarchivés.", _nothing),
    ),
    tabs=lambda by: [("Tous", "view=all")],
    opens="view=all",
    usual_sort="number",
    new=("Nouveau compte", routes.NEW_ACCOUNT),
    nothing=(
        "Aucun compte.",
        "Le plan suisse des PME se crée en un geste, ou un fichier apporte le vôtre.",
        "Créer ou importer le plan",
        routes.BOOKS,
    ),
    none_fits="Aucun compte ne correspond.",
    file="plan-comptable",
)
