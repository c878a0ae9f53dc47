"""Giving numbers without gaps: counted in the very transaction that issues the document, so that none is ever lost."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from db.access.numbering.queries import number_formats
from db.access.numbering.rules import number_written, restarts_each_year
from db.access.numbering.tables import NumberCounter


@dataclass(frozen=True)
class Numbered:
    """A number as it is written, and what it was counted as (year 0: counting never restarts)."""

    text: str
    year: int
    count: int


def next_number(session: Session, *, kind: str, on: date) -> Numbered:
    """Return the next number of a kind of document for its day.

    Others who ask for one wait until this transaction ends; when it is rolled back, the number is free again.
    """
    pattern = number_formats(session)[kind]
    year = on.year if restarts_each_year(pattern) else 0
    make = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    asked = make(NumberCounter).values(kind=kind, year=year, last=1)
    counted = asked.on_conflict_do_update(
        index_elements=["kind", "year"], set_={"last": col(NumberCounter.last) + 1}
    ).returning(col(NumberCounter.last))
    count = int(session.connection().execute(counted).scalar_one())
    return Numbered(number_written(pattern, year=on.year, number=count), year, count)
