"""The list of everybody's hours."""

from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlencode

from app import routes
from app.lists.cells import amount_column, owner_column, owner_named, told_column
from app.lists.kind import Around, Column, Facet, ListKind, Quick, RangeEnd, Verb, word
from app.text import instant, say
from db.access.rules import Actor
from db.people.hours.listing.actions import change_spans
from db.people.hours.listing.queries import SHAPE, SPAN_QUESTIONS
from db.people.hours.rules import MANAGE, READ, SOURCE_LABELS, SpanSource, wall
from db.records.listing.rules import read_request


def columns(around: Around) -> list[Column]:
    """Return every column of the list."""
    return [
        Column(
            "started",
            "Arrivée",
            "strong",
            lambda row, language, today: instant(row.started_at),
            lambda row: instant(row.started_at),
            sort="started",
            falls=True,
            width="140px",
            field="started_at",
        ),
        told_column("ended", "Départ", "ended_at", "80px", _ended),
        owner_column(),
        amount_column("hours", "Heures", "hours"),
        told_column("pause", "Pause (min)", "break_minutes", "84px", lambda row: str(row.break_minutes or "")),
        told_column("task", "Travail", "task", "190px", lambda row: row.task),
        told_column("party", "Client", "party_id", "170px", lambda row: row.party_name),
        told_column("note", "Note", "note", "200px", lambda row: row.note),
        told_column("reason", "Motif", "reason", "160px", lambda row: row.reason),
        Column(
            "source",
            "Comment",
            "text",
            lambda row, language, today: say(language, SOURCE_LABELS[SpanSource(row.source)]),
            lambda row: word(SOURCE_LABELS[SpanSource(row.source)]),
            width="90px",
        ),
        Column("closed", "Clôturé", "text", _closed, lambda row: row.is_closed, width="80px", field="started_at"),
    ]


def _ended(row: Any) -> str:
    return "" if row.ended_at is None else wall(row.ended_at)


def _closed(row: Any, language: str, today: date) -> str:
    return say(language, "oui") if row.is_closed else ""


def tabs(by: Actor) -> list[tuple[str, str]]:
    """Return the views that everybody has."""
    return [("Toutes", "view=all"), ("Les miennes", urlencode([("owner", str(by.user_id))]))]


def _source(value: str, around: Around) -> str:
    known = value in set(SpanSource)
    return say(around.by.language, SOURCE_LABELS[SpanSource(value)]) if known else value


def _reason(value: str, around: Around) -> dict[str, Any]:
    return {"reason": value}


SPANS = ListKind(
    key="work_span",
    new=("Saisir des heures", routes.NEW_HOURS),
    record="work_span",
    table="work_span",
    route=routes.HOURS,
    link=routes.span("{id}"),
    title="Heures",
    words=("période", "périodes"),
    read=READ,
    edit=MANAGE,
    export="people.export_hours",
    columns=columns,
    usual=("started", "ended", "owner", "hours", "pause", "task", "party", "note"),
    queries=SPAN_QUESTIONS,
    read_request=partial(read_request, shape=SHAPE),
    change=change_spans,
    facets=(
        Facet("owner", "Personne", "owner_id", owner_named),
        Facet("source", "Comment", "source", _source, tuple(one.value for one in SpanSource)),
    ),
    ranges=(
        RangeEnd("from", "Dès le", "Dès le {value}", "started_at"),
        RangeEnd("to", "Jusqu’au", "Jusqu’au {value}", "started_at"),
    ),
    quick=(
        Quick("mine", "Les miennes", lambda by: {"owner": (str(by.user_id),)}),
        Quick("typed", "Saisies à la main", lambda by: {"source": ("typed",)}),
    ),
    verbs=(Verb("remove", "Enlever…", "{count} périodes enlevées.", _reason, asks="Motif", danger=True),),
    tabs=tabs,
    usual_sort="-started",
    nothing=(
        "Aucune heure.",
        "Les heures apparaissent ici dès que quelqu’un pointe son arrivée.",
        "Pointer",
        routes.OWN_HOURS,
    ),
    none_fits="Aucune heure ne correspond.",
    file="heures",
)
