"""Deleting logs of jobs and events whose time of keeping is over (bookkeeping, no deed)."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import Session, col

from db.jobs.rules import JobState
from db.jobs.tables import Event, Job, JobLogLine, JobPart
from db.jobs.webhooks.rules import DeliveryState
from db.jobs.webhooks.tables import WebhookAttempt, WebhookDelivery

OVER = (JobState.DONE.value, JobState.FAILED.value, JobState.CANCELLED.value)


def prune_jobs(session: Session, *, jobs: datetime, events: datetime) -> dict[str, int]:
    """Delete the logs of jobs that ended, and events that were handled without a problem, before an instant.

    The jobs themselves stay: what was imported or restored by them names them.
    """
    sent = select(col(WebhookDelivery.id)).where(
        col(WebhookDelivery.state) != DeliveryState.WAITING.value, col(WebhookDelivery.made_at) < events
    )
    ended = select(col(Job.id)).where(col(Job.state).in_(OVER), col(Job.ended_at) < jobs)
    wanted = {
        "job_log": delete(JobLogLine).where(col(JobLogLine.job_id).in_(ended)),
        "job_part": delete(JobPart).where(col(JobPart.job_id).in_(ended)),
        "webhook_attempt": delete(WebhookAttempt).where(col(WebhookAttempt.delivery_id).in_(sent)),
        "webhook_delivery": delete(WebhookDelivery).where(col(WebhookDelivery.id).in_(sent)),
        "event": delete(Event).where(col(Event.handled_at) < events, col(Event.problem).is_(None)),
    }
    return {name: session.connection().execute(statement).rowcount for name, statement in wanted.items()}
