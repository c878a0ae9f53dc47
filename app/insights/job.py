"""The long work on models: check what was handed in, put into service what was decided, keep the scores up to date."""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sklearn

from app.doors import ask, do, now
from app.insights.freezing import freeze
from app.worker import JobRun
from db.access.rules import Actor, system_actor
from db.crm.leads.calling.queries import count_open
from db.crm.leads.queries import lead_history, open_leads
from db.crm.leads.rules import LeadFacts
from db.documents import store
from db.insights.predictions.actions import (
    note_outcomes,
    put_in_service,
    record_predictions,
    rescored,
    want_full_rescore,
    want_rescore,
)
from db.insights.predictions.queries import count_predictions, run_to_restore, wanted_rescores
from db.insights.predictions.rules import Outcome, Scored
from db.insights.predictions.run_file import from_parquet
from db.insights.proposals.actions import Findings, expire_proposals, propose_version, refuse_draft
from db.insights.proposals.queries import VersionFacts, file_of, live_version, verified_file, version_by_id
from db.insights.proposals.rules import ARTIFACT, VersionState, check_library
from db.jobs.queries import Event
from db.jobs.rules import JobCancelled
from db.kernel.errors import BusinessError
from db.records.custom_fields.queries import custom_fields
from workspace.apart import run_apart
from workspace.publishing import Candidate, Material, check
from workspace.scoring import Report, score_leads, segment_rates

log = logging.getLogger("boussole.insights")
MODEL, LEAD = "lead_score", "lead"


def publish(run: JobRun) -> dict[str, Any]:
    """Check a version that was handed in and propose it, or refuse it with the sentence that says why."""
    system = system_actor()
    facts = ask(system, version_by_id, version_id=UUID(run.arguments["version_id"]))
    if facts.state is not VersionState.DRAFT:
        return {"version": facts.version, "state": facts.state.value}
    try:
        found = run_apart(check, _material(system, facts), run.progress)
    except JobCancelled:
        raise
    except BusinessError as refusal:
        do(system, refuse_draft, version_id=facts.id, problem=refusal.sentence)
        return {"version": facts.version, "state": "refused", "problem": str(refusal)}
    frozen, problem = freeze(facts)
    do(system, propose_version, version_id=facts.id, findings=_findings(system, facts, found, frozen, problem))
    return {"version": facts.version, "state": "proposed"}


def _material(system: Actor, facts: VersionFacts) -> Material:
    check_library(facts.packages, running=sklearn.__version__)
    live = ask(system, live_version, model=facts.model)
    return Material(
        new=_candidate(facts),
        live=_candidate(live) if live else None,
        claimed_fingerprint=facts.data_fingerprint,
        history=ask(system, lead_history, as_of=facts.cutoff_at),
        open_now=ask(system, open_leads, as_of=now()),
        labels=_labels(system),
    )


def _candidate(facts: VersionFacts) -> Candidate:
    return Candidate(
        version=facts.version,
        artifact=file_of(facts, ARTIFACT),
        params=facts.params,
        columns=tuple(facts.columns),
        seed=facts.seed,
        cutoff_at=facts.cutoff_at,
    )


def _findings(
    system: Actor, facts: VersionFacts, found: Mapping[str, Any], frozen: str | None, problem: str | None
) -> Findings:
    live = ask(system, live_version, model=facts.model)
    return Findings(
        measured=found["measured"],
        live_measured=found["live"]["measured"] if found["live"] else None,
        live_version_id=live.id if live else None,
        baselines=found["baselines"],
        same_data=found["same_data"],
        data_fingerprint=found["data_fingerprint"],
        report_sha256=store.put(json.dumps(found, ensure_ascii=False, sort_keys=True).encode()),
        frozen_sha256=frozen,
        frozen_problem=problem,
    )


def go_live(run: JobRun) -> dict[str, Any]:
    """Score every open lead with the version that a person decided on, then make both live at once."""
    system = system_actor()
    facts = ask(system, version_by_id, version_id=UUID(run.arguments["version_id"]))
    before = ask(system, live_version, model=facts.model)
    if before is not None and before.id == facts.id:
        return {"version": facts.version, "state": "live"}
    leads = ask(system, open_leads, as_of=now())
    try:
        rows = _restored(system, facts, leads, run.progress)
    except BusinessError as refusal:
        if facts.state is VersionState.APPROVED and not isinstance(refusal, JobCancelled):
            do(system, refuse_draft, version_id=facts.id, problem=refusal.sentence)
        raise
    run.progress(len(rows), len(rows), "Mise en service")
    logged = do(
        system,
        put_in_service,
        version_id=facts.id,
        rows=rows,
        expected_live=before.id if before else None,
        subject_kind=LEAD,
    )
    sync_outcomes(system)
    return {"version": facts.version, "state": "live", "scored": len(rows), "moved": logged}


