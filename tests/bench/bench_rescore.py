"""How long it takes to score 100,000 open leads and write what is shown, on two cores; exits 1 when above a minute."""

import json
import os
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from app.doors import ask, do, now
from db import schema
from db.access.people.actions import add_user
from db.access.rules import Actor, Role, system_actor
from db.insights.approvals.actions import approve
from db.insights.predictions.queries import count_predictions
from db.session import engine
from tests.app.insights.make import MODEL, facts_of, hand_in_fitted, past_and_present
from workspace.models.lead_score.estimator import Knobs

OPEN, CLOSED = 100_000, 5_000
CHUNK = 10_000
LIMIT_SECONDS = 60


class Quiet:
    """A job that nobody watches."""

    def __init__(self, version_id: UUID) -> None:
        self.arguments = {"version_id": str(version_id)}

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Say nothing."""


def main() -> int:
    """Print seconds (by the clock, of computing) as JSON; return 1 when a limit is passed."""
    leads = int(sys.argv[1]) if len(sys.argv) > 1 else OPEN
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BOUSSOLE_DATA"] = str(Path(folder))
        schema.create_everything(engine())
        people, at = _people(now()), now()
        _fill(people[Role.SALES], at, leads)
        seconds = {"first": _rescore(people, at, Knobs(boosted_trees=True))}
        seconds["again"] = _rescore(people, at, Knobs(boosted_trees=True, regularisation=2.0))
        scored = ask(system_actor(), count_predictions, model=MODEL)
    print(json.dumps({"leads": scored, "seconds": seconds, "limit": LIMIT_SECONDS}))
    return 0 if max(wall for wall, _ in seconds.values()) < LIMIT_SECONDS else 1


def _people(at: datetime) -> dict[Role, Actor]:
    found = {}
    for role in (Role.ANALYST, Role.MANAGER, Role.SALES):
        user_id = do(system_actor(), add_user, name=role.value, email=f"{role.value}@example.ch", roles=[role])
        found[role] = Actor(user_id, role.value, frozenset({role}), fresh_until=at + timedelta(hours=1))
    return found


def _fill(by: Actor, at: datetime, leads: int) -> None:
    past_and_present(by, at, closed=CLOSED, still_open=0)
    for start in range(0, leads, CHUNK):
        past_and_present(by, at, closed=1, still_open=min(CHUNK, leads - start), seed=start + 2)


def _rescore(people: dict[Role, Actor], at: datetime, knobs: Knobs) -> tuple[float, float]:
    """Put a version into service; return the seconds from its approval until it is shown, and those of computing."""
    from app.insights import job as jobs

    jobs.freeze = lambda facts: (None, "not part of this")  # type: ignore[assignment]
    version_id = hand_in_fitted(people[Role.ANALYST], at, knobs=knobs).version_id
    jobs.publish(Quiet(version_id))  # type: ignore[arg-type]
    row_version = facts_of(version_id).row_version
    do(people[Role.MANAGER], approve, version_id=version_id, reason="Mesure", expected_version=row_version)
    began, computed = time.monotonic(), time.process_time()
    jobs.go_live(Quiet(version_id))  # type: ignore[arg-type]
    return round(time.monotonic() - began, 1), round(time.process_time() - computed, 1)


if __name__ == "__main__":
    sys.exit(main())
