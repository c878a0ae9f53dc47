"""From an event to the changed page, over the WebSocket of a served company: `bench_event [rows]` (100,000).

One person asks the list of companies for a search, a filter or an order and the answer with the changed rows is awaited
as a browser awaits it: guard, sign-in, query, state and transport included. Prints p50, p95 and the longest in
milliseconds, the memory of the processes at rest, the processor time of one event and the time to start; exits 1 when
p95 is above 100 ms (300 ms beyond 100,000 rows), when starting took longer than 15 s, or when an answer did not come.
"""

import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from app.session import SESSION_COOKIE
from db.access.rules import Role
from db.session import engine
from tests.bench.bench_lists import fill
from tests.browser.test_every_handler import Attacker
from tests.serving import Server, serving, signed_in

EVENTS, WARM_UP = 200, 10
START_SECONDS = 15.0
QUERY = "____companies.query"
ADDRESSES = ["q=garage", "q=bornand+1234", "q=ga", "q=021+345", "canton=VD", "canton=GE&sort=email", "sort=-city", ""]


def main(rows: int) -> int:
    """Print the figures as JSON; return 1 when a limit is passed."""
    limit = 100.0 if rows <= 100_000 else 300.0
    with tempfile.TemporaryDirectory() as folder:
        data, started = Path(folder), time.monotonic()
        with serving(data) as first:
            os.environ["BOUSSOLE_DATA"] = str(data)
            fill(engine(), rows)
            token = signed_in(first, Role.SALES)[1]
        started = time.monotonic()
        with serving(data) as server:
            seconds = time.monotonic() - started
            memory = {name: _memory(pid) for pid, name in _processes(server.process.pid)}
            before = _processor(server)
            times = asyncio.run(_ask(server, token))
            spent = (_processor(server) - before) / len(times) * 1000
    p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    times_ms = {"p50_ms": round(p50, 1), "p95_ms": round(p95, 1), "max_ms": round(max(times), 1)}
    rest = {"processor_ms_per_event": round(spent, 1), "start_s": round(seconds, 1), "memory_mb": memory}
    print(json.dumps({"rows": rows, "events": len(times), **times_ms, **rest}))
    return 0 if p95 <= limit and seconds <= START_SECONDS else 1


async def _ask(server: Server, token: str) -> list[float]:
    from app import app  # noqa: F401 - registers all pages
    from app.platform import all_handlers

    query = next(name for name in all_handlers() if name.endswith(QUERY))
    chance, times = random.Random(7), []
    async with Attacker(server.url, cookie=f"{SESSION_COOKIE}={token}") as client:
        for number in range(EVENTS + WARM_UP):
            address = f"{chance.choice(ADDRESSES)}&canton={chance.choice(['', 'VD', 'GE', 'VS'])}".replace(
                "canton=&", ""
            )
            started = time.perf_counter()
            await client.first_answer(query, {"address": address.removesuffix("&canton=")})
            if number >= WARM_UP:
                times.append((time.perf_counter() - started) * 1000)
            await asyncio.sleep(0.1)  # the counts follow
    return times


def _processes(root: int) -> list[tuple[int, str]]:
    """Return the processes of an installation with what each runs."""
    found, todo = [], [root]
    while todo:
        pid = todo.pop()
        try:
            words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
            todo += [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        except OSError:
            continue
        found.append((pid, f"{pid} {' '.join(words[1:4])}"))
    return found


def _memory(pid: int) -> int:
    """Return what a process holds in memory, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS")), 0)


def _processor(server: Server) -> float:
    """Return the processor time that an installation has used, in seconds."""
    ticks = 0
    for pid, _ in _processes(server.process.pid):
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(after_name[11]) + int(after_name[12])
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
