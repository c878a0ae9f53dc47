"""Clocking in and out, typing hours and putting them right."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import gate
from db.access.people.queries import find_user, user_names
from db.access.rules import Actor, check_may
from db.kernel.errors import BadInput, ChangedMeanwhile, NotAllowed, NotFound
from db.kernel.findings import Finding
from db.parties.queries import party_names
from db.people.hours.queries import closed_months, is_in, may_read_hours, touching
from db.people.hours.rules import (
    CLOCK,
    DRAFT_FIELDS,
    FORGOTTEN,
    KIND,
    MANAGE,
    READ,
    BadSpan,
    Span,
    SpanDraft,
    SpanSource,
    check_span,
    in_hours,
    local_day,
    minutes_of,
    wall,
    whole_minute,
)
from db.people.hours.tables import WorkSpan
from db.people.months.rules import MonthClosed, clean_reason
from db.records.listing.changes import check_reach
from db.records.search.actions import Findable, add_search_entries, change_search_entries, remove_search_entries
from db.records.search.queries import next_numbers
from db.records.search.rules import search_lines
from db.records.timeline.actions import add_entry


class AlreadyAtWork(NotAllowed):
    """The person is at work already."""


class NotAtWork(NotAllowed):
    """The person is not at work."""


class Forgotten(NotAllowed):
    """The person forgot to clock out: she has to say when she left."""


@gate(CLOCK)
def clock_in(session: Session, *, task: str = "", party_id: UUID | None = None, by: Actor, at: datetime) -> UUID:
    """Note that the person begins to work now; return the id of the stretch.

    Raises: AlreadyAtWork, MonthClosed, BadSpan: other hours of hers are there.
    """
    owner_id = _person(by)
    find_user(session, owner_id, locked=True)
    now = whole_minute(at)
    running = _running(session, owner_id)
    if running is not None:
        raise AlreadyAtWork("Arrivée déjà notée à {time}.", time=wall(running.started_at))
    return _add(
        session, SpanDraft(owner_id, now, None, task=task, party_id=party_id), SpanSource.CLOCK, "", by=by, at=at
    )


@gate(CLOCK)
def clock_out(session: Session, *, by: Actor, at: datetime) -> None:
    """Note that the person stops working now. Less than a minute is taken back.

    Raises: NotAtWork. Forgotten: she has been at work for too long to be true.
    """
    owner_id = _person(by)
    find_user(session, owner_id, locked=True)
    row = _running(session, owner_id)
    if row is None:
        raise NotAtWork("Aucune arrivée n’est notée.")
    now = whole_minute(at)
    if now - row.started_at > FORGOTTEN:
        raise Forgotten("Départ oublié : indiquez l’heure à laquelle vous êtes parti.")
    if now <= row.started_at:
        _take_away(session, row, by=by, at=at)
        return
    check_open(session, row.owner_id, row.started_at, now)
    row.ended_at = now
    derive(row)
    session.flush()


@gate(CLOCK)
def add_span(session: Session, *, draft: SpanDraft, reason: str = "", by: Actor, at: datetime) -> UUID:
    """Write down hours that were not clocked; return the id. For somebody else a reason is needed.

    Raises: BadSpan, MonthClosed, NotAllowed, BadInput: no reason.
    """
    _check_whose(by, draft.owner_id)
    find_user(session, draft.owner_id, locked=True)
    if draft.ended_at is None:
        raise BadSpan([Finding("ended_at", "Indiquez l’heure de départ.")])
    return _add(session, draft, SpanSource.TYPED, _reason(by, draft.owner_id, reason), by=by, at=at)


@gate("people.import_hours")
def import_span(session: Session, *, draft: SpanDraft, reason: str, by: Actor, at: datetime) -> UUID:
    """Write down hours that a file tells of; return the id.

    Raises: BadSpan, MonthClosed, NotAllowed: somebody out of reach.
    """
    _check_whose(by, draft.owner_id)
    return _add(session, draft, SpanSource.IMPORT, reason, by=by, at=at)


@gate(CLOCK)
def edit_span(
    session: Session,
    *,
    span_id: UUID,
    values: Mapping[str, Any],
    reason: str = "",
    expected_version: int,
    by: Actor,
    at: datetime,
) -> int:
    """Put hours right (names of `SpanDraft`, but whose they are); return the new version.

    Raises: NotFound, ChangedMeanwhile, BadSpan, MonthClosed, NotAllowed, BadInput.
    """
    row = _locked(session, span_id, by)
    if row.row_version != expected_version:
        raise ChangedMeanwhile("Ces heures ont été modifiées entre-temps ; vos valeurs n’ont pas été enregistrées.")
    unknown = set(values) - (set(DRAFT_FIELDS) - {"owner_id"})
    if unknown:
        raise BadInput("Champ inconnu : {names}.", names=", ".join(sorted(unknown)))
    given = _reason(by, row.owner_id, reason)
    before = SpanDraft(**{name: getattr(row, name) for name in DRAFT_FIELDS})
    draft = check_span(replace(before, **values), now=at)
    check_open(session, row.owner_id, row.started_at, row.ended_at)
    _check_place(session, draft, but=row.id)

    for name in DRAFT_FIELDS:
        setattr(row, name, getattr(draft, name))
    row.reason = given or row.reason
    derive(row)
    session.flush()
    change_search_entries(session, entries=findable(session, row), by=by, at=at)
    if by.user_id != row.owner_id:
        message = "Heures corrigées par {name} : {reason}"
        add_entry(
            session,
            kind=KIND,
            record_id=row.id,
            icon="note",
            message_id=message,
            params={"name": by.name, "reason": given},
            by=by,
            at=at,
        )
    return row.row_version


@gate(CLOCK)
def remove_span(session: Session, *, span_id: UUID, reason: str = "", by: Actor, at: datetime) -> None:
    """Take hours away that were not worked.

    Raises: NotFound, MonthClosed, NotAllowed, BadInput: somebody else's without a reason.
    """
    row = _locked(session, span_id, by)
    _reason(by, row.owner_id, reason)
    _take_away(session, row, by=by, at=at)


def _take_away(session: Session, row: WorkSpan, *, by: Actor, at: datetime) -> None:
    check_open(session, row.owner_id, row.started_at, row.ended_at)
    remove_search_entries(session, numbers=[row.search_number], by=by, at=at)
    session.delete(row)
    session.flush()


def _add(session: Session, draft: SpanDraft, source: SpanSource, reason: str, *, by: Actor, at: datetime) -> UUID:
    draft = check_span(draft, now=at)
    _check_place(session, draft, but=None)
    [number] = next_numbers(session, count=1)
    values = {name: getattr(draft, name) for name in DRAFT_FIELDS}
    row = WorkSpan(**values, source=source.value, reason=reason, search_number=number)
    derive(row)
    session.add(row)
    session.flush()
    add_search_entries(session, entries=findable(session, row), by=by, at=at)
    return row.id


def derive(row: WorkSpan) -> None:
    """Set the hours worked, from beginning, end and break."""
    minutes = minutes_of(Span(row.started_at, row.ended_at, row.break_minutes)) if row.ended_at else 0
    row.hours = in_hours(max(minutes, 0))


def _person(by: Actor) -> UUID:
    if by.user_id is None:
        raise NotAllowed("Seule une personne a des heures.")
    return by.user_id


def _running(session: Session, owner_id: UUID) -> WorkSpan | None:
    wanted = select(WorkSpan).where(col(WorkSpan.owner_id) == owner_id, col(WorkSpan.ended_at).is_(None))
    return session.scalars(wanted.with_for_update()).first()


def _locked(session: Session, span_id: UUID, by: Actor) -> WorkSpan:
    row = session.get(WorkSpan, span_id, with_for_update=True, populate_existing=True)
    if row is None or not may_read_hours(by, row.owner_id):
        raise NotFound("Ces heures n’existent pas ou plus.")
    _check_whose(by, row.owner_id)
    return row


def _check_whose(by: Actor, owner_id: UUID) -> None:
    """Refuse another person's hours to who may not manage them."""
    if by.user_id != owner_id:
        check_may(by, MANAGE)
        check_reach(by, MANAGE, owner_id)


