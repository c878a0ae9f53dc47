"""What a person may today, and which of her roles gives it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from db.access.gate import readable
from db.access.people.queries import actor_of, user_names
from db.access.policy.queries import policy_now
from db.access.policy.rules import NEEDS, Policy, Reach, reach_of
from db.access.rules import NO_OWNER, Actor, Role, owners_seen


@dataclass(frozen=True)
class Reason:
    """A role that gives a permission; `lent_by` is the absent person to whom it belongs, "" for an own one."""

    role: Role
    lent_by: str = ""


@dataclass(frozen=True)
class Right:
    """One permission of a person. `owners` are the people whose records it opens, None for everybody's."""

    permission: str
    reach: Reach
    reasons: tuple[Reason, ...]
    owners: tuple[str, ...] | None = None
    without_owner: bool = False  # also records of nobody


@dataclass(frozen=True)
class Rights:
    """All that a person may, and the fields that she does not see."""

    name: str
    roles: tuple[Reason, ...]
    rights: tuple[Right, ...]
    hidden: tuple[str, ...]


@readable("access.read_policy")
def rights_of(session: Session, *, user_id: UUID, at: datetime) -> Rights:
    """Return what a person may at an instant, with the reasons.

    Raises: NotFound, PersonClosed.
    """
    person, policy = actor_of(session, user_id=user_id, via="screen", at=at), policy_now(session)
    roles = _roles(person)
    names = user_names(session)
    rights = [_right(policy, person, roles, permission, names) for permission in sorted(person.granted or ())]
    return Rights(person.name, tuple(roles), tuple(rights), tuple(sorted(person.hidden)))


def _roles(person: Actor) -> list[Reason]:
    own = [Reason(role) for role in sorted(person.own_roles or person.roles)]
    return own + [Reason(role, loan.absent_name) for loan in person.lent for role in sorted(loan.roles)]


def _right(policy: Policy, person: Actor, roles: list[Reason], permission: str, names: dict[UUID, str]) -> Right:
    reaches = {reason: reach_of(policy, reason.role, permission) for reason in roles}
    widest = _widest(policy, roles, permission)
    given = max(reaches.values(), key=list(Reach).index)
    seen = owners_seen(person, permission)
    return Right(
        permission,
        widest,
        tuple(reason for reason, reach in reaches.items() if reach is given),
        None if seen is None else tuple(sorted(names.get(one, "") for one in seen - {NO_OWNER})),
        seen is not None and NO_OWNER in seen,
    )


def _widest(policy: Policy, roles: list[Reason], permission: str) -> Reach:
    """Return the widest reach of the roles, never wider than that of the permission which this one needs."""
    own = max((reach_of(policy, reason.role, permission) for reason in roles), key=list(Reach).index)
    needed = NEEDS.get(permission)
    return own if needed is None else min(own, _widest(policy, roles, needed), key=list(Reach).index)
