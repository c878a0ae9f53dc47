"""Closing months, putting closed ones right, and what a person works."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import gate
from db.access.people.queries import find_user, open_people, roles_of
from db.access.rules import PERMISSIONS, Actor, check_may
from db.jobs.actions import publish
from db.kernel.errors import BadInput, NotAllowed
from db.people.hours.rules import CLOCK, MANAGE, month_bounds, month_of
from db.people.months.queries import month_sheet
from db.people.months.rules import CLOSE, MonthClosed, MonthOpen, check_over, clean_reason
from db.people.months.tables import ClosedMonth, HoursCorrection
from db.people.shares.rules import Share, check_share
from db.people.shares.tables import DayOff, WorkShare
from db.records.listing.changes import check_reach

MOST_CORRECTED = 31 * 24 * 60
LONGEST_ABSENCE = 200  # days


@gate(CLOSE)
def close_month(session: Session, *, owner_id: UUID, month: date, by: Actor, at: datetime) -> UUID:
    """Approve a person's month; from then on its hours never change. Somebody else closes one's own.

    Raises: MonthOpen: it is not over, or somebody is still at work. MonthClosed: it is closed. NotAllowed.
    """
    check_reach(by, CLOSE, owner_id)
    check_over(month, at=at)
    find_user(session, owner_id, locked=True)
    if by.user_id == owner_id and _others_may_close(session, owner_id):
        raise NotAllowed("Ses propres heures se clôturent par quelqu’un d’autre.")
    sheet = month_sheet(session, owner_id=owner_id, month=month, by=by, at=at)
    if sheet.closed_at is not None:
        raise MonthClosed("Ce mois est déjà clôturé.")
    if sheet.is_running:
        raise MonthOpen("Un départ manque ce mois-ci : le compléter avant de clôturer.")
    begins, ends = month_bounds(month)
    closed = ClosedMonth(
        owner_id=owner_id,
        month=month,
        begins_at=begins,
        ends_at=ends,
        worked_minutes=sheet.worked,
        due_minutes=sheet.due,
        closed_by=by.user_id,
    )
    session.add(closed)
    session.flush()
    publish(session, "people.month_closed", at=at, subject=closed.id)
    return closed.id


@gate(CLOSE)
def close_months(session: Session, *, owner_ids: Sequence[UUID], month: date, by: Actor, at: datetime) -> int:
    """Approve the month of several people; return how many. All or none.

    Raises: as `close_month`, naming the person.
    """
    for owner_id in dict.fromkeys(owner_ids):
        close_month(session, owner_id=owner_id, month=month, by=by, at=at)
    return len(set(owner_ids))


def _others_may_close(session: Session, owner_id: UUID) -> bool:
    others = [user_id for user_id, _ in open_people(session) if user_id != owner_id]
    return any(roles & PERMISSIONS[CLOSE] for roles in roles_of(session, user_ids=others).values())


@gate(CLOSE)
def correct_closed_month(
    session: Session, *, owner_id: UUID, day: date, minutes: int, reason: str, by: Actor, at: datetime
) -> UUID:
    """Add minutes to a closed month, or take some off (negative), with the reason; the hours stay as they were.

    Raises: MonthOpen: it is not closed; put its hours right instead. BadInput.
    """
    check_reach(by, CLOSE, owner_id)
    find_user(session, owner_id, locked=True)
    reason = clean_reason(reason)
    if minutes == 0 or abs(minutes) > MOST_CORRECTED:
        raise BadInput("Indiquez la durée à ajouter ou à retirer.")
    month = month_of(day)
    wanted = select(ClosedMonth).where(col(ClosedMonth.owner_id) == owner_id, col(ClosedMonth.month) == month)
    if session.scalars(wanted).first() is None:
        raise MonthOpen("Ce mois n’est pas clôturé : corriger directement ses heures.")
    row = HoursCorrection(owner_id=owner_id, day=day, minutes=minutes, reason=reason, corrected_by=by.user_id)
    session.add(row)
    session.flush()
    return row.id


@gate(MANAGE)
def set_share(session: Session, *, owner_id: UUID, share: Share, by: Actor, at: datetime) -> None:
    """Say how much a person works from a day on, and how many days of vacation she has a year.

    Raises: BadInput. MonthClosed: a closed month lies after that day.
    """
    check_reach(by, MANAGE, owner_id)
    check_share(share)
    find_user(session, owner_id, locked=True)
    closed = select(col(ClosedMonth.month)).where(col(ClosedMonth.owner_id) == owner_id)
    if any(month >= month_of(share.first_date) for month in session.scalars(closed)):
        raise MonthClosed("Un mois clôturé suit ce jour : choisir un jour plus tard.")
    wanted = select(WorkShare).where(col(WorkShare.owner_id) == owner_id, col(WorkShare.first_date) == share.first_date)
    row = session.scalars(wanted.with_for_update()).first()
    if row is None:
        session.add(WorkShare(owner_id=owner_id, **vars(share)))
        return
    row.percent, row.vacation_days = share.percent, share.vacation_days


@gate(CLOCK)
def set_days_off(
    session: Session,
    *,
    owner_id: UUID,
    first_date: date,
    last_date: date,
    kind: str,
    share: int,
    by: Actor,
    at: datetime,
) -> int:
    """Note vacation or another absence from one day to another (share 100 or 50); "" takes it back. Return the days.

    Raises: BadInput, MonthClosed, NotAllowed: somebody else's.
    """
    if by.user_id != owner_id:
        check_may(by, MANAGE)
        check_reach(by, MANAGE, owner_id)
    if kind not in ("vacation", "other", "") or share not in (50, 100):
        raise BadInput("Choisissez vacances ou absence, le jour entier ou la moitié.")
    count = (last_date - first_date).days + 1
    if not 1 <= count <= LONGEST_ABSENCE:
        raise BadInput("Le dernier jour doit suivre le premier (200 jours au plus).")
    find_user(session, owner_id, locked=True)
    days = [first_date + timedelta(days=number) for number in range(count)]
    closed = set(session.scalars(select(col(ClosedMonth.month)).where(col(ClosedMonth.owner_id) == owner_id)))
    if any(month_of(day) in closed for day in days):
        raise MonthClosed("Un de ces mois est clôturé.")
    wanted = select(DayOff).where(col(DayOff.owner_id) == owner_id, col(DayOff.day).in_(days))
    known = {row.day: row for row in session.scalars(wanted)}
    for day in days:
        _set_day(session, owner_id, day, known.get(day), kind, share)
    session.flush()
    return count


def _set_day(session: Session, owner_id: UUID, day: date, row: DayOff | None, kind: str, share: int) -> None:
    if not kind:
        if row is not None:
            session.delete(row)
    elif row is None:
        session.add(DayOff(owner_id=owner_id, day=day, kind=kind, share=share))
    else:
        row.kind, row.share = kind, share
