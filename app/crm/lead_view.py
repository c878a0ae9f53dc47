"""What the page of a lead shows, as plain texts in the reader's language."""

from collections.abc import Sequence
from typing import Any

from app.crm.columns import state_label
from app.crm.score import measured_hit_rate, version_stamp
from app.custom_words import entry_words
from app.reason_words import reason_text
from app.text import MINUS, day, money, percent, say
from db.access.rules import Actor
from db.crm.leads.queries import LeadDetail, Score
from db.crm.leads.rules import CLOSED_STATES, LeadState
from db.kernel.phones import phone_link, shown_phone

TONES = {LeadState.CONVERTED: "grn", LeadState.LOST: "red"}
MOST_REASONS = 3  # for, and as many against
HALF_WIDTH = 31  # pixels of a reason's bar at its largest
MODEL_RUNG, SEGMENT_RUNG = "model", "segment"


def lead_facts(lead: LeadDetail, language: str) -> dict[str, str]:
    """Return the main facts of a lead in words."""
    street = " ".join(text for text in (lead.street, lead.house_number) if text)
    place = " ".join(text for text in (lead.postal_code, lead.city) if text)
    return {
        "id": str(lead.lead_id),
        "name": lead.name,
        "company": lead.company_name,
        "person": lead.person_name,
        "email": lead.email,
        "phone": shown_phone(lead.phone),
        "phone_link": phone_link(lead.phone),
        "address": ", ".join(text for text in (street, place, lead.canton) if text),
        "source": lead.source,
        "state": lead.state.value,
        "state_label": state_label(lead.state, language),
        "tone": TONES.get(lead.state, "ac"),
        "owner": lead.owner_name or say(language, "personne"),
        "amount": "" if lead.expected_amount is None else money(lead.expected_amount),
        "received": day(lead.received_at),
        "closed": day(lead.closed_at) if lead.closed_at else "",
        "lost_reason": lead.lost_reason,
        "next_step": lead.next_step,
        "next_day": day(lead.next_step_date) if lead.next_step_date else "",
        "is_open": "" if lead.state in CLOSED_STATES else "yes",
        "is_lost": "yes" if lead.state is LeadState.LOST else "",
        "became": "yes" if lead.opportunity_id else "",
    }


def custom_facts(lead: LeadDetail, language: str) -> list[dict[str, str]]:
    """Return the custom fields that have a value, in words."""
    return [{"label": label, "text": text} for label, text in entry_words(lead.custom, language)]


def score_view(score: Score | None, actor: Actor) -> dict[str, Any]:
    """Return the panel of a score: value, interval, how often it was right, and what it rests on."""
    language = actor.language
    if score is None:
        return {
            "p": None,
            "low": None,
            "high": None,
            "hollow": False,
            "value": "—",
            "interval": "",
            "right": "",
            "rests": "",
            "stamp": "",
        }
    sentence, hollow = measured_hit_rate(actor, score.probability)
    return {
        "p": score.probability,
        "low": score.low,
        "high": score.high,
        "hollow": hollow,
        "value": percent(score.probability),
        "interval": say(language, "de {low} à {high}", low=round(score.low * 100), high=percent(score.high)),
        "right": sentence,
        "rests": _rests_on(score, language),
        "stamp": _stamp(score, actor),
    }


def _rests_on(score: Score, language: str) -> str:
    figures = {"won": score.n_similar_won, "n": score.n_similar}
    if score.rung == MODEL_RUNG:
        return say(language, "{won} pistes semblables sur {n} ont signé.", **figures)
    if score.rung == SEGMENT_RUNG:
        return say(language, "Trop peu de pistes closes pour un modèle : taux du segment, {won} sur {n}.", **figures)
    return say(language, "Presque aucune piste close ({n}) : une prudente sur quatre, faute de mieux.", **figures)


def _stamp(score: Score, actor: Actor) -> str:
    if score.version is None:
        return say(actor.language, "Taux du segment, {day}", day=day(score.scored_at))
    version = version_stamp(actor) or f"v{score.version}"
    return say(actor.language, "{version}, calculée le {day}", version=version, day=day(score.scored_at))


def reasons_view(score: Score | None, language: str, most: int = MOST_REASONS) -> list[dict[str, str]]:
    """Return the reasons for and against as bars, in percentage points."""
    reasons = [] if score is None else _strongest(score.reasons, most)
    largest = max((abs(float(reason.get("points", 0))) for reason in reasons), default=1.0) or 1.0
    return [_reason(reason, largest, language) for reason in reasons]


def _strongest(reasons: Sequence[dict[str, Any]], each: int) -> list[dict[str, Any]]:
    """Return the strongest reasons for, then those against."""
    in_favor = [reason for reason in reasons if float(reason.get("points", 0)) >= 0]
    against = [reason for reason in reasons if float(reason.get("points", 0)) < 0]
    return [*in_favor[:each], *against[:each]]


def _reason(reason: dict[str, Any], largest: float, language: str) -> dict[str, str]:
    points = float(reason.get("points", 0))
    width = f"{max(2, round(abs(points) / largest * HALF_WIDTH))}px"
    shown = f"{abs(points):.0f}" if abs(points) >= 1 else "< 1"
    text, _, detail = reason_text(reason, language).partition(" – ")
    return {
        "text": text,
        "detail": detail,
        "points": ("+" if points >= 0 else MINUS) + shown,
        "width": width,
        "side": "for" if points >= 0 else "against",
    }
