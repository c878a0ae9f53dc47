"""Who works here, and who is acting."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from db.access.gate import readable
from db.access.people.deputies.tables import Deputy
from db.access.people.rules import PersonClosed, roles_with_lent
from db.access.people.sessions.rules import is_alive
from db.access.people.sessions.tables import SignInSession
from db.access.people.tables import User, UserRole
from db.access.people.tokens.rules import is_usable, token_hash
from db.access.people.tokens.tables import ApiToken
from db.access.policy.queries import policy_now
from db.access.policy.rules import with_rights
from db.access.rules import ANYBODY, Actor, Lent, Role
from db.kernel.errors import NotFound

SWISS_TIME = ZoneInfo("Europe/Zurich")


@dataclass(frozen=True)
class Person:
    """What the firm knows of somebody who works with Boussole."""

    id: UUID
    name: str
    email: str
    language: str
    roles: frozenset[Role]
    closed_at: datetime | None
    has_password: bool
    has_second_factor: bool
    row_version: int


@readable("access.read_users")
def people(session: Session, *, with_closed: bool = False) -> Sequence[Person]:
    """List the people by name; those who left only when asked for."""
    wanted = select(User).order_by(func.lower(User.name), col(User.id))
    if not with_closed:
        wanted = wanted.where(col(User.closed_at).is_(None))
    users = session.exec(wanted).all()
    roles = roles_of(session, user_ids=[user.id for user in users])
    return [_person(user, roles[user.id]) for user in users]


@readable("access.use_own_account")
def person(session: Session, *, user_id: UUID) -> Person:
    """Return one person.

    Raises:
        NotFound: there is none with this id.
    """
    user = find_user(session, user_id)
    return _person(user, roles_of(session, user_ids=[user_id])[user_id])


@readable("access.read_names")
def user_names(session: Session) -> dict[UUID, str]:
    """Return everybody's name by id, also of those who left."""
    return dict(session.exec(select(User.id, User.name)).all())


@readable("access.read_names")
def open_people(session: Session) -> Sequence[tuple[UUID, str]]:
    """List id and name of those who work here now, by name."""
    wanted = select(User.id, User.name).where(col(User.closed_at).is_(None)).order_by(func.lower(User.name))
    return [(user_id, name) for user_id, name in session.exec(wanted)]


@readable(ANYBODY)
def count_users(session: Session) -> int:
    """Count everybody who ever had an account; 0 = the first run."""
    return session.exec(select(func.count()).select_from(User)).one()


@readable(ANYBODY)
def people_of_demo(session: Session) -> Sequence[Person]:
    """List the people of the demonstration, whom a visitor may play. The edge asks only while the demo is open."""
    return people(session)


def find_user(session: Session, user_id: UUID, *, locked: bool = False) -> User:
    """Return one account, locked for the rest of the transaction when it will be changed.

    Raises:
        NotFound: there is none with this id.
    """
    user = session.get(User, user_id, with_for_update=True if locked else None)
    if user is None:
        raise NotFound("Cette personne n’existe pas.")
    return user


def user_by_email(session: Session, *, email: str) -> User | None:
    """Return the account of an address, in whatever case it was typed."""
    return session.exec(select(User).where(User.email == email.strip().lower())).first()


def roles_of(session: Session, *, user_ids: Sequence[UUID]) -> dict[UUID, frozenset[Role]]:
    """Return the own roles of several people."""
    found: dict[UUID, set[Role]] = {user_id: set() for user_id in user_ids}
    rows = select(UserRole.user_id, UserRole.role).where(col(UserRole.user_id).in_(user_ids))
    for user_id, role in session.exec(rows):
        found[user_id].add(Role(role))
    return {user_id: frozenset(roles) for user_id, roles in found.items()}


def lent_roles(session: Session, *, user_id: UUID, on: date) -> tuple[Lent, ...]:
    """Return what a person may do on a day in the place of people who are away (never of those who left)."""
    rows = session.exec(
        select(User.id, User.name)
        .join(Deputy, col(Deputy.absent_id) == col(User.id))
        .where(Deputy.deputy_id == user_id, Deputy.first_date <= on, Deputy.last_date >= on)
        .where(col(Deputy.withdrawn).is_(False), col(User.closed_at).is_(None))
        .order_by(col(User.name), col(User.id))
    ).all()
    roles = roles_of(session, user_ids=[absent_id for absent_id, _ in rows])
    return tuple(Lent(name, roles[absent_id], absent_id) for absent_id, name in dict(rows).items())


def actor_of(session: Session, *, user_id: UUID, via: str, at: datetime) -> Actor:
    """Return a person with the roles that she has at an instant, her own and the lent ones.

    Raises:
        NotFound: there is no such person.
        PersonClosed: she has left.
    """
    user = find_user(session, user_id)
    if user.closed_at is not None:
        raise PersonClosed("{name} ne travaille plus avec Boussole.", name=user.name)
    own = roles_of(session, user_ids=[user_id])[user_id]
    lent = lent_roles(session, user_id=user_id, on=at.astimezone(SWISS_TIME).date())
    plain = Actor(
        user_id, user.name, roles_with_lent(own, lent), language=user.language, via=via, lent=lent, own_roles=own
    )
    return with_rights(plain, policy_now(session))


def actor_of_token(session: Session, *, token: str, at: datetime) -> Actor | None:
    """Return who acts with a program's key; None when it is unknown, expired or revoked, or its person has left."""
    found = session.exec(select(ApiToken).where(ApiToken.token_hash == token_hash(token))).first()
    if found is None or not is_usable(found.expires_at, found.revoked_at, at=at):
        return None
    try:
        person_acting = actor_of(session, user_id=found.user_id, via="api", at=at)
    except PersonClosed:
        return None
    return replace(person_acting, scopes=frozenset(found.scopes))


def actor_of_session(session: Session, *, token: str, at: datetime) -> tuple[Actor, SignInSession] | None:
    """Return who acts with a cookie, and the session; None unless it is open, recent and past both factors."""
    found = session.exec(select(SignInSession).where(SignInSession.token_hash == token_hash(token))).first()
    if (
        found is None
        or found.waits_for_code
        or not is_alive(found.opened_at, found.last_seen_at, found.ended_at, at=at)
    ):
        return None
    try:
        person_acting = actor_of(session, user_id=found.user_id, via="screen", at=at)
    except PersonClosed:
        return None
    return replace(person_acting, fresh_until=found.fresh_until, session_id=found.id), found


def _person(user: User, roles: frozenset[Role]) -> Person:
    return Person(
        id=user.id,
        name=user.name,
        email=user.email,
        language=user.language,
        roles=roles,
        closed_at=user.closed_at,
        has_password=user.password_hash is not None,
        has_second_factor=user.totp_since is not None,
        row_version=user.row_version,
    )