def _restored(system: Actor, facts: VersionFacts, leads: Sequence[LeadFacts], report: Report) -> list[Scored]:
    """Return the scores that the version gave when it was live, and new ones for the leads that came since."""
    kept: dict[UUID, Scored] = {}
    sha256 = ask(system, run_to_restore, version_id=facts.id) if facts.state is VersionState.RETIRED else None
    if sha256 is not None:
        kept = {row.subject_id: row for row in from_parquet(verified_file("scores.parquet", sha256))}
    newer = [lead for lead in leads if lead.lead_id not in kept]
    still_open = [kept[lead.lead_id] for lead in leads if lead.lead_id in kept]
    return still_open + _scores(facts, newer, report)


def _scores(facts: VersionFacts, leads: Sequence[LeadFacts], report: Report) -> list[Scored]:
    check_library(facts.packages, running=sklearn.__version__)
    artifact = file_of(facts, ARTIFACT)
    return score_leads(artifact, leads, columns=tuple(facts.columns), labels=_labels(system_actor()), report=report)


def _labels(by: Actor) -> dict[str, str]:
    return {field.key: field.label for field in ask(by, custom_fields, kind=LEAD)}


def rescore_changed(run: JobRun) -> dict[str, Any]:
    """Score again the leads whose facts changed; show nothing any more of those that closed."""
    system = system_actor()
    wanted = ask(system, wanted_rescores, model=MODEL)
    if not wanted:
        return {"scored": 0}
    ids = [subject for subject, _ in wanted]
    leads = _open_among(system, ids)
    is_open = {lead.lead_id for lead in leads}
    scored = _show(system, leads, gone=[subject for subject in ids if subject not in is_open], report=run.progress)
    opened = [Outcome(subject, None, None) for subject in is_open]
    do(system, note_outcomes, subject_kind=LEAD, outcomes=opened)
    do(system, rescored, model=MODEL, subject_kind=LEAD, until=max(at for _, at in wanted))
    return {"scored": scored}


def _open_among(system: Actor, ids: Sequence[UUID]) -> list[LeadFacts]:
    return [
        lead
        for start in range(0, len(ids), 500)
        for lead in ask(system, open_leads, as_of=now(), lead_ids=ids[start : start + 500])
    ]


def rescore_all(run: JobRun) -> dict[str, Any]:
    """Score every open lead again with what is live; show nothing any more of those that closed or were removed."""
    system = system_actor()
    sync_outcomes(system)
    leads = ask(system, open_leads, as_of=now())
    return {"scored": _show(system, leads, gone=None, report=run.progress)}


def _show(system: Actor, leads: Sequence[LeadFacts], *, gone: Sequence[UUID] | None, report: Report) -> int:
    live = ask(system, live_version, model=MODEL)
    if live is None:
        history = ask(system, lead_history, as_of=now()) if leads else []
        rows = segment_rates(history, leads, labels=_labels(system)) if leads else []
    else:
        rows = _scores(live, leads, report)
    do(
        system,
        record_predictions,
        model=MODEL,
        version_id=live.id if live else None,
        rows=rows,
        gone=gone,
        subject_kind=LEAD,
    )
    return len(rows)


def sync_outcomes(by: Actor) -> None:
    """Bring what became of the leads up to date for the hit rates; those open again or removed have no outcome."""
    outcomes = [
        Outcome(lead.lead_id, lead.won, lead.closed_at)
        for lead in ask(by, lead_history, as_of=now())
        if lead.won is not None
    ]
    do(by, note_outcomes, subject_kind=LEAD, outcomes=outcomes, are_all=True)


def on_lead_changed(event: Event, by: Actor) -> None:
    """Have a lead scored again that is new, was changed or is open again."""
    if event.subject is not None:
        do(by, want_rescore, model=MODEL, subject_kind=LEAD, subject_ids=[event.subject])


def on_lead_closed(event: Event, by: Actor) -> None:
    """Keep what became of a lead, and show no chance of it any more."""
    if event.subject is None:
        return
    outcome = Outcome(event.subject, bool(event.facts.get("won")), event.at)
    do(by, note_outcomes, subject_kind=LEAD, outcomes=[outcome])
    on_lead_changed(event, by)


def on_leads_changed_in_bulk(event: Event, by: Actor) -> None:
    """Have everything scored again after an import or its undoing; one job that waits serves all its portions."""
    do(by, want_full_rescore, model=MODEL, because=str(event.id))


def expire(by: Actor) -> None:
    """Close the proposals that nobody decided in time."""
    do(by, expire_proposals)


def catch_up(by: Actor) -> None:
    """Have those leads scored whose change was missed: noted while a job was being taken, or come in bulk."""
    wanted = ask(by, wanted_rescores, model=MODEL)
    if wanted:
        do(by, want_rescore, model=MODEL, subject_kind=LEAD, subject_ids=[subject for subject, _ in wanted])
        return
    are_open, are_shown = ask(by, count_open), ask(by, count_predictions, model=MODEL)
    if are_open != are_shown:
        do(by, want_full_rescore, model=MODEL, because=f"{are_open}/{are_shown}")
