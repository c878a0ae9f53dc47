"""What is known of the firm."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from db.access.company.rules import MailSettings
from db.access.company.tables import Company
from db.access.gate import readable
from db.access.rules import ANYBODY


@dataclass(frozen=True)
class CompanyFacts:
    """What everybody may know of the firm."""

    name: str
    uid: str | None
    language: str
    row_version: int


@readable(ANYBODY)
def company(session: Session) -> CompanyFacts | None:
    """Return the firm; None before the first set-up."""
    found = find_company(session)
    return None if found is None else CompanyFacts(found.name, found.uid, found.language, found.row_version)


@dataclass(frozen=True)
class CompanyProfile:
    """What stands at the head of the firm's letters, and whose holidays it keeps; "" for what is not given."""

    vat_number: str
    street: str
    postal_code: str
    city: str
    canton: str
    phone: str
    email: str
    website: str
    logo_sha256: str


@readable("access.use_own_account")
def company_profile(session: Session) -> CompanyProfile | None:
    """Return the firm's address and the like."""
    found = find_company(session)
    if found is None:
        return None
    return CompanyProfile(*(getattr(found, name) or "" for name in CompanyProfile.__dataclass_fields__))


@readable("access.use_own_account")
def founded_at(session: Session) -> datetime | None:
    """Return since when the firm is in this database."""
    found = find_company(session)
    return None if found is None else found.created_at


@readable(ANYBODY)
def sends_mail(session: Session) -> bool:
    """Test if the firm lets mail leave (the sign-in page offers a link by mail only then)."""
    found = find_company(session)
    return found is not None and found.mail_on


@readable("access.manage_company")
def mail_settings(session: Session) -> MailSettings:
    """Return how mail leaves, without the password."""
    found = find_company(session)
    if found is None:
        return MailSettings(False, "", 587, "starttls", "", "")
    return MailSettings(
        found.mail_on, found.mail_host, found.mail_port, found.mail_security, found.mail_user, found.mail_from
    )


def mail_password(session: Session) -> str | None:
    """Return the mail server's password, for the gateway that sends."""
    found = find_company(session)
    return None if found is None else found.mail_password


def find_company(session: Session, *, locked: bool = False) -> Company | None:
    """Return the firm's row, locked when it will be changed."""
    wanted = select(Company)
    return session.exec(wanted.with_for_update() if locked else wanted).first()
