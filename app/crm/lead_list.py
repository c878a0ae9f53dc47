"""The list of leads: whom to call first and why."""

from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from app import routes
from app.crm.columns import EXPORT_ONLY, PROGRESS, state_label
from app.crm.score import score_stamp
from app.lists.cells import (
    amount_column,
    as_it_is,
    custom_column,
    day_column,
    next_column,
    owner_column,
    owner_named,
    phone_column,
    text_column,
)
from app.lists.kind import Around, Column, Editing, Facet, ListKind, Quick, RangeEnd, Verb, Worded, people, word
from app.reason_words import reason_text
from db.access.rules import Actor
from db.crm.leads.listing.actions import change_leads
from db.crm.leads.listing.queries import lead_counts, lead_ids, lead_page, lead_rows, leads_of_view
from db.crm.leads.listing.rules import ListRequest, read_request
from db.crm.leads.rules import OPEN_STATES, STATE_LABELS, LeadState
from db.kernel.errors import BadInput
from db.records.listing.questions import Questions

OPEN = urlencode([("state", state.value) for state in OPEN_STATES])


def columns(around: Around) -> list[Column]:
    """Return every column of the list, custom fields last."""
    return [
        text_column("name", "Piste", width="220px", kind="strong"),
        text_column("company", "Société", "company_name", width="172px"),
        text_column("person", "Personne", "person_name", width="140px"),
        _state(),
        amount_column("amount", "CHF", "expected_amount"),
        _probability(),
        Column(
            "reason",
            "Première raison",
            "reason",
            lambda row, language, today: reason_text(row.first_reason, language),
            lambda row: Worded(partial(reason_text, row.first_reason)),
        ),
        next_column(sort="next"),
        owner_column(sort="owner"),
        text_column("source", "Source", width="120px"),
        text_column("canton", "Canton", width="64px"),
        text_column("city", "Localité", width="120px"),
        text_column("postal_code", "NPA", width="64px"),
        text_column("email", "E-mail", width="180px"),
        phone_column(sort="phone", width="130px"),
        day_column("received", "Reçue le", "received_at"),
        Column(
            "exchanges",
            "Échanges",
            "number",
            lambda row, language, today: str(row.exchanges),
            lambda row: row.exchanges,
            sort="exchanges",
            falls=True,
            width="74px",
        ),
        *(custom_column(field) for field in around.fields),
    ]


def _state() -> Column:
    return Column(
        "state",
        "État",
        "state",
        lambda row, language, today: [row.state.value, state_label(row.state, language), PROGRESS[row.state]],
        lambda row: word(STATE_LABELS[row.state]),
        sort="state",
        width="104px",
        field="state",
        editing=Editing("state", _read_state, _open_states),
    )


def _open_states(around: Around) -> list[tuple[str, str]]:
    return [(state.value, state_label(state, around.by.language)) for state in OPEN_STATES]


def _read_state(text: str, around: Around) -> str:
    return LeadState(text).value


def _probability() -> Column:
    return Column(
        "probability",
        "Signature",
        "mark",
        lambda row, language, today: [row.probability, row.low, row.high],
        lambda row: row.probability,
        sort="probability",
        falls=True,
        width="152px",
    )


def rows_request(address: str) -> ListRequest:
    """Return what an address asks for, without counts: those are asked for separately."""
    return replace(read_request(address), want_counts=False)


def tabs(by: Actor) -> list[tuple[str, str]]:
    """Return the views that everybody has."""
    mine = urlencode([*(("state", state.value) for state in OPEN_STATES), ("owner", str(by.user_id))])
    return [("Ouvertes", OPEN), ("Mes pistes", mine), ("Toutes", "view=all")]


def _state_named(value: str, around: Around) -> str:
    return state_label(LeadState(value), around.by.language) if value in set(LeadState) else value


def _quick(key: str, label: str, *states: LeadState) -> Quick:
    return Quick(key, label, lambda by: {"state": tuple(state.value for state in states)})


def _owner(value: str, around: Around) -> dict[str, Any]:
    if value not in dict(people(around)):
        raise BadInput("« {text} » ne désigne personne.", text=value[:60])
    return {"owner_id": UUID(value) if value else None}


LEADS = ListKind(
    key="lead",
    new=("Nouvelle piste", routes.NEW_LEAD),
    record="lead",
    table="lead",
    route=routes.LEADS,
    link=routes.lead("{id}"),
    title="Pistes",
    words=("piste", "pistes"),
    read="crm.read_leads",
    edit="crm.edit_leads",
    export="crm.export_leads",
    columns=columns,
    usual=("name", "company", "state", "amount", "probability", "reason", "next"),
    queries=Questions(lead_page, lead_counts, lead_ids, leads_of_view, lead_rows),
    read_request=rows_request,
    change=change_leads,
    facets=(
        Facet("state", "État", "state", _state_named, tuple(state.value for state in LeadState)),
        Facet("owner", "Responsable", "owner_id", owner_named),
        Facet("source", "Source", "source", as_it_is),
        Facet("canton", "Canton", "canton", as_it_is),
    ),
    ranges=(
        RangeEnd("score_from", "Signature, au moins %", "Signature ≥ {value}", "probability", share=True),
        RangeEnd("score_to", "Signature, au plus %", "Signature ≤ {value}", "probability", share=True),
        RangeEnd("from", "Reçue dès le", "Reçue dès le {value}", "received_at"),
        RangeEnd("to", "Reçue jusqu’au", "Reçue jusqu’au {value}", "received_at"),
    ),
    quick=(
        _quick("open", "Ouvertes", *OPEN_STATES),
        _quick("converted", "Converties", LeadState.CONVERTED),
        _quick("lost", "Perdues", LeadState.LOST),
        Quick("mine", "À moi", lambda by: {"owner": (str(by.user_id),)}),
        Quick("likely", "Signature ≥ 70 %", lambda by: {"score_from": ("0.7",)}, counted=False),
    ),
    verbs=(
        Verb("assign", "Attribuer…", "{count} pistes attribuées.", _owner, asks="Attribuer à", options=people),
        Verb(
            "lose",
            "Perdues…",
            "{count} pistes perdues.",
            lambda value, around: {"lost_reason": value},
            asks="Motif de la perte",
            danger=True,
        ),
    ),
    tabs=tabs,
    opens=OPEN,
    usual_sort="-probability",
    nothing=(
        "Aucune piste ouverte.",
        "Elles arrivent par l’import d’un fichier ou la saisie à la main.",
        "Importer un fichier",
        routes.IMPORT_LEADS,
    ),
    none_fits="Aucune piste ne correspond.",
    file="pistes",
    stamp=score_stamp,
    extra=EXPORT_ONLY,
)
