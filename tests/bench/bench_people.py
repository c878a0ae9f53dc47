"""Forty people at once on one web process, an event each every two seconds: `bench_people [minutes [leads [people]]]`.

Each has a session of her own and asks the list of 100,000 leads for something else each time (a search, a filter, an
order) over the same WebSocket as a browser. Prints p50, p95 and the longest in milliseconds; exits 1 when p95 is above
500 ms or an answer did not come.
"""

import asyncio
import json
import random
import statistics
import sys
import time

from app.session import SESSION_COOKIE
from db.access.rules import Role
from tests.bench.bench_event import served
from tests.browser.test_every_handler import Attacker
from tests.serving import Server, signed_in

LIMIT_MS = 500.0
EVERY_SECONDS = 2.0
SEARCHES = ["chappuis", "genoud", "lausanne", "oeuvray", "079", "henchoz vevey", "del"]
SORTS = ["-received", "name", "-amount", "company", "next", "city"]
QUERY = "reflex___state____state.app___crm___leads____leads.query"


def main() -> int:
    """Print the figures as JSON; return 1 when the limit is passed."""
    minutes, leads, people = (float(sys.argv[1]) if len(sys.argv) > 1 else 10.0, _number(2, 100_000), _number(3, 40))
    with served("leads", "sqlite", leads) as (server, _):
        times, lost = asyncio.run(_work(server, minutes, people))
    p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    facts = {"people": people, "minutes": minutes, "leads": leads, "events": len(times), "lost": lost}
    print(json.dumps({**facts, "p50_ms": round(p50), "p95_ms": round(p95), "max_ms": round(max(times))}))
    return 0 if p95 <= LIMIT_MS and not lost else 1


def _number(place: int, usual: int) -> int:
    return int(sys.argv[place]) if len(sys.argv) > place else usual


async def _work(server: Server, minutes: float, people: int) -> tuple[list[float], int]:
    tokens = [signed_in(server, Role.SALES, name=f"Personne {number}")[1] for number in range(people)]
    end = time.monotonic() + minutes * 60
    found = await asyncio.gather(*(_person(server.url, token, end, seed) for seed, token in enumerate(tokens)))
    return [one for times, _ in found for one in times], sum(lost for _, lost in found)


async def _person(url: str, token: str, end: float, seed: int) -> tuple[list[float], int]:
    chance, times, lost = random.Random(seed), [], 0
    async with Attacker(url, cookie=f"{SESSION_COOKIE}={token}") as client:
        await asyncio.sleep(chance.uniform(0, EVERY_SECONDS))
        while time.monotonic() < end:
            started = time.perf_counter()
            try:
                await client.first_answer(QUERY, {"address": _address(chance)})
                times.append((time.perf_counter() - started) * 1000)
            except TimeoutError:
                lost += 1
            await asyncio.sleep(max(0.0, EVERY_SECONDS - (time.perf_counter() - started)))
    return times, lost


def _address(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.4:
        return f"q={chance.choice(SEARCHES)}"
    if kind < 0.7:
        return f"state=new&state=contacted&sort={chance.choice(SORTS)}"
    return f"canton={chance.choice(['VD', 'GE', 'VS'])}&sort={chance.choice(SORTS)}"


if __name__ == "__main__":
    sys.exit(main())
