"""Measure the list of leads at 100,000 rows, on both databases or one: `bench_leads [sqlite|postgresql [rows]]`.

Prints p50 and p95 in milliseconds of the rows (first page, next page) and of the counts that follow, and exits 1 when a
p95 is above its limit: rows 100 ms with 100,000 and 300 ms with more, counts 1,000 ms.
"""

import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, insert, select
from sqlmodel import Session, col

from db.access.people.actions import add_user
from db.access.people.tables import User
from db.access.rules import Actor, Role, system_actor
from db.crm.leads.actions import add_leads
from db.crm.leads.listing.queries import lead_counts, lead_page
from db.crm.leads.listing.rules import CustomFilter, ListRequest, read_request
from db.crm.leads.rules import LeadDraft, LeadState
from db.insights.predictions.tables import CurrentPrediction
from db.records.custom_fields.actions import define_field
from db.records.custom_fields.rules import FieldType
from tests.bench.databases import clock, filled

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
COUNTS_MS = 1000.0
ROUNDS = 15
NAMES = [
    "Aubert",
    "Bornand",
    "Chappuis",
    "Delacrétaz",
    "Emery",
    "Favre",
    "Genoud",
    "Henchoz",
    "Isoz",
    "Jaquet",
    "Keller",
    "Mottier",
    "Nicole",
    "Œuvray",
]
CITIES = [
    ("Lausanne", "VD"),
    ("Genève", "GE"),
    ("Sion", "VS"),
    ("Neuchâtel", "NE"),
    ("Fribourg", "FR"),
    ("Vevey", "VD"),
]
FIRMS = ["Garage", "Menuiserie", "Boulangerie", "Chantier", "Imprimerie", "Fiduciaire", "Vignoble", "Ferblanterie"]
SOURCES = ["Site web", "Salon", "Recommandation", "Téléphone", "Annuaire", "Partenaire", "Publicité"]


def draft(dice: random.Random, owners: list[UUID]) -> LeadDraft:
    """Return a plausible lead."""
    city, canton = dice.choice(CITIES)
    name, firm = dice.choice(NAMES), dice.choice(FIRMS)
    state = dice.choices(list(LeadState), weights=[20, 15, 10, 15, 40])[0]
    received = NOW - timedelta(minutes=dice.randrange(3 * 365 * 1440) + 100_000)
    closed = state in (LeadState.CONVERTED, LeadState.LOST)
    number = dice.randrange(10**6)
    return LeadDraft(
        name=f"{firm} {name} {number}",
        person_name=f"{dice.choice(NAMES)} {name}",
        company_name=f"{firm} {name} SA",
        email=f"info{number}@{name.lower().replace('œ', 'oe').replace('é', 'e')}.example",
        phone=f"+41 21 {number % 900 + 100} {number % 90 + 10} {number % 89 + 10}",
        postal_code=str(1000 + dice.randrange(1000)),
        city=city,
        canton=canton,
        source=dice.choice(SOURCES),
        state=state,
        owner_id=dice.choice(owners),
        expected_amount=Decimal(dice.randrange(10_000_000)) / 100 if dice.random() < 0.8 else None,
        received_at=received,
        closed_at=received + timedelta(days=30) if closed else None,
        lost_reason="trop cher" if state is LeadState.LOST else "",
        next_step_date=date(2026, 12, 1) + timedelta(days=dice.randrange(60)) if dice.random() < 0.3 else None,
        custom={"job": dice.choice(NAMES), "area": Decimal(dice.randrange(1000)), "visit": date(2026, 1, 1)},
    )


def fill(engine: Engine, rows: int) -> None:
    """Fill the database with leads, custom values and scores of the open ones."""
    dice, system = random.Random(7), system_actor()
    with Session(engine.execution_options(writing=True)) as session:
        owners = [
            add_user(session, name=f"{name} {i}", email=f"p{i}@x.ch", roles=[Role.SALES], by=system, at=NOW)
            for i, name in enumerate(NAMES)
        ]
        for key, kind in (("job", FieldType.TEXT), ("area", FieldType.NUMBER), ("visit", FieldType.DATE)):
            define_field(session, kind="lead", key=key, label=key, type=kind, by=system, at=NOW)
        session.commit()
    started = time.perf_counter()
    for start in range(0, rows, 10_000):
        with Session(engine.execution_options(writing=True)) as session:
            drafts = [draft(dice, owners) for _ in range(min(10_000, rows - start))]
            ids = add_leads(session, drafts=drafts, import_id=None, by=system, at=NOW)
            scores = [score(lead_id, dice) for lead_id, d in zip(ids, drafts, strict=True) if d.closed_at is None]
            session.connection().execute(insert(CurrentPrediction), scores)
            session.commit()
    print(f"{rows} leads added in {time.perf_counter() - started:.0f} s", flush=True)


