"""The regular task that appends new deeds to the chain."""

from app.doors import ask, do, now
from db.access.evidence.actions import seal_evidence
from db.access.evidence.queries import needs_sealing
from db.access.rules import Actor, system_actor
from db.access.seals.actions import seal_deeds
from db.session import transaction

BATCH = 1000


def seal_everything(actor: Actor) -> int:
    """Seal all deeds that wait, a thousand per transaction so that nobody waits long; return how many."""
    _seal_evidence(system_actor())
    total = 0
    while True:
        with transaction() as session:
            sealed = seal_deeds(session, at=now(), most=BATCH)
        total += sealed
        if sealed < BATCH:
            return total


def _seal_evidence(by: Actor) -> None:
    """Take the evidence that waits into the history; no deed where none does."""
    while ask(by, needs_sealing):
        do(by, seal_evidence)
