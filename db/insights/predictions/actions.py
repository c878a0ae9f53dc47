"""Put a decided version into service, keep scores up to date, and keep what people said and what became of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, select

from db.access.evidence.actions import evidence_of, give_evidence
from db.access.gate import bookkeeping, gate
from db.access.rules import Actor, owners_seen
from db.documents import store
from db.insights.approvals.queries import last_decision
from db.insights.approvals.rules import LiveVersionChanged, NotDecided, Verdict
from db.insights.predictions import writing
from db.insights.predictions.queries import scores_of
from db.insights.predictions.rules import (
    ACTED,
    MOST_REASON,
    SHOWN,
    FeedbackUnclear,
    NotLive,
    Outcome,
    Scored,
    check_probability,
)
from db.insights.predictions.run_file import as_parquet
from db.insights.predictions.tables import (
    CurrentPrediction,
    PredictionFeedback,
    RescoreWanted,
    ScoringRun,
    SubjectOutcome,
)
from db.insights.proposals.actions import one_at_a_time
from db.insights.proposals.queries import find_version, live_version
from db.insights.proposals.rules import VERSION_LIFE, VersionState
from db.insights.proposals.tables import ModelVersion
from db.jobs.actions import ask_for_job, publish
from db.jobs.rules import JobState
from db.jobs.tables import Job
from db.kernel.errors import NotAllowed, NotFound
from db.records.kinds.rules import KINDS
from db.records.reach.queries import reached

RESCORE_CHANGED = "insights.rescore_changed"
RESCORE_ALL = "insights.rescore"


@gate("insights.record_predictions")
def put_in_service(
    session: Session,
    *,
    version_id: UUID,
    rows: Sequence[Scored],
    expected_live: UUID | None,
    subject_kind: str,
    by: Actor,
    at: datetime,
) -> int:
    """Make a decided version the live one together with its scores, in one transaction; return how many were logged.

    Everything that the version before showed is kept as a file first, so that a rollback restores the same bits.

    Raises:
        NotDecided: no person decided so.
        LiveVersionChanged: another version went live while the scores were computed.
    """
    row = _decided(session, version_id)
    before = live_version(session, model=row.model)
    if (before.id if before else None) != expected_live:
        raise LiveVersionChanged("Une autre version est entrée en service entre-temps : recommencer.")
    for scored in rows:
        check_probability(scored)

    if before is not None:
        _keep_run(
            session,
            scores_of(session, model=row.model, version_id=before.id),
            before.id,
            row.model,
            "closing",
            at,
        )
        _step(find_version(session, before.id, locked=True), VersionState.RETIRED).retired_at = at
        session.flush()
    _step(row, VersionState.LIVE).live_at = at
    session.flush()
    _keep_run(session, rows, row.id, row.model, "opening", at)
    logged = _replace_all(session, row, rows, subject_kind, at)
    publish(
        session,
        "insights.model_live",
        at=at,
        subject=row.id,
        model=row.model,
        version=row.version,
    )
    return logged


def _decided(session: Session, version_id: UUID) -> ModelVersion:
    row = find_version(session, version_id)
    one_at_a_time(session, row.model)
    session.refresh(row)
    decision = last_decision(session, version_id)
    verdict = Verdict(decision.verdict) if decision else None
    approved = row.state == VersionState.APPROVED.value and verdict is Verdict.APPROVED
    back = row.state == VersionState.RETIRED.value and verdict is Verdict.ROLLED_BACK
    if back and decision is not None and row.retired_at is not None:
        back = decision.decided_at >= row.retired_at
    if not (approved or back):
        raise NotDecided("Personne n’a décidé de mettre cette version en service.")
    return row


def _step(row: ModelVersion, to: VersionState) -> ModelVersion:
    row.state = VERSION_LIFE.step(VersionState(row.state), to).value
    return row


def _keep_run(
    session: Session,
    rows: Sequence[Scored],
    version_id: UUID,
    model: str,
    kind: str,
    at: datetime,
) -> None:
    sha256 = store.put(as_parquet(rows))
    run = ScoringRun(model=model, version_id=version_id, kind=kind, rows=len(rows), sha256=sha256, at=at)
    run.evidence_id = give_evidence(session, "scoring_run", run.model_dump(), at=at)
    session.add(run)


def _replace_all(
    session: Session,
    row: ModelVersion,
    rows: Sequence[Scored],
    subject_kind: str,
    at: datetime,
) -> int:
    shown = writing.scores_shown(session, model=row.model, subject_kind=subject_kind, subject_ids=None)
    writing.remove(session, model=row.model, subject_kind=subject_kind, subject_ids=None)
    return writing.write(session, rows, common=_common(row.model, subject_kind, row), shown=shown, at=at)


def _common(model: str, subject_kind: str, row: ModelVersion | None) -> dict[str, Any]:
    return {
        "model": model,
        "subject_kind": subject_kind,
        "version_id": row.id if row else None,
        "version": row.version if row else None,
    }


@bookkeeping("insights.record_predictions")
def record_predictions(
    session: Session,
    *,
    model: str,
    version_id: UUID | None,
    rows: Sequence[Scored],
    gone: Sequence[UUID] | None,
    subject_kind: str,
    by: Actor,
    at: datetime,
) -> int:
    """Replace what is shown of some subjects, and remove it for those `gone` (closed); return how many were logged.

    `gone=None`: the rows are all there is to show, nothing stays of any other subject.

    Raises:
        NotLive: the scores are not those of the live version (None = no version is live yet).
    """
    now_live = live_version(session, model=model)
    if (now_live.id if now_live else None) != version_id:
        raise NotLive("Seules les prédictions de la version en service sont montrées.")
    for scored in rows:
        check_probability(scored)
    row = find_version(session, version_id) if version_id else None

    ids = [scored.subject_id for scored in rows]
    shown = writing.scores_shown(session, model=model, subject_kind=subject_kind, subject_ids=ids)
    replaced = None if gone is None else [*ids, *gone]
    writing.remove(session, model=model, subject_kind=subject_kind, subject_ids=replaced)
    return writing.write(session, rows, common=_common(model, subject_kind, row), shown=shown, at=at)


@bookkeeping("insights.record_predictions")
def want_rescore(
    session: Session,
    *,
    model: str,
    subject_kind: str,
    subject_ids: Sequence[UUID],
    by: Actor,
    at: datetime,
) -> None:
    """Note that the facts of some subjects changed; one waiting job serves them all."""
    rows = [
        {"model": model, "subject_kind": subject_kind, "subject_id": subject, "at": at}
        for subject in dict.fromkeys(subject_ids)
    ]
    writing.put_rows(session, RescoreWanted, rows)
    waiting = select(Job.id).where(Job.kind == RESCORE_CHANGED, Job.state == JobState.WAITING.value)
    if rows and session.exec(waiting).first() is None:
        ask_for_job(session, kind=RESCORE_CHANGED, arguments={"model": model}, by=by, at=at)


@bookkeeping("insights.record_predictions")
def want_full_rescore(session: Session, *, model: str, because: str, by: Actor, at: datetime) -> None:
    """Ask for every open subject to be scored again; for the same reason at most once an hour, one waits at most."""
    waiting = select(Job.id).where(Job.kind == RESCORE_ALL, Job.state == JobState.WAITING.value)
    if session.exec(waiting).first() is not None:
        return
    ask_for_job(
        session,
        kind=RESCORE_ALL,
        arguments={"model": model},
        by=by,
        at=at,
        once=f"{RESCORE_ALL}:{because}:{at:%Y%m%d%H}",
    )


@bookkeeping("insights.record_predictions")
def rescored(
    session: Session,
    *,
    model: str,
    subject_kind: str,
    until: datetime,
    by: Actor,
    at: datetime,
) -> None:
    """Forget the wishes that were noted until an instant: those subjects are scored now."""
    t = writing.table_of(RescoreWanted)
    done = delete(t).where(t.c.model == model, t.c.subject_kind == subject_kind, t.c.at <= until)
    session.connection().execute(done)


@bookkeeping("insights.record_predictions")
def note_outcomes(
    session: Session,
    *,
    subject_kind: str,
    outcomes: Sequence[Outcome],
    are_all: bool = False,
    by: Actor,
    at: datetime,
) -> None:
    """Keep what became of subjects; one that is open again has no outcome.

    `are_all`: every subject of the kind is named; the outcomes of those that are no longer there go.
    """
    t = writing.table_of(SubjectOutcome)
    if are_all:
        session.connection().execute(delete(t).where(t.c.subject_kind == subject_kind))
    opened = [outcome.subject_id for outcome in outcomes if outcome.happened is None or outcome.known_at is None]
    for part in writing.chunks(opened, writing.PER_LOOKUP):
        session.connection().execute(delete(t).where(t.c.subject_kind == subject_kind, t.c.subject_id.in_(part)))
    closed = [
        {
            "subject_kind": subject_kind,
            "subject_id": outcome.subject_id,
            "happened": outcome.happened,
            "known_at": outcome.known_at,
        }
        for outcome in outcomes
        if outcome.happened is not None and outcome.known_at is not None
    ]
    writing.put_rows(session, SubjectOutcome, closed)


@bookkeeping("insights.see_predictions")
def record_shown(
    session: Session,
    *,
    model: str,
    subject_kind: str,
    subject_ids: Sequence[UUID],
    by: Actor,
    at: datetime,
) -> None:
    """Log that a person saw the predictions about some subjects."""
    _log(session, model, subject_kind, _within_reach(session, subject_kind, subject_ids, by), SHOWN, by=by, at=at)


@bookkeeping("insights.see_predictions")
def record_acted(
    session: Session,
    *,
    model: str,
    subject_kind: str,
    subject_ids: Sequence[UUID],
    by: Actor,
    at: datetime,
) -> None:
    """Log that a person acted while the predictions about some subjects were shown."""
    _log(session, model, subject_kind, _within_reach(session, subject_kind, subject_ids, by), ACTED, by=by, at=at)


def _within_reach(session: Session, kind: str, ids: Sequence[UUID], by: Actor) -> list[UUID]:
    """Return the subjects that the actor reaches: what a guessed id is about, she neither rates nor logs."""
    if kind not in KINDS or owners_seen(by, KINDS[kind].read) is None:
        return list(ids)
    seen = reached(session, places=[(kind, one) for one in ids], by=by)
    return [one for one in ids if (kind, one) in seen]


def _log(
    session: Session,
    model: str,
    kind: str,
    ids: Sequence[UUID],
    occasion: str,
    *,
    by: Actor,
    at: datetime,
) -> None:
    with evidence_of(session, "prediction_log", at=at) as evidence:
        for part in writing.chunks(list(dict.fromkeys(ids)), writing.PER_LOOKUP):
            t = writing.table_of(CurrentPrediction).c
            wanted = select(CurrentPrediction).where(t.model == model, t.subject_kind == kind, t.subject_id.in_(part))
            entries = [
                writing.log_row(_scored(row), {**row.model_dump()}, occasion, at=at, by_id=by.user_id)
                for row in session.exec(wanted)
            ]
            writing.put_logged(session, entries, evidence)


def _scored(row: CurrentPrediction) -> Scored:
    return Scored(
        row.subject_id,
        row.probability,
        row.low,
        row.high,
        row.rung,
        row.n_similar,
        row.n_similar_won,
        row.reasons,
    )


@gate("insights.give_feedback")
def give_feedback(
    session: Session,
    *,
    model: str,
    subject_kind: str,
    subject_id: UUID,
    agrees: bool,
    reason: str,
    by: Actor,
    at: datetime,
) -> None:
    """Keep a person's word on what is shown about a subject.

    Raises:
        NotFound: nothing is shown about it.
        FeedbackUnclear: she disagrees without a reason.
    """
    row = session.get(CurrentPrediction, (model, subject_kind, subject_id))
    if row is None or not _within_reach(session, subject_kind, [subject_id], by):
        raise NotFound("Aucune prédiction n’est montrée pour cette fiche.")
    if by.user_id is None:
        raise NotAllowed("Un avis vient d’une personne.")
    if len(reason) > MOST_REASON or not (agrees or reason.strip()):
        raise FeedbackUnclear("Dire pourquoi vous n’êtes pas d’accord, en quelques mots.")
    session.add(
        PredictionFeedback(
            model=model,
            subject_kind=subject_kind,
            subject_id=subject_id,
            version_id=row.version_id,
            probability=row.probability,
            agrees=agrees,
            reason=reason.strip(),
            by_id=by.user_id,
            given_at=at,
        )
    )
