"""The firm itself and what it lets leave the machine."""

from sqlalchemy import CheckConstraint

from db.kernel.encrypted import Encrypted
from db.kernel.record import Record, personal, plain, secret


class Company(Record, table=True):
    """The one firm of this database."""

    __tablename__ = "company"
    __table_args__ = (
        CheckConstraint("place = 1", name="one_company_per_database"),
        CheckConstraint("mail_security in ('none', 'starttls', 'tls')", name="known_mail_security"),
    )
    place: int = plain(default=1, nullable=False, unique=True)
    name: str = plain(nullable=False)
    uid: str | None = plain(default=None)  # CHE123456788
    language: str = plain(default="fr", nullable=False)
    mail_on: bool = plain(default=False, nullable=False)  # nothing is sent unless the firm switches it on
    mail_host: str = plain(default="", nullable=False)
    mail_port: int = plain(default=587, nullable=False)
    mail_security: str = plain(default="starttls", nullable=False)
    mail_user: str = personal(default="", nullable=False)
    mail_password: str | None = secret(sa_type=Encrypted("company.mail_password"), default=None)
    mail_from: str = personal(default="", nullable=False)
    vat_number: str | None = plain(default=None)  # CHE123456788, shown with MWST/TVA/IVA
    street: str | None = plain(default=None)
    postal_code: str | None = plain(default=None)
    city: str | None = plain(default=None)
    canton: str | None = plain(default=None)  # whose holidays are quiet
    phone: str | None = plain(default=None)
    email: str | None = plain(default=None)
    website: str | None = plain(default=None)
    logo_sha256: str | None = plain(default=None)
