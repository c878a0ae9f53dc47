"""The days that reports ask for, out of an address."""

from collections.abc import Mapping
from datetime import date

from app.doors import ask, now
from app.text import SWITZERLAND
from db.access.rules import Actor
from db.kernel.errors import BadInput
from db.ledger.periods.queries import fiscal_years
from db.records.custom_fields.rules import read_date


def today() -> date:
    """Return the day in Switzerland."""
    return now().astimezone(SWITZERLAND).date()


def day_of(given: Mapping[str, str], name: str, usual: date) -> date:
    """Return the day that an address names, else the usual one."""
    try:
        return read_date(given.get(name, ""))
    except BadInput:
        return usual


def fiscal_span(by: Actor, on: date) -> tuple[date, date]:
    """Return the fiscal year of a day; without one, its calendar year."""
    for year in ask(by, fiscal_years):
        if year.first_date <= on <= year.last_date:
            return year.first_date, year.last_date
    return date(on.year, 1, 1), date(on.year, 12, 31)
