"""The story of a company with many lines: `bench_story [lines]` (20,000 on it, ten times as many elsewhere).

Prints milliseconds (median, p95) of the first page, a deep one, one sort, and of the page after a change of fields;
exits 1 when a p95 is above 100 ms. Embedded database.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.doors import ask, do
from db.access.rules import Actor, system_actor
from db.parties.actions import add_contact, add_party
from db.parties.rules import KIND, PartyDraft, PartyKind
from db.records.timeline.actions import Told, add_entries
from db.records.timeline.queries import story
from db.records.timeline.rules import Cursor, StoryPart
from db.schema import create_everything
from db.session import engine

LIMIT_MS, REPEATS, CHUNK, PEOPLE = 100.0, 40, 2_000, 50


def main() -> int:
    """Print the figures as JSON; return 1 when a limit is passed."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BOUSSOLE_DATA"] = folder
        os.environ.pop("BOUSSOLE_DATABASE_URL", None)
        create_everything(engine())
        by = system_actor()
        company = _fill(by, lines)
        deep = _place_of(by, company, lines // 2)
        parts = {
            "first": StoryPart(),
            "deep": StoryPart(before=deep),
            "one sort": StoryPart(sort="note"),
            "changes": StoryPart(sort="change"),
        }
        figures = {name: _measured(lambda part=part: _page(by, company, part)) for name, part in parts.items()}
    print(json.dumps({"lines": lines, "elsewhere": lines * 10, **figures}))
    return 0 if all(p95 <= LIMIT_MS for _, p95 in figures.values()) else 1


def _fill(by: Actor, lines: int) -> UUID:
    """Make a company whose people had all these exchanges, and another with ten times as many."""
    company, other = (_company(by, name) for name in ("Bornand SA", "Autre SA"))
    for owner, count in ((company, lines), (other, lines * 10)):
        people = [do(by, add_party, draft=PartyDraft(PartyKind.PERSON, f"P {n}")) for n in range(PEOPLE)]
        for person in people:
            do(by, add_contact, company_id=owner, person_id=person, function="")
        begin = datetime(2020, 1, 1, tzinfo=UTC)
        for start in range(0, count, CHUNK):
            told = [
                Told(KIND, people[n % PEOPLE], ("call", "note")[n % 2], "Appel", begin + timedelta(minutes=n))
                for n in range(start, min(start + CHUNK, count))
            ]
            do(by, add_entries, entries=told)
    return company


def _company(by: Actor, name: str) -> UUID:
    made: UUID = do(by, add_party, draft=PartyDraft(PartyKind.COMPANY, name))
    return made


def _page(by: Actor, company: UUID, part: StoryPart) -> Any:
    return ask(by, story, kind=KIND, record_id=company, part=part, by=by)


def _place_of(by: Actor, company: UUID, skip: int) -> Cursor | None:
    """Return the place after many lines."""
    return _page(by, company, StoryPart(most=skip)).next  # type: ignore[no-any-return]


def _measured(run: Callable[[], Any]) -> tuple[float, float]:
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        run()
        times.append((time.perf_counter() - begin) * 1000)
    return round(statistics.median(times), 1), round(statistics.quantiles(times, n=20)[-1], 1)


if __name__ == "__main__":
    sys.exit(main())
