"""The data of a notebook: a SQLite file with only what its analyst may read, made when she opens it.

`lead_fact` holds every lead as known at the cut-off (what models learn from, with a fingerprint); the other tables are
copies, personal values as pseudonyms, sensitive and secret columns left out. From SQLite and PostgreSQL alike.
"""

import hashlib
import hmac
import json
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from app.doors import now
from app.notebooks.places import Home
from app.notebooks.snapshot_facts import SnapshotFacts, write_snapshot_facts
from db.access.rules import Actor, check_may, may
from db.crm.leads.queries import lead_history
from db.crm.leads.rules import LeadFacts
from db.documents import store
from db.insights.proposals.queries import live_version
from db.insights.proposals.rules import ARTIFACT
from db.kernel.errors import BusinessError
from db.records.custom_fields.queries import custom_fields
from db.reporting.extracts.queries import Extract, extracts, readable_fields
from db.session import data_folder, open_company, reading
from workspace.facts import answer_text, fingerprint
from workspace.lead_snapshot import ARTIFACT_FILE, RECIPE_FILE

FILE = "snapshot.sqlite"
MODEL = "lead_score"
CHUNK = 5000
FACT_TABLE = (
    "create table lead_fact (lead_id text primary key, received_at text, closed_at text, won integer, answers text)"
)


def take_snapshot(by: Actor, home: Home, *, at: datetime | None = None) -> SnapshotFacts:
    """Write the snapshot of an analyst anew, in place of the last one; return what it holds.

    Raises:
        NotAllowed: she may not open notebooks.
    """
    check_may(by, "workspace.open_notebook")
    half_done = home.snapshot / f".{FILE}.new"
    half_done.unlink(missing_ok=True)
    with reading() as session, sqlite3.connect(half_done) as target:
        target.execute("pragma journal_mode=off")
        target.execute("pragma synchronous=off")
        facts = _fill(session, target, by, at or now(), home)
    target.close()
    facts = replace(facts, bytes=half_done.stat().st_size)
    os.replace(half_done, home.snapshot / FILE)
    write_snapshot_facts(home, facts)
    return facts


def _fill(session: Session, target: sqlite3.Connection, by: Actor, at: datetime, home: Home) -> SnapshotFacts:
    leads, columns = _known_leads(session, by, at)
    _write_facts(target, leads, columns)
    tables, left_out = {}, {}
    for extract in extracts(session, key=_pseudonym_key(by), by=by):
        tables[extract.table] = _write_table(target, extract)
        left_out[extract.table] = list(extract.left_out)
    facts = SnapshotFacts(
        company=open_company(),
        analyst=str(by.user_id),
        cutoff_at=at.isoformat(),
        fingerprint=fingerprint(leads, columns=columns),
        leads=len(leads),
        columns=list(columns),
        tables=tables,
        left_out=left_out,
        live_version=_put_live_model(session, by, home),
    )
    target.execute("create table about (facts text)")
    target.execute("insert into about values (?)", [json.dumps(asdict(facts), ensure_ascii=False)])
    return facts


def _known_leads(session: Session, by: Actor, at: datetime) -> tuple[Sequence[LeadFacts], list[str]]:
    """Return every lead as known now and the answers that the actor may learn from."""
    if not may(by, "crm.read_leads"):
        return [], []
    leads = lead_history(session, as_of=at, by=by)
    added = {field.key for field in custom_fields(session, kind="lead")}
    kept = {field.key for field in readable_fields(session, kind="lead", by=by)}
    names = {name for lead in leads[:1] for name in lead.fields}
    return leads, sorted(name for name in names if name not in added or name in kept)


def _write_facts(target: sqlite3.Connection, leads: Sequence[LeadFacts], columns: Sequence[str]) -> None:
    target.execute(FACT_TABLE)
    target.executemany("insert into lead_fact values (?, ?, ?, ?, ?)", (_fact_row(lead, columns) for lead in leads))


def _fact_row(lead: LeadFacts, columns: Sequence[str]) -> tuple[Any, ...]:
    answers = {name: answer_text(lead.fields.get(name)) for name in columns}
    closed = lead.closed_at.isoformat() if lead.closed_at else None
    return (
        str(lead.lead_id),
        lead.received_at.isoformat(),
        closed,
        lead.won,
        json.dumps(answers, ensure_ascii=False),
    )


def _write_table(target: sqlite3.Connection, extract: Extract) -> int:
    """Copy the rows of one table; return how many."""
    names = ", ".join(f'"{name}"' for name in extract.columns)
    target.execute(f'create table "{extract.table}" ({names})')
    places = ", ".join("?" for _ in extract.columns)
    written = target.executemany(f'insert into "{extract.table}" values ({places})', extract.rows)
    return written.rowcount if extract.columns else 0


def _put_live_model(session: Session, by: Actor, home: Home) -> int | None:
    """Put the artifact and recipe of the version in use beside the snapshot; return its number, None without one."""
    for name in (ARTIFACT_FILE, RECIPE_FILE):
        (home.snapshot / name).unlink(missing_ok=True)
    live = live_version(session, model=MODEL) if may(by, "insights.read_models") else None
    if live is None:
        return None
    try:
        (home.snapshot / ARTIFACT_FILE).write_bytes(store.get(live.files[ARTIFACT]))
    except BusinessError:
        return None  # an altered artifact is named on the version's own page; the notebook does without
    recipe = {"version": live.version, "params": dict(live.params), "seed": live.seed, "columns": list(live.columns)}
    recipe["cutoff_at"] = live.cutoff_at.isoformat()
    (home.snapshot / RECIPE_FILE).write_text(json.dumps(recipe, ensure_ascii=False), encoding="utf-8")
    return live.version


def _pseudonym_key(by: Actor) -> bytes:
    """Return the analyst's own key: nobody can undo pseudonyms without it, nor join those of two analysts."""
    file = data_folder() / "notebooks" / "pseudonyms.key"
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
            opened.write(os.urandom(32))
    except FileExistsError:
        pass
    return hmac.new(file.read_bytes(), str(by.user_id).encode(), hashlib.sha256).digest()
