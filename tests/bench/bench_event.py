"""From an event to the changed page, over the WebSocket of a served company.

`bench_event [companies|leads [sqlite|postgresql [rows]]]`; without arguments all four at 100,000 rows.

One person asks a list for a search, a filter or an order, and the answer with the changed rows is awaited as a browser
awaits it: guard, sign-in, query, state and transport included; then the counts that follow. Prints p50, p95 and the
longest in milliseconds, the memory of the processes at rest, the processor time of one event and the time to start;
exits 1 when the p95 of rows is above 100 ms (300 ms beyond 100,000 rows), that of counts above 1 s, when starting took
longer than 15 s, or when an answer did not come.
"""

import asyncio
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from app.session import SESSION_COOKIE
from db.access.rules import Role
from tests.bench import bench_leads, bench_lists
from tests.bench.databases import filled
from tests.browser.test_every_handler import NAMESPACE, Attacker
from tests.serving import Server, serving, signed_in

EVENTS, WARM_UP = 200, 16
START_SECONDS, COUNTS_MS, PAUSE_SECONDS = 15.0, 1000.0, 0.1
FILL = {"companies": bench_lists.fill, "leads": bench_leads.fill}
OF_ANY = [
    "q=garage",
    "q=bornand+1234",
    "q=ga",
    "q=021+345",
    "canton=VD",
    "canton=GE&sort=email",
    "sort=-city",
    "q=info",
]
ADDRESSES = {
    "companies": [*OF_ANY, ""],
    "leads": [
        *OF_ANY,
        "view=all",
        "view=all&sort=-amount",
        "state=new&state=contacted&sort=-received",
        "q=favre&sort=name",
    ],
}
CANTONS = ["", "VD", "GE", "VS"]


def main(name: str, kind: str, rows: int) -> int:
    """Print the figures as JSON; return 1 when a limit is passed."""
    limit = 100.0 if rows <= 100_000 else 300.0
    with served(name, kind, rows) as (server, seconds):
        memory = {called: _memory(pid) for pid, called in _processes(server.process.pid)}
        before = _processor(server)
        found = asyncio.run(_ask(server, name))
        spent = (_processor(server) - before) / (EVENTS + WARM_UP) * 1000
    figures = {what: _figures(times) for what, times in found.items()}
    rest = {"processor_ms_per_event": round(spent, 1), "start_s": round(seconds, 1), "memory_mb": memory}
    facts = {"list": name, "database": kind, "rows": rows, "limit_ms": limit, "load": round(os.getloadavg()[0], 1)}
    print(json.dumps({**facts, "to_rows_ms": figures["rows"], "to_counts_ms": figures["counts"], **rest}), flush=True)
    kept = figures["rows"]["p95"] <= limit and figures["counts"]["p95"] <= COUNTS_MS and seconds <= START_SECONDS
    return 0 if kept else 1


@contextmanager
def served(name: str, kind: str, rows: int) -> Iterator[tuple[Server, float]]:
    """Serve a company with so many rows; give the server and the seconds that starting took."""
    with filled(kind, f"{name}-{rows}", lambda engine: FILL[name](engine, rows)) as engine:
        address, folder = engine.url.render_as_string(hide_password=False), engine.url.database or ""
        data = (
            Path(folder).parent if kind == "sqlite" else Path(os.environ.get("TMPDIR", "/tmp")) / f"bench-{os.getpid()}"
        )
        data.mkdir(exist_ok=True)
        started = time.monotonic()
        with serving(data, BOUSSOLE_DATABASE_URL="" if kind == "sqlite" else address) as server:
            yield server, time.monotonic() - started


def _figures(times: Sequence[float]) -> dict[str, float]:
    p95 = statistics.quantiles(times, n=20)[-1]
    return {"p50": round(statistics.median(times), 1), "p95": round(p95, 1), "max": round(max(times), 1)}


async def _ask(server: Server, name: str) -> dict[str, list[float]]:
    from app import app  # noqa: F401 - registers all pages
    from app.platform import all_handlers

    query = next(one for one in all_handlers() if one.endswith(f"____{name}.query"))
    token = signed_in(server, Role.SALES)[1]
    chance, last = random.Random(7), None
    found: dict[str, list[float]] = {"rows": [], "counts": []}
    async with Attacker(server.url, cookie=f"{SESSION_COOKIE}={token}") as client:
        for number in range(EVENTS + WARM_UP):
            address = _another(chance, ADDRESSES[name], last)
            times = await _one(client, query, address)
            for what, taken in times.items() if number >= WARM_UP else ():
                found[what].append(taken)
            last = address
            await asyncio.sleep(PAUSE_SECONDS)
    return found


def _another(chance: random.Random, addresses: Sequence[str], last: str | None) -> str:
    """Return an address whose filters differ from those of the last, so that its counts are sent."""
    while True:
        parts = [chance.choice(addresses), chance.choice([f"canton={one}" if one else "" for one in CANTONS])]
        address = "&".join(part for part in parts if part)
        if last is None or _filters(address) != _filters(last):
            return address


def _filters(address: str) -> list[tuple[str, str]]:
    return sorted(pair for pair in parse_qsl(address) if pair[0] != "sort")


async def _one(client: Attacker, query: str, address: str) -> dict[str, float]:
    """Send one event; return the milliseconds until its rows and its counts were there."""
    while not client.answers.empty():
        client.answers.get_nowait()
    event = {
        "name": query,
        "payload": {"address": address},
        "router_data": {"pathname": "/", "asPath": "/", "query": {}},
    }
    started = time.perf_counter()
    times: dict[str, float] = {}
    await client.client.emit("event", event, namespace=NAMESPACE)
    while "counts" not in times:
        update = await asyncio.wait_for(client.answers.get(), 20)
        changed = {key.removesuffix("_rx_state_") for part in _deltas(update) for key in part}
        for what, variable in (("rows", "view"), ("counts", "counts")):
            if variable in changed:
                times.setdefault(what, (time.perf_counter() - started) * 1000)
    return times


def _deltas(update: Any) -> list[dict[str, Any]]:
    return list((update.get("delta") or {}).values())


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
    lists, kinds = sys.argv[1:2] or ["companies", "leads"], sys.argv[2:3] or ["sqlite", "postgresql"]
    size = int(sys.argv[3]) if len(sys.argv) > 3 else 100_000
    sys.exit(max([main(one, kind, size) for one in lists for kind in kinds]))
