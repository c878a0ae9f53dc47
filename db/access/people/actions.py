"""Let people in, give them roles, and close the accounts of those who leave."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select, update

from db.access.gate import gate
from db.access.people.passwords.hashing import hashed
from db.access.people.passwords.rules import check_password
from db.access.people.passwords.tables import ResetLink
from db.access.people.queries import find_user, roles_of, user_by_email
from db.access.people.reassignment import reassign_everything
from db.access.people.rules import (
    PersonClosed,
    check_administrator_remains,
    check_language,
    chosen_roles,
    clean_email,
    clean_name,
)
from db.access.people.sessions.ending import end_sessions
from db.access.people.tables import User, UserRole
from db.access.people.tokens.tables import ApiToken
from db.access.rules import Actor, Role
from db.kernel.errors import BadInput, ChangedMeanwhile, NotAllowed


class AddressTaken(NotAllowed):
    """Two people cannot sign in with one address."""


@gate("access.manage_users", fresh=True)
def add_user(
    session: Session,
    *,
    name: str,
    email: str,
    roles: Iterable[Role | str],
    password: str | None = None,
    language: str = "fr",
    by: Actor,
    at: datetime,
) -> UUID:
    """Let a person in; without a password she chooses one through a reset link. Return the id.

    Raises:
        BadInput: the name, address, language, password or a role will not do.
        AddressTaken: somebody has this address already.
    """
    address, chosen = clean_email(email), chosen_roles(roles)
    check_language(language)
    if password is not None:
        check_password(password, email=address, name=name)
    _check_address_is_free(session, address)

    user = User(name=clean_name(name), email=address, language=language)
    if password is not None:
        user.password_hash, user.password_changed_at = hashed(password), at
    session.add(user)
    session.flush()
    session.add_all(UserRole(user_id=user.id, role=role.value) for role in sorted(chosen))
    return user.id


@gate("access.use_own_account")
def edit_own_account(
    session: Session, *, name: str, language: str, expected_version: int, by: Actor, at: datetime
) -> None:
    """Change one's own name and language.

    Raises:
        BadInput: the name or the language will not do.
        ChangedMeanwhile: the account was changed since it was read.
    """
    check_language(language)
    user = find_user(session, _own_id(by), locked=True)
    if user.row_version != expected_version:
        raise ChangedMeanwhile("Votre compte a été modifié entre-temps : rechargez la page.")

    user.name, user.language = clean_name(name), language


@gate("access.manage_users", fresh=True)
def change_email(session: Session, *, user_id: UUID, email: str, by: Actor, at: datetime) -> None:
    """Change the address with which a person signs in.

    Raises:
        BadInput: it is not an address.
        AddressTaken: somebody else has it.
    """
    address = clean_email(email)
    user = find_user(session, user_id, locked=True)
    if user.email != address:
        _check_address_is_free(session, address)
        user.email = address


@gate("access.change_roles", fresh=True)
def change_roles(session: Session, *, user_id: UUID, roles: Iterable[Role | str], by: Actor, at: datetime) -> None:
    """Give a person exactly these roles; her browsers must sign in anew (the one that does this stays).

    Raises:
        PersonClosed: she has left.
        LastAdministrator: nobody else would have the role.
    """
    wanted = chosen_roles(roles)
    others = _other_administrators(session, user_id)
    user = find_user(session, user_id, locked=True)
    if user.closed_at is not None:
        raise PersonClosed("{name} ne travaille plus avec Boussole.", name=user.name)
    now = roles_of(session, user_ids=[user_id])[user_id]
    if Role.ADMINISTRATOR in now - wanted:
        check_administrator_remains(others)
    if wanted == now:
        return

    for row in session.exec(select(UserRole).where(UserRole.user_id == user_id)).all():
        if Role(row.role) not in wanted:
            session.delete(row)
    session.add_all(UserRole(user_id=user_id, role=role.value) for role in sorted(wanted - now))
    end_sessions(session, user_id=user_id, at=at, but=by.session_id)


@gate("access.manage_users", fresh=True)
def close_person(session: Session, *, user_id: UUID, to_user: UUID | None, by: Actor, at: datetime) -> dict[str, int]:
    """Close the account of a person who leaves; return how many records of each kind `to_user` took over.

    Raises:
        PersonClosed: one of the two has left already.
        LastAdministrator: nobody else could let people in.
        NotAllowed: there are records, and nobody to take them over.
    """
    others = _other_administrators(session, user_id)
    user = find_user(session, user_id, locked=True)
    if user.closed_at is not None:
        raise PersonClosed("{name} ne travaille plus avec Boussole.", name=user.name)
    if Role.ADMINISTRATOR in roles_of(session, user_ids=[user_id])[user_id]:
        check_administrator_remains(others)
    _check_successor(session, user_id, to_user)

    moved = reassign_everything(session, from_user=user_id, to_user=to_user, by=by, at=at)
    user.closed_at = at
    end_sessions(session, user_id=user_id, at=at)
    revoke_keys(session, user_id=user_id, at=at)
    return moved


@gate("access.manage_users", fresh=True)
def reopen_person(session: Session, *, user_id: UUID, by: Actor, at: datetime) -> None:
    """Let a person in again who had left; she signs in as before."""
    find_user(session, user_id, locked=True).closed_at = None


def revoke_keys(session: Session, *, user_id: UUID, at: datetime) -> None:
    """Revoke all keys of programs and all open reset links of a person."""
    connection = session.connection()
    keys = update(ApiToken).where(col(ApiToken.user_id) == user_id, col(ApiToken.revoked_at).is_(None))
    connection.execute(keys.values(revoked_at=at))
    links = update(ResetLink).where(col(ResetLink.user_id) == user_id, col(ResetLink.used_at).is_(None))
    connection.execute(links.values(used_at=at))


def _own_id(by: Actor) -> UUID:
    if by.user_id is None:
        raise NotAllowed("Seule une personne a un compte.")
    return by.user_id


def _check_address_is_free(session: Session, address: str) -> None:
    if user_by_email(session, email=address) is not None:
        raise AddressTaken("L’adresse {email} est déjà celle de quelqu’un.", email=address)


def _check_successor(session: Session, user_id: UUID, to_user: UUID | None) -> None:
    if to_user is None:
        return
    if to_user == user_id:
        raise BadInput("Choisissez une autre personne pour reprendre les fiches.")
    successor = find_user(session, to_user)
    if successor.closed_at is not None:
        raise PersonClosed("{name} ne travaille plus avec Boussole.", name=successor.name)


def _other_administrators(session: Session, user_id: UUID) -> int:
    """Count the other open administrators; all are locked, so that two cannot take the role from each other at once."""
    administrators = session.exec(
        select(User)
        .join(UserRole, col(UserRole.user_id) == col(User.id))
        .where(UserRole.role == Role.ADMINISTRATOR.value, col(User.closed_at).is_(None))
        .order_by(col(User.id))
        .with_for_update()
    ).all()
    return sum(1 for user in administrators if user.id != user_id)
