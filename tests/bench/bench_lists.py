"""Measure the list that every kind shares, with companies: `bench_lists [sqlite|postgresql [rows]]`.

Without arguments 1,000,000 rows on SQLite and 100,000 on PostgreSQL. Prints p50 and p95 in milliseconds of the rows
(first page, next page) and of the counts that follow, and exits 1 when a p95 is above its limit: rows 100 ms with
100,000 and 300 ms with more, counts 1,000 ms.
"""

import random
import sys
import time
from dataclasses import replace
from typing import Any

from sqlalchemy import Engine, insert
from sqlmodel import Session

from db.access.rules import Actor, Role
from db.kernel.record import uuid7
from db.parties.listing.queries import COMPANIES
from db.parties.tables import Party
from db.records.listing.queries import counts_of, ids_of, page_of
from db.records.listing.rules import Cursor, ListRequest, read_cursor, read_request
from db.records.search.rules import fold, search_text
from db.records.search.tables import SearchEntry
from tests.bench.bench_leads import CITIES, FIRMS, NAMES, NOW, measure
from tests.bench.databases import filled

COUNTS_MS = 1000.0
CHUNK = 20_000


def company(dice: random.Random, number: int) -> dict[str, Any]:
    """Return a plausible company."""
    city, canton = dice.choice(CITIES)
    name, firm = dice.choice(NAMES), dice.choice(FIRMS)
    called = f"{firm} {name} {number} SA"
    return {
        "id": uuid7(),
        "created_at": NOW,
        "updated_at": NOW,
        "row_version": 1,
        "kind": "company" if number % 5 else "person",
        "name": called,
        "uid": "",
        "email": f"info{number}@{fold(name)}.example",
        "phone": f"+41 21 {number % 900 + 100} {number % 90 + 10} {number % 89 + 10}",
        "street": "Rue du Lac",
        "house_number": "1",
        "postal_code": str(1000 + dice.randrange(1000)),
        "city": city,
        "canton": canton,
        "country": "CH",
        "name_order": fold(called),
        "search_number": number,
    }


def found_by(row: dict[str, Any]) -> dict[str, Any]:
    """Return the search entry of a company."""
    folded = search_text([row["name"], row["email"], row["city"]], phones=[row["phone"]])
    return {
        "number": row["search_number"],
        "kind": "party",
        "record_id": row["id"],
        "permission": "parties.read",
        "title": row["name"],
        "subtitle": row["city"],
        "folded": folded,
    }


def fill(engine: Engine, rows: int) -> None:
    """Fill the database, without the history that a deed would write: the lists do not read it."""
    dice, started = random.Random(7), time.perf_counter()
    for start in range(1, rows + 1, CHUNK):
        made = [company(dice, number) for number in range(start, min(start + CHUNK, rows + 1))]
        with engine.execution_options(writing=True).begin() as connection:
            connection.execute(insert(Party), made)
            connection.execute(insert(SearchEntry), [found_by(row) for row in made])
    print(f"{engine.dialect.name}: {rows} parties in {time.perf_counter() - started:.0f} s", flush=True)


def requests() -> dict[str, str]:
    """Return what is asked, by name, as addresses."""
    return {
        "everything by name": "",
        "falling": "sort=-name",
        "by city": "sort=city",
        "by canton": "sort=canton",
        "by e-mail": "sort=email",
        "by date": "sort=-updated",
        "one canton": "canton=VD",
        "two cantons by e-mail": "canton=VD&canton=GE&sort=email",
        "a canton that nobody has": "canton=TI",
        "search rare": "q=garage+bornand+1234",
        "search phone": "q=021+345+67",
        "search frequent": "q=garage",
        "search frequent by city": "q=garage&sort=city",
        "search that all contain": "q=info",
        "search all, falling": "q=info&sort=-email",
        "search two letters": "q=ga&sort=-city",
        "search + canton": "q=bornand&canton=VS",
        "nothing found": "q=zzzzzz",
    }


def main(kind: str, rows: int) -> int:
    """Print the table; return 1 when something is slower than its limit."""
    by, slow = Actor(uuid7(), "bench", frozenset({Role.MANAGER})), []
    limit = 100.0 if rows <= 100_000 else 300.0
    with filled(kind, f"companies-{rows}", lambda engine: fill(engine, rows)) as engine:
        for name, address in requests().items():
            request = read_request(address, COMPANIES.shape)
            first = measure(lambda asked=request: ask(engine, page_of, asked, by))  # type: ignore[misc]
            page = ask(engine, page_of, request, by)
            onward = replace(request, cursor=read_cursor(page.last))
            after = measure(lambda asked=onward: ask(engine, page_of, asked, by))  # type: ignore[misc]
            counted = measure(lambda asked=request: ask(engine, counts_of, asked, by))  # type: ignore[misc]
            counts = ask(engine, counts_of, request, by)
            total = f"{counts.total}{'+' if counts.is_capped else ''}"
            figures = [f"{p50:7.1f} {p95:7.1f}" for p50, p95 in (first, after, counted)]
            told = f"rows {figures[0]}  next {figures[1]}  counts {figures[2]}"
            print(f"{kind:10} {name:26} {total:>8} {told}", flush=True)
            if max(first[1], after[1]) > limit or counted[1] > COUNTS_MS:
                slow.append(name)
        deep(engine, by)
    print("above the limit:", ", ".join(slow) or "nothing")
    return 1 if slow else 0


def deep(engine: Engine, by: Actor) -> None:
    """Print how long a page in the middle and the last one take."""
    request = read_request("sort=email", COMPANIES.shape)
    with Session(engine) as session:
        ids = ids_of(session, COMPANIES, request=replace(request, facets={"canton": ("VS",)}), by=by)
        middle = session.get_one(Party, ids[len(ids) // 2])
        cursor = Cursor(middle.email, middle.id.hex, few=False)
    p50, p95 = measure(lambda: ask(engine, page_of, replace(request, cursor=cursor), by))
    back50, back95 = measure(lambda: ask(engine, page_of, replace(request, cursor=cursor, back=True), by))
    print(f"a page in the middle: {p50:.1f} {p95:.1f}, going back {back50:.1f} {back95:.1f}")


def ask(engine: Engine, query: Any, request: ListRequest, by: Actor) -> Any:
    """Ask in a session of its own."""
    with Session(engine) as session:
        return query(session, COMPANIES, request=request, by=by)


if __name__ == "__main__":
    asked = [(sys.argv[1], int(sys.argv[2]))] if len(sys.argv) > 2 else [("sqlite", 1_000_000), ("postgresql", 100_000)]
    sys.exit(max([main(kind, size) for kind, size in asked]))