def asker(engine: Engine) -> Actor:
    """Return who asks: a manager who is also the first of those to whom leads are given."""
    with engine.connect() as connection:
        first = connection.execute(select(col(User.id)).where(col(User.email) == "p0@x.ch")).scalar_one()
    return Actor(first, "bench", frozenset({Role.MANAGER}))


def score(lead_id: UUID, dice: random.Random) -> dict[str, object]:
    """Return a score."""
    p = dice.uniform(0.02, 0.98)
    return {
        "model": "lead_score",
        "subject_kind": "lead",
        "subject_id": lead_id,
        "probability": p,
        "low": p * 0.8,
        "high": p + (1 - p) * 0.2,
        "rung": "model",
        "n_similar": 40,
        "n_similar_won": 12,
        "reasons": [{"text": "Source", "points": 12.0}],
        "scored_at": NOW,
    }


def requests(owner: UUID) -> dict[str, ListRequest]:
    """Return what is asked, by name."""
    opened = ListRequest(state=("new", "contacted", "qualified"))
    wide = replace(opened, state=())
    sorts = [
        "name",
        "company",
        "city",
        "received",
        "amount",
        "state",
        "owner",
        "next",
        "email",
        "exchanges",
        "custom.job",
        "custom.area",
    ]
    return {
        "opening view": opened,
        "everything by score": wide,
        "my leads": replace(opened, owner=(owner.hex,)),
        **{f"by {sort}": replace(opened, sort=sort) for sort in sorts},
        "by -owner, all": replace(wide, sort="-owner"),
        "search rare": replace(wide, search="garage bornand 1234"),
        "search phone": replace(wide, search="021 345 67"),
        "search frequent": replace(wide, search="garage", sort="name"),
        "search frequent, open": replace(opened, search="garage"),
        "search very frequent": replace(opened, search="info", sort="received"),
        "search two letters": replace(wide, search="ga", sort="-amount"),
        "search + canton": replace(opened, search="bornand", canton=("VD",)),
        "score band": replace(opened, score_from=0.7),
        "received between": read_request("from=2026-01-01&to=2026-03-31&sort=-received"),
        "custom is": replace(opened, custom=(CustomFilter("job", "is", "Favre"),)),
        "custom range": replace(wide, custom=(CustomFilter("area", "from", "200"),), sort="-custom.area"),
        "nothing found": replace(wide, search="zzzzzz"),
    }


def measure(run: Callable[[], object]) -> tuple[float, float]:
    """Return p50 and p95 of a run in milliseconds, after one to warm up."""
    run()
    times = []
    for _ in range(ROUNDS):
        started = clock()
        run()
        times.append((clock() - started) * 1000)
    return statistics.median(times), sorted(times)[int(0.95 * len(times))]


def main(kind: str, rows: int) -> int:
    """Print the table; return 1 when something is slower than its limit."""
    slow, limit = [], 100.0 if rows <= 100_000 else 300.0
    with filled(kind, f"leads-{rows}", lambda engine: fill(engine, rows)) as engine:
        by = asker(engine)
        assert by.user_id is not None
        print(f"{kind}: {rows} leads, p50 and p95 in ms; limits: rows {limit:.0f}, counts {COUNTS_MS:.0f}")
        for name, request in requests(by.user_id).items():
            bare = replace(request, want_counts=False)
            page = once(engine, lead_page, bare, by)
            onward = replace(bare, cursor=read_request(f"cursor={page.last}").cursor)
            first, after, counted = (
                measure(lambda query=query, asked=asked: once(engine, query, asked, by))  # type: ignore[misc]
                for query, asked in ((lead_page, bare), (lead_page, onward), (lead_counts, request))
            )
            counts = once(engine, lead_counts, request, by)
            total = f"{counts.total}{'+' if counts.is_capped else ''}"
            figures = [f"{p50:7.1f} {p95:7.1f}" for p50, p95 in (first, after, counted)]
            print(f"{name:24} {total:>8} rows {figures[0]}  next {figures[1]}  counts {figures[2]}", flush=True)
            if max(first[1], after[1]) > limit or counted[1] > COUNTS_MS:
                slow.append(name)
    print("above the limit:", ", ".join(slow) or "nothing", flush=True)
    return 1 if slow else 0


def once(engine: Engine, query: Callable[..., Any], request: ListRequest, by: Actor) -> Any:
    """Ask in a session of its own."""
    with Session(engine) as session:
        return query(session, request=request, by=by)


if __name__ == "__main__":
    kinds = sys.argv[1:2] or ["sqlite", "postgresql"]
    size = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    sys.exit(max([main(kind, size) for kind in kinds]))
