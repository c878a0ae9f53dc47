"""Swiss VAT rates as dated data. Source: VAT Act, art. 25; since 1 January 2024 (AHV 21), before since 2018."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class VatRate:
    """One rate and the days on which it holds; `last` is None while nobody knows its end."""

    code: str
    label: str  # French
    percent: Decimal
    first: date
    last: date | None


_CHANGE, _BEFORE, _FIRST = date(2024, 1, 1), date(2023, 12, 31), date(2018, 1, 1)

VAT_RATES = (
    VatRate("standard", "Taux normal", Decimal("8.1"), _CHANGE, None),
    VatRate("reduced", "Taux réduit (denrées, livres, médicaments)", Decimal("2.6"), _CHANGE, None),
    VatRate("lodging", "Taux spécial pour l’hébergement", Decimal("3.8"), _CHANGE, None),
    VatRate("standard", "Taux normal", Decimal("7.7"), _FIRST, _BEFORE),
    VatRate("reduced", "Taux réduit (denrées, livres, médicaments)", Decimal("2.5"), _FIRST, _BEFORE),
    VatRate("lodging", "Taux spécial pour l’hébergement", Decimal("3.7"), _FIRST, _BEFORE),
)


def rate_on(code: str, day: date) -> Decimal:
    """Return the rate that holds on the day of the supply.

    Raises:
        LookupError: none is known for this code and day.
    """
    for rate in VAT_RATES:
        if rate.code == code and rate.first <= day and (rate.last is None or day <= rate.last):
            return rate.percent
    raise LookupError(f"no VAT rate {code} on {day}")
