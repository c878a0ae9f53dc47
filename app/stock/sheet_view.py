"""A count sheet as the phone's screen draws it, and what became of one number."""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from app.doors import ask, do
from app.gateways.barcodes import NoPicture, barcodes_in
from app.text import instant, quantity, say
from db.access.rules import Actor
from db.catalog.items.queries import items_like
from db.catalog.units.rules import plain, read_quantity
from db.kernel.errors import BadInput, BusinessError, NotFound
from db.stock.counts.actions import add_to_sheet, note_counted
from db.stock.counts.queries import SheetLine, count_facts, sheet
from db.stock.counts.rules import CountedMeanwhile, CountState, Entering

SHOWN = 3000  # lines that travel to the phone; the others are found by their code
MOST_TEXT = 60


def sheet_view(by: Actor, count_id: UUID) -> str:
    """Return the whole sheet.

    Raises: NotFound.
    """
    facts = ask(by, count_facts, count_id=count_id)
    lines = ask(by, sheet, count_id=count_id)[:SHOWN]
    return json.dumps(
        {
            "count": str(count_id),
            "name": facts.name,
            "place": facts.place_path,
            "blind": facts.blind,
            "open": facts.state is CountState.OPEN,
            "me": by.name,
            "lines": [line_view(one) for one in lines],
        },
        ensure_ascii=False,
    )


def line_view(line: SheetLine) -> dict[str, Any]:
    """Return one line of the sheet."""
    tally = line.tally
    return {
        "id": str(line.line_id),
        "version": line.row_version,
        "number": line.number,
        "name": line.name,
        "barcode": line.barcode,
        "unit": line.unit,
        "packages": list(line.packages),
        "expected": None if line.expected is None else quantity(line.expected, line.unit),
        "counted": None if tally.counted is None else plain(tally.counted),
        "by": tally.by_name,
        "when": instant(tally.counted_at, tally.counted_at) if tally.counted_at else "",
    }


def save_number(by: Actor, count_id: UUID, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Enter one number; return the line as it is now, and what the person must decide or correct, if anything."""
    line_id = read_id(sent.get("line"))
    try:
        line = _line(by, count_id, line_id)
        counted = read_quantity(str(sent.get("text", ""))[:MOST_TEXT], unit=line.unit, packages=line.packages)
        do(
            by,
            note_counted,
            line_id=line_id,
            counted=counted,
            entering=_entering(sent.get("mode")),
            seen_version=_version(sent.get("version")),
        )
    except CountedMeanwhile as refusal:
        return _told(by, count_id, line_id, refusal, asks=True)
    except BusinessError as refusal:
        return _told(by, count_id, line_id, refusal, asks=False)
    return {"line": line_view(_line(by, count_id, line_id)), "error": "", "asks": False}


def _told(by: Actor, count_id: UUID, line_id: UUID, refusal: BusinessError, *, asks: bool) -> dict[str, Any]:
    try:
        now = line_view(_line(by, count_id, line_id))
    except NotFound:
        now = {"id": str(line_id)}
    return {"line": now, "error": say(by.language, refusal.message_id, **refusal.params), "asks": asks}


def _line(by: Actor, count_id: UUID, line_id: UUID) -> SheetLine:
    found = ask(by, sheet, count_id=count_id, line_ids=[line_id])
    if not found:
        raise NotFound("Cette ligne d’inventaire n’existe pas ou plus.")
    return found[0]


def _entering(given: object) -> Entering:
    try:
        return Entering(str(given or Entering.FIRST.value))
    except ValueError:
        raise BadInput("« {verb} » ne se fait pas.", verb=str(given)[:40]) from None


def _version(given: object) -> int | None:
    return given if isinstance(given, int) and not isinstance(given, bool) else None


def changed_since(by: Actor, count_id: UUID, since: datetime) -> list[dict[str, Any]]:
    """Return the lines that anybody has counted since an instant."""
    lines = ask(by, sheet, count_id=count_id)
    return [line_view(one) for one in lines if one.tally.counted_at and one.tally.counted_at > since]


def find_item(by: Actor, count_id: UUID, text: str) -> dict[str, Any]:
    """Return the line of the item that a barcode, a number or words mean; it is put on the sheet when it is not there.

    Several items: their numbers and names, to choose from.
    """
    try:
        line_id = do(by, add_to_sheet, count_id=count_id, code=text[:MOST_TEXT])
        return {"line": line_view(_line(by, count_id, line_id)), "choices": [], "error": ""}
    except BadInput as refusal:
        near = ask(by, items_like, text=text[:MOST_TEXT]) if text.strip() else []
        if len(near) == 1 and near[0].number != text:
            return find_item(by, count_id, near[0].number)
        choices = [[one.number, one.name] for one in near]
        error = "" if choices else say(by.language, refusal.message_id, **refusal.params)
        return {"line": None, "choices": choices, "error": error}
    except BusinessError as refusal:
        return {"line": None, "choices": [], "error": say(by.language, refusal.message_id, **refusal.params)}


def find_on_photo(by: Actor, count_id: UUID, data: str) -> dict[str, Any]:
    """Return the line of the item whose barcode a photo shows."""
    try:
        codes = barcodes_in(base64.b64decode(data.partition(",")[2], validate=True))
    except (NoPicture, binascii.Error, ValueError) as problem:
        sentence = problem.message_id if isinstance(problem, NoPicture) else "Ce fichier n’est pas une photo lisible."
        return {"line": None, "choices": [], "error": say(by.language, sentence)}
    if not codes:
        error = say(by.language, "Aucun code-barres sur la photo ; rapprochez-vous, ou tapez le numéro.")
        return {"line": None, "choices": [], "error": error}
    return find_item(by, count_id, codes[0])


def read_id(given: object) -> UUID:
    """Return an id that came from a browser.

    Raises: NotFound.
    """
    try:
        return UUID(str(given))
    except ValueError:
        raise NotFound("Cette ligne d’inventaire n’existe pas ou plus.") from None
