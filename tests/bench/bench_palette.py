"""Measure the palette at 100,000 records, on both databases or one: `bench_palette [sqlite|postgresql [rows]]`.

Prints p50 and p95 in milliseconds of server time per kind of query, beside a naive `LIKE '%…%'` over the same text in
the same run, and exits 1 when the p95 over all queries is above 50 ms.
"""

import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Engine, select, text
from sqlmodel import Session, SQLModel

from db.access.people.actions import add_user
from db.access.rules import Actor, Role, system_actor
from db.crm.leads.actions import add_leads
from db.crm.leads.rules import LeadDraft, LeadState
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind
from db.records.search.queries import found_records
from db.records.search.rules import escaped, search_words
from tests.bench.databases import database

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
LIMIT_MS = 50.0
ROUNDS = 12
PARTIES = 2_000
ENDINGS = ("aud", "ens", "ier", "ina", "oll", "onn", "ard", "eaux", "y", "oz", "az", "in", "et", "ot", "ey")
BEGINNINGS = ("Bor", "Cha", "Per", "Mor", "Lam", "Gen", "Fav", "Dup", "Ros", "Mey", "Cor", "Jac", "Bla", "Mul", "Ber")
MIDDLES = ("n", "v", "r", "l", "d", "t", "ss", "mb", "nt", "rr", "ch", "gu", "nn", "lm", "rg", "st", "v", "ff")
TRADES = ["Garage", "Menuiserie", "Boulangerie", "Chantier naval", "Imprimerie", "Fiduciaire", "Domaine", "Café"]
CITIES = [("Lausanne", "VD"), ("Genève", "GE"), ("Sion", "VS"), ("Neuchâtel", "NE"), ("Fribourg", "FR")]


def name(dice: random.Random) -> str:
    """Return a family name; there are some 4,000."""
    return dice.choice(BEGINNINGS) + dice.choice(MIDDLES) + dice.choice(ENDINGS)


def draft(dice: random.Random, owners: list[UUID]) -> LeadDraft:
    """Return a plausible lead."""
    (city, canton), family, number = dice.choice(CITIES), name(dice), dice.randrange(10**7)
    received = NOW - timedelta(minutes=dice.randrange(3 * 365 * 1440) + 100_000)
    return LeadDraft(
        name=f"{dice.choice(TRADES)} {family}",
        person_name=f"{name(dice)} {family}",
        company_name=f"{dice.choice(TRADES)} {family} SA",
        email=f"info@{family.lower()}{number % 1000}.example",
        phone=f"+41 {dice.choice((21, 22, 27, 79))} {number % 900 + 100} {number // 1000 % 90 + 10} {number % 89 + 10}",
        postal_code=str(1000 + dice.randrange(1000)),
        city=city,
        canton=canton,
        source=dice.choice(("Site web", "Salon", "Recommandation")),
        state=LeadState.NEW,
        owner_id=dice.choice(owners),
        expected_amount=Decimal(dice.randrange(10_000_000)) / 100,
        received_at=received,
    )


def fill(engine: Engine, rows: int) -> tuple[list[UUID], list[LeadDraft]]:
    """Fill the database with leads and companies; return the salespeople and some of the leads."""
    dice, system = random.Random(11), system_actor()
    with Session(engine.execution_options(writing=True)) as session:
        owners = [
            add_user(session, name=f"Personne {i}", email=f"p{i}@x.ch", roles=[Role.SALES], by=system, at=NOW)
            for i in range(14)
        ]
        for _ in range(PARTIES):
            city = dice.choice(CITIES)[0]
            uid = f"CHE-{dice.randrange(10**8):08d}"
            add_party(
                session,
                draft=PartyDraft(PartyKind.COMPANY, f"{name(dice)} {dice.choice(TRADES)} {city} {uid[-3:]}"),
                by=system,
                at=NOW,
            )
        session.commit()
    started, some = time.perf_counter(), []
    for start in range(0, rows, 10_000):
        with Session(engine.execution_options(writing=True)) as session:
            drafts = [draft(dice, owners) for _ in range(min(10_000, rows - start))]
            add_leads(session, drafts=drafts, import_id=None, by=system, at=NOW)
            session.commit()
            some += drafts[:40]
    print(f"{rows} leads and {PARTIES} companies added in {time.perf_counter() - started:.0f} s")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("analyze"))
        if engine.dialect.name == "postgresql":
            connection.execute(text("vacuum"))
    return owners, some


