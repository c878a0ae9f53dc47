"""What the page of jobs shows of a job, a line of its log, a regular task and a reaction that could not run."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from app.components import job_view
from app.jobs import words
from app.text import instant, say
from db.access.rules import Actor, may
from db.jobs.queries import EventProblem, JobStatus, LogLine, ScheduleFacts
from db.jobs.rules import JobState, LogLevel, can_cancel, can_retry

TONES = {JobState.RUNNING: "ac", JobState.FAILED: "red", JobState.DONE: "grn"}


def job_row(job: JobStatus, *, names: Mapping[UUID, str], at: datetime, by: Actor) -> dict[str, str]:
    """Return a job as one line of the list; buttons come from its life and the person's rights."""
    mine = job.asked_by == by.user_id or may(by, "jobs.manage_all")
    failed = job.state is JobState.FAILED
    return {
        **job_view(job, by.language),
        "word": say(by.language, words.STATES[job.state]),
        "tone": "" if job.settled_at and failed else TONES.get(job.state, ""),
        "kind": say(by.language, words.KINDS.get(job.kind, job.kind)),
        "href": words.place_of(job.kind, job.arguments),
        "who": names.get(job.asked_by, "") if job.asked_by else "Boussole",
        "when": instant(job.asked_at, on=at),
        "took": duration(job.ended_at or at, job.started_at) if job.started_at else "",
        "can_cancel": "yes" if mine and can_cancel(job.state) and not job.cancel_asked else "",
        "can_retry": "yes" if mine and can_retry(job.state) else "",
        "can_settle": "yes" if mine and failed and job.settled_at is None else "",
    }


def duration(end: datetime, start: datetime) -> str:
    """Return how long something took: `8 s`, `3 min 05 s`, `2 h 10`."""
    seconds = max(0, round((end - start) / timedelta(seconds=1)))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02}"


def log_row(line: LogLine, language: str) -> dict[str, str]:
    """Return one line of a log."""
    tones = {LogLevel.ERROR: "red", LogLevel.WARNING: "amb"}
    return {
        "at": instant(line.at, on=line.at),
        "tone": tones.get(line.level, ""),
        "text": say(language, line.message, **line.params),
        "detail": line.detail,
    }


def schedule_row(task: ScheduleFacts, *, at: datetime, language: str) -> dict[str, str]:
    """Return one regular task."""
    return {
        "name": say(language, words.SCHEDULES.get(task.name, task.name)),
        "every": every(task.every_seconds, language),
        "last": instant(task.last_at, on=at) if task.last_at else "—",
        "next": instant(task.next_at, on=at),
        "problem": task.problem,
    }


def every(seconds: int, language: str) -> str:
    """Return a rhythm in words: `toutes les 60 min`."""
    if seconds % 3600 == 0 and seconds > 3600:
        return say(language, "toutes les {hours} h", hours=seconds // 3600)
    return say(language, "toutes les {minutes} min", minutes=max(1, seconds // 60))


def problem_row(event: EventProblem, *, at: datetime, language: str) -> dict[str, str]:
    """Return one event to which a reaction could not run."""
    return {
        "id": str(event.event_id),
        "kind": say(language, words.EVENTS.get(event.kind, event.kind)),
        "when": instant(event.at, on=at),
        "problem": event.problem,
    }
