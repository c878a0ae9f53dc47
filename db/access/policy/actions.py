"""Change the firm's policy: what roles may, what they do not see, who is in which team."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from db.access.gate import gate
from db.access.policy.queries import hideable_fields
from db.access.policy.rules import check_reach, default_reach, read_reach
from db.access.policy.tables import HiddenField, RoleReach, Team, TeamMember
from db.access.rules import Actor, Role
from db.kernel.errors import BadInput, ChangedMeanwhile, NotFound

LONGEST_NAME = 80


@gate("access.change_policy", fresh=True)
def set_reach(session: Session, *, role: str, permission: str, reach: str, by: Actor, at: datetime) -> None:
    """Say how far a permission reaches for a role; the default again is kept as such.

    Raises: BadInput: unknown role, permission or reach. NotAllowed: it is fixed, or cannot be narrowed.
    """
    of_role, wanted = _role(role), read_reach(reach)
    check_reach(of_role, permission, wanted)
    kept = session.exec(
        select(RoleReach).where(RoleReach.role == of_role.value, RoleReach.permission == permission).with_for_update()
    ).first()
    if wanted is default_reach(of_role, permission):
        if kept is not None:
            session.delete(kept)
    elif kept is None:
        session.add(RoleReach(role=of_role.value, permission=permission, reach=wanted.value))
    else:
        kept.reach = wanted.value
    session.flush()


@gate("access.change_policy", fresh=True)
def set_hidden(session: Session, *, role: str, field: str, hidden: bool, by: Actor, at: datetime) -> None:
    """Hide a field from a role, or show it again.

    Raises: BadInput: unknown role, or no field that can be hidden.
    """
    of_role = _role(role)
    if field not in hideable_fields(session):
        raise BadInput("Le champ « {field} » ne peut pas être masqué.", field=field[:80])
    kept = session.exec(
        select(HiddenField).where(HiddenField.role == of_role.value, HiddenField.field == field).with_for_update()
    ).first()
    if hidden and kept is None:
        session.add(HiddenField(role=of_role.value, field=field))
    elif not hidden and kept is not None:
        session.delete(kept)
    session.flush()


@gate("access.change_policy", fresh=True)
def add_team(
    session: Session, *, name: str, members: Iterable[UUID], lead_id: UUID | None = None, by: Actor, at: datetime
) -> UUID:
    """Found a team; return its id.

    Raises: BadInput: no name, or one that another team has. NotFound: somebody does not work here.
    """
    _check_works_here(session, lead_id)
    made = Team(name=_free_name(session, name, but=None), lead_id=lead_id)
    session.add(made)
    session.flush()
    _set_members(session, made.id, frozenset(members), lead_id)
    return made.id


@gate("access.change_policy", fresh=True)
def edit_team(
    session: Session,
    *,
    team_id: UUID,
    name: str,
    members: Iterable[UUID],
    lead_id: UUID | None,
    expected_version: int,
    by: Actor,
    at: datetime,
) -> None:
    """Change a team's name, people and lead.

    Raises: NotFound, BadInput, ChangedMeanwhile.
    """
    team = _team(session, team_id)
    if team.row_version != expected_version:
        raise ChangedMeanwhile("Cette équipe a été modifiée entre-temps : rechargez la page.")
    _check_works_here(session, lead_id)
    team.name, team.lead_id = _free_name(session, name, but=team_id), lead_id
    _set_members(session, team_id, frozenset(members), lead_id)


@gate("access.change_policy", fresh=True)
def remove_team(session: Session, *, team_id: UUID, by: Actor, at: datetime) -> None:
    """Dissolve a team: its people see their own records only, unless another team or role gives more.

    Raises: NotFound.
    """
    team = _team(session, team_id)
    for member in session.exec(select(TeamMember).where(TeamMember.team_id == team_id)).all():
        session.delete(member)
    session.flush()
    session.delete(team)
    session.flush()


def _role(given: str) -> Role:
    try:
        return Role(given)
    except ValueError:
        raise BadInput("Ce rôle n’existe pas : {detail}.", detail=given[:40]) from None


def _team(session: Session, team_id: UUID) -> Team:
    team = session.get(Team, team_id, with_for_update=True)
    if team is None:
        raise NotFound("Cette équipe n’existe pas ou plus.")
    return team


def _free_name(session: Session, name: str, *, but: UUID | None) -> str:
    cleaned = " ".join(name.split())
    if not 1 <= len(cleaned) <= LONGEST_NAME:
        raise BadInput("Donnez à l’équipe un nom de 1 à 80 caractères.")
    same = session.exec(select(Team.id).where(Team.name == cleaned)).first()
    if same is not None and same != but:
        raise BadInput("Une équipe s’appelle déjà « {name} ».", name=cleaned)
    return cleaned


def _check_works_here(session: Session, lead_id: UUID | None) -> None:
    from db.access.people.queries import find_user  # people know the policy, so the policy learns of them late

    if lead_id is not None:
        find_user(session, lead_id)


def _set_members(session: Session, team_id: UUID, members: frozenset[UUID], lead_id: UUID | None) -> None:
    from db.access.people.queries import find_user  # people know the policy, so the policy learns of them late

    wanted = members | ({lead_id} if lead_id else set())
    rows = session.exec(select(TeamMember).where(col(TeamMember.team_id) == team_id)).all()
    for row in rows:
        if row.user_id not in wanted:
            session.delete(row)
    for user_id in sorted(wanted - {row.user_id for row in rows}):
        find_user(session, user_id)
        session.add(TeamMember(team_id=team_id, user_id=user_id))
    session.flush()
