"""A snapshot with leads whose outcome depends on what is known of them."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np

from workspace.facts import Answer, answer_text, fingerprint

BEGIN = datetime(2024, 1, 8, 8, 0, tzinfo=UTC)
RATES = {"Bouche à oreille": 0.45, "Salon": 0.3, "Site web": 0.12}
COLUMNS = ["expected_amount", "source", "canton"]


@dataclass(frozen=True)
class MadeLead:
    lead_id: str
    received_at: datetime
    closed_at: datetime | None
    won: bool | None
    fields: dict[str, Answer]


def make_leads(count: int = 600, *, seed: int = 7) -> Iterator[MadeLead]:
    """Yield leads over two years; every tenth is still open."""
    random = np.random.default_rng(seed)
    for number in range(count):
        source = str(random.choice(list(RATES)))
        received = BEGIN + timedelta(days=730 * number / count)
        is_open = number % 10 == 9
        won = None if is_open else bool(random.random() < RATES[source])
        fields: dict[str, Answer] = {
            "source": source,
            "canton": str(random.choice(["VD", "GE", "FR", "VS"])),
            "expected_amount": Decimal(int(random.integers(5, 400)) * 100),
        }
        closed = None if is_open else received + timedelta(days=20)
        yield MadeLead(f"lead-{number:05d}", received, closed, won, fields)


def make_snapshot(folder: Path, leads: list[MadeLead]) -> Path:
    """Write a snapshot as the product does; return its file."""
    file = folder / "snapshot.sqlite"
    rows = [
        (
            lead.lead_id,
            lead.received_at.isoformat(),
            lead.closed_at.isoformat() if lead.closed_at else None,
            lead.won,
            json.dumps({name: answer_text(lead.fields.get(name)) for name in COLUMNS}),
        )
        for lead in leads
    ]
    about = {
        "cutoff_at": (BEGIN + timedelta(days=800)).isoformat(),
        "fingerprint": fingerprint(leads, columns=COLUMNS),
        "columns": sorted(COLUMNS),
    }
    with closing(sqlite3.connect(file)) as target:
        target.execute("create table lead_fact (lead_id, received_at, closed_at, won, answers)")
        target.executemany("insert into lead_fact values (?, ?, ?, ?, ?)", rows)
        target.execute("create table about (facts)")
        target.execute("insert into about values (?)", [json.dumps(about)])
        target.commit()
    return file
