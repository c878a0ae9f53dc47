"""What one's day holds, read through the doors; each block asks only what the person may know."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from app.crm.score import score_stamp
from app.doors import ask
from app.home_goods import goods_decisions
from app.home_view import (
    call_decision,
    change_view,
    followed_view,
    import_decision,
    in_order,
    job_views,
    jobs_decision,
    message_view,
    model_decision,
    step_view,
    summary_of,
)
from app.text import SWITZERLAND, quantity, say
from db.access.rules import Actor, may
from db.crm.agenda.queries import Agenda, agenda
from db.crm.leads.calling.queries import leads_to_call
from db.crm.leads.rules import SCORE
from db.crm.leads.trail.queries import others_changes
from db.documents.imports.queries import recent_imports
from db.documents.imports.rules import ImportState
from db.insights.predictions.queries import hit_rates
from db.insights.proposals.queries import proposals_to_decide
from db.jobs.queries import count_failed
from db.records.followers.queries import changes_on_followed
from db.records.notifications.queries import messages
from db.records.notifications.rules import Topic
from db.records.search.queries import titles_of

READ_LEADS = "crm.read_leads"
RECENTLY = timedelta(days=14)
CALLS, MESSAGES, CHANGES, IMPORTS = 5, 8, 10, 5
NO_AGENDA = Agenda((), (), 0, 0)


@dataclass(frozen=True)
class Morning:
    """All blocks of the day, as the screen shows them."""

    summary: str
    late: list[dict[str, str]]
    today: list[dict[str, str]]
    late_count: str
    today_count: str
    decisions: list[dict[str, Any]]
    decision_count: str
    abstention: str
    messages: list[dict[str, str]]
    jobs: list[dict[str, str]]
    changes: list[dict[str, str]]
    shows_agenda: bool


def morning(actor: Actor, at: datetime) -> Morning:
    """Return a person's day at an instant."""
    on, language = at.astimezone(SWITZERLAND).date(), actor.language
    reads_leads = may(actor, READ_LEADS)
    due = ask(actor, agenda, on=on, by=actor) if reads_leads else NO_AGENDA
    calls, abstention = _calls(actor, at) if reads_leads else ([], "")
    decisions, stake = in_order(
        [*calls, *_models(actor, at), *goods_decisions(actor, at), *_imports(actor, at), *_failed_jobs(actor)]
    )
    return Morning(
        summary=summary_of(due.late_count, due.today_count, len(decisions), stake, language),
        late=[step_view(step, on, language) for step in due.late],
        today=[step_view(step, on, language) for step in due.today],
        late_count=_figure(due.late_count),
        today_count=_figure(due.today_count),
        decisions=decisions,
        decision_count=_figure(len(decisions)),
        abstention=abstention,
        messages=_messages(actor, at),
        jobs=job_views(actor),
        changes=_changes(actor, at),
        shows_agenda=reads_leads,
    )


def _figure(number: int) -> str:
    return quantity(Decimal(number)) if number else ""


def _calls(actor: Actor, at: datetime) -> tuple[list[dict[str, Any]], str]:
    """Return the leads worth a call, and in words why there are none or how many more there are."""
    rates = ask(actor, hit_rates, model=SCORE) if may(actor, "insights.read_models") else []
    stamp, on = score_stamp(actor), at.astimezone(SWITZERLAND).date()
    found = ask(actor, leads_to_call, by=actor, most=CALLS + 1)
    shown = [call_decision(call, rates, stamp, on, actor.language) for call in found[:CALLS]]
    if not found:
        return [], say(actor.language, "Aucune piste ouverte n’a de prévision : pas d’appel proposé.")
    more = say(actor.language, "Les autres pistes attendent dans leur liste.") if len(found) > CALLS else ""
    return shown, more


def _models(actor: Actor, at: datetime) -> list[dict[str, Any]]:
    if not may(actor, "insights.approve_model"):
        return []
    return [model_decision(version, actor, at) for version in ask(actor, proposals_to_decide)]


def _imports(actor: Actor, at: datetime) -> list[dict[str, Any]]:
    if not (may(actor, "crm.import_leads") and may(actor, "documents.read")):
        return []
    batches = ask(actor, recent_imports, kind="leads", by=actor, most=IMPORTS)
    waiting = [
        batch
        for batch in batches
        if batch.refused and batch.state is ImportState.DONE and batch.ended_at and batch.ended_at > at - RECENTLY
    ]
    return [import_decision(batch, actor.language) for batch in waiting]


def _failed_jobs(actor: Actor) -> list[dict[str, Any]]:
    failed = ask(actor, count_failed, by=actor) if may(actor, "jobs.manage_all") else 0
    return [jobs_decision(failed, actor.language)] if failed else []


def _messages(actor: Actor, at: datetime) -> list[dict[str, str]]:
    if not may(actor, messages.permission):
        return []
    told = [one for one in ask(actor, messages, by=actor) if not one.is_read and one.shown_from <= at]
    unread = [one for one in told if one.topic is not Topic.ALERT]  # those stand among the decisions already
    return [message_view(one, actor.language, at) for one in unread[:MESSAGES]]


def _changes(actor: Actor, at: datetime) -> list[dict[str, str]]:
    """Return what others did on what the person follows and on her leads, newest first, each once."""
    followed = ask(actor, changes_on_followed, by=actor, since=at - RECENTLY, most=CHANGES)
    titles = ask(actor, titles_of, places=[(one.kind, one.record_id) for one in followed], by=actor)
    told = [
        (one.at, followed_view(one, titles.get((one.kind, one.record_id), ""), actor.language, at)) for one in followed
    ]
    if may(actor, READ_LEADS):
        known = {(one.kind, one.record_id, one.at) for one in followed}
        own = ask(actor, others_changes, by=actor, most=CHANGES)
        told += [
            (one.at, change_view(one, actor.language, at)) for one in own if ("lead", one.lead_id, one.at) not in known
        ]
    return [view for _, view in sorted(told, key=lambda pair: pair[0], reverse=True)[:CHANGES]]
