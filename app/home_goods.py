"""What one's day holds about goods: counts to go on with or to approve, planned moves that are due, what runs low."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from app import routes
from app.doors import ask
from app.home_view import NOTHING_AT_STAKE
from app.text import count, say
from db.access.rules import Actor, may
from db.catalog.items.listing.queries import count_low
from db.stock.counts.queries import CountFacts, counts_to_approve, open_counts
from db.stock.moves.queries import count_due

LOW = f"{routes.ITEMS}?{urlencode([('state', 'active'), ('stock', 'low'), ('stock', 'negative')])}"
MOST = 3


def goods_decisions(actor: Actor, at: datetime) -> list[dict[str, Any]]:
    """Return what waits for the person about goods; only what she may do."""
    found = []
    if may(actor, "stock.approve_count"):
        found += [_to_approve(one, actor.language) for one in ask(actor, counts_to_approve)[:MOST]]
    if may(actor, "stock.count") and not may(actor, "stock.approve_count"):
        found += [_to_count(one, actor.language) for one in ask(actor, open_counts)[:MOST]]
    if may(actor, "stock.move"):
        due, low = ask(actor, count_due, at=at), ask(actor, count_low)
        found += [_due(due, actor.language)] if due else []
        found += [_low(low, actor.language)] if low else []
    return found


def _to_approve(one: CountFacts, language: str) -> dict[str, Any]:
    why = say(language, "{counted} articles comptés sur {lines}", counted=one.counted, lines=one.lines)
    title = say(language, "Approuver « {name} »", name=one.name)
    return _decision(
        f"count:{one.count_id}", routes.stock_count(one.count_id), title, why, say(language, "Voir les écarts")
    )


def _to_count(one: CountFacts, language: str) -> dict[str, Any]:
    why = say(language, "{counted} articles comptés sur {lines}", counted=one.counted, lines=one.lines)
    title = say(language, "Compter « {name} »", name=one.name)
    return _decision(f"count:{one.count_id}", routes.counting(one.count_id), title, why, say(language, "Compter"))


def _due(number: int, language: str) -> dict[str, Any]:
    title = count(number, "mouvement prévu est dû", "mouvements prévus sont dus", language)
    why = say(language, "Une livraison attendue se confirme à son arrivée, ou s’annule.")
    return _decision("moves:due", f"{routes.MOVES}?state=planned", title, why, say(language, "Voir les mouvements"))


def _low(number: int, language: str) -> dict[str, Any]:
    title = count(number, "article est sous son minimum", "articles sont sous leur minimum", language)
    why = say(language, "Commander, ou corriger le minimum.")
    return _decision("items:low", LOW, title, why, say(language, "Voir les articles"))


def _decision(key: str, href: str, title: str, why: str, does: str) -> dict[str, Any]:
    return {**NOTHING_AT_STAKE, "id": key, "href": href, "title": title, "why": why, "do": does}
