"""One's day as the screen shows it: calls, decisions, work and changes, in a person's language."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app import routes
from app.components.states import job_view
from app.crm.score import FEW_CASES
from app.doors import ask
from app.history_words import ACTIONS, word
from app.jobs.words import KINDS
from app.notifications.wording import message_line
from app.reason_words import reason_text
from app.records.kinds import address_of
from app.text import MONTHS, SWITZERLAND, count, instant, money, say
from db.access.rules import Actor
from db.crm.agenda.queries import Step
from db.crm.leads.calling.queries import Call
from db.crm.leads.trail.queries import OthersChange
from db.documents.imports.queries import ImportStatus
from db.insights.predictions.rules import HitRate
from db.insights.proposals.queries import VersionFacts
from db.jobs.queries import open_jobs_of
from db.kernel.phones import phone_link, shown_phone
from db.records.followers.queries import FollowedChange
from db.records.notifications.queries import MessageFacts

DAYS = ("Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi", "Dimanche")


def date_words(at: datetime, language: str) -> str:
    """Return the day as a heading: `Mardi 24 novembre`, `Dienstag, 24. November`."""
    local = at.astimezone(SWITZERLAND)
    weekday, month = say(language, DAYS[local.weekday()]), say(language, MONTHS[local.month - 1])
    return f"{weekday}, {local.day}. {month}" if language == "de" else f"{weekday} {local.day} {month}"


def call_view(call: Call, rates: Sequence[HitRate], language: str) -> dict[str, Any]:
    """Return a call as the screen shows it, with how often such a score was right so far."""
    hits = next((one for one in rates if one.band_from <= call.probability < one.band_to), None)
    is_known = hits is not None and hits.cases >= FEW_CASES
    return {
        "id": str(call.lead_id),
        "href": routes.lead(call.lead_id),
        "name": call.name,
        "company": "" if call.company_name in call.name else call.company_name,
        "phone": shown_phone(call.phone),
        "phone_link": phone_link(call.phone),
        "amount": money(call.expected_amount) if call.expected_amount is not None else "",
        "value": money(call.expected_value) if call.expected_value is not None else "",
        "p": call.probability,
        "low": call.low,
        "high": call.high,
        "hollow": bool(hits and is_known and not hits.kept),
        "hits": say(language, "{won} sur {cases} à ce niveau", won=hits.won, cases=hits.cases)
        if hits and is_known
        else "",
        "reason": reason_text(dict(call.reasons[0]), language) if call.reasons else "",
    }


def step_view(step: Step, on: date, language: str) -> dict[str, str]:
    """Return what has to be done as a line of one's day."""
    days = (on - step.due).days
    return {
        "id": f"{step.kind}:{step.record_id}",
        "kind": step.kind,
        "record": str(step.record_id),
        "href": address_of(step.kind, step.record_id),
        "when": count(days, "jour", "jours", language) if days > 0 else say(language, "auj."),
        "late": "yes" if days > 0 else "",
        "step": step.step,
        "text": step.step or say(language, "Prochaine étape"),
        "name": step.name,
        "about": "" if step.about in step.name else step.about,
        "phone": shown_phone(step.phone),
        "phone_link": phone_link(step.phone),
        "amount": f"{money(step.amount)} CHF" if step.amount is not None else "",
        "due": step.due.isoformat(),
        "version": str(step.row_version),
        "state": "",
        "told": "",
    }


def model_decision(version: VersionFacts, actor: Actor, at: datetime) -> dict[str, Any]:
    """Return a model's version that waits for a manager."""
    proposed = instant(version.proposed_at, at) if version.proposed_at else ""
    is_own = version.author_id == actor.user_id
    return {
        **NOTHING_AT_STAKE,
        "id": f"version:{version.id}",
        "href": routes.model_version(version.model, version.version),
        "title": say(actor.language, "Mettre en service la version {version} du modèle", version=version.version),
        "why": say(actor.language, "Proposée par {author}, {when}.", author=version.author_name, when=proposed),
        "note": say(actor.language, "Votre propre modèle : à une autre personne de décider.") if is_own else "",
        "do": say(actor.language, "Examiner"),
    }


def call_decision(call: Call, rates: Sequence[HitRate], stamp: str, on: date, language: str) -> dict[str, Any]:
    """Return a lead worth a call as a decision: what may be won, its interval, its reason, how often it held."""
    seen = call_view(call, rates, language)
    return {
        **NOTHING_AT_STAKE,
        **seen,
        "id": f"lead:{call.lead_id}",
        "record": str(call.lead_id),
        "amount": seen["value"],
        "unit": say(language, "CHF attendus") if seen["value"] else "",
        "title": say(language, "Appeler {name}", name=call.name),
        "why": seen["reason"] or say(language, "Pas de raison mesurée pour cette piste."),
        "stamp": stamp,
        "is_call": "yes",
        "do": say(language, "Ouvrir"),
        "stake": call.expected_value or Decimal(0),
        "urgency": _urgency(call.next_step_date, on),
    }


