"""What is sold, what may be sold, and what was meant to be sold: by month and person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, func, select, type_coerce
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.people.queries import user_names
from db.access.reach import within_reach
from db.access.rules import Actor, may_see_field, reaches_owner
from db.crm.opportunities.rules import OpportunityState
from db.crm.opportunities.tables import Opportunity
from db.crm.pipelines.queries import all_stages
from db.crm.pipelines.rules import weighted
from db.crm.targets.rules import SWITZERLAND, check_month, day_begins, month_of, months_from
from db.crm.targets.tables import SalesTarget
from db.kernel.errors import NotAllowed

READ = "crm.read_leads"
ZERO = Decimal("0.00")
MOST_MONTHS = 24


@dataclass(frozen=True)
class ForecastCell:
    """One person's month in CHF: signed, open at full amount and weighted by stage, and the target if there is one."""

    user_id: UUID | None
    month: date
    won: Decimal
    open: Decimal
    weighted: Decimal
    target: Decimal | None


@dataclass(frozen=True)
class Forecast:
    """Months with one cell for each person who has something in them.

    `undated` is what is open without an expected day (weighted), `overdue` what was expected before the first month.
    """

    months: Sequence[date]
    people: Sequence[tuple[UUID | None, str]]
    cells: Sequence[ForecastCell]
    undated: Decimal
    undated_count: int
    overdue: Decimal
    overdue_count: int


@readable(READ)
def forecast(session: Session, *, first: date, months: int, by: Actor) -> Forecast:
    """Return what is signed and what is expected in some months, the first being that of a day.

    Raises: NotAllowed: the reader may not see amounts; BadTarget: a year in which nobody sells.
    """
    if not all(may_see_field(by, "opportunity", name) for name in ("expected_amount", "expected_close")):
        raise NotAllowed("Les montants des affaires ne vous sont pas montrés.")
    listed = months_from(check_month(first), max(1, min(months, MOST_MONTHS)))
    end = months_from(listed[-1], 2)[1]
    cells: dict[tuple[UUID | None, date], list[Decimal]] = {}
    for owner, month, amount in _won(session, listed[0], end, by):
        _cell(cells, owner, month)[0] += amount
    undated = overdue = ZERO
    undated_count = overdue_count = 0
    for owner, close, amount, chance, count in _open(session, end, by):
        worth = weighted(amount, chance)
        if close is None:
            undated, undated_count = undated + worth, undated_count + count
        elif close < listed[0]:
            overdue, overdue_count = overdue + worth, overdue_count + count
        else:
            cell = _cell(cells, owner, month_of(close))
            cell[1], cell[2] = cell[1] + amount, cell[2] + worth
    targets = _targets(session, listed, by)
    return Forecast(
        listed, _people(session, {owner for owner, _ in (*cells, *targets)}), _cells(cells, targets),
        undated, undated_count, overdue, overdue_count,
    )  # fmt: skip


def _cell(cells: dict[tuple[UUID | None, date], list[Decimal]], owner: UUID | None, month: date) -> list[Decimal]:
    return cells.setdefault((owner, month), [ZERO, ZERO, ZERO])


def _won(session: Session, first: date, end: date, by: Actor) -> list[tuple[UUID | None, date, Decimal]]:
    wanted = select(col(Opportunity.owner_id), col(Opportunity.closed_at), _amount()).where(
        col(Opportunity.state) == OpportunityState.WON.value,
        col(Opportunity.closed_at) >= day_begins(first),
        col(Opportunity.closed_at) < day_begins(end),
        *within_reach(by, READ, col(Opportunity.owner_id)),
    )
    return [(owner, _month(closed), _chf(amount)) for owner, closed, amount in session.execute(wanted)]


def _open(session: Session, end: date, by: Actor) -> list[tuple[UUID | None, date | None, Decimal, int, int]]:
    """Return owner, expected day, amount, chance in per cent and number of the open ones, added up."""
    chances = {stage.stage_id: stage.chance for stage in all_stages(session)}
    close = col(Opportunity.expected_close)
    keys = (col(Opportunity.owner_id), close, col(Opportunity.stage_id))
    wanted = select(*keys, func.sum(_amount()), func.count()).where(
        col(Opportunity.state) == OpportunityState.OPEN.value,
        close.is_(None) | (close < end),
        *within_reach(by, READ, col(Opportunity.owner_id)),
    )
    return [
        (owner, expected, _chf(amount), chances.get(stage_id, 0), count)
        for owner, expected, stage_id, amount, count in session.execute(wanted.group_by(*keys))
    ]


def _targets(session: Session, months: Sequence[date], by: Actor) -> dict[tuple[UUID | None, date], Decimal]:
    wanted = select(SalesTarget).where(col(SalesTarget.month).in_(months))
    return {
        (row.user_id, row.month): row.amount for row in session.scalars(wanted) if reaches_owner(by, READ, row.user_id)
    }


def _cells(
    cells: dict[tuple[UUID | None, date], list[Decimal]], targets: dict[tuple[UUID | None, date], Decimal]
) -> list[ForecastCell]:
    found = []
    for owner, month in sorted({*cells, *targets}, key=lambda key: (key[1], str(key[0]))):
        won, amount, worth = cells.get((owner, month), [ZERO, ZERO, ZERO])
        found.append(ForecastCell(owner, month, won, amount, worth, targets.get((owner, month))))
    return found


def _people(session: Session, owners: set[UUID | None]) -> list[tuple[UUID | None, str]]:
    names = user_names(session)
    named = [(owner, names.get(owner, "") if owner else "") for owner in owners]
    return sorted(named, key=lambda one: (one[0] is None, one[1].casefold()))


def _amount() -> Any:
    return type_coerce(col(Opportunity.expected_amount), BigInteger)


def _chf(centimes: int | None) -> Decimal:
    return Decimal(int(centimes or 0)).scaleb(-2)


def _month(closed: datetime) -> date:
    return month_of(closed.astimezone(SWITZERLAND).date())
