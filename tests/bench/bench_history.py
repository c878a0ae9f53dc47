"""What history costs when somebody writes, on both databases: `python -m tests.bench.bench_history`.

Each piece of work is done with its history and with the history left out (no deed, no changes, no values), in turn, on
the same database; the figure is the ratio of the medians. Prints one JSON line per database and piece of work; exits 1
when a ratio passes 1.5.
"""

import itertools
import json
import os
import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest import mock
from uuid import UUID

from sqlmodel import Session, col, select

from app.doors import ask, do
from db.access import bulk, gate, history
from db.access.bulk import insert_rows, update_rows
from db.access.rules import Actor, system_actor
from db.access.tables import Deed
from db.crm.leads.actions import create_lead, edit_lead
from db.crm.leads.queries import lead_detail
from db.crm.leads.tables import Lead
from db.parties.tables import Party
from db.session import transaction
from tests.bench.bench_import import postgresql, sqlite
from tests.bench.databases import clock
from tests.db.crm.leads.make import make_draft

ROWS, ROUNDS, EDITS = 1_000, 7, 50
LIMIT = 1.5
AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
BY = system_actor("cli")
LEAD = {"name": "Garde-corps", "company_name": "Bornand SA", "city": "Vevey", "received_at": AT, "custom": {"ref": 7}}
PARTY = {"kind": "company", "name": "Bornand SA", "city": "Vevey"}
NUMBERS = itertools.count(1_000_000)


@contextmanager
def without_history() -> Iterator[None]:
    """Write records only: no deed in the database, no change computed or written."""

    def plain(session: Session, _: str, action: Callable[..., Any], arguments: dict[str, Any], __: str) -> Any:
        session.info["deed"] = Deed(at=arguments["at"], action="", actor_name="", via="cli")
        try:
            result = action(session, **arguments)
            session.flush()
        finally:
            session.info.pop("deed", None)
            session.info.pop("changes", None)
        return result

    def nothing(*_: Any, **__: Any) -> None:
        return None

    with (
        mock.patch.object(gate, "_under_a_deed", plain),
        mock.patch.object(history, "_values", nothing),
        mock.patch.object(history, "note_changes", nothing),
        mock.patch.object(bulk, "note_changes", nothing),
        mock.patch.object(bulk, "note_creations", nothing),
    ):
        yield


@contextmanager
def with_history() -> Iterator[None]:
    """Write as always."""
    yield


@gate.gate("crm.edit_leads")
def put_in(session: Session, *, kind: Any, values: dict[str, Any], by: Actor, at: datetime) -> list[UUID]:
    """Insert a thousand rows."""
    return insert_rows(session, kind, [{**values, "search_number": next(NUMBERS)} for _ in range(ROWS)])


@gate.gate("crm.edit_leads")
def change(session: Session, *, kind: Any, ids: list[UUID], name: str, by: Actor, at: datetime) -> int:
    """Change one field of a thousand rows, which are read first as every action does."""
    found = session.exec(select(kind).where(col(kind.id).in_(ids))).all()
    return update_rows(session, kind, [(record, {"name": name}) for record in found])


def edits(ids: list[UUID], turn: int) -> None:
    """Change the name and the town of leads one by one, as the form of a lead does."""
    for number, lead_id in enumerate(ids):
        version = ask(BY, lead_detail, lead_id=lead_id, by=BY).row_version
        values = {"name": f"Objet {turn}-{number}", "city": "Nyon"}
        do(BY, edit_lead, lead_id=lead_id, values=values, expected_version=version, at=AT)


def ratio(work: Callable[[int], None], rounds: int) -> dict[str, float]:
    """Return the medians of both ways, in milliseconds of the process and its waiting, and their ratio."""
    seconds: dict[str, list[float]] = {"with": [], "without": []}
    for turn in range(rounds):
        for name, way in (("with", with_history), ("without", without_history)):
            with way():
                began = clock()
                work(2 * turn + (name == "with"))
                seconds[name].append(clock() - began)
    middle = {name: statistics.median(values) * 1000 for name, values in seconds.items()}
    found = {f"{name}_ms": round(value, 2) for name, value in middle.items()}
    return found | {"ratio": round(middle["with"] / middle["without"], 2)}


def measure() -> Iterator[tuple[str, dict[str, float]]]:
    """Give each piece of work with its figures."""
    leads = [do(BY, create_lead, draft=make_draft(name=f"Objet {n}"), at=AT) for n in range(EDITS)]
    each = ratio(lambda turn: edits(leads, turn), 5)
    yield "one edit of a lead", {key: round(n / (1 if key == "ratio" else EDITS), 2) for key, n in each.items()}
    for kind, values in ((Lead, LEAD), (Party, PARTY)):
        table = kind.__tablename__
        yield f"{ROWS} new rows of {table}", ratio(lambda _: put(kind, values), ROUNDS)  # noqa: B023 - used at once
        ids = put(kind, values)
        work = lambda turn: do(BY, change, kind=kind, ids=ids, name=f"N {turn}", at=AT)  # noqa: B023, E731
        yield f"{ROWS} changed rows of {table}", ratio(work, ROUNDS)


def put(kind: Any, values: dict[str, Any]) -> list[UUID]:
    """Insert rows in a transaction of its own."""
    with transaction() as session:
        return put_in(session, kind=kind, values=values, by=BY, at=AT)  # type: ignore[no-any-return]


def main() -> int:
    """Print the figures; return 1 when a limit is passed."""
    worst = 0.0
    for database in (sqlite, postgresql):
        with database():
            for work, found in measure():
                line = {"database": database.__name__, "work": work, **found, "load": round(os.getloadavg()[0], 1)}
                print(json.dumps(line), flush=True)
                worst = max(worst, found["ratio"])
    return 0 if worst < LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
