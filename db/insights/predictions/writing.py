"""Many predictions at once into the tables of this area; called by its actions only."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from db.access.evidence.actions import evidence_of
from db.access.evidence.hashing import Tally
from db.insights.predictions.rules import Scored, occasion_to_log
from db.insights.predictions.tables import CurrentPrediction, PredictionLog
from db.kernel.record import uuid7

CHUNK = 2_000  # about 100 ms of writing
PER_LOOKUP = 500  # below every limit of bound values
MANY = 20_000  # from here on, reading everything is faster


def table_of(kind: type[SQLModel]) -> Table:
    """Return the table behind a class."""
    return kind.__table__  # type: ignore[attr-defined, no-any-return]


def chunks(rows: Sequence[Any], size: int) -> Iterable[Sequence[Any]]:
    """Cut a sequence into parts of at most `size`."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def scores_shown(
    session: Session,
    *,
    model: str,
    subject_kind: str,
    subject_ids: Sequence[UUID] | None,
) -> dict[UUID, float]:
    """Return the probability that is shown of some subjects, or of all."""
    t = table_of(CurrentPrediction).c
    wanted = select(t.subject_id, t.probability).where(t.model == model, t.subject_kind == subject_kind)
    if subject_ids is None or len(subject_ids) > MANY:
        return dict(session.execute(wanted).all())
    shown: dict[UUID, float] = {}
    for part in chunks(subject_ids, PER_LOOKUP):
        shown |= dict(session.execute(wanted.where(t.subject_id.in_(part))).all())
    return shown


def remove(
    session: Session,
    *,
    model: str,
    subject_kind: str,
    subject_ids: Sequence[UUID] | None,
) -> None:
    """Delete what is shown of some subjects, or of all."""
    t = table_of(CurrentPrediction)
    these = delete(t).where(t.c.model == model, t.c.subject_kind == subject_kind)
    if subject_ids is None:
        session.connection().execute(these)
        return
    for part in chunks(subject_ids, PER_LOOKUP):
        session.connection().execute(these.where(t.c.subject_id.in_(part)))


def write(
    session: Session,
    rows: Sequence[Scored],
    *,
    common: dict[str, Any],
    shown: dict[UUID, float],
    at: datetime,
) -> int:
    """Insert current predictions and log those that are new or moved by a point; return how many were logged.

    `common`: model, subject_kind, version_id, version. The old rows of these subjects are gone already.
    """
    logged = 0
    with evidence_of(session, "prediction_log", at=at) as evidence:
        for part in chunks(rows, CHUNK):
            session.connection().execute(insert(table_of(CurrentPrediction)), [_row(row, common, at) for row in part])
            entries = [
                log_row(row, common, occasion, at=at)
                for row in part
                if (occasion := occasion_to_log(shown.get(row.subject_id), row.probability)) is not None
            ]
            put_logged(session, entries, evidence)
            logged += len(entries)
    return logged


def put_logged(session: Session, entries: Sequence[dict[str, Any]], evidence: tuple[UUID, Tally]) -> None:
    """Insert entries of the log, and let the evidence of their batch take them."""
    evidence_id, tally = evidence
    for entry in entries:
        entry["evidence_id"] = evidence_id
        tally.take(entry)
    if entries:
        session.connection().execute(insert(table_of(PredictionLog)), list(entries))


def _row(row: Scored, common: dict[str, Any], at: datetime) -> dict[str, Any]:
    return {
        **common,
        "subject_id": row.subject_id,
        "probability": row.probability,
        "low": row.low,
        "high": row.high,
        "rung": row.rung,
        "n_similar": row.n_similar,
        "n_similar_won": row.n_similar_won,
        "reasons": list(row.reasons),
        "scored_at": at,
    }


def log_row(
    row: Scored,
    common: dict[str, Any],
    occasion: str,
    *,
    at: datetime,
    by_id: UUID | None = None,
) -> dict[str, Any]:
    """Return one entry of the log."""
    return {
        "id": uuid7(),
        "model": common["model"],
        "subject_kind": common["subject_kind"],
        "subject_id": row.subject_id,
        "version_id": common["version_id"],
        "probability": row.probability,
        "rung": row.rung,
        "occasion": occasion,
        "by_id": by_id,
        "at": at,
    }


def put_rows(session: Session, kind: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, replacing those with the same key, on either database."""
    table = table_of(kind)
    keys = [column.name for column in table.primary_key.columns]
    dialect = session.connection().dialect.name
    for part in chunks(rows, PER_LOOKUP):
        put = (postgresql if dialect == "postgresql" else sqlite).insert(table)
        others = {name: put.excluded[name] for name in part[0] if name not in keys}
        session.connection().execute(put.on_conflict_do_update(index_elements=keys, set_=others), list(part))
