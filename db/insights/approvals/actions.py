"""Let a version live, refuse it, or put the one before back. A person decides; the worker carries it out."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from db.access.gate import gate
from db.access.people.queries import open_people
from db.access.rules import Actor
from db.insights.approvals.queries import last_decision, version_before
from db.insights.approvals.rules import (
    NoPersonDecided,
    NotDecided,
    NothingToReturnTo,
    Verdict,
    check_not_expired,
    check_reason,
    check_second_look,
)
from db.insights.approvals.tables import ModelDecision
from db.insights.proposals.actions import one_at_a_time
from db.insights.proposals.queries import find_version, live_version
from db.insights.proposals.rules import VERSION_LIFE, VersionState
from db.insights.proposals.tables import ModelVersion
from db.jobs.actions import ask_for_job, publish
from db.kernel.errors import ChangedMeanwhile


@gate("insights.approve_model", fresh=True)
def approve(
    session: Session,
    *,
    version_id: UUID,
    reason: str,
    expected_version: int,
    by: Actor,
    at: datetime,
) -> UUID:
    """Decide that a proposal goes live, and ask the worker to score with it; return the job.

    Raises:
        OwnModel, TooEarlyAlone: the author decides about her own work.
        ReasonMissing, ProposalExpired, WrongStep, ChangedMeanwhile: the decision cannot stand as given.
    """
    row = _to_decide(session, version_id, expected_version)
    why = check_reason(reason)
    step = VERSION_LIFE.step(VersionState(row.state), VersionState.APPROVED)
    check_not_expired(row.expires_at, at=at)
    _decide(session, row, Verdict.APPROVED, why, by=by, at=at)

    row.state = step.value
    publish(
        session,
        "insights.model_approved",
        at=at,
        subject=row.id,
        model=row.model,
        version=row.version,
    )
    return _ask_to_put_in_service(session, row, by=by, at=at)


@gate("insights.approve_model")
def refuse(
    session: Session,
    *,
    version_id: UUID,
    reason: str,
    expected_version: int,
    by: Actor,
    at: datetime,
) -> None:
    """Decide that a proposal never goes live.

    Raises:
        OwnModel, TooEarlyAlone, ReasonMissing, WrongStep, ChangedMeanwhile: the decision cannot stand as given.
    """
    row = _to_decide(session, version_id, expected_version)
    why = check_reason(reason)
    step = VERSION_LIFE.step(VersionState(row.state), VersionState.REFUSED)
    _decide(session, row, Verdict.REFUSED, why, by=by, at=at)

    row.state = step.value
    publish(
        session,
        "insights.model_refused",
        at=at,
        subject=row.id,
        model=row.model,
        version=row.version,
    )


@gate("insights.roll_back")
def roll_back(session: Session, *, model: str, reason: str, by: Actor, at: datetime) -> UUID:
    """Decide that the version before the live one is put back with the very scores that it gave; return the job.

    Raises:
        NothingToReturnTo: no other version was ever live.
        ReasonMissing: no reason is given.
    """
    one_at_a_time(session, model)
    why = check_reason(reason)
    before = version_before(session, model=model)
    if before is None:
        raise NothingToReturnTo("Aucune version antérieure n’a été en service.")
    row = find_version(session, before.id, locked=True)
    _write(session, row, Verdict.ROLLED_BACK, why, alone=False, by=by, at=at)
    publish(
        session,
        "insights.model_rolled_back",
        at=at,
        subject=row.id,
        model=model,
        version=row.version,
    )
    return _ask_to_put_in_service(session, row, by=by, at=at)


@gate("insights.approve_model")
def try_again(session: Session, *, version_id: UUID, by: Actor, at: datetime) -> UUID:
    """Ask again to put an approved version into service after the work failed; return the job.

    Raises:
        NotDecided: the version is not approved.
    """
    row = find_version(session, version_id, locked=True)
    decision = last_decision(session, version_id)
    if decision is None or row.state != VersionState.APPROVED.value:
        raise NotDecided("Cette version n’attend pas d’entrer en service.")
    return _ask_to_put_in_service(session, row, by=by, at=at)


def _to_decide(session: Session, version_id: UUID, expected_version: int) -> ModelVersion:
    row = find_version(session, version_id)
    one_at_a_time(session, row.model)
    session.refresh(row)
    if row.row_version != expected_version:
        raise ChangedMeanwhile("La version a changé depuis que la page a été ouverte : la relire avant de décider.")
    return row


def _decide(
    session: Session,
    row: ModelVersion,
    verdict: Verdict,
    why: str,
    *,
    by: Actor,
    at: datetime,
) -> None:
    if by.user_id is None or row.proposed_at is None:
        raise NoPersonDecided("Une personne doit décider.")
    alone = check_second_look(
        author_id=row.author_id,
        decider_id=by.user_id,
        people=len(open_people(session)),
        proposed_at=row.proposed_at,
        at=at,
    )
    _write(session, row, verdict, why, alone=alone, by=by, at=at)


def _write(
    session: Session,
    row: ModelVersion,
    verdict: Verdict,
    why: str,
    *,
    alone: bool,
    by: Actor,
    at: datetime,
) -> None:
    if by.user_id is None:
        raise NoPersonDecided("Une personne doit décider.")
    now_live = live_version(session, model=row.model)
    session.add(
        ModelDecision(
            version_id=row.id,
            verdict=verdict.value,
            reason=why,
            by_id=by.user_id,
            by_name=by.name,
            alone=alone,
            instead_of=now_live.id if now_live else None,
            decided_at=at,
        )
    )


def _ask_to_put_in_service(session: Session, row: ModelVersion, *, by: Actor, at: datetime) -> UUID:
    job_id = ask_for_job(
        session,
        kind="insights.put_in_service",
        arguments={"version_id": str(row.id)},
        by=by,
        at=at,
    )
    row.job_id = job_id
    return job_id
