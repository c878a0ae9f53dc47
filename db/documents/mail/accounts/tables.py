"""Mailboxes and how far each of their folders was read."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint
from sqlmodel import SQLModel

from db.kernel.encrypted import Encrypted
from db.kernel.record import Instant, Record, Said, personal, plain, secret


class MailPolicy(Record, table=True):
    """The company's own decision; no mail server is reached that it did not name."""

    __tablename__ = "mail_policy"
    __table_args__ = (CheckConstraint("place = 1", name="one_mail_policy"),)
    place: int = plain(default=1, nullable=False, unique=True)
    servers: list[str] = plain(sa_type=JSON, nullable=False)


class MailAccount(Record, table=True):
    """One mailbox: a person's own, or (without owner) the firm's."""

    __tablename__ = "mail_account"
    __table_args__ = (
        CheckConstraint("method in ('password', 'xoauth2')", name="mail_account_method"),
        CheckConstraint("imap_security in ('none', 'starttls', 'tls')", name="mail_account_imap"),
        CheckConstraint("smtp_security in ('none', 'starttls', 'tls')", name="mail_account_smtp"),
    )
    owner_id: UUID | None = plain(default=None, foreign_key="user_account.id", index=True)
    name: str = personal(default="", nullable=False)
    address: str = personal(nullable=False, unique=True)
    is_on: bool = plain(default=False, nullable=False)
    method: str = plain(default="password", nullable=False)
    user: str = personal(default="", nullable=False)
    imap_host: str = plain(nullable=False)
    imap_port: int = plain(default=993, nullable=False)
    imap_security: str = plain(default="tls", nullable=False)
    smtp_host: str = plain(nullable=False)
    smtp_port: int = plain(default=587, nullable=False)
    smtp_security: str = plain(default="starttls", nullable=False)
    inbox: str = plain(default="INBOX", nullable=False)
    sent: str = plain(default="", nullable=False)
    signature: str = personal(default="", nullable=False)
    token_address: str = plain(default="", nullable=False)
    client_id: str = plain(default="", nullable=False)
    password: str | None = secret(sa_type=Encrypted("mail_account.password"), default=None)
    client_secret: str | None = secret(sa_type=Encrypted("mail_account.client_secret"), default=None)
    refresh_token: str | None = secret(sa_type=Encrypted("mail_account.refresh_token"), default=None)
    job_id: UUID | None = plain(default=None, tracked=False)
    tried_at: datetime | None = plain(sa_type=Instant, default=None, tracked=False)
    read_at: datetime | None = plain(sa_type=Instant, default=None, tracked=False)
    next_at: datetime | None = plain(sa_type=Instant, default=None, tracked=False)
    failures: int = plain(default=0, nullable=False, tracked=False)
    problem: str = plain(sa_type=Said, default="", nullable=False, tracked=False)


class MailFolder(SQLModel, table=True):
    """How far a folder was read: every message up to `last_uid` is here, as long as `validity` stays the same."""

    __tablename__ = "mail_folder"
    account_id: UUID = plain(primary_key=True, foreign_key="mail_account.id")
    name: str = plain(primary_key=True)
    validity: int = plain(default=0, nullable=False)
    last_uid: int = plain(default=0, nullable=False)
