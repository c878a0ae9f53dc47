"""Name a deputy for an absence, and end it early."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from db.access.gate import gate
from db.access.people.deputies.tables import Deputy
from db.access.people.queries import SWISS_TIME, find_user
from db.access.people.rules import Absence, PersonClosed, check_absence
from db.access.rules import Actor, may
from db.kernel.errors import NotAllowed, NotFound


@gate("access.use_own_account", fresh=True)
def name_deputy(
    session: Session,
    *,
    absent_id: UUID,
    deputy_id: UUID,
    first_date: date,
    last_date: date,
    by: Actor,
    at: datetime,
) -> UUID:
    """Let a person do what an absent one may, from the first to the last day; the trail then says « pour … ».

    One names one's own deputy; an administrator names anybody's. The absent person's lent roles are not lent on.

    Raises:
        NotAllowed: it is somebody else's absence.
        BadInput: the period is over, reversed or longer than a year, or both are the same person.
        PersonClosed: one of the two has left.
    """
    if absent_id != by.user_id and not may(by, "access.manage_users"):
        raise NotAllowed("Chacun désigne son propre remplaçant.")
    check_absence(Absence(absent_id, deputy_id, first_date, last_date), today=at.astimezone(SWISS_TIME).date())
    for user_id in sorted((absent_id, deputy_id)):
        person = find_user(session, user_id, locked=True)
        if person.closed_at is not None:
            raise PersonClosed("{name} ne travaille plus avec Boussole.", name=person.name)

    made = Deputy(absent_id=absent_id, deputy_id=deputy_id, first_date=first_date, last_date=last_date)
    session.add(made)
    return made.id


@gate("access.use_own_account")
def withdraw_deputy(session: Session, *, replacement_id: UUID, by: Actor, at: datetime) -> None:
    """End a replacement before its time.

    Raises:
        NotFound: it is not one's own (an administrator ends anybody's).
    """
    found = session.get(Deputy, replacement_id, with_for_update=True)
    if found is None or (by.user_id not in (found.absent_id, found.deputy_id) and not may(by, "access.manage_users")):
        raise NotFound("Ce remplacement n’existe pas.")
    found.withdrawn = True
