"""Units of measure and packages: exact conversions, and quantities as people type them (`3 cartons`, `250 cm`)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from db.kernel.errors import BadInput
from db.records.search.rules import fold

PLACES = 6  # decimals of a quantity
MOST = Decimal("1000000000")
LONGEST_NUMBER = 40  # characters
LONGEST_PACKAGES = 500
_NUMBER = re.compile(r"[-−+]?\d[\d '’\u00a0\u202f]*(?:[.,]\d+)?|[-−+]?[.,]\d+")
_PACKAGE = re.compile(r"\s*(?P<name>[^=:,;]{1,40}?)\s*[=:]\s*(?P<size>[^=:,;]+?)\s*")


class NotConvertible(BadInput):
    """A quantity in one unit says nothing in the other, or not exactly."""


@dataclass(frozen=True)
class Unit:
    """One unit: what it measures, and how many base units of that measure it is."""

    code: str
    label: str  # French
    measure: str
    size: Fraction
    words: tuple[str, ...] = ()


def _unit(code: str, label: str, measure: str, size: str, words: str = "") -> Unit:
    return Unit(code, label, measure, Fraction(size), tuple(words.split()))


UNITS: dict[str, Unit] = {
    one.code: one
    for one in (
        _unit("pce", "pièce", "pieces", "1", "pc pcs pces piece pieces stk stuck unite unites u ea"),
        _unit("paire", "paire", "pieces", "2", "paires paar pair pairs"),
        _unit("m", "mètre", "length", "1", "metre metres meter"),
        _unit("cm", "centimètre", "length", "1/100"),
        _unit("mm", "millimètre", "length", "1/1000"),
        _unit("km", "kilomètre", "length", "1000"),
        _unit("m2", "mètre carré", "area", "1", "m² qm"),
        _unit("m3", "mètre cube", "volume", "1000", "m³ cbm"),
        _unit("l", "litre", "volume", "1", "lt litre litres liter"),
        _unit("dl", "décilitre", "volume", "1/10"),
        _unit("cl", "centilitre", "volume", "1/100"),
        _unit("ml", "millilitre", "volume", "1/1000"),
        _unit("kg", "kilogramme", "mass", "1", "kilo kilos"),
        _unit("g", "gramme", "mass", "1/1000", "gr gramme grammes"),
        _unit("t", "tonne", "mass", "1000", "to tonne tonnes"),
        _unit("h", "heure", "time", "1", "heure heures std stunde stunden hour hours"),
        _unit("min", "minute", "time", "1/60", "minute minutes"),
        _unit("forfait", "forfait", "lump", "1", "pauschal pauschale"),
    )
}
UNIT_LABELS = {code: one.label for code, one in UNITS.items()}
_BY_WORD = {word: one.code for one in UNITS.values() for word in (fold(one.code), fold(one.label), *one.words)}


def unit_named(text: str) -> str:
    """Return the code of a unit that people call so.

    Raises: BadInput.
    """
    found = _BY_WORD.get(fold(text).rstrip("."))
    if found is None:
        raise BadInput("« {text} » n’est pas une unité ; écrivez par exemple pce, m, kg, l ou h.", text=text[:40])
    return found


def converted(quantity: Decimal, *, of: str, to: str) -> Decimal:
    """Return a quantity of one unit in another, exactly.

    Raises: NotConvertible: the units measure different things, or the result has more than 6 decimals.
    """
    one, other = UNITS[of], UNITS[to]
    if one.measure != other.measure:
        raise NotConvertible("{of} ne se convertit pas en {to}.", of=one.code, to=other.code)
    return exact(Fraction(quantity) * one.size / other.size)


def exact(value: Fraction) -> Decimal:
    """Return a fraction as a quantity.

    Raises: NotConvertible: it has more than 6 decimals.
    """
    scaled = value * 10**PLACES
    if scaled.denominator != 1:
        raise NotConvertible("Cette quantité ne se convertit pas exactement ; donnez-la dans l’unité de l’article.")
    return Decimal(scaled.numerator).scaleb(-PLACES)


def read_packages(text: str, unit: str) -> dict[str, Decimal]:
    """Return the packages of an item by name, each in the item's unit: `carton = 12, palette = 480`.

    Raises: BadInput: one is not written so, named twice, or named like a unit.
    """
    found: dict[str, Decimal] = {}
    for part in (one for one in re.split(r"[;\n]|,(?!\d)", text) if one.strip()):
        match = _PACKAGE.fullmatch(part)
        if match is None:
            raise BadInput("« {text} » : écrivez par exemple « carton = 12 ».", text=part.strip()[:60])
        name, size = match["name"].strip(), read_quantity(match["size"], unit=unit)
        if size <= 0:
            raise BadInput("Le conditionnement « {name} » doit contenir quelque chose.", name=name)
        if fold(name) in {fold(one) for one in found} or fold(name) in _BY_WORD:
            raise BadInput("Le conditionnement « {name} » est déjà le nom d’une unité ou d’un autre.", name=name)
        found[name] = size
    return found


def packages_text(packages: Mapping[str, Decimal]) -> str:
    """Return packages as they are written."""
    return ", ".join(f"{name} = {plain(size)}" for name, size in packages.items())


def plain(quantity: Decimal) -> str:
    """Return a number without needless zeros."""
    is_whole = quantity == quantity.to_integral_value()
    return format(quantity.quantize(Decimal(1)) if is_whole else quantity.normalize(), "f")


def read_quantity(text: str, *, unit: str, packages: Mapping[str, Decimal] | None = None) -> Decimal:
    """Return a quantity in the item's unit, typed as a number with or without a unit or a package.

    >>> read_quantity("250 cm", unit="m"), read_quantity("3 cartons", unit="pce", packages={"carton": Decimal(12)})
    (Decimal('2.500000'), Decimal('36'))

    Raises: BadInput: it is no quantity, too large, too fine, or in a unit that does not fit.
    """
    given = (text or "").strip()
    number = _NUMBER.match(given)
    if number is None:
        raise BadInput("« {text} » n’est pas une quantité ; écrivez par exemple 12 ou 2.5.", text=given[:40])
    bare = re.sub(r"[ '’\u00a0\u202f]", "", number[0]).replace("−", "-").replace(",", ".")
    if len(bare) > LONGEST_NUMBER:
        raise BadInput("Cette quantité est trop grande.")
    amount, word = Decimal(bare), given[number.end() :].strip()
    value = _in_unit(amount, word, unit, packages or {})
    if abs(value) >= MOST:
        raise BadInput("Cette quantité est trop grande.")
    return exact(Fraction(value))


def _in_unit(amount: Decimal, word: str, unit: str, packages: Mapping[str, Decimal]) -> Decimal:
    if not word:
        return amount
    for name, size in packages.items():
        if fold(word) in (fold(name), fold(name) + "s", fold(name) + "x"):
            return amount * size
    return converted(amount, of=unit_named(word), to=unit)
