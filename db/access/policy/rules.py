"""What each role may do by the firm's own policy, which overrides the defaults of `PERMISSIONS`. No database here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from uuid import UUID

from db.access.rules import NO_OWNER, PERMISSIONS, Actor, Lent, Role
from db.kernel.errors import BadInput, NotAllowed


class Reach(StrEnum):
    """Whose records a permission opens. The order is that of width."""

    NONE = "none"
    OWN = "own"
    TEAM = "team"
    ALL = "all"


# permissions over records that have an owner: only these can be given for one's own or the team's records
NARROWABLE = frozenset(
    {"crm.read_leads", "crm.edit_leads", "crm.export_leads", "crm.undo_import"}
    | {"people.read_hours", "people.manage_hours", "people.close_months", "people.export_hours"}
    | {"purchasing.read_bills", "purchasing.edit_bills", "purchasing.export_bills"},
)
# permission → the one without which it opens nothing, and whose reach it never exceeds
NEEDS: dict[str, str] = {
    "crm.edit_leads": "crm.read_leads",
    "crm.export_leads": "crm.read_leads",
    "crm.import_leads": "crm.edit_leads",
    "crm.undo_import": "crm.edit_leads",
    "parties.edit": "parties.read",
    "purchasing.edit_bills": "purchasing.read_bills",
    "purchasing.export_bills": "purchasing.read_bills",
    "documents.send_mail": "documents.read_mail",
    "documents.export_mail": "documents.read_mail",
    "documents.read_mail": "parties.read",
    "people.manage_hours": "people.read_hours",
    "people.close_months": "people.read_hours",
    "people.export_hours": "people.read_hours",
    "people.import_hours": "people.manage_hours",
    "catalog.read_costs": "catalog.read",
    "catalog.edit": "catalog.read",
    "catalog.import": "catalog.edit",
    "catalog.export": "catalog.read",
    "stock.move": "stock.read",
    "stock.manage_places": "stock.read",
    "stock.count": "stock.read",
    "stock.approve_count": "stock.read",
    "stock.import": "stock.move",
    "stock.export": "stock.read",
    "ledger.edit": "ledger.read",
    "ledger.post": "ledger.edit",
    "ledger.manage_accounts": "ledger.read",
    "ledger.manage_periods": "ledger.read",
    "ledger.post_in_reserved": "ledger.post",
    "ledger.import": "ledger.edit",
    "ledger.undo_import": "ledger.import",
    "ledger.export": "ledger.read",
    "access.manage_users": "access.read_users",
    "access.change_policy": "access.read_policy",
}
# what everybody keeps: without it nobody could sign in, change a password or see a name
UNTAKEABLE = frozenset(
    {"access.use_own_account", "access.read_names", "records.open", "demo.open", "demo.leave"},
)
# what administrators keep, so that the firm can never lock itself out
KEPT = frozenset(
    {
        "access.read_users",
        "access.manage_users",
        "access.change_roles",
        "access.read_policy",
        "access.change_policy",
        "access.manage_company",
    }
)


@dataclass(frozen=True)
class Policy:
    """What the firm changed about the defaults."""

    reaches: Mapping[tuple[Role, str], Reach] = field(default_factory=dict)
    hidden: Mapping[Role, frozenset[str]] = field(default_factory=dict)  # `table.column`
    teams: tuple[frozenset[UUID], ...] = ()


DEFAULTS = Policy()


@dataclass(frozen=True)
class HideableTable:
    """A table with fields that can be hidden: its French plural, and the permission that opens it."""

    label: str
    read: str
    fields: frozenset[str] | None = None  # None: all but those without which a record is none


TABLES: dict[str, HideableTable] = {}


def declare_table(table: str, *, label: str, read: str, fields: frozenset[str] | None = None) -> None:
    """Let the fields of a table be hidden from roles: only what every reader of them then leaves out."""
    TABLES[table] = HideableTable(label, read, fields)


def is_fixed(role: Role, permission: str) -> bool:
    """Test if nobody may change what a role has of a permission."""
    default = PERMISSIONS.get(permission, frozenset())
    return not default or permission in UNTAKEABLE or (role is Role.ADMINISTRATOR and permission in KEPT)


def choices(role: Role, permission: str) -> tuple[Reach, ...]:
    """Return the reaches that a role can be given."""
    if is_fixed(role, permission):
        return (default_reach(role, permission),)
    return tuple(Reach) if permission in NARROWABLE else (Reach.NONE, Reach.ALL)


def default_reach(role: Role, permission: str) -> Reach:
    """Return what a role has as long as the firm says nothing."""
    return Reach.ALL if role in PERMISSIONS.get(permission, frozenset()) else Reach.NONE


def reach_of(policy: Policy, role: Role, permission: str) -> Reach:
    """Return what a role has of a permission by the policy, the needed permissions not yet considered."""
    default = default_reach(role, permission)
    return default if is_fixed(role, permission) else policy.reaches.get((role, permission), default)


def check_reach(role: Role, permission: str, reach: Reach) -> None:
    """Refuse what cannot be given or taken.

    Raises: BadInput: nobody knows the permission. NotAllowed: it is fixed, or cannot be narrowed.
    """
    if permission not in PERMISSIONS:
        raise BadInput("Le droit « {permission} » n’existe pas.", permission=permission)
    if reach in choices(role, permission):
        return
    if is_fixed(role, permission):
        raise NotAllowed("Ce droit ne se change pas : sans lui, plus personne ne pourrait gérer les accès.")
    raise NotAllowed("Ce droit vaut pour toutes les fiches ou pour aucune.")


def read_reach(given: str) -> Reach:
    """Return the reach of a name.

    Raises: BadInput.
    """
    try:
        return Reach(given)
    except ValueError:
        raise BadInput("La portée « {reach} » n’existe pas.", reach=given[:40]) from None


def with_rights(actor: Actor, policy: Policy) -> Actor:
    """Return the actor with all that her roles, own and lent, give her together: the widest reach wins."""
    if actor.user_id is None:
        return actor
    own = actor.roles if actor.own_roles is None else actor.own_roles
    lent = tuple(replace(loan, granted=granted_by(policy, loan.roles)) for loan in actor.lent)
    own_granted = granted_by(policy, own)
    granted = own_granted.union(*(loan.granted or frozenset() for loan in lent))
    holders = _holders(actor.user_id, own, lent)
    return replace(
        actor,
        lent=lent,
        granted=granted,
        own_granted=own_granted,
        owners=_owners(policy, holders, granted),
        hidden=_hidden(policy, actor.roles),
    )


def granted_by(policy: Policy, roles: Iterable[Role]) -> frozenset[str]:
    """Return the permissions that roles give together, without those that lack the one they need."""
    held = list(roles)
    given = {name for name in PERMISSIONS if any(reach_of(policy, role, name) is not Reach.NONE for role in held)}
    return frozenset(name for name in given if _needs_met(name, given))


def _needs_met(permission: str, given: set[str]) -> bool:
    needed = NEEDS.get(permission)
    return needed is None or (needed in given and _needs_met(needed, given))


def _holders(user_id: UUID, own: frozenset[Role], lent: tuple[Lent, ...]) -> list[tuple[UUID, frozenset[Role]]]:
    """Return whose records « own » means, with the roles for which it does: a deputy reaches the absent person's."""
    return [(user_id, own), *((loan.absent_id, loan.roles) for loan in lent if loan.absent_id)]


