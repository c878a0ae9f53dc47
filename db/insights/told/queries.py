"""What the machine said of a record, and what people said of that, as lines of the record's story."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.people.queries import user_names
from db.access.rules import Actor
from db.insights.predictions.tables import PredictionFeedback, PredictionLog
from db.records.reach.queries import check_record
from db.records.timeline.rules import StoryPart

MADE = ("first", "moved")


@dataclass(frozen=True)
class ToldPrediction:
    """A prediction when it was made or moved (`agrees` None), or a person's word on one."""

    line_id: UUID
    at: datetime
    probability: float
    agrees: bool | None = None
    reason: str = ""
    by_name: str = ""


@readable("insights.see_predictions")
def told_predictions(
    session: Session, *, kind: str, record_id: UUID, part: StoryPart, by: Actor
) -> list[ToldPrediction]:
    """Return what was predicted about a record and what people said of it, newest first.

    Raises: NotFound, NotAllowed: the person does not read the record.
    """
    check_record(session, kind=kind, record_id=record_id, by=by)
    log = select(PredictionLog).where(
        col(PredictionLog.subject_kind) == kind,
        col(PredictionLog.subject_id) == record_id,
        col(PredictionLog.occasion).in_(MADE),
    )
    words = select(PredictionFeedback).where(
        col(PredictionFeedback.subject_kind) == kind, col(PredictionFeedback.subject_id) == record_id
    )
    names = user_names(session)
    made = [
        ToldPrediction(row.id, row.at, row.probability)
        for row in session.scalars(_page(log, col(PredictionLog.at), col(PredictionLog.id), part))
    ]
    said = [
        ToldPrediction(row.id, row.given_at, row.probability, row.agrees, row.reason, names.get(row.by_id, ""))
        for row in session.scalars(_page(words, col(PredictionFeedback.given_at), col(PredictionFeedback.id), part))
    ]
    return sorted([*made, *said], key=lambda line: (line.at, line.line_id), reverse=True)[: part.most]


def _page(query: Any, at: Any, identity: Any, part: StoryPart) -> Any:
    if part.before is not None:
        moment, last = part.before
        query = query.where(or_(at < moment, and_(at == moment, identity < last)))
    return query.order_by(at.desc(), identity.desc()).limit(part.most)
