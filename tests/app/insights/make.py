"""A company with a past to learn from, and real versions fitted on it."""

import random
import time
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.doors import ask, do
from app.worker import run_next_job, run_reactions
from db.access.rules import Actor, Role, system_actor
from db.crm.leads.intake.actions import add_leads
from db.crm.leads.queries import lead_history
from db.crm.leads.rules import LeadDraft, LeadState
from db.insights.approvals.actions import approve
from db.insights.proposals.actions import HandedIn, hand_in
from db.insights.proposals.queries import VersionFacts, version_by_id
from db.session import reading
from workspace.facts import LeadTable, fingerprint, lead_table
from workspace.manifest import manifest
from workspace.models.lead_score import artifact, recipe
from workspace.models.lead_score.estimator import Knobs

MODEL = "lead_score"
COLUMNS = ("canton", "expected_amount", "has_phone", "source")
SOURCES = {"Salon": 0.65, "Recommandation": 0.5, "Site": 0.2, "Annonce": 0.1}
NOTEBOOK = b"import marimo\napp = marimo.App()\n"


def past_and_present(by: Actor, at: datetime, *, closed: int = 240, still_open: int = 40, seed: int = 1) -> list[UUID]:
    """Import a past in which the source decides most, and some leads that are open now; return all ids."""
    chance = random.Random(seed)
    drafts = [_draft(chance, at - timedelta(days=400) + timedelta(days=i * 360 / closed), True) for i in range(closed)]
    drafts += [_draft(chance, at - timedelta(days=20, hours=i), False) for i in range(still_open)]
    ids: list[UUID] = do(by, add_leads, at=at, drafts=drafts, import_id=None)
    return ids


def _draft(chance: random.Random, received_at: datetime, is_closed: bool) -> LeadDraft:
    source = chance.choice(list(SOURCES))
    canton = chance.choice(["VD", "GE", "VS"])
    won = chance.random() < SOURCES[source] + (0.15 if canton == "VD" else 0)
    state = LeadState.NEW if not is_closed else LeadState.CONVERTED if won else LeadState.LOST
    return LeadDraft(
        name=f"Piste {chance.randrange(10**9)}",
        received_at=received_at,
        source=source,
        canton=canton,
        phone="021 555 01 01" if chance.random() < 0.5 else "",
        expected_amount=Decimal(chance.randrange(100, 9000)),
        state=state,
        closed_at=received_at + timedelta(days=chance.randrange(2, 20)) if is_closed else None,
    )


def hand_in_fitted(by: Actor, at: datetime, *, knobs: Knobs | None = None, **changes: Any) -> HandedIn:
    """Fit on the company's past as a notebook does and hand the version in; `changes` replace what is handed in."""
    history = ask(system_actor(), lead_history, as_of=at)
    table = lead_table(history, columns=COLUMNS)
    past = LeadTable(table.answers[table.is_closed], table.outcomes[table.is_closed])
    params = recipe.params_of(knobs or Knobs(boosted_trees=False))
    won = past.outcomes["won"].to_numpy(dtype=bool)
    content = changes.pop("artifact", None) or artifact.dump(recipe.fit(past.answers, won, params=params, seed=3))
    claims = manifest(
        cutoff_at=at,
        data_fingerprint=fingerprint(history, columns=COLUMNS),
        artifact=content,
        notebook=NOTEBOOK,
        params=params,
        columns=dict.fromkeys(COLUMNS, "choice"),
        claimed={"auc": 0.99},
        seed=3,
    )
    return do(
        by,
        hand_in,
        at=at,
        model=MODEL,
        manifest=claims | changes,
        artifact=content,
        notebook=NOTEBOOK,
        note="Source et canton",
    )


def facts_of(version_id: UUID) -> VersionFacts:
    """What the registry says of a version."""
    return ask(system_actor(), version_by_id, version_id=version_id)


def work() -> None:
    """Do what waits, as the worker does; what a server's own worker has taken meanwhile is waited for."""
    while run_reactions() or run_next_job() or _is_any_running():
        pass


def _is_any_running() -> bool:
    with reading() as session:
        is_any = session.execute(text("select 1 from job where state = 'running'")).first() is not None
    time.sleep(0.2 if is_any else 0)
    return is_any


def put_live(people: dict[Role, Actor], at: datetime, **changes: Any) -> UUID:
    """Hand in, check, approve and put a version into service."""
    version_id = hand_in_fitted(people[Role.ANALYST], at, **changes).version_id
    work()
    facts = facts_of(version_id)
    assert facts.state == "proposed", facts.problem
    do(
        people[Role.MANAGER],
        approve,
        at=at,
        version_id=version_id,
        reason="Mieux sur le même passé",
        expected_version=facts.row_version,
    )
    work()
    return version_id
