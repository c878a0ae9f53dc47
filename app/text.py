"""Wording: what people read, per language; amounts, dates and counts as Swiss people write them.

French is the message id. `t` is for screen code (looked up in the browser, `words.js`, and follows `Language.lang`),
`say` for sentences made on the server. A sentence that a catalogue lacks is shown in French.
"""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from db.kernel.sentences import Sentence

if TYPE_CHECKING:
    import reflex as rx

FRENCH = "fr"
TRANSLATIONS = ("en", "de")
CATALOGUE = Path(__file__).resolve().parent / "catalogue"
SWITZERLAND = ZoneInfo("Europe/Zurich")
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"
CENTIME = Decimal("0.01")
SHOWN = set[str]()  # what screens say, as they are made
_BEFORE_SIGN, _AFTER_QUOTE = re.compile(r" (?=[:;!?»%])"), re.compile(r"« ")


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return the sentences of one language, by their French; the files of all areas merged."""
    found: dict[str, str] = {}
    for file in sorted((CATALOGUE / language).glob("*.json")):
        found.update(json.loads(file.read_text(encoding="utf-8")))
    return found


def say(language: str, message_id: str, /, **params: Any) -> str:
    """Return a sentence in a person's language, its `{named}` places filled; a kept one brings what fills them."""
    if isinstance(message_id, Sentence):
        message_id, params = message_id.message_id, message_id.params
    params = {name: say(language, one) if isinstance(one, Sentence) else one for name, one in params.items()}
    sentence = catalogue(language).get(message_id, message_id)
    return sentence.format(**params) if params else sentence


def typeset(french: str) -> str:
    """Return a French sentence that never breaks before `: ; ! ? » %` nor after `«`."""
    return _AFTER_QUOTE.sub("«" + NO_BREAK_SPACE, _BEFORE_SIGN.sub(NO_BREAK_SPACE, french))


def t(french: str, **params: Any) -> "rx.Var[str]":
    """Return a text of a screen that follows the browser's language; places may be filled with Vars."""
    from app.words import spoken  # takes seconds, and only screens need it

    SHOWN.add(french)
    return spoken(typeset(french), params)


def money(amount: Decimal) -> str:
    """Return an amount with two decimals, rounded half up: `1'234.50`, `−12.00`."""
    return _grouped(amount.quantize(CENTIME, rounding=ROUND_HALF_UP))


def price(amount: Decimal) -> str:
    """Return a unit price with two decimals, or as many more as it needs: `4.85`, `0.0125`."""
    return money(amount) if amount == amount.quantize(CENTIME) else _grouped(amount.normalize())


def quantity(amount: Decimal, unit: str = "") -> str:
    """Return a quantity without needless zeros, and its unit after a no-break space: `1'234.5 m`."""
    plain = amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount.normalize()
    return _grouped(plain) + (NO_BREAK_SPACE + unit if unit else "")


def _grouped(amount: Decimal) -> str:
    sign = MINUS if amount < 0 else ""
    return sign + f"{abs(amount):,f}".replace(",", "'")


def percent(share: float | Decimal, decimals: int = 0) -> str:
    """Return a share as per cent: `74 %`; what is not quite nothing or everything is never shown as 0 or 100."""
    if decimals == 0 and 0 < share < 0.005:
        return f"<{NO_BREAK_SPACE}1{NO_BREAK_SPACE}%"
    if decimals == 0 and 0.995 <= share < 1:
        return f">{NO_BREAK_SPACE}99{NO_BREAK_SPACE}%"
    figure = (Decimal(str(share)) * 100).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return f"{_grouped(figure)}{NO_BREAK_SPACE}%"


def day(on: date) -> str:
    """Return a day as `24.11.2026`; of an instant, the day in Switzerland."""
    if isinstance(on, datetime):
        on = on.astimezone(SWITZERLAND).date()
    return f"{on:%d.%m.%Y}"


def month_words(on: date, language: str = FRENCH) -> str:
    """Return the month of a day: `octobre 2026`."""
    return f"{say(language, MONTHS[on.month - 1])} {on.year}"


def instant(at: datetime, on: datetime | date | None = None) -> str:
    """Return an instant in Swiss time: `14:32` on the day `on`, `24.11. 14:32` in its year, else `24.11.2026 14:32`."""
    local = at.astimezone(SWITZERLAND)
    if isinstance(on, datetime):
        on = on.astimezone(SWITZERLAND).date()
    if on == local.date():
        return f"{local:%H:%M}"
    if on is not None and on.year == local.year:
        return f"{local:%d.%m. %H:%M}"
    return f"{local:%d.%m.%Y %H:%M}"


def count(number: int, one: str, many: str, language: str = FRENCH) -> str:
    """Return a number with its noun: `0 affaire`, `1 affaire`, `1'200 affaires` (zero: plural outside French)."""
    is_one = abs(number) < 2 if language == FRENCH else abs(number) == 1
    return f"{_grouped(Decimal(number))}{NO_BREAK_SPACE}{say(language, one if is_one else many)}"