def _owners(
    policy: Policy, holders: list[tuple[UUID, frozenset[Role]]], granted: frozenset[str]
) -> dict[str, frozenset[UUID]]:
    if not policy.reaches:
        return {}
    found: dict[str, frozenset[UUID]] = {}
    for permission in sorted(NARROWABLE & granted):
        reached = _within_needs(policy, holders, permission)
        if reached is not None:
            found[permission] = reached
    return found


def _within_needs(
    policy: Policy, holders: list[tuple[UUID, frozenset[Role]]], permission: str
) -> frozenset[UUID] | None:
    reached = _owners_of(policy, holders, permission) if permission in NARROWABLE else None
    needed = NEEDS.get(permission)
    limit = _within_needs(policy, holders, needed) if needed else None
    if reached is None or limit is None:
        return limit if reached is None else reached
    return reached & limit


def _owners_of(policy: Policy, holders: list[tuple[UUID, frozenset[Role]]], permission: str) -> frozenset[UUID] | None:
    found: set[UUID] = set()
    for user_id, roles in holders:
        reaches = {reach_of(policy, role, permission) for role in roles}
        if Reach.ALL in reaches:
            return None
        if reaches & {Reach.OWN, Reach.TEAM}:
            found.add(user_id)
        if Reach.TEAM in reaches:
            found |= {NO_OWNER}.union(*(team for team in policy.teams if user_id in team))
    return frozenset(found)


def _hidden(policy: Policy, roles: frozenset[Role]) -> frozenset[str]:
    """Return the fields that each role which opens their table hides."""
    named = frozenset[str]().union(*(policy.hidden.get(role, frozenset()) for role in roles))
    return frozenset(
        name for name in named if all(_hides(policy, role, name) for role in _openers(policy, roles, name))
    )


def _openers(policy: Policy, roles: frozenset[Role], name: str) -> frozenset[Role]:
    table = TABLES.get(name.split(".")[0])
    if table is None:
        return roles
    return frozenset(role for role in roles if reach_of(policy, role, table.read) is not Reach.NONE)


def _hides(policy: Policy, role: Role, name: str) -> bool:
    return name in policy.hidden.get(role, frozenset())
