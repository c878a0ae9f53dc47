"""The list of stock moves."""

from datetime import date
from functools import partial
from operator import attrgetter
from typing import Any
from uuid import UUID

from app import routes
from app.doors import ask
from app.lists.cells import day_column, told_column
from app.lists.kind import Around, Column, Editing, Facet, ListKind, Quick, RangeEnd, Verb, word
from app.text import MINUS, price, quantity, say
from db.access.rules import Actor
from db.records.listing.rules import NOBODY, read_request
from db.stock.moves.actions import change_moves
from db.stock.moves.listing.queries import MOVE_QUESTIONS, SHAPE
from db.stock.moves.rules import KIND_LABELS, STATE_LABELS, MoveKind, MoveState
from db.stock.places.queries import place_paths

PROGRESS = {MoveState.PLANNED: "50", MoveState.DONE: "100", MoveState.CANCELLED: "0"}
CLASSES = {MoveState.PLANNED: "open", MoveState.DONE: "converted", MoveState.CANCELLED: "lost"}


def columns(around: Around) -> list[Column]:
    """Return every column of the list."""
    return [
        day_column("moved", "Date", "moved_at"),
        told_column("number", "Numéro", "item_id", "110px", attrgetter("number")),
        told_column("name", "Article", "item_id", "240px", attrgetter("name")),
        Column(
            "kind",
            "Raison",
            "text",
            lambda row, language, today: say(language, KIND_LABELS[row.kind]),
            lambda row: word(KIND_LABELS[row.kind]),
            width="120px",
            field="kind",
        ),
        Column(
            "quantity",
            "Quantité",
            "number",
            _quantity_cell,
            lambda row: -row.quantity if row.from_path and not row.to_path else row.quantity,
            sort="quantity",
            falls=True,
            width="110px",
            field="quantity",
        ),
        told_column("from", "De", "from_place_id", "150px", attrgetter("from_path")),
        told_column("to", "Vers", "to_place_id", "150px", attrgetter("to_path")),
        _state(),
        Column(
            "note",
            "Remarque",
            "text",
            lambda row, language, today: row.note,
            lambda row: row.note,
            width="180px",
            field="note",
            editing=Editing("note", lambda text, around: text),
        ),
        Column(
            "unit_cost",
            "Prix de revient",
            "number",
            lambda row, language, today: "" if row.unit_cost is None else price(row.unit_cost),
            lambda row: row.unit_cost,
            width="100px",
            field="unit_cost",
        ),
    ]


def _state() -> Column:
    return Column(
        "state", "État", "state", _state_cell, lambda row: word(STATE_LABELS[row.state]), width="90px", field="state"
    )


def _quantity_cell(row: Any, language: str, today: date) -> str:
    sign = "" if row.from_path and row.to_path else "+" if row.to_path else MINUS
    return sign + quantity(row.quantity, row.unit)


def _state_cell(row: Any, language: str, today: date) -> list[str]:
    return [CLASSES[row.state], say(language, STATE_LABELS[row.state]), PROGRESS[row.state]]


def _kind_named(value: str, around: Around) -> str:
    return say(around.by.language, KIND_LABELS[MoveKind(value)]) if value in set(MoveKind) else value


def _state_named(value: str, around: Around) -> str:
    return say(around.by.language, STATE_LABELS[MoveState(value)]) if value in set(MoveState) else value


def place_named(value: str, around: Around) -> str:
    """Return the path of a place that a facet names by its id."""
    if value == NOBODY:
        return say(around.by.language, "extérieur")
    try:
        place_id = UUID(value)
    except ValueError:
        return value
    return ask(around.by, place_paths, place_ids=[place_id]).get(place_id, value)


def tabs(by: Actor) -> list[tuple[str, str]]:
    """Return the views that everybody has."""
    return [("Faits", "state=done"), ("Prévus", "state=planned"), ("Tous", "view=all")]


MOVES = ListKind(
    key="stock_move",
    new=("Nouveau mouvement", routes.NEW_MOVE),
    record="stock_move",
    table="stock_move",
    route=routes.MOVES,
    link=routes.move("{id}"),
    title="Mouvements de stock",
    words=("mouvement", "mouvements"),
    read="stock.read",
    edit="stock.move",
    export="stock.export",
    columns=columns,
    usual=("moved", "number", "name", "kind", "quantity", "from", "to", "state", "note"),
    queries=MOVE_QUESTIONS,
    read_request=partial(read_request, shape=SHAPE),
    change=change_moves,
    facets=(
        Facet("kind", "Raison", "kind", _kind_named, tuple(MoveKind)),
        Facet("state", "État", "state", _state_named, tuple(MoveState)),
        Facet("from", "De", "from_place_id", place_named),
        Facet("to", "Vers", "to_place_id", place_named),
    ),
    ranges=(
        RangeEnd("moved_from", "Dès le", "Dès le {value}", "moved_at"),
        RangeEnd("moved_to", "Jusqu’au", "Jusqu’au {value}", "moved_at"),
    ),
    quick=(
        Quick("planned", "Prévus", lambda by: {"state": ("planned",)}),
        Quick("receipt", "Entrées", lambda by: {"kind": ("receipt",)}),
        Quick("issue", "Sorties", lambda by: {"kind": ("issue",)}),
        Quick("count", "Inventaires", lambda by: {"kind": ("count",)}),
    ),
    verbs=(
        Verb("do", "Faire", "{count} mouvements faits.", lambda value, around: {}),
        Verb("cancel", "Annuler", "{count} mouvements annulés.", lambda value, around: {}, danger=True),
    ),
    tabs=tabs,
    opens="state=done",
    usual_sort="-moved",
    nothing=(
        "Aucun mouvement.",
        "Une entrée, une sortie ou un transfert se saisit ici ; un stock initial s’importe.",
        "Importer un stock initial",
        routes.import_of("stock"),
    ),
    none_fits="Aucun mouvement ne correspond.",
    file="mouvements",
)
