"""Giving evidence of rows, and taking what waits into the chain."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, update
from sqlmodel import Session, col, select

from db.access.evidence.hashing import SOURCES, Tally, new_salt, root_of
from db.access.evidence.queries import rest_of, waiting_evidence
from db.access.evidence.tables import Evidence, SealedEvidence
from db.access.gate import gate
from db.access.rules import Actor
from db.kernel.record import uuid7


@contextmanager
def evidence_of(session: Session, source: str, *, at: datetime) -> Iterator[tuple[UUID, Tally]]:
    """Give the id that the rows of a batch carry and the tally that takes each of them; write the hash at the end."""
    evidence_id, tally = uuid7(), Tally(SOURCES[source], new_salt())
    yield evidence_id, tally
    if tally.rows:
        _keep(session, source, tally, evidence_id=evidence_id, is_rest=False, at=at)


def give_evidence(session: Session, source: str, row: Mapping[str, Any], *, at: datetime) -> UUID:
    """Write the hash of one row; return the id that it carries."""
    with evidence_of(session, source, at=at) as (evidence_id, tally):
        tally.take(row)
    return evidence_id


def _keep(session: Session, source: str, tally: Tally, *, evidence_id: UUID, is_rest: bool, at: datetime) -> None:
    facts = {"id": evidence_id, "source": source, "rows": tally.rows, "salt": tally.salt, "digest": tally.digest}
    session.connection().execute(insert(Evidence), [{**facts, "is_rest": is_rest, "at": at}])


@gate("access.seal_evidence")
def seal_evidence(session: Session, *, by: Actor, at: datetime) -> int:
    """Take the evidence that waits into the history, and so into the chain; return how many pieces.

    The first time also what earlier releases wrote without evidence is hashed, once for all.
    """
    known = set(session.exec(select(Evidence.source).where(col(Evidence.is_rest))))
    for source in sorted(SOURCES.keys() - known):
        _keep(session, source, rest_of(session, source), evidence_id=uuid7(), is_rest=True, at=at)
    waiting = waiting_evidence(session)
    if waiting:
        sealed = SealedEvidence(pieces=len(waiting), digest=root_of(digest for _, digest in waiting))
        session.add(sealed)
        session.flush()
        for start in range(0, len(waiting), 500):
            these = [evidence_id for evidence_id, _ in waiting[start : start + 500]]
            session.connection().execute(
                update(Evidence).where(col(Evidence.id).in_(these)).values(sealed_id=sealed.id)
            )
    return len(waiting)
