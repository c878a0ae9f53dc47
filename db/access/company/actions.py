"""Found the firm in an empty database, and change what it is called and what may leave it."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from db.access.calendars.rules import CANTONS
from db.access.company.queries import find_company
from db.access.company.rules import MailSettings, check_mail, clean_company_name, clean_profile, clean_uid
from db.access.company.tables import Company
from db.access.gate import gate
from db.access.people.actions import add_user
from db.access.people.queries import count_users
from db.access.people.rules import check_language
from db.access.rules import ANYBODY, Actor, Role
from db.kernel.errors import BadInput, ChangedMeanwhile, NotAllowed, NotFound


class AlreadySetUp(NotAllowed):
    """The database has its firm and its people."""


@gate("access.manage_company", fresh=True)
def found_company(session: Session, *, name: str, uid: str = "", language: str = "fr", by: Actor, at: datetime) -> UUID:
    """Give an empty database its firm.

    Raises:
        AlreadySetUp: it has one.
        BadInput: name, number or language will not do.
    """
    check_language(language)
    made = Company(name=clean_company_name(name), uid=clean_uid(uid), language=language)
    if find_company(session) is not None:
        raise AlreadySetUp("L’entreprise existe déjà : connectez-vous.")
    session.add(made)
    try:
        session.flush()
    except IntegrityError:
        raise AlreadySetUp("L’entreprise existe déjà : connectez-vous.") from None
    return made.id


@gate(ANYBODY)
def set_up(
    session: Session,
    *,
    company_name: str,
    uid: str,
    name: str,
    email: str,
    password: str,
    language: str = "fr",
    by: Actor,
    at: datetime,
) -> UUID:
    """Found the firm and its first administrator; return her id. The edge made sure that she is at this very machine.

    Raises:
        AlreadySetUp: somebody exists already.
        BadInput: one of the values will not do.
    """
    if count_users(session) > 0:
        raise AlreadySetUp("L’entreprise existe déjà : connectez-vous.")
    if not password:
        raise BadInput("Choisissez un mot de passe.")
    found_company(session, name=company_name, uid=uid, language=language, by=by, at=at)
    roles = [Role.ADMINISTRATOR, Role.MANAGER, Role.SALES, Role.ANALYST]  # a firm of one needs them all; to be changed
    return add_user(session, name=name, email=email, roles=roles, password=password, language=language, by=by, at=at)


@gate("access.manage_company")
def edit_company(
    session: Session, *, name: str, uid: str, language: str, expected_version: int, by: Actor, at: datetime
) -> None:
    """Change the firm's name, number and language.

    Raises:
        BadInput: one of them will not do.
        ChangedMeanwhile: somebody else changed them since they were read.
    """
    check_language(language)
    firm = _own_firm(session)
    if firm.row_version != expected_version:
        raise ChangedMeanwhile("L’entreprise a été modifiée entre-temps : rechargez la page.")
    firm.name, firm.uid, firm.language = clean_company_name(name), clean_uid(uid), language


@gate("access.manage_company")
def edit_profile(
    session: Session, *, profile: Mapping[str, str], expected_version: int, by: Actor, at: datetime
) -> None:
    """Change what stands at the head of the firm's letters.

    Raises:
        BadInput: a value will not do.
        ChangedMeanwhile: somebody else changed the firm since it was read.
    """
    cleaned = clean_profile(profile)
    firm = _own_firm(session)
    if firm.row_version != expected_version:
        raise ChangedMeanwhile("L’entreprise a été modifiée entre-temps : rechargez la page.")
    for name, value in cleaned.items():
        if getattr(firm, name) != value:
            setattr(firm, name, value)


@gate("access.manage_company")
def choose_canton(session: Session, *, canton: str, by: Actor, at: datetime) -> None:
    """Keep the holidays of a canton, or of none ("").

    Raises:
        BadInput: its holidays are not known.
    """
    if canton and canton not in CANTONS:
        raise BadInput("Choisissez un canton de la liste.")
    _own_firm(session).canton = canton or None


@gate("access.manage_company")
def change_logo(session: Session, *, sha256: str | None, by: Actor, at: datetime) -> None:
    """Put the picture at the head of the firm's letters, or take it away."""
    _own_firm(session).logo_sha256 = sha256


@gate("access.manage_company", fresh=True)
def change_mail(session: Session, *, settings: MailSettings, password: str | None, by: Actor, at: datetime) -> None:
    """Say how mail leaves, or that none does; without a new password the one that is kept stays.

    A change of server or user drops the kept password, so that it cannot be sent to another server.

    Raises:
        BadInput: mail could not leave this way.
    """
    check_mail(settings)
    firm = _own_firm(session)
    if (firm.mail_host, firm.mail_user) != (settings.host, settings.user):
        firm.mail_password = None
    firm.mail_on, firm.mail_host, firm.mail_port = settings.is_on, settings.host, settings.port
    firm.mail_security, firm.mail_user, firm.mail_from = settings.security, settings.user, settings.sender
    if password:
        firm.mail_password = password


def _own_firm(session: Session) -> Company:
    firm = find_company(session, locked=True)
    if firm is None:
        raise NotFound("L’entreprise n’est pas encore créée.")
    return firm
