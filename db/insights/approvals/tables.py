"""Who let a version live, or not, and why."""

from datetime import datetime
from uuid import UUID

from db.kernel.guards import AppendOnly, guard
from db.kernel.record import Instant, Record, personal, plain


class ModelDecision(Record, table=True):
    """One decision about one version; never changed. `alone` = nobody else could look at it."""

    __tablename__ = "model_decision"
    version_id: UUID = plain(foreign_key="model_version.id", nullable=False, index=True)
    verdict: str = plain(nullable=False)
    reason: str = personal(nullable=False)
    by_id: UUID = plain(nullable=False)
    by_name: str = personal(nullable=False)
    alone: bool = plain(default=False, nullable=False)
    instead_of: UUID | None = plain(default=None, foreign_key="model_version.id")
    decided_at: datetime = plain(sa_type=Instant, nullable=False)


guard(AppendOnly("model_decision"))
