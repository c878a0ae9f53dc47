"""What a screen says about a score: version and date, hit rate so far, and why there may be none."""

from collections.abc import Sequence
from uuid import UUID

from app.doors import ask, do
from app.text import day, percent, say
from db.access.rules import Actor, may
from db.crm.leads.rules import KIND, SCORE
from db.insights.predictions.actions import record_acted, record_shown
from db.insights.predictions.queries import hit_rates, live_version
from db.insights.predictions.rules import HitRate

SEE = "insights.see_predictions"
FEW_CASES = 5  # below, a hit rate says nothing


def note_shown(actor: Actor, lead_id: UUID) -> None:
    """Log that a person saw the score of a lead, for those who may see scores."""
    if may(actor, SEE):
        do(actor, record_shown, model=SCORE, subject_kind=KIND, subject_ids=[lead_id])


def note_acted(actor: Actor, lead_ids: Sequence[UUID]) -> None:
    """Log that a person acted on leads whose scores were shown."""
    if may(actor, SEE) and lead_ids:
        do(actor, record_acted, model=SCORE, subject_kind=KIND, subject_ids=list(lead_ids))


def score_stamp(actor: Actor) -> str:
    """Return which version speaks in the list; without a live one, that the segment's rate is shown."""
    if not may(actor, "insights.read_models"):
        return ""
    return version_stamp(actor) or say(actor.language, "Aucun modèle en service : taux du segment.")


def version_stamp(actor: Actor) -> str:
    """Return version and date of the model in service; nothing when there is none, or the actor may not know."""
    live = ask(actor, live_version, model=SCORE) if may(actor, "insights.read_models") else None
    if live is None:
        return ""
    return say(
        actor.language,
        "Signature v{version} du {day}",
        version=live.version,
        day=day(live.live_at or live.handed_in_at),
    )


def measured_hit_rate(actor: Actor, probability: float) -> tuple[str, bool]:
    """Return how often such a score was right so far, and whether what was announced lay outside what happened."""
    if not may(actor, "insights.read_models"):
        return "", False
    rates: Sequence[HitRate] = ask(actor, hit_rates, model=SCORE)
    found = [rate for rate in rates if rate.band_from <= probability < rate.band_to]
    if not found or found[0].cases < FEW_CASES:
        return say(actor.language, "Pas encore assez de pistes closes à ce niveau pour dire si c’était juste."), False
    rate = found[0]
    band = f"{round(rate.band_from * 100)}–{percent(rate.band_to)}"
    sentence = say(
        actor.language,
        "Quand nous disions {band}, {won} sur {cases} ont signé ({low}–{high}).",
        band=band,
        won=rate.won,
        cases=rate.cases,
        low=round(rate.low * 100),
        high=percent(rate.high),
    )
    return sentence, not rate.kept
