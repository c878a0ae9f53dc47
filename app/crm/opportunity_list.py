"""The list of opportunities."""

from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from app import routes
from app.doors import ask
from app.lists.cells import (
    amount_column,
    custom_column,
    day_column,
    next_column,
    owner_column,
    owner_named,
    text_column,
)
from app.lists.kind import Around, Column, Facet, ListKind, Quick, RangeEnd, Verb, people, word
from app.text import say
from db.access.rules import Actor
from db.crm.opportunities.listing.actions import change_opportunities
from db.crm.opportunities.listing.queries import OPPORTUNITY_QUESTIONS, SHAPE
from db.crm.opportunities.rules import STATE_LABELS, OpportunityState
from db.crm.pipelines.queries import all_stages
from db.kernel.errors import BadInput
from db.records.listing.rules import read_request

PROGRESS = {OpportunityState.OPEN: "50", OpportunityState.WON: "100", OpportunityState.LOST: "0"}
CLASSES = {OpportunityState.WON: "converted", OpportunityState.LOST: "lost", OpportunityState.OPEN: "open"}
OPEN = "state=open"


def columns(around: Around) -> list[Column]:
    """Return every column of the list."""
    return [
        text_column("name", "Affaire", "name", width="240px", kind="strong"),
        _shown("party", "Société", "party_name", "190px"),
        _shown("contact", "Contact", "contact_name", "150px"),
        Column(
            "state",
            "État",
            "state",
            _state_cell,
            lambda row: word(STATE_LABELS[row.state]),
            sort="state",
            width="104px",
            field="state",
        ),
        Column(
            "stage",
            "Étape",
            "state",
            lambda row, language, today: [CLASSES[row.state], row.stage_name, str(row.chance or 0)],
            lambda row: row.stage_name,
            width="128px",
            field="stage_id",
        ),
        amount_column("amount", "CHF", "expected_amount"),
        next_column(),
        owner_column(),
        Column(
            "close_on",
            "Signature attendue",
            "text",
            lambda row, language, today: f"{row.expected_close:%d.%m.%Y}" if row.expected_close else "",
            lambda row: row.expected_close,
            width="92px",
            field="expected_close",
        ),
        day_column("opened", "Ouverte le", "opened_at"),
        Column(
            "closed",
            "Close le",
            "text",
            lambda row, language, today: "" if row.closed_at is None else f"{row.closed_at:%d.%m.%Y}",
            lambda row: row.closed_at,
            width="92px",
        ),
        *(custom_column(field) for field in around.fields),
    ]


def _state_cell(row: Any, language: str, today: date) -> list[str]:
    return [CLASSES[row.state], say(language, STATE_LABELS[row.state]), PROGRESS[row.state]]


def _shown(key: str, label: str, name: str, width: str) -> Column:
    return Column(
        key, label, "text", lambda row, language, today: getattr(row, name), lambda row: getattr(row, name), width=width
    )


def tabs(by: Actor) -> list[tuple[str, str]]:
    """Return the views that everybody has."""
    mine = urlencode([("state", "open"), ("owner", str(by.user_id))])
    return [("En cours", OPEN), ("Mes affaires", mine), ("Toutes", "view=all")]


def _state_named(value: str, around: Around) -> str:
    known = value in set(OpportunityState)
    return say(around.by.language, STATE_LABELS[OpportunityState(value)]) if known else value


def _owner(value: str, around: Around) -> dict[str, Any]:
    if value not in dict(people(around)):
        raise BadInput("« {text} » ne désigne personne.", text=value[:60])
    return {"owner_id": UUID(value) if value else None}


def _reason(value: str, around: Around) -> dict[str, Any]:
    return {"closing_reason": value}


OPPORTUNITIES = ListKind(
    key="opportunity",
    new=("Nouvelle affaire", routes.NEW_OPPORTUNITY),
    record="opportunity",
    table="opportunity",
    route=routes.OPPORTUNITIES,
    link=routes.opportunity("{id}"),
    title="Affaires",
    words=("affaire", "affaires"),
    read="crm.read_leads",
    edit="crm.edit_leads",
    export="crm.export_leads",
    columns=columns,
    usual=("name", "party", "stage", "amount", "close_on", "next", "owner"),
    queries=OPPORTUNITY_QUESTIONS,
    read_request=partial(read_request, shape=SHAPE),
    change=change_opportunities,
    facets=(
        Facet("state", "État", "state", _state_named, tuple(state.value for state in OpportunityState)),
        Facet("stage", "Étape", "stage_id", owner_named),
        Facet("owner", "Responsable", "owner_id", owner_named),
    ),
    ranges=(
        RangeEnd("amount_from", "Montant, au moins", "CHF ≥ {value}", "expected_amount"),
        RangeEnd("amount_to", "Montant, au plus", "CHF ≤ {value}", "expected_amount"),
        RangeEnd("from", "Ouverte dès le", "Ouverte dès le {value}", "opened_at"),
        RangeEnd("to", "Ouverte jusqu’au", "Ouverte jusqu’au {value}", "opened_at"),
    ),
    quick=(
        Quick("open", "En cours", lambda by: {"state": ("open",)}),
        Quick("won", "Gagnées", lambda by: {"state": ("won",)}),
        Quick("lost", "Perdues", lambda by: {"state": ("lost",)}),
        Quick("mine", "À moi", lambda by: {"owner": (str(by.user_id),)}),
    ),
    verbs=(
        Verb("edit", "Attribuer…", "{count} affaires attribuées.", _owner, asks="Attribuer à", options=people),
        Verb("win", "Gagnées…", "{count} affaires gagnées.", _reason, asks="Motif (facultatif)"),
        Verb("lose", "Perdues…", "{count} affaires perdues.", _reason, asks="Motif de la perte", danger=True),
    ),
    tabs=tabs,
    more_names=lambda by: {stage.stage_id: stage.name for stage in ask(by, all_stages)},
    opens=OPEN,
    usual_sort="-opened",
    nothing=(
        "Aucune affaire en cours.",
        "Une affaire s’ouvre en convertissant une piste.",
        "Voir les pistes",
        routes.LEADS,
    ),
    none_fits="Aucune affaire ne correspond.",
    file="affaires",
)
