"""The list of places."""

from functools import partial

from app import routes
from app.lists.cells import text_column
from app.lists.kind import Around, Column, Facet, ListKind, word
from app.text import say
from db.records.listing.rules import read_request
from db.stock.places.actions import change_places
from db.stock.places.queries import PLACE_QUESTIONS, SHAPE
from db.stock.places.rules import STATE_LABELS

YES, NO = "oui", "non"


def columns(around: Around) -> list[Column]:
    """Return every column of the list."""
    return [
        Column(
            "path",
            "Lieu",
            "text",
            lambda row, language, today: row.path,
            lambda row: row.path,
            sort="path",
            width="300px",
            field="name",
        ),
        text_column("code", "Code", width="110px"),
        Column(
            "allows_negative",
            "Stock négatif",
            "text",
            lambda row, language, today: say(language, "permis") if row.allows_negative else say(language, "refusé"),
            lambda row: YES if row.allows_negative else NO,
            width="110px",
            field="allows_negative",
        ),
        Column(
            "state",
            "État",
            "text",
            lambda row, language, today: say(language, STATE_LABELS[row.state]),
            lambda row: word(STATE_LABELS[row.state]),
            width="90px",
            field="state",
        ),
    ]


def _state_named(value: str, around: Around) -> str:
    return say(around.by.language, STATE_LABELS[value]) if value in STATE_LABELS else value


PLACES = ListKind(
    key="stock_place",
    new=("Nouveau lieu", routes.NEW_PLACE),
    record="stock_place",
    table="stock_place",
    route=routes.PLACES,
    link=routes.place("{id}"),
    title="Lieux de stock",
    words=("lieu", "lieux"),
    read="stock.read",
    edit="stock.manage_places",
    export="stock.export",
    columns=columns,
    usual=("path", "code", "allows_negative", "state"),
    queries=PLACE_QUESTIONS,
    read_request=partial(read_request, shape=SHAPE),
    change=change_places,
    facets=(Facet("state", "État", "state", _state_named, tuple(STATE_LABELS)),),
    tabs=lambda by: [("Ouverts", "state=active"), ("Tous", "view=all")],
    opens="state=active",
    usual_sort="path",
    nothing=(
        "Aucun lieu de stock.",
        "Créez-en un : un dépôt, une étagère, une camionnette.",
        "Nouveau lieu",
        routes.NEW_PLACE,
    ),
    none_fits="Aucun lieu ne correspond.",
    file="lieux",
)
