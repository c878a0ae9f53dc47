"""Work in the background over the API: how it stands, its log, stop and retry."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from app.api.permission import allowed
from app.doors import ask, do
from db.access.rules import Actor
from db.jobs import actions, queries
from db.jobs.rules import JobState

router = APIRouter(prefix="/jobs", tags=["Travaux"])
Reader = Annotated[Actor, Depends(allowed("jobs.read_own"))]
Overseer = Annotated[Actor, Depends(allowed("jobs.read_all"))]
Retrier = Annotated[Actor, Depends(allowed("jobs.retry_own"))]


class Jobs(BaseModel):
    """One page, newest first; `next` is the `cursor` of the page that follows."""

    jobs: list[queries.JobStatus]
    next: UUID | None


class Worker(BaseModel):
    """When the worker last said that it is alive."""

    seen_at: datetime | None


@router.get("")
def jobs(
    by: Reader,
    state: Annotated[list[JobState] | None, Query()] = None,
    only_own: bool = False,
    cursor: UUID | None = None,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Jobs:
    """Lister ses travaux ; ceux de tous avec le droit de les voir."""
    page = ask(by, queries.job_page, states=state or (), only_own=only_own, after=cursor, most=size, by=by)
    return Jobs(jobs=list(page.jobs), next=page.next)


@router.get("/counts")
def counts(by: Reader, only_own: bool = False) -> dict[JobState, int]:
    """Compter les travaux que la personne voit, par état."""
    return ask(by, queries.job_counts, only_own=only_own)


@router.get("/worker")
def worker(by: Overseer) -> Worker:
    """Dire quand celui qui fait les travaux s'est annoncé pour la dernière fois."""
    return Worker(seen_at=ask(by, queries.worker_seen))


@router.get("/schedules")
def schedules(by: Overseer) -> list[queries.ScheduleFacts]:
    """Lister les tâches régulières, leur dernière et leur prochaine fois."""
    return list(ask(by, queries.schedules))


@router.get("/problems")
def problems(by: Overseer) -> list[queries.EventProblem]:
    """Lister les événements auxquels une réaction n'a pas pu se faire."""
    return list(ask(by, queries.event_problems))


@router.post("/problems/{event_id}/retry", status_code=204)
def retry_problem(by: Annotated[Actor, Depends(allowed("jobs.manage_all"))], event_id: UUID) -> None:
    """Relancer les réactions à un événement."""
    do(by, actions.retry_reactions, event_id=event_id)


@router.get("/{job_id}")
def job(by: Reader, job_id: UUID) -> queries.JobStatus:
    """Dire où en est un travail."""
    return ask(by, queries.job, job_id=job_id, by=by)


@router.get("/{job_id}/log")
def log(by: Reader, job_id: UUID) -> list[queries.LogLine]:
    """Lire le journal d'un travail."""
    return list(ask(by, queries.job_log, job_id=job_id, by=by))


@router.post("/{job_id}/cancel")
def cancel(by: Annotated[Actor, Depends(allowed("jobs.cancel_own"))], job_id: UUID) -> queries.JobStatus:
    """Demander l'arrêt d'un travail."""
    do(by, actions.cancel_job, job_id=job_id)
    return ask(by, queries.job, job_id=job_id, by=by)


@router.post("/{job_id}/retry")
def retry(by: Retrier, job_id: UUID) -> queries.JobStatus:
    """Relancer un travail en échec ou arrêté."""
    do(by, actions.retry_job, job_id=job_id)
    return ask(by, queries.job, job_id=job_id, by=by)


@router.post("/{job_id}/settle")
def settle(by: Retrier, job_id: UUID) -> queries.JobStatus:
    """Classer un échec."""
    do(by, actions.settle_job, job_id=job_id)
    return ask(by, queries.job, job_id=job_id, by=by)