def import_decision(batch: ImportStatus, language: str) -> dict[str, Any]:
    """Return an import some rows of which were refused."""
    return {
        **NOTHING_AT_STAKE,
        "id": f"import:{batch.import_id}",
        "href": f"{routes.IMPORT_LEADS}?import={batch.import_id}",
        "title": say(language, "Reprendre les lignes refusées de « {file} »", file=batch.file_name),
        "why": say(
            language,
            "Refusé : {refused} ; importé : {created}.",
            refused=count(batch.refused, "ligne", "lignes", language),
            created=count(batch.created, "fiche", "fiches", language),
        ),
        "do": say(language, "Voir les lignes"),
    }


def jobs_decision(failed: int, language: str) -> dict[str, Any]:
    """Return the jobs that failed and that nobody has seen to."""
    return {
        **NOTHING_AT_STAKE,
        "id": "jobs:failed",
        "href": routes.JOBS,
        "title": count(failed, "travail a échoué", "travaux ont échoué", language),
        "why": say(language, "Recommencer ou classer chacun ; le journal dit ce qui manquait."),
        "do": say(language, "Voir les travaux"),
    }


NOTHING_AT_STAKE: dict[str, Any] = {
    "amount": "", "unit": "", "note": "", "stamp": "", "hits": "", "phone": "", "phone_link": "",
    "is_call": "", "record": "",
    "p": None, "low": None, "high": None, "hollow": False, "stake": Decimal(0), "urgency": Decimal(1),
}  # fmt: skip


def _urgency(due: date | None, on: date) -> Decimal:
    """Return how much sooner a decision has to be taken: one step that is late counts double."""
    if due is None or due > on:
        return Decimal(1)
    return Decimal("1.5") if due == on else Decimal(2)


def in_order(decisions: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], Decimal]:
    """Return decisions by what is at stake times how urgent it is, and all that is at stake in CHF."""
    ordered = sorted(decisions, key=lambda one: one["stake"] * one["urgency"], reverse=True)
    total = sum((one["stake"] for one in decisions), Decimal(0))
    return [{name: value for name, value in one.items() if name not in ("stake", "urgency")} for one in ordered], total


def message_view(message: MessageFacts, language: str, at: datetime) -> dict[str, str]:
    """Return something that the person was told and has not read."""
    by_name = str(message.params.get("by_name", "") or message.params.get("who", ""))
    return {
        "id": str(message.id),
        "href": message.address or (address_of(message.kind, message.record_id) if message.record_id else ""),
        "initials": "".join(word[:1] for word in by_name.split()[:2]).upper(),
        "text": message_line(message, language),
        "when": instant(message.at, at),
    }


def followed_view(change: FollowedChange, title: str, language: str, at: datetime) -> dict[str, str]:
    """Return what somebody else did on a record that the person follows."""
    params = {name: str(value) for name, value in change.params.items()}
    return {
        "id": f"{change.kind}:{change.record_id}:{change.at.isoformat()}",
        "when": instant(change.at, at),
        "act": say(language, change.message_id, **params),
        "lead": title,
        "href": address_of(change.kind, change.record_id),
        "who": change.by_name,
    }


def change_view(change: OthersChange, language: str, at: datetime) -> dict[str, str]:
    """Return what somebody else did on one of my leads."""
    return {
        "id": f"lead:{change.lead_id}:{change.at.isoformat()}",
        "when": instant(change.at, at),
        "act": word(language, ACTIONS, change.action),
        "lead": change.lead_name,
        "href": routes.lead(change.lead_id),
        "who": change.actor_name,
    }


def summary_of(late: int, today: int, decisions: int, stake: Decimal, language: str) -> str:
    """Return the day in one line: `4 en retard, 7 aujourd’hui, 5 décisions pour 72'110.00 CHF en jeu`."""
    parts = [say(language, "{late} en retard", late=late)] if late else []
    parts += [say(language, "{today} aujourd’hui", today=today)] if today else []
    if decisions:
        told = count(decisions, "décision", "décisions", language)
        parts.append(say(language, "{told} pour {stake} CHF en jeu", told=told, stake=money(stake)) if stake else told)
    return ", ".join(parts)


def job_views(actor: Actor) -> list[dict[str, str]]:
    """Return the person's work that waits or runs."""
    return [
        {**job_view(job, actor.language), "name": say(actor.language, KINDS.get(job.kind, job.kind))}
        for job in ask(actor, open_jobs_of, asked_by=actor.user_id)
    ]
