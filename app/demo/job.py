"""The job that fills the demonstration company."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.demo.added import describe_companies
from app.demo.books import keep_the_books
from app.demo.daily import daily_round
from app.demo.deals import begin, carry_deals_on
from app.demo.goods import stock_the_shelves
from app.demo.model import first_version, score_again
from app.demo.play import Player, Step, define_fields, play_steps, steps, take_over
from app.demo.post import write_letters
from app.demo.world import PlannedLead, leads
from app.worker import JobRun
from db.access.rules import Role
from db.jobs.actions import mark_all_handled
from db.session import transaction

PLAYED = 700  # leads that are played step by step; older ones of a larger firm come in bulk
MODEL_AGE = timedelta(days=200)  # since when the first model has been in service
SCORED_EVERY = timedelta(days=14)
FEWEST_FOR_A_MODEL = 300  # leads; a smaller firm starts without one


def run(job: JobRun) -> dict[str, Any]:
    """Generate three years of the invented firm; return how much there is of what."""
    arguments = job.arguments
    until = datetime.fromisoformat(arguments["until"])
    world = list(leads(int(arguments["size"]), seed=int(arguments["seed"]), until=until))
    player = Player({name: UUID(user) for name, user in arguments["people"].items()}, {})
    bulk, played = _divided(world, until)
    story = list(steps(played))
    total = len(bulk) + len(story)

    define_fields(player.actor("Claire Rochat", Role.MANAGER), world[0].received_at)
    begin(world[0].received_at)
    if bulk:
        take_over(player, bulk, job.progress, total=total)
    with_model = len(world) >= FEWEST_FOR_A_MODEL
    _play(job, player, story, model_from=until - MODEL_AGE if with_model else None, offset=len(bulk), total=total)
    deals = carry_deals_on(player, until)
    described = describe_companies(player, until)
    moves = stock_the_shelves(player, until)
    hours, bills = daily_round(player, until)
    entries = keep_the_books(player, until)
    mails = write_letters(player, world, until)
    with transaction() as session:  # the story's own scoring has reacted to all of it
        mark_all_handled(session, until=until, at=until)
    job.progress(total, total, "Terminé")
    return {
        "leads": len(world),
        "closed": sum(lead.won is not None for lead in world),
        "won": sum(bool(lead.won) for lead in world),
        "steps": len(story),
        "hours": hours,
        "bills": bills,
        "entries": entries,
        "moves": moves,
        "deals": deals,
        "described": described,
        "mails": mails,
        "model": with_model,
    }


def _divided(world: Sequence[PlannedLead], until: datetime) -> tuple[list[PlannedLead], list[PlannedLead]]:
    """Return the leads that come in bulk (a large firm's early closed ones) and those that are played."""
    recent = set(map(id, world[-PLAYED:]))
    early = until - MODEL_AGE
    bulk = [lead for lead in world if id(lead) not in recent and lead.closed_at is not None and lead.closed_at < early]
    in_bulk = set(map(id, bulk))
    return bulk, [lead for lead in world if id(lead) not in in_bulk]


def _play(
    job: JobRun, player: Player, story: Sequence[Step], *, model_from: datetime | None, offset: int, total: int
) -> None:
    """Play the story; from `model_from` on there is a model, and the open leads are scored regularly."""
    if model_from is None:
        play_steps(player, story, job.progress, offset=offset, total=total)
        return
    before = [step for step in story if step.at < model_from]
    play_steps(player, before, job.progress, offset=offset, total=total)
    version, done, begin = first_version(player, at=model_from), len(before), model_from
    while done < len(story):
        end = begin + SCORED_EVERY
        part = [step for step in story[done:] if step.at < end]
        play_steps(player, part, job.progress, offset=offset + done, total=total)
        done, begin = done + len(part), end
        score_again(version, at=min(end, story[-1].at + timedelta(minutes=1)))
