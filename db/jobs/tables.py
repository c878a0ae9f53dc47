"""Jobs (long work) and events (what happened, to be reacted to)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index
from sqlmodel import SQLModel

from db.jobs.rules import JobState, LogLevel
from db.kernel.record import Instant, Said, personal, plain, uuid7


class Job(SQLModel, table=True):
    """One piece of long work: the truth about what is waiting, running, done."""

    __tablename__ = "job"
    __table_args__ = (Index("job_to_take", "state", "run_after"),)
    id: UUID = plain(default_factory=uuid7, primary_key=True)
    kind: str = plain(nullable=False)
    arguments: dict[str, Any] = personal(sa_type=JSON, default_factory=dict)
    state: str = plain(default=JobState.WAITING.value, nullable=False)
    asked_by: UUID | None = plain(default=None, index=True)
    asked_at: datetime = plain(sa_type=Instant, nullable=False)
    run_after: datetime = plain(sa_type=Instant, nullable=False)
    lease_until: datetime | None = plain(sa_type=Instant, default=None)
    started_at: datetime | None = plain(sa_type=Instant, default=None)
    ended_at: datetime | None = plain(sa_type=Instant, default=None)
    attempts: int = plain(default=0, nullable=False)
    done: int = plain(default=0, nullable=False)
    total: int = plain(default=0, nullable=False)
    message: str = personal(default="", nullable=False)
    result: dict[str, Any] | None = personal(sa_type=JSON, default=None)
    error: str | None = personal(sa_type=Said, default=None)
    cancel_asked: bool = plain(default=False, nullable=False)
    once: str | None = plain(default=None, unique=True)  # the same request twice is one job
    settled_at: datetime | None = plain(sa_type=Instant, default=None)  # somebody has seen to its failure


class JobLogLine(SQLModel, table=True):
    """One line of a job's log: what happened when; `message` is French with places, `detail` for whoever repairs."""

    __tablename__ = "job_log"
    __table_args__ = (Index("job_log_in_order", "job_id", "id"),)
    id: UUID = plain(default_factory=uuid7, primary_key=True)
    job_id: UUID = plain(foreign_key="job.id", nullable=False)
    at: datetime = plain(sa_type=Instant, nullable=False)
    level: str = plain(default=LogLevel.INFO.value, nullable=False)
    message: str = personal(nullable=False)
    params: dict[str, Any] = personal(sa_type=JSON, default_factory=dict)
    detail: str = personal(default="", nullable=False)


class JobPart(SQLModel, table=True):
    """A part of a job that is done, and what came of it; written with the deed itself, so that none is done twice."""

    __tablename__ = "job_part"
    job_id: UUID = plain(foreign_key="job.id", primary_key=True)
    number: int = plain(primary_key=True, sa_column_kwargs={"autoincrement": False})
    result: dict[str, Any] = personal(sa_type=JSON, default_factory=dict)


class Event(SQLModel, table=True):
    """Something that happened, written in the transaction in which it did."""

    __tablename__ = "event"
    id: UUID = plain(default_factory=uuid7, primary_key=True)
    kind: str = plain(nullable=False)
    subject: UUID | None = plain(default=None)
    facts: dict[str, Any] = plain(sa_type=JSON, default_factory=dict)
    at: datetime = plain(sa_type=Instant, nullable=False)
    handled_at: datetime | None = plain(sa_type=Instant, default=None, index=True)
    problem: str | None = plain(default=None)


class Heartbeat(SQLModel, table=True):
    """The last sign of life of a process."""

    __tablename__ = "heartbeat"
    process: str = plain(primary_key=True)
    at: datetime = plain(sa_type=Instant, nullable=False)


class ScheduleRun(SQLModel, table=True):
    """When a regular task last ran and is due next, so that a restart neither repeats nor forgets it."""

    __tablename__ = "schedule_run"
    name: str = plain(primary_key=True)
    every_seconds: int = plain(nullable=False)
    last_at: datetime | None = plain(sa_type=Instant, default=None)
    next_at: datetime = plain(sa_type=Instant, nullable=False)
    problem: str = personal(default="", nullable=False)
