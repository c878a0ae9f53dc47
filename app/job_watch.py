"""Somebody who began a job and still looks on is told of its end, with *Annuler* where it can be taken back."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import reflex as rx

from app.components.states import job_view
from app.doors import ask
from app.platform import handler, notify
from app.session import current_actor
from db.access.rules import Actor
from db.jobs.queries import JobStatus, job_status
from db.jobs.rules import JobState
from db.kernel.errors import BusinessError

OPEN = (JobState.WAITING, JobState.RUNNING)
LOOK_SECONDS = 0.5
MOST_LOOKS = 1800  # a quarter of an hour; afterwards the page of jobs tells


async def looks_at(page: Any) -> AsyncIterator[tuple[Actor, JobStatus]]:
    """Give the job of a page (`job_id`) twice a second, its progress put into `job`; ends by itself when it is gone.

    `page` is the state in a background handler. Whoever looks returns when the job is over.
    """
    while True:
        async with page:
            actor, job_id = await current_actor(page), page.job_id
        try:
            status = await asyncio.to_thread(ask, actor, job_status, job_id=UUID(job_id), asked_by=actor.user_id)
        except (BusinessError, ValueError):
            async with page:
                page.job, page.job_id = {}, ""
            return
        async with page:
            page.job = job_view(status, actor.language)
        yield actor, status
        await asyncio.sleep(LOOK_SECONDS)


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
            await asyncio.sleep(LOOK_SECONDS)


def _told(status: JobStatus) -> Any:
    result = status.result or {}
    if status.state is not JobState.DONE:
        return notify("Le travail s’est arrêté : voir les travaux.", "warning")
    undo = f"job:{status.id}" if result.get("deeds") else ""
    if result.get("refused"):
        said = "{done} fiches modifiées, {refused} laissées telles quelles."
        return notify(said, undo=undo, done=result.get("done", 0), refused=result["refused"])
    return notify("{count} fiches modifiées.", undo=undo, count=result.get("done", 0))
