"""The firm's policy: what roles may, which fields they do not see, who works in which team."""

from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, event, insert, update
from sqlmodel import Session, SQLModel

from db.access.rules import Role
from db.kernel.record import Record, plain, uuid7

_ROLES = ", ".join(f"'{role.value}'" for role in Role)


class RoleReach(Record, table=True):
    """How far a permission reaches for a role, where that is not the default."""

    __tablename__ = "role_reach"
    __table_args__ = (
        UniqueConstraint("role", "permission", name="reach_once_per_role"),
        CheckConstraint(f"role in ({_ROLES})", name="role_reach_role"),
        CheckConstraint("reach in ('none', 'own', 'team', 'all')", name="role_reach_reach"),
    )
    role: str = plain(nullable=False)
    permission: str = plain(nullable=False)
    reach: str = plain(nullable=False)


class HiddenField(Record, table=True):
    """A field (`table.column`) that a role does not see."""

    __tablename__ = "hidden_field"
    __table_args__ = (
        UniqueConstraint("role", "field", name="hidden_once_per_role"),
        CheckConstraint(f"role in ({_ROLES})", name="hidden_field_role"),
    )
    role: str = plain(nullable=False)
    field: str = plain(nullable=False)


class Team(Record, table=True):
    """People who see each other's records where their role says « team »."""

    __tablename__ = "team"
    __table_args__ = (CheckConstraint("name <> ''", name="team_name"),)
    name: str = plain(nullable=False, unique=True)
    lead_id: UUID | None = plain(default=None, foreign_key="user_account.id")


class TeamMember(Record, table=True):
    """One person of a team."""

    __tablename__ = "team_member"
    __table_args__ = (UniqueConstraint("team_id", "user_id", name="member_once_per_team"),)
    team_id: UUID = plain(foreign_key="team.id", nullable=False)
    user_id: UUID = plain(foreign_key="user_account.id", nullable=False, index=True)


class PolicyVersion(SQLModel, table=True):
    """The one row that says if the policy changed since it was last read; a new value with each change."""

    __tablename__ = "policy_version"
    __table_args__ = (CheckConstraint("place = 1", name="one_policy"),)
    place: int = plain(default=1, primary_key=True)
    version: UUID = plain(default_factory=uuid7, nullable=False)


def _note_change(session: Session, *_: object) -> None:
    """Give the policy a new version with whatever is changed about it, by whichever action."""
    touched = (*session.new, *session.dirty, *session.deleted)
    if not any(isinstance(one, RoleReach | HiddenField | Team | TeamMember) for one in touched):
        return
    connection, table = session.connection(), PolicyVersion.__table__  # type: ignore[attr-defined]
    if connection.execute(update(table).values(version=uuid7())).rowcount == 0:
        connection.execute(insert(table).values(place=1, version=uuid7()))


event.listen(Session, "after_flush", _note_change)
