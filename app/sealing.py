"""The regular task that appends new deeds to the chain."""

from app.doors import now
from db.access.rules import Actor
from db.access.seals.actions import seal_deeds
from db.session import transaction

BATCH = 1000


def seal_everything(actor: Actor) -> int:
    """Seal all deeds that wait, a thousand per transaction so that nobody waits long; return how many."""
    total = 0
    while True:
        with transaction() as session:
            sealed = seal_deeds(session, at=now(), most=BATCH)
        total += sealed
        if sealed < BATCH:
            return total
