"""What the board of a pipeline shows, as one JSON text for its component."""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from app import routes
from app.text import count, money, say
from db.access.rules import Actor, may
from db.crm.opportunities.board.queries import Board, BoardColumn, Card

NO_STEP = "sans prochaine étape"


def board_json(found: Board, actor: Actor, today: date, round_: int) -> str:
    """Return columns with their cards, and where a card may go."""
    language = actor.language
    columns = [_column(one, language, today) for one in found.columns]
    shown = {
        "round": round_,  # a card that did not move after all goes back where it was
        "columns": columns,
        "stages": [
            [str(stage.stage_id), stage.name if one.pipeline_id == found.pipeline_id else f"{one.name} › {stage.name}"]
            for one in found.pipelines
            for stage in one.stages
        ],
        "may": may(actor, "crm.edit_leads"),
    }
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def totals_of(columns: Sequence[BoardColumn], language: str) -> str:
    """Return how many there are and what they add up to."""
    number = sum(one.count for one in columns)
    said = [count(number, "affaire", "affaires", language)]
    amounts = [one.amount for one in columns if one.amount is not None]
    if amounts:
        said.append(f"CHF {money(sum(amounts, Decimal(0)))}")
        worth = sum((one.weighted for one in columns if one.weighted is not None), Decimal(0))
        said.append(say(language, "pondéré CHF {amount}", amount=money(worth)))
    return " · ".join(said)


def _column(one: BoardColumn, language: str, today: date) -> dict[str, Any]:
    stage = one.stage
    more = one.count - len(one.cards)
    return {
        "id": str(stage.stage_id) if stage else "",
        "name": stage.name if stage else say(language, "À placer"),
        "chance": f"{stage.chance} %" if stage else "",
        "count": str(one.count),
        "amount": money(one.amount) if one.amount else "",
        "weighted": money(one.weighted) if one.weighted else "",
        "more": say(language, "et {count} autres", count=more) if more > 0 else "",
        "cards": [_card(card, language, today) for card in one.cards],
    }


def _card(card: Card, language: str, today: date) -> dict[str, Any]:
    due = card.next_step_date
    return {
        "id": str(card.opportunity_id),
        "href": routes.opportunity(card.opportunity_id),
        "name": card.name,
        "party": card.party_name,
        "owner": card.owner_name,
        "amount": "" if card.amount is None else money(card.amount),
        "step": _step(card, language),
        "noStep": card.lacks_step,
        "when": _when(due, language, today),
        "late": due is not None and due < today,
        "close": say(language, "signature {day}", day=f"{card.expected_close:%d.%m}") if card.expected_close else "",
        "here": say(language, "{days} j", days=card.days_here),
        "old": card.is_old,
    }


def _step(card: Card, language: str) -> str:
    if not card.lacks_step:
        return card.next_step
    return say(language, "{step}, sans date", step=card.next_step) if card.next_step else say(language, NO_STEP)


def _when(due: date | None, language: str, today: date) -> str:
    if due is None:
        return ""
    if due < today:
        return say(language, "{days} j", days=(today - due).days)
    return say(language, "auj.") if due == today else f"{due:%d.%m}"
