"""The list of counts."""

from datetime import date
from functools import partial
from operator import attrgetter
from typing import Any

from app import routes
from app.lists.cells import day_column, text_column, told_column
from app.lists.kind import Around, Column, Facet, ListKind, Quick, Verb, word
from app.stock.move_list import place_named
from app.text import say
from db.records.listing.rules import read_request
from db.stock.counts.actions import change_counts
from db.stock.counts.listing.queries import COUNT_QUESTIONS, SHAPE
from db.stock.counts.rules import STATE_LABELS, CountState

CLASSES = {
    CountState.OPEN: "open",
    CountState.REVIEW: "contacted",
    CountState.APPROVED: "converted",
    CountState.CANCELLED: "lost",
}


def columns(around: Around) -> list[Column]:
    """Return every column of the list."""
    return [
        text_column("name", "Inventaire", width="240px", kind="strong"),
        told_column("place", "Lieu", "place_id", "180px", attrgetter("place_path")),
        told_column("group", "Groupe", "group_name", "140px", attrgetter("group_name")),
        Column("state", "État", "state", _state_cell, lambda row: word(STATE_LABELS[row.state]), sort="state",
               width="110px", field="state"),
        Column("counted", "Compté", "number", lambda row, language, today: f"{row.counted} / {row.lines}",
               lambda row: row.counted, width="90px", field="state"),
        day_column("started", "Ouvert le", "opened_at"),
        told_column("opened_by", "Par", "opened_by", "130px", attrgetter("opened_by")),
    ]  # fmt: skip


def _state_cell(row: Any, language: str, today: date) -> list[str]:
    share = 100 if row.state is CountState.APPROVED else 100 * row.counted // max(row.lines, 1)
    return [CLASSES[row.state], say(language, STATE_LABELS[row.state]), str(share)]


def _state_named(value: str, around: Around) -> str:
    return say(around.by.language, STATE_LABELS[CountState(value)]) if value in set(CountState) else value


COUNTS = ListKind(
    key="stock_count",
    new=("Nouvel inventaire", routes.NEW_COUNT),
    record="stock_count",
    table="stock_count",
    route=routes.COUNTS,
    link=routes.stock_count("{id}"),
    title="Inventaires",
    words=("inventaire", "inventaires"),
    read="stock.read",
    edit="stock.count",
    export="stock.export",
    columns=columns,
    usual=("name", "place", "group", "state", "counted", "started", "opened_by"),
    queries=COUNT_QUESTIONS,
    read_request=partial(read_request, shape=SHAPE),
    change=change_counts,
    facets=(
        Facet("state", "État", "state", _state_named, tuple(CountState)),
        Facet("place", "Lieu", "place_id", place_named),
    ),
    quick=(
        Quick("open", "En cours", lambda by: {"state": ("open",)}),
        Quick("review", "À approuver", lambda by: {"state": ("review",)}),
    ),
    verbs=(Verb("cancel", "Abandonner", "{count} inventaires abandonnés.", lambda value, around: {}, danger=True),),
    tabs=lambda by: [("Tous", "view=all"), ("En cours", "state=open"), ("À approuver", "state=review")],
    opens="view=all",
    usual_sort="-started",
    nothing=(
        "Aucun inventaire.",
        "Ouvrez-en un : choisissez un lieu, puis comptez avec le téléphone.",
        "Nouvel inventaire",
        routes.NEW_COUNT,
    ),
    none_fits="Aucun inventaire ne correspond.",
    file="inventaires",
)
