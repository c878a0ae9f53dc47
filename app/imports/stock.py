"""Opening stock as a kind that files are read into."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.imports.items import TARGETS as ITEM_TARGETS
from app.imports.kinds import Kind, Situation, Target
from db.kernel.findings import BadFields, Finding
from db.parties.intake.rules import Identity
from db.stock.opening.actions import STOCK_IMPORT
from db.stock.opening.queries import stock_matches
from db.stock.opening.rules import StockRow, identities_of

PRICE = Decimal("0.0001")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


NUMBER = next(target for target in ITEM_TARGETS if target.key == "number")
TARGETS = (
    replace(NUMBER, words=(*NUMBER.words, "article", "artikel", "item"), is_identity=False),
    Target("place", "Lieu", "code", _words(
        "lieu|depot|entrepot|magasin|emplacement|place|location|warehouse|lager|lagerort|lagerplatz"),
        example="RENENS"),
    Target("quantity", "Quantité", "code", _words(
        "quantite|qte|stock|en stock|stock actuel|inventaire|quantity|qty|on hand|units in stock|unitsinstock|menge|"
        "bestand|lagerbestand|anzahl"), example="312"),
    Target("on", "Date", "date", _words("date|au|date du stock|date d inventaire|as of|datum|stichtag")),
    Target("unit_cost", "Prix de revient", "number", _words(
        "prix de revient|valeur unitaire|prix d achat|pa|cout|cost|unit cost|unitcost|einstandspreis|ek")),
)  # fmt: skip


class BadRow(BadFields):
    """A row cannot be an opening stock."""


def build(values: dict[str, Any], custom: dict[str, Any], where: Situation) -> StockRow:
    """Return the opening stock of one row. Raises: BadInput."""
    found = []
    if not values.get("number"):
        found.append(Finding("number", "Indiquez le numéro de l’article."))
    if not values.get("quantity"):
        found.append(Finding("quantity", "Indiquez la quantité."))
    cost, on = values.get("unit_cost"), values.get("on")
    if cost is not None and cost < 0:
        found.append(Finding("unit_cost", "Un prix est positif ; écrivez par exemple 4.85."))
    if on is not None and on > where.began_at:
        found.append(Finding("on", "Cette date est à venir."))
    if found:
        raise BadRow(found)
    price = None if cost is None else cost.quantize(PRICE, ROUND_HALF_UP)
    place = " ".join(str(values.get("place", "")).split())
    return StockRow(where.line, str(values["number"]), place, str(values["quantity"]), on, price)


def identify(read: StockRow) -> tuple[Identity, ...]:
    """Return by what the stock of a row is recognised."""
    return identities_of(read)


def row(line: int, read: StockRow, given: dict[str, Any], key: tuple[Identity, ...]) -> StockRow:
    """Return the row as the business takes it."""
    return replace(read, line=line, key=key)


STOCK = Kind(
    name="stock",
    record_kind="stock_move",
    label="Stock initial",
    permission="stock.import",
    undo_permission="stock.import",
    targets=TARGETS,
    states={},
    state_labels={},
    key_targets=frozenset(),
    field_of={},
    reserved=frozenset(),
    build=build,
    row=row,
    deeds=STOCK_IMPORT,
    find=stock_matches,
    identify=identify,
    recognised="L’article et le lieu : un stock initial repris une fois ne l’est pas deux.",
    portion=500,
    takes_custom=False,
    icon="warehouse",
    page="/mouvements",
    purpose="Ce qui se trouve où au départ, avec son prix de revient ; les articles existent déjà, "
    "les premiers lieux sont créés.",
)
