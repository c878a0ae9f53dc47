"""What stands for batches of rows that no deed changes, so that the chain covers them too."""

from datetime import datetime
from uuid import UUID

from sqlmodel import SQLModel

from db.kernel.guards import AppendOnly, guard
from db.kernel.record import Instant, Record, plain, uuid7


class Evidence(SQLModel, table=True):
    """One salted hash over rows of one table that were written together; the rows carry its id as `evidence_id`.

    `is_rest`: over the rows that carry none, which an earlier release wrote.
    """

    __tablename__ = "evidence"
    id: UUID = plain(default_factory=uuid7, primary_key=True)
    source: str = plain(nullable=False)
    rows: int = plain(nullable=False)
    salt: str = plain(nullable=False)
    digest: str = plain(nullable=False)
    is_rest: bool = plain(default=False, nullable=False)
    at: datetime = plain(sa_type=Instant, nullable=False)
    sealed_id: UUID | None = plain(default=None, foreign_key="sealed_evidence.id", index=True)


class SealedEvidence(Record, table=True):
    """What the sealer took into the chain at once: one hash over the digests of several pieces of evidence."""

    __tablename__ = "sealed_evidence"
    pieces: int = plain(nullable=False)
    digest: str = plain(nullable=False)


guard(AppendOnly("evidence", free=("sealed_id",)))  # whose change the digest of what was sealed shows
guard(AppendOnly("sealed_evidence"))
