"""What a stock move is, the life it leads, and what makes it impossible."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from db.catalog.items.rules import has_places, register_holder
from db.catalog.units.rules import PLACES, plain
from db.kernel.errors import NotAllowed
from db.kernel.findings import BadFields, Finding
from db.kernel.lifecycle import Lifecycle
from db.records.kinds.rules import RecordKind, register_kind
from db.records.relations.rules import Relation, register_relation

KIND = "stock_move"
HIDEABLE = frozenset({"note", "unit_cost"})
register_kind(
    RecordKind(
        KIND, "Mouvement de stock", "Mouvements de stock", "stock_move", "stock.read", "stock.move", hideable=HIDEABLE
    )
)
register_relation(Relation(KIND, "item", table="stock_move", source="id", target="item_id"))
register_holder("stock_move", "item_id")
MOST, LONGEST_NOTE, PRICE_PLACES = Decimal("1000000000"), 500, 4


class MoveKind(StrEnum):
    """Why goods move."""

    RECEIPT = "receipt"
    ISSUE = "issue"
    TRANSFER = "transfer"
    COUNT = "count"
    OPENING = "opening"
    REVERSAL = "reversal"


class MoveState(StrEnum):
    """A planned move may still be changed; a done one is history."""

    PLANNED = "planned"
    DONE = "done"
    CANCELLED = "cancelled"


MOVE_LIFE = Lifecycle[MoveState](
    "Mouvement",
    {
        MoveState.PLANNED: frozenset({MoveState.DONE, MoveState.CANCELLED}),
        MoveState.DONE: frozenset(),  # only a counter-move corrects it
        MoveState.CANCELLED: frozenset({MoveState.PLANNED}),
    },
)
KIND_LABELS = {
    MoveKind.RECEIPT: "Entrée",
    MoveKind.ISSUE: "Sortie",
    MoveKind.TRANSFER: "Transfert",
    MoveKind.COUNT: "Inventaire",
    MoveKind.OPENING: "Stock initial",
    MoveKind.REVERSAL: "Contre-mouvement",
}
STATE_LABELS = {MoveState.PLANNED: "Prévu", MoveState.DONE: "Fait", MoveState.CANCELLED: "Annulé"}
BY_HAND = (MoveKind.RECEIPT, MoveKind.ISSUE, MoveKind.TRANSFER)


class BadMove(BadFields):
    """Values of a move cannot be kept; `findings` says which and why."""


class NotEnough(NotAllowed):
    """More would leave a place than is there."""


class MoveDone(NotAllowed):
    """A done move is never changed; a counter-move corrects it."""


@dataclass(frozen=True)
class MoveDraft:
    """A move as somebody enters it; `quantity` in the item's unit. Without a place it comes from or goes outside."""

    item_id: UUID | None
    kind: MoveKind
    quantity: Decimal
    from_place_id: UUID | None = None
    to_place_id: UUID | None = None
    note: str = ""
    unit_cost: Decimal | None = None
    moved_at: datetime | None = None  # None: now


@dataclass(frozen=True)
class Origin:
    """What a move belongs to: a count, an import, later an order's line; and the move that it reverses."""

    kind: str | None = None
    record_id: UUID | None = None
    reverses_id: UUID | None = None


NO_ORIGIN = Origin()


@dataclass(frozen=True)
class Shelf:
    """What lies of an item at a place."""

    quantity: Decimal = Decimal(0)
    allows_negative: bool = False
    names: Mapping[str, Any] = field(default_factory=dict)  # item, place, unit: for the sentence


def clean_move(draft: MoveDraft, *, at: datetime) -> MoveDraft:
    """Return the draft as it is kept.

    Raises: BadMove: with all its findings.
    """
    note = " ".join(str(draft.note or "").split())
    draft = replace(draft, note=note)
    found = [*_place_findings(draft), *_value_findings(draft, at)]
    if found:
        raise BadMove(found)
    cost = draft.unit_cost
    return replace(
        draft,
        quantity=draft.quantity.quantize(Decimal(1).scaleb(-PLACES)),
        unit_cost=None if cost is None else cost.quantize(Decimal(1).scaleb(-PRICE_PLACES)),
    )


def _place_findings(draft: MoveDraft) -> list[Finding]:
    found = []
    if draft.item_id is None:
        found.append(Finding("item_id", "Choisissez un article."))
    needs = {
        MoveKind.RECEIPT: (False, True),
        MoveKind.OPENING: (False, True),
        MoveKind.ISSUE: (True, False),
        MoveKind.TRANSFER: (True, True),
    }.get(draft.kind)
    if needs is not None:
        if needs[0] and draft.from_place_id is None:
            found.append(Finding("from_place_id", "Choisissez le lieu d’où part la marchandise."))
        if needs[1] and draft.to_place_id is None:
            found.append(Finding("to_place_id", "Choisissez le lieu où va la marchandise."))
        if not needs[0] and draft.from_place_id is not None:
            found.append(Finding("from_place_id", "Une entrée vient de l’extérieur : laissez ce lieu vide."))
        if not needs[1] and draft.to_place_id is not None:
            found.append(Finding("to_place_id", "Une sortie va à l’extérieur : laissez ce lieu vide."))
    if draft.from_place_id is not None and draft.from_place_id == draft.to_place_id:
        found.append(Finding("to_place_id", "Choisissez deux lieux différents."))
    return found


def _value_findings(draft: MoveDraft, at: datetime) -> list[Finding]:
    found = []
    if not (0 < draft.quantity < MOST and has_places(draft.quantity, PLACES)):
        found.append(Finding("quantity", "Une quantité est plus grande que zéro et a au plus 6 décimales."))
    cost = draft.unit_cost
    if cost is not None and not (0 <= cost < MOST and has_places(cost, PRICE_PLACES)):
        found.append(Finding("unit_cost", "Un prix est positif et a au plus 4 décimales ; écrivez par exemple 4.85."))
    if len(draft.note) > LONGEST_NOTE:
        found.append(Finding("note", "Ce texte dépasse {longest} caractères.", {"longest": LONGEST_NOTE}))
    if draft.moved_at is not None and draft.moved_at > at:
        found.append(Finding("moved_at", "Un mouvement fait ne peut pas être daté de l’avenir : prévoyez-le."))
    return found


def check_enough(shelf: Shelf, quantity: Decimal) -> None:
    """Refuse to take more from a place than is there, unless the place allows it.

    Raises: NotEnough.
    """
    if shelf.allows_negative or shelf.quantity >= quantity:
        return
    raise NotEnough(
        "Il n’y a que {there} {unit} de « {item} » à {place} ; {wanted} {unit} ne peuvent pas en sortir.",
        there=plain(shelf.quantity),
        wanted=plain(quantity),
        **shelf.names,
    )


def inverse_draft(draft: MoveDraft, *, note: str) -> MoveDraft:
    """Return the move that takes back another."""
    return replace(
        draft,
        kind=MoveKind.REVERSAL,
        from_place_id=draft.to_place_id,
        to_place_id=draft.from_place_id,
        note=note,
        moved_at=None,
    )