def misspelt(word: str, dice: random.Random) -> str:
    """Return a word with one typing error."""
    at = dice.randrange(1, len(word) - 1)
    return dice.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + "x" + word[at + 1 :],
            word[:at] + word[at] + word[at:],
        ]
    )


def queries(some: list[LeadDraft], dice: random.Random) -> dict[str, list[str]]:
    """Return what is typed, by kind."""
    chosen = dice.sample(some, ROUNDS)
    families = [one.name.rsplit(" ", 1)[1] for one in chosen]
    return {
        "family name": families,
        "as it is typed": [word[:length] for word in families for length in range(1, len(word))],
        "trade and name": [one.name for one in chosen],
        "words in another order": [" ".join(reversed(one.name.split())) for one in chosen],
        "name and city": [f"{family} {one.city}" for family, one in zip(families, chosen, strict=True)],
        "very frequent word": ["info", "example", "garage", "sa", "chantier", "web", "site"],
        "phone fragment": [one.phone[7:] for one in chosen],
        "amount": [f"{one.expected_amount:,.2f}".replace(",", "'") for one in chosen],
        "typing error": [misspelt(family, dice) for family in families],
        "typing error, two words": [f"{misspelt(f, dice)} {o.city}" for f, o in zip(families, chosen, strict=True)],
        "nothing like it": ["zzyzx", "quetzalcoatl", "xq", "0000000001", "jkjkjk wxwx"],
    }


def naive(session: Session, query: str) -> int:
    """Look for the words as one would without an index."""
    entries = SQLModel.metadata.tables["search_entry"]
    likes = [entries.c.folded.like(f"%{escaped(word)}%", escape="\\") for word in search_words(query)]
    wanted = select(entries.c.record_id).where(*likes).order_by(entries.c.title).limit(24)
    return len(session.connection().execute(wanted).all())


def measure(kind: str, rows: int) -> bool:
    """Measure one database; return whether the p95 over all queries keeps the limit."""
    with database(kind) as engine:
        owners, some = fill(engine, rows)
        manager = Actor(owners[0], "bench", frozenset({Role.MANAGER}))
        own_only = Actor(owners[0], "bench", frozenset({Role.SALES}), owners={"crm.read_leads": frozenset({owners[0]})})
        print(f"\n{kind}, {rows} leads: p50 / p95 in ms (all rows · own rows only · naive LIKE)")
        everything: list[float] = []
        for title, typed in queries(some, random.Random(3)).items():
            everyone = _times(engine, typed, lambda s, q: found_records(s, query=q, by=manager, limit=24, per_kind=6))
            own = _times(engine, typed, lambda s, q: found_records(s, query=q, by=own_only, limit=24, per_kind=6))
            like = _times(engine, typed, naive)
            everything += [*everyone, *own]
            print(f"{title:26}" + " · ".join(_two(times) for times in (everyone, own, like)))
        print(f"{'all':26}{_two(everything)}")
        return _p95(everything) <= LIMIT_MS


def _times(engine: Engine, typed: list[str], search: Callable[[Session, str], object]) -> list[float]:
    times = []
    for repeat in range(2):
        for query in typed:
            with Session(engine) as session:
                started = time.perf_counter()
                search(session, query)
                if repeat:
                    times.append((time.perf_counter() - started) * 1000)
    return times


def _two(times: list[float]) -> str:
    return f"{statistics.median(times):6.1f} /{_p95(times):6.1f}"


def _p95(times: list[float]) -> float:
    return sorted(times)[min(len(times) - 1, round(0.95 * len(times)))]


def main() -> int:
    """Measure what was asked for."""
    kinds = [sys.argv[1]] if len(sys.argv) > 1 else ["sqlite", "postgresql"]
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    kept = [measure(kind, rows) for kind in kinds]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
