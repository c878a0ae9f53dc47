"""Deeds and their before and after. People and sessions are in `people/` (divided by document)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index
from sqlmodel import SQLModel

from db.kernel.guards import AppendOnly, guard
from db.kernel.record import Instant, personal, plain, uuid7


class Deed(SQLModel, table=True):
    """Something that somebody did: one outermost action in one transaction."""

    __tablename__ = "deed"
    id: UUID = plain(default_factory=uuid7, primary_key=True)
    at: datetime = plain(sa_type=Instant, nullable=False, index=True)
    action: str = plain(nullable=False)
    actor_id: UUID | None = plain(default=None, index=True)
    actor_name: str = personal(nullable=False)
    via: str = plain(nullable=False)
    undoes: UUID | None = plain(default=None, index=True)


class Change(SQLModel, table=True):
    """What one deed did to one record; `digest` covers the salted values, which sit in `ChangeValue`."""

    __tablename__ = "change"
    __table_args__ = (Index("change_of_record", "record_kind", "record_id", "id"),)
    id: UUID = plain(default_factory=uuid7, primary_key=True)
    deed_id: UUID = plain(foreign_key="deed.id", nullable=False, index=True)
    record_kind: str = plain(nullable=False)
    record_id: UUID = plain(nullable=False)
    operation: str = plain(nullable=False)  # create, update, delete
    digest: str = plain(nullable=False)


class ChangeValue(SQLModel, table=True):
    """The values of a change, before and after, with the salt of their digest."""

    __tablename__ = "change_value"
    change_id: UUID = plain(primary_key=True, foreign_key="change.id")
    salt: str = plain(nullable=False)
    before: dict[str, Any] | None = personal(sa_type=JSON, default=None)
    after: dict[str, Any] | None = personal(sa_type=JSON, default=None)


class Seal(SQLModel, table=True):
    """One link of the chain: the deed's digest hashed with the link before."""

    __tablename__ = "seal"
    number: int = plain(primary_key=True, sa_column_kwargs={"autoincrement": False})
    deed_id: UUID = plain(foreign_key="deed.id", nullable=False, unique=True)
    digest: str = plain(nullable=False)
    link: str = plain(nullable=False)
    sealed_at: datetime = plain(sa_type=Instant, nullable=False)


guard(AppendOnly("deed"))
guard(AppendOnly("change"))
guard(AppendOnly("change_value", deletable=True))  # erasure removes values; it never rewrites them
guard(AppendOnly("seal"))
