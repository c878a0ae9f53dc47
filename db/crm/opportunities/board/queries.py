"""Open opportunities stage by stage, with what they add up to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, func, select, type_coerce
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.people.queries import user_names
from db.access.reach import within_reach
from db.access.rules import Actor, may_see_field
from db.crm.opportunities.rules import OpportunityState
from db.crm.opportunities.tables import Opportunity
from db.crm.pipelines.queries import PipelineFacts, StageFacts, pipelines
from db.crm.pipelines.rules import weighted
from db.kernel.errors import NotFound
from db.parties.queries import party_names

READ = "crm.read_leads"
MOST_CARDS = 50


STEP = ("next_step", "next_step_date")


@dataclass(frozen=True)
class Card:
    """One opportunity as the board shows it; what the reader may not see is None or empty.

    `lacks_step`: nobody said what comes next, or when.
    """

    opportunity_id: UUID
    name: str
    party_name: str
    owner_name: str
    amount: Decimal | None
    next_step: str
    next_step_date: date | None
    expected_close: date | None
    days_here: int
    is_old: bool
    lacks_step: bool


@dataclass(frozen=True)
class BoardColumn:
    """One stage with its first cards; `amount` and `weighted` are None for who may not see amounts."""

    stage: StageFacts | None  # None: opportunities that stand at no stage of a pipeline in use
    count: int
    amount: Decimal | None
    weighted: Decimal | None
    cards: Sequence[Card]


@dataclass(frozen=True)
class Board:
    """A pipeline as it stands now."""

    pipelines: Sequence[PipelineFacts]
    pipeline_id: UUID | None
    columns: Sequence[BoardColumn]


@readable(READ)
def board(
    session: Session,
    *,
    pipeline_id: UUID | None,
    owner_id: UUID | None,
    at: datetime,
    by: Actor,
    most: int = MOST_CARDS,
) -> Board:
    """Return the open opportunities of a pipeline (None: the usual one), of one owner or of all within reach.

    Raises: NotFound: the pipeline is not in use.
    """
    known = pipelines(session)
    chosen = _chosen(known, pipeline_id)
    if chosen is None:
        return Board(known, None, [])
    about = [col(Opportunity.state) == OpportunityState.OPEN.value, *within_reach(by, READ, col(Opportunity.owner_id))]
    if owner_id is not None:
        about.append(col(Opportunity.owner_id) == owner_id)
    sums = _sums(session, about, by)
    columns = [_column(session, stage, sums.get(stage.stage_id), about, at, by, most) for stage in chosen.stages]
    used = {stage.stage_id for one in known for stage in one.stages}
    lost = [sums[key] for key in sums.keys() - used]
    if lost and chosen is known[0]:
        columns.insert(0, _unplaced(session, lost, about, used, at, by, most))
    return Board(known, chosen.pipeline_id, columns)


def _chosen(known: Sequence[PipelineFacts], pipeline_id: UUID | None) -> PipelineFacts | None:
    if pipeline_id is None:
        return known[0] if known else None
    found = next((one for one in known if one.pipeline_id == pipeline_id), None)
    if found is None:
        raise NotFound("Ce parcours n’existe pas ou plus.")
    return found


def _sums(session: Session, about: Sequence[ColumnElement[bool]], by: Actor) -> dict[UUID | None, tuple[int, Decimal]]:
    """Return number and amount at each stage, read from one index."""
    amount = func.sum(type_coerce(col(Opportunity.expected_amount), BigInteger))
    wanted = select(col(Opportunity.stage_id), func.count(), amount).where(*about).group_by(col(Opportunity.stage_id))
    return {stage_id: (count, Decimal(int(sum_ or 0)).scaleb(-2)) for stage_id, count, sum_ in session.execute(wanted)}


def _column(
    session: Session,
    stage: StageFacts,
    found: tuple[int, Decimal] | None,
    about: Sequence[ColumnElement[bool]],
    at: datetime,
    by: Actor,
    most: int,
) -> BoardColumn:
    count, amount = found or (0, Decimal("0.00"))
    sees = may_see_field(by, "opportunity", "expected_amount")
    here = col(Opportunity.stage_id) == stage.stage_id
    cards = _cards(session, [*about, here], stage.patience_days, at, by, most) if count else []
    return BoardColumn(stage, count, amount if sees else None, weighted(amount, stage.chance) if sees else None, cards)


def _unplaced(
    session: Session,
    found: Sequence[tuple[int, Decimal]],
    about: Sequence[ColumnElement[bool]],
    used: set[UUID],
    at: datetime,
    by: Actor,
    most: int,
) -> BoardColumn:
    """Return those that no stage in use has: older than the first pipeline, or left at a stage that was retired."""
    elsewhere = col(Opportunity.stage_id).is_(None) | col(Opportunity.stage_id).not_in(used)
    cards = _cards(session, [*about, elsewhere], None, at, by, most)
    amount = sum((one[1] for one in found), Decimal("0.00"))
    sees = may_see_field(by, "opportunity", "expected_amount")
    return BoardColumn(None, sum(one[0] for one in found), amount if sees else None, None, cards)


def _cards(
    session: Session,
    about: Sequence[ColumnElement[bool]],
    patience: int | None,
    at: datetime,
    by: Actor,
    most: int,
) -> list[Card]:
    sees = _seen(by)
    order = [col(Opportunity.amount_order).desc()] if sees["expected_amount"] else []
    wanted = select(Opportunity).where(*about).order_by(*order, col(Opportunity.id)).limit(most)
    rows = list(session.scalars(wanted))
    parties = party_names(session, party_ids=[row.party_id for row in rows])
    people = user_names(session)
    return [_card(row, sees, parties, people, patience, at) for row in rows]


def _seen(by: Actor) -> dict[str, bool]:
    names = ("party_id", "owner_id", "expected_amount", "next_step", "next_step_date", "expected_close", "name")
    return {name: may_see_field(by, "opportunity", name) for name in names}


def _card(
    row: Opportunity,
    sees: Mapping[str, bool],
    parties: Mapping[UUID, Any],
    people: Mapping[UUID, str],
    patience: int | None,
    at: datetime,
) -> Card:
    days = max(0, (at - (row.stage_since or row.opened_at)).days)
    party = parties.get(row.party_id) if sees["party_id"] else None
    return Card(
        row.id,
        row.name if sees["name"] else "",
        party.name if party else "",
        people.get(row.owner_id, "") if row.owner_id and sees["owner_id"] else "",
        row.expected_amount if sees["expected_amount"] else None,
        row.next_step if sees["next_step"] else "",
        row.next_step_date if sees["next_step_date"] else None,
        row.expected_close if sees["expected_close"] else None,
        days,
        patience is not None and days > patience,
        any(sees[name] and not getattr(row, name) for name in STEP),
    )
