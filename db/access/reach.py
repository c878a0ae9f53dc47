"""The condition by which a query keeps to the records that an actor reaches."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_

from db.access.rules import NO_OWNER, Actor, owners_seen


def within_reach(by: Actor, permission: str, owner: Any) -> list[ColumnElement[bool]]:
    """Return the conditions on the owner's column: none for who reaches everybody's records."""
    owners = owners_seen(by, permission)
    return [] if owners is None else [owned_by(owners, owner)]


def owned_by(owners: frozenset[UUID], owner: Any) -> ColumnElement[bool]:
    """Return the condition that a record is of one of the owners; `NO_OWNER` among them: also of nobody."""
    people = sorted(owners - {NO_OWNER})
    is_theirs: ColumnElement[bool] = owner.in_(people) if people else false()
    return or_(is_theirs, owner.is_(None)) if NO_OWNER in owners else is_theirs
