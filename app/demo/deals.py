"""What became of the invented firm's opportunities: signed, lost for a reason, or on their way through the stages."""

import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import Session

from app.demo.play import Player
from db.access.calendars.rules import SWISS_TIME
from db.access.rules import Actor, Role, system_actor
from db.crm.opportunities.actions import lose_opportunity, move_opportunity, win_opportunity
from db.crm.opportunities.board.queries import board
from db.crm.opportunities.queries import OpportunityFacts, opportunity_facts
from db.crm.pipelines.actions import begin_pipelines
from db.crm.pipelines.queries import pipelines
from db.crm.targets.actions import set_target
from db.crm.targets.rules import months_from
from db.session import transaction

SEED = 20261128
SETTLED_AFTER = 75  # days
SIGNED = 0.68
LOSSES = (
    "Prix : le concurrent est 9 % moins cher", "Délai : pose demandée deux mois plus tôt",
    "Projet abandonné : budget refusé", "Concurrent", "Sans réponse",
)  # fmt: skip
STEPS = ("Rappeler", "Envoyer le devis revu", "Confirmer la date de pose", "Visiter le chantier", "Relancer par e-mail")
MANAGER = "Claire Rochat"
TARGETS = (6_000, 8_000, 11_000)


def begin(at: datetime) -> None:
    """Give the firm its pipeline."""
    with transaction() as session:
        begin_pipelines(session, by=system_actor(), at=at)


def carry_deals_on(player: Player, until: datetime) -> int:
    """Bring each opportunity to where it stands today, and set targets; return how many there are."""
    dice = random.Random(SEED)
    names = {user_id: name for name, user_id in player.people.items()}
    manager = player.actor(MANAGER, Role.MANAGER)
    with transaction() as session:
        known = pipelines(session)
        if not known:
            return 0
        stages = [stage.stage_id for stage in known[0].stages]
        found = board(session, pipeline_id=None, owner_id=None, at=until, by=manager, most=10_000)
        ids = [card.opportunity_id for column in found.columns for card in column.cards]
        deals = [opportunity_facts(session, opportunity_id=one, by=manager) for one in ids]
        for deal in sorted(deals, key=lambda one: (one.opened_at, one.name)):
            owner = names.get(deal.owner_id, MANAGER) if deal.owner_id else MANAGER
            _carry_on(session, deal, stages, player.actor(owner), until, dice)
        _aim(session, {deal.owner_id for deal in deals if deal.owner_id}, manager, until, dice)
    return len(deals)


def _carry_on(
    session: Session, deal: OpportunityFacts, stages: list[UUID], by: Actor, until: datetime, dice: random.Random
) -> None:
    age = (until - deal.opened_at).days
    common: dict[str, Any] = {"opportunity_id": deal.opportunity_id, "by": by}
    if age > SETTLED_AFTER:
        at = deal.opened_at + timedelta(days=dice.randint(12, SETTLED_AFTER))
        if dice.random() < SIGNED:
            win_opportunity(session, **common, at=at)
        else:
            lose_opportunity(session, **common, reason=dice.choice(LOSSES), at=at)
        return
    if deal.contact_id is None or deal.expected_amount is None:
        return
    reached = min(len(stages) - 1, 1 + age * len(stages) // SETTLED_AFTER)
    today = until.astimezone(SWISS_TIME).date()
    values = {
        "expected_close": today + timedelta(days=dice.randint(5, 110)),
        "next_step": dice.choice(STEPS),
        "next_step_date": today + timedelta(days=dice.randint(-2, 15)),
    }
    at = max(deal.opened_at, until - timedelta(days=dice.randint(1, max(1, min(age, 40)))))
    move_opportunity(session, **common, stage_id=stages[reached], values=values, at=at)


def _aim(session: Session, owners: set[UUID], manager: Actor, until: datetime, dice: random.Random) -> None:
    months = months_from(until.astimezone(SWISS_TIME).date(), 6)
    for owner in sorted(owners, key=str):
        for month in months:
            amount = Decimal(dice.choice(TARGETS))
            set_target(session, user_id=owner, month=month, amount=amount, by=manager, at=until)
