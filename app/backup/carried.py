"""What outlives a restore from the screen: the job that does it, and who is signed in now.

What the backup had of both is ended: nobody comes back in through a session that was ended since, no job that ran then
runs again by itself, and nothing that waited then is sent.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, update

from db.jobs.rules import JobState
from db.jobs.webhooks.rules import DeliveryState
from db.schema import metadata

OPEN = (JobState.WAITING.value, JobState.RUNNING.value)
STOPPED = "Arrêté par la restauration de la sauvegarde. À relancer s’il le faut."


class RunningJob:
    """Takes the restoring job, the sessions of now and the keys that were withdrawn since over."""

    def __init__(self, job_id: UUID, at: datetime) -> None:
        self.job_id, self.at = job_id, at
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.withdrawn: list[UUID] = []

    def take(self, present: Connection) -> None:
        """Read them."""
        job, log, browsers, tokens = (metadata.tables[name] for name in TABLES)
        wanted = {
            "job": select(job).where(job.c.id == self.job_id),
            "job_log": select(log).where(log.c.job_id == self.job_id),
            "sign_in_session": select(browsers).where(browsers.c.ended_at.is_(None)),
        }
        for name, query in wanted.items():
            self.rows[name] = [dict(row._mapping) for row in present.execute(query)]
        self.withdrawn = list(present.scalars(select(tokens.c.id).where(tokens.c.revoked_at.is_not(None))))

    def give(self, fresh: Connection) -> None:
        """Write them; sessions only of people who are there."""
        job, log, browsers, tokens = (metadata.tables[name] for name in TABLES)
        users = metadata.tables["user_account"]
        stopped = {"state": JobState.CANCELLED.value, "ended_at": self.at, "error": STOPPED}
        fresh.execute(update(job).where(job.c.state.in_(OPEN)).values(stopped))
        fresh.execute(delete(log).where(log.c.job_id == self.job_id))
        fresh.execute(delete(job).where(job.c.id == self.job_id))
        fresh.execute(delete(browsers))
        here = set(fresh.scalars(select(users.c.id)))
        self.rows["sign_in_session"] = [row for row in self.rows["sign_in_session"] if row["user_id"] in here]
        for name in ("job", "job_log", "sign_in_session"):
            if self.rows[name]:
                fresh.execute(insert(metadata.tables[name]), self.rows[name])
        self._send_nothing_twice(fresh)
        withdrawn = update(tokens).where(tokens.c.id.in_(self.withdrawn), tokens.c.revoked_at.is_(None))
        fresh.execute(withdrawn.values(revoked_at=self.at))

    def _send_nothing_twice(self, fresh: Connection) -> None:
        """Let what waited then to be told, mailed or delivered rest: most of it has been since."""
        events, told, sent = (metadata.tables[name] for name in ("event", "message", "webhook_delivery"))
        fresh.execute(update(events).where(events.c.handled_at.is_(None)).values(handled_at=self.at))
        fresh.execute(update(told).where(told.c.digest_id.is_(None)).values(in_digest=False))
        waiting = update(sent).where(sent.c.state == DeliveryState.WAITING.value)
        fresh.execute(waiting.values(state=DeliveryState.DROPPED.value))


TABLES = ("job", "job_log", "sign_in_session", "api_token")
