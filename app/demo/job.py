"""The job that fills the demonstration company."""

from datetime import datetime
from typing import Any
from uuid import UUID

from app.demo.play import Player, define_fields, play_all, steps, take_over
from app.demo.world import leads
from app.worker import JobRun
from db.access.rules import Role

PLAYED = 700  # leads that are played step by step; older ones of a larger firm come in bulk


def run(job: JobRun) -> dict[str, Any]:
    """Generate three years of the invented firm; return how much there is of what."""
    arguments = job.arguments
    until = datetime.fromisoformat(arguments["until"])
    world = list(leads(int(arguments["size"]), seed=int(arguments["seed"]), until=until))
    player = Player({name: UUID(user) for name, user in arguments["people"].items()}, {})
    older, recent = world[:-PLAYED], world[-PLAYED:]
    open_older = [lead for lead in older if lead.closed_at is None]
    recent = open_older + recent
    older = [lead for lead in older if lead.closed_at is not None]
    total = len(older) + sum(1 for _ in steps(recent))

    define_fields(player.actor("Claire Rochat", Role.MANAGER), world[0].received_at)
    if older:
        take_over(player, older, job.progress, total=total)
    done = play_all(player, recent, job.progress, offset=len(older), total=total)
    job.progress(total, total, "Terminé")
    return {
        "leads": len(world),
        "closed": sum(lead.won is not None for lead in world),
        "won": sum(bool(lead.won) for lead in world),
        "steps": done,
    }
