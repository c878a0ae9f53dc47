"""The people of the firm and what they do in it. How they sign in is in the folders beside."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint

from db.access.rules import Role
from db.kernel.encrypted import Encrypted
from db.kernel.record import Instant, Record, personal, plain, secret

ROLES_IN_SQL = ", ".join(f"'{role.value}'" for role in Role)


class User(Record, table=True):
    """A person who works with Boussole. Who left is closed, never deleted."""

    __tablename__ = "user_account"  # `user` is a reserved word of PostgreSQL
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_in_lower_case"),)
    name: str = personal(nullable=False)
    email: str = personal(nullable=False, unique=True)
    language: str = plain(default="fr", nullable=False)
    closed_at: datetime | None = plain(sa_type=Instant, default=None)
    password_hash: str | None = secret(default=None)
    password_changed_at: datetime | None = plain(sa_type=Instant, default=None)
    totp_secret: str | None = secret(sa_type=Encrypted("user_account.totp_secret"), default=None)
    totp_since: datetime | None = plain(sa_type=Instant, default=None)  # None while the code was never confirmed
    totp_last_step: int | None = secret(default=None)  # a code is good once


class UserRole(Record, table=True):
    """One role of one person."""

    __tablename__ = "user_role"
    __table_args__ = (
        UniqueConstraint("user_id", "role", name="role_once_per_person"),
        CheckConstraint(f"role in ({ROLES_IN_SQL})", name="known_role"),
    )
    user_id: UUID = plain(foreign_key="user_account.id", nullable=False, index=True)
    role: str = plain(nullable=False)