def _reason(by: Actor, owner_id: UUID, reason: str) -> str:
    """Return why hours are put right; somebody else's never without a reason."""
    return clean_reason(reason) if by.user_id != owner_id or reason.strip() else ""


def check_open(session: Session, owner_id: UUID, begins: datetime, ends: datetime | None) -> None:
    """Refuse a time that touches a closed month.

    Raises: MonthClosed.
    """
    if is_in(begins, ends, closed_months(session, owner_id=owner_id)):
        raise MonthClosed("Le mois est clôturé : demandez une correction au service du personnel.")


def _check_place(session: Session, draft: SpanDraft, *, but: UUID | None) -> None:
    """Refuse hours in a closed month, over other hours, or for a party that does not exist."""
    check_open(session, draft.owner_id, draft.started_at, draft.ended_at)
    wanted = select(WorkSpan).where(
        col(WorkSpan.owner_id) == draft.owner_id, *touching(draft.started_at, draft.ended_at)
    )
    other = next((row for row in session.scalars(wanted) if row.id != but), None)
    if other is not None:
        day, begins = local_day(other.started_at), other.started_at
        raise BadSpan(
            [
                Finding(
                    "started_at",
                    "Ces heures en recouvrent d’autres, du {day} à {time}.",
                    {"day": f"{day:%d.%m.%Y}", "time": wall(begins)},
                )
            ]
        )
    if draft.party_id and draft.party_id not in party_names(session, party_ids=[draft.party_id]):
        raise BadSpan([Finding("party_id", "Ce client n’est pas dans le carnet d’adresses.")])


def findable(session: Session, row: WorkSpan) -> list[Findable]:
    """Return what hours are found by: what was done, for whom, by whom."""
    party = party_names(session, party_ids=[row.party_id]).get(row.party_id) if row.party_id else None
    owner = user_names(session).get(row.owner_id, "")
    title = row.task or row.note or owner
    when = f"{local_day(row.started_at):%d.%m.%Y}"
    named, folded = search_lines(
        [
            ("task", row.task),
            ("note", row.note),
            ("party_id", party.name if party else ""),
            ("owner_id", owner),
            ("started_at", when),
        ]
    )
    return [Findable(row.search_number, KIND, row.id, READ, title[:120], f"{owner}, {when}", folded, named)]
