"""The invented firm's first model: handed in, checked, approved and put into service in the story's past.

From then on the open leads are scored twice a month, so that the
demonstration can say how often such scores were right.
Everything goes through the actions and the functions that the product itself uses; only the clock is the story's.
"""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from app.demo.play import FIELDS, Player
from app.doors import ask, do
from db.access.rules import Actor, Role, system_actor
from db.crm.leads.queries import lead_history, open_leads
from db.documents import store
from db.insights.approvals.actions import approve
from db.insights.predictions.actions import note_outcomes, put_in_service, record_predictions, rescored
from db.insights.predictions.rules import Outcome, Scored
from db.insights.proposals.actions import Findings, hand_in, propose_version
from db.insights.proposals.queries import VersionFacts, file_of, version_by_id
from db.insights.proposals.rules import ARTIFACT
from workspace import publishing
from workspace.facts import fingerprint, lead_table
from workspace.handing_in import Version, prepare
from workspace.lead_snapshot import LeadSnapshot
from workspace.models.lead_score import recipe
from workspace.models.lead_score.estimator import Knobs
from workspace.models.lead_score.trial import try_recipe
from workspace.scoring import score_leads

MODEL, LEAD = "lead_score", "lead"
AUTHOR, MANAGER = "Yasmin Haddad", "Claire Rochat"
SEED = 1
LABELS = {key: label for key, label, _ in FIELDS}
NOTE = "Première version : origine, secteur, besoin, budget et délai."
REASON = "Mieux que le taux moyen et que le Bayes naïf sur les derniers mois, bien calibrée."
NOTEBOOK = Path(__file__).resolve().parents[2] / "workspace" / "notebooks" / "lead_scoring.py"


def first_version(player: Player, *, at: datetime) -> UUID:
    """Let the analyst hand in a version at this instant and the manager approve it a day later; return its id."""
    author = player.actor(AUTHOR, Role.ANALYST)
    made = _made(author, at)
    receipt = do(
        author,
        hand_in,
        at=at,
        model=MODEL,
        manifest=made.manifest,
        artifact=made.artifact,
        notebook=made.notebook,
        note=NOTE,
    )
    facts = ask(system_actor(), version_by_id, version_id=receipt.version_id)
    do(system_actor(), propose_version, at=at + timedelta(minutes=2), version_id=facts.id, findings=_findings(facts))
    decided = at + timedelta(days=1)
    manager = _with_code(player.actor(MANAGER, Role.MANAGER), decided)
    proposed = ask(system_actor(), version_by_id, version_id=facts.id)
    do(
        manager,
        approve,
        at=decided,
        version_id=facts.id,
        reason=REASON,
        expected_version=proposed.row_version,
    )
    rows = _scores(facts, decided)
    do(
        system_actor(),
        put_in_service,
        at=decided + timedelta(minutes=1),
        version_id=facts.id,
        rows=rows,
        expected_live=None,
        subject_kind=LEAD,
    )
    return facts.id


def score_again(version_id: UUID, *, at: datetime) -> None:
    """Show what the live version says of the leads open at this instant, and keep what became of the others."""
    system = system_actor()
    facts = ask(system, version_by_id, version_id=version_id)
    history = ask(system, lead_history, as_of=at)
    closed = [lead for lead in history if lead.won is not None]
    do(
        system,
        record_predictions,
        at=at,
        model=MODEL,
        version_id=version_id,
        rows=_scores(facts, at),
        gone=[lead.lead_id for lead in closed],
        subject_kind=LEAD,
    )
    outcomes = [Outcome(lead.lead_id, lead.won, lead.closed_at) for lead in closed]
    do(system, note_outcomes, at=at, subject_kind=LEAD, outcomes=outcomes)
    do(system, rescored, at=at, model=MODEL, subject_kind=LEAD, until=at)


def _made(author: Actor, at: datetime) -> Version:
    """Return what the notebook would hand in with its knobs as they stand at first."""
    leads = ask(author, lead_history, as_of=at)
    table = lead_table(leads)
    columns = [str(name) for name in table.answers.columns]
    snapshot = LeadSnapshot(at, fingerprint(leads, columns=columns), table, None)
    params = recipe.params_of(Knobs())
    trial = try_recipe(snapshot.closed, params=params, seed=SEED, live=None)
    won = snapshot.closed.outcomes["won"].to_numpy(dtype=bool)
    fitted = recipe.fit(snapshot.closed.answers, won, params=params, seed=SEED)
    return prepare(snapshot, fitted, params=params, claims=trial.claims(), notebook=NOTEBOOK.read_bytes())


def _findings(facts: VersionFacts) -> Findings:
    """Recompute the figures as the worker does before it proposes a version."""
    candidate = publishing.Candidate(
        version=facts.version,
        artifact=file_of(facts, ARTIFACT),
        params=facts.params,
        columns=tuple(facts.columns),
        seed=facts.seed,
        cutoff_at=facts.cutoff_at,
    )
    system = system_actor()
    material = publishing.Material(
        new=candidate,
        live=None,
        claimed_fingerprint=facts.data_fingerprint,
        history=ask(system, lead_history, as_of=facts.cutoff_at),
        open_now=ask(system, open_leads, as_of=facts.cutoff_at),
        labels=LABELS,
    )
    found = publishing.check(material, lambda *_: None)
    return Findings(
        measured=found["measured"],
        live_measured=None,
        live_version_id=None,
        baselines=found["baselines"],
        same_data=found["same_data"],
        data_fingerprint=found["data_fingerprint"],
        report_sha256=store.put(json.dumps(found, ensure_ascii=False, sort_keys=True).encode()),
        frozen_sha256=None,
        frozen_problem="La première version de la démonstration n’a pas de carnet figé ; la suivante en aura un.",
    )


def _scores(facts: VersionFacts, at: datetime) -> list[Scored]:
    leads = ask(system_actor(), open_leads, as_of=at)
    artifact, columns = file_of(facts, ARTIFACT), tuple(facts.columns)
    return score_leads(artifact, leads, columns=columns, labels=LABELS, report=lambda *_: None)


def _with_code(by: Actor, at: datetime) -> Actor:
    return replace(by, fresh_until=at + timedelta(minutes=10))
