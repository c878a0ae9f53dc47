"""Who stands in for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from db.access.gate import readable
from db.access.people.deputies.tables import Deputy
from db.access.people.queries import user_names


@dataclass(frozen=True)
class Replacement:
    """A period during which one person stands in for another, both days included."""

    id: UUID
    absent_id: UUID
    absent_name: str
    deputy_id: UUID
    deputy_name: str
    first_date: date
    last_date: date


@readable("access.use_own_account")
def replacements_of(session: Session, *, user_id: UUID, on: date) -> Sequence[Replacement]:
    """List a person's own absences and those in which she stands in, of now and later."""
    return [found for found in replacements(session, on=on) if user_id in (found.absent_id, found.deputy_id)]


@readable("access.read_users")
def replacements(session: Session, *, on: date) -> Sequence[Replacement]:
    """List all replacements that last on a day or are to come."""
    names = user_names(session)
    wanted = select(Deputy).where(Deputy.last_date >= on, col(Deputy.withdrawn).is_(False))
    return [
        Replacement(
            found.id,
            found.absent_id,
            names[found.absent_id],
            found.deputy_id,
            names[found.deputy_id],
            found.first_date,
            found.last_date,
        )
        for found in session.exec(wanted.order_by(col(Deputy.first_date), col(Deputy.id)))
    ]
