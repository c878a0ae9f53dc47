"""One's day as the screen shows it: calls, decisions, work and changes, in a person's language."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app import routes
from app.components.states import job_view
from app.crm.columns import reason_text
from app.crm.score import FEW_CASES
from app.doors import ask
from app.history_words import ACTIONS, word
from app.text import SWITZERLAND, count, instant, money, say
from db.access.rules import Actor
from db.crm.leads.calling.queries import Call
from db.crm.leads.trail.queries import OthersChange
from db.insights.predictions.rules import HitRate
from db.insights.proposals.queries import VersionFacts
from db.jobs.queries import open_jobs_of

DAYS = ("Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi", "Dimanche")
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)

JOB_NAMES = {
    "access.mail_reset_link": "Envoi d’un lien de mot de passe",
    "insights.publish": "Contrôle d’un modèle remis",
    "insights.put_in_service": "Mise en service d’un modèle",
    "insights.rescore": "Recalcul des prévisions",
    "insights.rescore_changed": "Recalcul des prévisions",
    "documents.inspect_import": "Lecture d’un fichier",
    "documents.check_import": "Essai d’un import",
    "crm.import_leads": "Import de pistes",
    "crm.undo_import": "Annulation d’un import",
    "demo.generate": "Création de la démonstration",
}


def date_words(at: datetime, language: str) -> str:
    """Return the day as a heading: `Mardi 24 novembre`."""
    local = at.astimezone(SWITZERLAND)
    return f"{say(language, DAYS[local.weekday()])} {local.day} {say(language, MONTHS[local.month - 1])}"


def call_view(call: Call, rates: Sequence[HitRate], language: str) -> dict[str, Any]:
    """Return a call as the screen shows it, with how often such a score was right so far."""
    hits = next((one for one in rates if one.band_from <= call.probability < one.band_to), None)
    is_known = hits is not None and hits.cases >= FEW_CASES
    return {
        "id": str(call.lead_id),
        "href": routes.lead(call.lead_id),
        "name": call.name,
        "company": "" if call.company_name in call.name else call.company_name,
        "phone": call.phone,
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


def decision_view(version: VersionFacts, actor: Actor, at: datetime) -> dict[str, str]:
    """Return a proposal that waits for a manager."""
    proposed = instant(version.proposed_at, at) if version.proposed_at else ""
    return {
        "href": routes.model_version(version.model, version.version),
        "title": say(actor.language, "Mettre en service la version {version} du modèle", version=version.version),
        "why": say(actor.language, "Proposée par {author}, {when}.", author=version.author_name, when=proposed),
        "own": say(actor.language, "Votre propre modèle : à une autre personne de décider.")
        if version.author_id == actor.user_id
        else "",
    }


def change_view(change: OthersChange, language: str, at: datetime) -> dict[str, str]:
    """Return what somebody else did on one of my leads."""
    return {
        "when": instant(change.at, at),
        "act": word(language, ACTIONS, change.action),
        "lead": change.lead_name,
        "href": routes.lead(change.lead_id),
        "who": change.actor_name,
    }


def summary_of(calls: list[dict[str, Any]], decisions: list[dict[str, str]], language: str) -> str:
    parts = [count(len(calls), "appel proposé", "appels proposés", language)] if calls else []
    parts += [count(len(decisions), "décision en attente", "décisions en attente", language)] if decisions else []
    return ", ".join(parts)


def job_views(actor: Actor) -> list[dict[str, str]]:
    """Return the person's work that waits or runs."""
    return [
        {**job_view(job), "name": say(actor.language, JOB_NAMES.get(job.kind, job.kind))}
        for job in ask(actor, open_jobs_of, asked_by=actor.user_id)
    ]
