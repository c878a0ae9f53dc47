"""Second factors that were offered, and the codes for the day when the phone is lost."""

from datetime import datetime
from uuid import UUID

from sqlmodel import SQLModel

from db.kernel.encrypted import Encrypted
from db.kernel.record import Instant, plain, secret, uuid7


class TotpOffer(SQLModel, table=True):
    """A second factor that was shown to a person and not yet confirmed by a first code."""

    __tablename__ = "totp_offer"
    user_id: UUID = plain(primary_key=True, foreign_key="user_account.id")
    totp_secret: str = secret(sa_type=Encrypted("totp_offer.totp_secret"), nullable=False)
    offered_at: datetime = plain(sa_type=Instant, nullable=False)


class RecoveryCode(SQLModel, table=True):
    """One of ten codes that replace the second factor once each; only its hash is kept."""

    __tablename__ = "recovery_code"
    id: UUID = plain(default_factory=uuid7, primary_key=True)
    user_id: UUID = plain(foreign_key="user_account.id", nullable=False, index=True)
    code_hash: str = secret(nullable=False)
    made_at: datetime = plain(sa_type=Instant, nullable=False)
    used_at: datetime | None = plain(sa_type=Instant, default=None)
