"""The firm's policy as it is now."""

from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, SQLModel, col, func, select

from db.access.gate import readable
from db.access.policy.rules import DEFAULTS, TABLES, Policy, Reach
from db.access.policy.tables import HiddenField, PolicyVersion, RoleReach, Team, TeamMember
from db.access.rules import PERMISSIONS, Role

_KEPT_POLICIES = 4
_known: OrderedDict[UUID, Policy] = OrderedDict()  # by version, which is never given twice
UNHIDEABLE = frozenset(
    {
        "id",
        "name",
        "state",
        "owner_id",
        "custom",
        "lead_id",
        "party_id",
        "import_id",
        "received_at",
        "opened_at",
        "closed_at",
    }
    | {"exchanges"}
)


@dataclass(frozen=True)
class TeamFacts:
    """A team with its people; `lead_id` is one of them."""

    team_id: UUID
    name: str
    lead_id: UUID | None
    members: tuple[UUID, ...]
    row_version: int


def policy_now(session: Session) -> Policy:
    """Return the firm's policy; read anew only when its version changed."""
    version = session.scalar(select(PolicyVersion.version))
    if version is None:
        return DEFAULTS
    known = _known.get(version)
    if known is None:
        known = _known[version] = _read(session)
        while len(_known) > _KEPT_POLICIES:
            _known.popitem(last=False)
    return known


def _read(session: Session) -> Policy:
    reaches = session.exec(select(RoleReach.role, RoleReach.permission, RoleReach.reach)).all()
    hidden: dict[Role, set[str]] = {}
    for role, name in session.exec(select(HiddenField.role, HiddenField.field)):
        hidden.setdefault(Role(role), set()).add(name)
    return Policy(
        reaches={(Role(role), name): Reach(reach) for role, name, reach in reaches if name in PERMISSIONS},
        hidden={role: frozenset(names) for role, names in hidden.items()},
        teams=tuple(_people_of_teams(session).values()),
    )


def _people_of_teams(session: Session) -> dict[UUID, frozenset[UUID]]:
    found: dict[UUID, set[UUID]] = {}
    for team_id, lead_id in session.exec(select(Team.id, Team.lead_id)):
        found[team_id] = {lead_id} if lead_id else set()
    for team_id, user_id in session.exec(select(TeamMember.team_id, TeamMember.user_id)):
        found.setdefault(team_id, set()).add(user_id)
    return {team_id: frozenset(people) for team_id, people in found.items()}


@readable("access.read_policy")
def policy(session: Session) -> Policy:
    """Return what the firm changed about the defaults."""
    return policy_now(session)


@readable("access.read_policy")
def teams(session: Session) -> list[TeamFacts]:
    """List the teams by name."""
    people = _people_of_teams(session)
    rows = session.exec(select(Team).order_by(func.lower(Team.name), col(Team.id))).all()
    return [TeamFacts(row.id, row.name, row.lead_id, tuple(sorted(people[row.id])), row.row_version) for row in rows]


@readable("access.read_policy")
def hideable_fields(session: Session) -> list[str]:
    """List what can be hidden from a role, as `table.column`: no secret, nothing without which a record is none."""
    return [
        f"{table}.{name}"
        for table in sorted(TABLES.keys() & SQLModel.metadata.tables.keys())
        for name in (*_columns(table), *_added(session, table))
    ]


def _added(session: Session, table: str) -> list[str]:
    """Return the fields that the firm added to the records of a table, and the name of all of them together."""
    tables = SQLModel.metadata.tables
    if "custom" not in tables[table].columns:
        return []
    field = tables["custom_field"]
    keys = session.connection().execute(field.select().where(field.c.kind == table).order_by(field.c.position))
    return ["custom", *(f"custom.{row.key}" for row in keys)]


def _columns(table: str) -> list[str]:
    declared = TABLES[table].fields
    return [
        column.name
        for column in SQLModel.metadata.tables[table].columns
        if column.info.get("privacy") in ("plain", "personal", "sensitive")
        and column.info.get("tracked", True)
        and (column.name not in UNHIDEABLE if declared is None else column.name in declared)
    ]
