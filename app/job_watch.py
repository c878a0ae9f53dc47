"""Somebody who began a job and still looks on is told of its end, with *Annuler* where it can be taken back."""

import asyncio
from typing import Any
from uuid import UUID

import reflex as rx

from app.doors import ask
from app.platform import handler, notify
from app.session import current_actor
from db.jobs.queries import JobStatus, job_status
from db.jobs.rules import JobState
from db.kernel.errors import BusinessError

OPEN = (JobState.WAITING, JobState.RUNNING)
MOST_LOOKS = 1800  # a quarter of an hour; afterwards the page of jobs tells


class JobWatch(rx.State):
    """The jobs that this tab waits for."""

    @handler("jobs.read_own", background=True)
    async def follow(self, job_id: str) -> Any:
        """Wait for the end of one of one's own jobs and tell of it."""
        for _ in range(MOST_LOOKS):
            async with self:
                actor = await current_actor(self)
            if actor.user_id is None:
                return
            try:
                status = await asyncio.to_thread(ask, actor, job_status, job_id=UUID(job_id), asked_by=actor.user_id)
            except (BusinessError, ValueError):
                return
            if status.state not in OPEN:
                yield _told(status)
                return
            await asyncio.sleep(0.5)


def _told(status: JobStatus) -> Any:
    result = status.result or {}
    if status.state is not JobState.DONE:
        return notify("Le travail s’est arrêté : voir les travaux.", "warning")
    undo = f"job:{status.id}" if result.get("deeds") else ""
    if result.get("refused"):
        said = "{done} fiches modifiées, {refused} laissées telles quelles."
        return notify(said, undo=undo, done=result.get("done", 0), refused=result["refused"])
    return notify("{count} fiches modifiées.", undo=undo, count=result.get("done", 0))
