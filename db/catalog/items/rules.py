"""What an item is, what may stand in its fields, and what it earns."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from db.access.taxes.rules import VAT_RATES, rate_on
from db.catalog.units.rules import LONGEST_PACKAGES, UNITS, packages_text, read_packages
from db.kernel.errors import BadInput
from db.kernel.findings import BadFields, Finding
from db.records.kinds.rules import RecordKind, register_kind
from db.records.relations.rules import Relation, register_relation
from db.records.search.rules import fold

KIND = "item"
HIDEABLE = frozenset(  # what an item is worked by (number, unit, barcode) is seen by whoever reads items
    {"name_de", "name_en", "sale_price", "purchase_price", "vat_code", "minimum_stock", "supplier_id", "note"}
)
register_kind(RecordKind(KIND, "Article", "Articles", "item", "catalog.read", "catalog.edit", hideable=HIDEABLE))
register_relation(Relation(KIND, "party", table="item", source="id", target="supplier_id"))

PRICE_PLACES = 4
MOST_PRICE, MOST_STOCK = Decimal("100000000"), Decimal("1000000000")
LONGEST_NUMBER, LONGEST_NAME, LONGEST_GROUP, LONGEST_NOTE = 60, 200, 80, 2000
_NUMBER_RUN = re.compile(r"\d+")
_BARCODE = re.compile(r"\d{8}|\d{12}|\d{13}|\d{14}")


class ItemKind(StrEnum):
    """Goods lie in a place; a service does not."""

    ARTICLE = "article"
    SERVICE = "service"


class ItemState(StrEnum):
    """An archived item stays in old documents and is offered nowhere."""

    ACTIVE = "active"
    ARCHIVED = "archived"


class StockState(StrEnum):
    """How much there is, beside the minimum."""

    NONE = "none"
    NEGATIVE = "negative"
    LOW = "low"
    OK = "ok"


KIND_LABELS = {ItemKind.ARTICLE: "Article", ItemKind.SERVICE: "Service"}
STATE_LABELS = {ItemState.ACTIVE: "Actif", ItemState.ARCHIVED: "Archivé"}
STOCK_LABELS = {
    StockState.NONE: "Sans stock",
    StockState.NEGATIVE: "Négatif",
    StockState.LOW: "Sous le minimum",
    StockState.OK: "En stock",
}
NO_VAT = "none"
VAT_CODES = (*dict.fromkeys(rate.code for rate in VAT_RATES), NO_VAT)
VAT_LABELS = {rate.code: rate.label for rate in VAT_RATES} | {NO_VAT: "Exonéré ou hors champ"}


class BadItem(BadFields):
    """Values of an item cannot be kept; `findings` says which and why."""


@dataclass(frozen=True)
class ItemDraft:
    """An item as somebody enters it. Prices are without VAT, for one unit; `minimum_stock` is in that unit."""

    number: str
    name: str
    name_de: str = ""
    name_en: str = ""
    kind: str = ItemKind.ARTICLE.value
    unit: str = "pce"
    packages: str = ""
    group_name: str = ""
    sale_price: Decimal | None = None
    purchase_price: Decimal | None = None
    vat_code: str = "standard"
    barcode: str = ""
    minimum_stock: Decimal | None = None
    supplier_id: UUID | None = None
    note: str = ""
    state: str = ItemState.ACTIVE.value


EDITABLE = tuple(one.name for one in fields(ItemDraft))
_TEXTS = ("number", "name", "name_de", "name_en", "group_name", "barcode")
_CHOICES: dict[str, tuple[tuple[str, ...], str]] = {
    "kind": (tuple(ItemKind), "« {text} » n’est ni un article ni un service."),
    "unit": (tuple(UNITS), "« {text} » n’est pas une unité ; écrivez par exemple pce, m, kg, l ou h."),
    "vat_code": (VAT_CODES, "« {text} » n’est pas un code de TVA."),
    "state": (tuple(ItemState), "« {text} » n’est ni actif ni archivé."),
}


def clean_item(draft: ItemDraft) -> ItemDraft:
    """Return the draft as it is kept: texts without needless spaces, numbers with their decimals.

    Raises: BadItem: with all its findings.
    """
    tidied: dict[str, Any] = {name: " ".join(str(getattr(draft, name) or "").split()) for name in _TEXTS}
    tidied["barcode"] = re.sub(r"[\s.-]", "", tidied["barcode"])
    draft = replace(draft, **tidied, note=str(draft.note or "").strip(), packages=str(draft.packages or "").strip())
    found = [
        *_name_findings(draft),
        *_choice_findings(draft),
        *_number_findings(draft),
        *_barcode_findings(draft),
        *_service_findings(draft),
    ]
    packages, problems = _packages(draft)
    found += problems
    if found:
        raise BadItem(found)
    prices: dict[str, Any] = {
        name: _kept(getattr(draft, name), PRICE_PLACES) for name in ("sale_price", "purchase_price")
    }
    return replace(draft, packages=packages, minimum_stock=_kept(draft.minimum_stock, 6), **prices)


def _kept(value: Decimal | None, places: int) -> Decimal | None:
    return None if value is None else value.quantize(Decimal(1).scaleb(-places))


def _name_findings(draft: ItemDraft) -> list[Finding]:
    found = []
    if not draft.number:
        found.append(Finding("number", "Donnez un numéro à l’article."))
    if not draft.name:
        found.append(Finding("name", "Donnez un nom à l’article."))
    longest = {
        "number": LONGEST_NUMBER,
        **dict.fromkeys(("name", "name_de", "name_en"), LONGEST_NAME),
        "group_name": LONGEST_GROUP,
        "note": LONGEST_NOTE,
        "packages": LONGEST_PACKAGES,
    }
    for name, most in longest.items():
        if len(getattr(draft, name)) > most:
            found.append(Finding(name, "Ce texte dépasse {longest} caractères.", {"longest": most}))
    return found


def _choice_findings(draft: ItemDraft) -> list[Finding]:
    return [
        Finding(name, message, {"text": str(getattr(draft, name))[:40]})
        for name, (choices, message) in _CHOICES.items()
        if getattr(draft, name) not in choices
    ]


def _number_findings(draft: ItemDraft) -> list[Finding]:
    found = []
    for name in ("sale_price", "purchase_price"):
        price = getattr(draft, name)
        if price is not None and not (0 <= price < MOST_PRICE and has_places(price, PRICE_PLACES)):
            found.append(Finding(name, "Un prix est positif et a au plus 4 décimales ; écrivez par exemple 4.85."))
    least = draft.minimum_stock
    if least is not None and not (0 <= least < MOST_STOCK and has_places(least, 6)):
        found.append(Finding("minimum_stock", "Le stock minimum est positif et a au plus 6 décimales."))
    return found


def has_places(value: Decimal, places: int) -> bool:
    """Test if a number has at most so many decimals."""
    return value.is_finite() and value == value.quantize(Decimal(1).scaleb(-places))


def _barcode_findings(draft: ItemDraft) -> list[Finding]:
    try:
        read_barcode(draft.barcode)
    except BadInput as problem:
        return [Finding("barcode", problem.message_id, problem.params)]
    return []


def _service_findings(draft: ItemDraft) -> list[Finding]:
    if draft.kind == ItemKind.SERVICE and draft.minimum_stock is not None:
        return [Finding("minimum_stock", "Un service n’a pas de stock.")]
    return []


def _packages(draft: ItemDraft) -> tuple[str, list[Finding]]:
    if draft.unit not in UNITS:
        return "", []
    try:
        return packages_text(read_packages(draft.packages, draft.unit)), []
    except BadInput as problem:
        return "", [Finding("packages", problem.message_id, problem.params)]


def read_barcode(text: str) -> str:
    """Return a GTIN of 8, 12, 13 or 14 figures; empty stays empty.

    Raises: BadInput: another length, or the check digit is wrong.
    Source: GS1 General Specifications, section 7.9 (check digit, weights 3 and 1 from the right).
    """
    bare = re.sub(r"[\s.-]", "", text or "")
    if not bare:
        return ""
    if not _BARCODE.fullmatch(bare):
        raise BadInput("« {text} » n’est pas un code-barres ; un GTIN a 8, 12, 13 ou 14 chiffres.", text=text[:40])
    if check_digit(bare[:-1]) != bare[-1]:
        message = "« {text} » : le dernier chiffre devrait être {digit}. Vérifiez le code-barres."
        raise BadInput(message, text=text[:40], digit=check_digit(bare[:-1]))
    return bare


def check_digit(figures: str) -> str:
    """Return the check digit of a GTIN without it."""
    total = sum(int(figure) * (3 if place % 2 == 0 else 1) for place, figure in enumerate(reversed(figures)))
    return str(-total % 10)


def number_key(number: str) -> str:
    """Return what two items may never share: the number without case, accents and spaces."""
    return fold(number).replace(" ", "")


def number_order(number: str) -> str:
    """Return what numbers are ordered by: `A-9` comes before `A-10`."""
    return _NUMBER_RUN.sub(lambda run: run[0].lstrip("0").rjust(12, "0")[-40:], fold(number))


def price_order(price: Decimal | None) -> int:
    """Return what a price is ordered by: ten-thousandths, −1 when there is none."""
    return -1 if price is None else int(price.scaleb(PRICE_PLACES))


def stock_state(on_hand: Decimal, minimum: Decimal | None) -> StockState:
    """Return how much there is, beside the minimum. The database computes the same (`db.stock.moves.tables`)."""
    if on_hand < 0:
        return StockState.NEGATIVE
    if minimum is not None and on_hand < minimum:
        return StockState.LOW
    return StockState.NONE if on_hand == 0 else StockState.OK


def margin(sale: Decimal | None, purchase: Decimal | None) -> Decimal | None:
    """Return the share of the sale price that is left after the purchase price, as a fraction; None if unknown."""
    if not sale or purchase is None:
        return None
    return ((sale - purchase) / sale).quantize(Decimal("0.001"), rounding=ROUND_HALF_UP)


def vat_percent(code: str, on: date) -> Decimal:
    """Return the VAT rate of an item on a day; 0 for what bears none."""
    return Decimal(0) if code == NO_VAT else rate_on(code, on)


def draft_of(values: Mapping[str, Any]) -> ItemDraft:
    """Return a draft from values by the names of their columns.

    Raises: BadInput: a column that an item does not have.
    """
    unknown = set(values) - set(EDITABLE)
    if unknown:
        raise BadInput("Champ inconnu : {names}.", names=", ".join(sorted(unknown))[:200])
    return ItemDraft(**{"number": "", "name": "", **values})


# tables whose rows count an item in its unit: (table, column); as long as there is one, unit and kind stay
HOLDERS: list[tuple[str, str]] = []
FIXED_ONCE_USED = ("unit", "kind")


def register_holder(table: str, column: str) -> None:
    """Say that rows of a table count items, so that the unit of an item that has some no longer changes."""
    if (table, column) not in HOLDERS:
        HOLDERS.append((table, column))
