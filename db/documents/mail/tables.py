"""E-mails that came and went, what they belong to, and what they name."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlmodel import SQLModel

from db.documents.mail.rules import MailState
from db.kernel.record import Instant, Record, Said, personal, plain

_STATES = ", ".join(f"'{one.value}'" for one in MailState)


class MailMessage(Record, table=True):
    """One e-mail of one mailbox. `owner_id`: the only person whom it concerns; None: it is the firm's.

    What it says is no history: it never changes after it came or was sent.
    """

    __tablename__ = "mail_message"
    __table_args__ = (
        UniqueConstraint("account_id", "key"),
        CheckConstraint("direction in ('in', 'out')", name="mail_direction"),
        CheckConstraint(f"state in ({_STATES})", name="mail_state"),
        CheckConstraint("(direction = 'in') = (state = 'received')", name="mail_state_of_direction"),
        CheckConstraint("place in ('loose', 'filed', 'private')", name="mail_place"),
        CheckConstraint("place <> 'private' or owner_id is not null", name="mail_private_owner"),
        Index("mail_of_subject", "base_subject", "written_at"),
        Index("mail_facets", "owner_id", "place", "state", "search_number", "id"),
        *[Index(f"mail_by_{name}", name, "id", "search_number") for name in ("written_at", "sender_order")],
        Index("mail_unread", "read_mark", "direction", "account_id"),
        Index("mail_by_updated_at", "updated_at", "id", "search_number"),
    )
    account_id: UUID | None = plain(default=None, foreign_key="mail_account.id")
    owner_id: UUID | None = plain(default=None, foreign_key="user_account.id", index=True)
    direction: str = plain(nullable=False)
    state: str = plain(nullable=False)
    place: str = plain(default="loose", nullable=False)  # loose, filed, private
    read_mark: str = plain(default="new", nullable=False, tracked=False)  # new, read
    thread_id: UUID = plain(nullable=False, index=True, tracked=False)
    key: str = plain(nullable=False, tracked=False)
    message_id: str = personal(default="", nullable=False, index=True, tracked=False)
    in_reply_to: str = personal(default="", nullable=False, tracked=False)
    subject: str = personal(default="", nullable=False, tracked=False)
    base_subject: str = personal(default="", nullable=False, tracked=False)
    sender_address: str = personal(default="", nullable=False, index=True, tracked=False)
    sender_name: str = personal(default="", nullable=False, tracked=False)
    sender_order: str = personal(default="", nullable=False, tracked=False)
    recipients: list[Any] = personal(sa_type=JSON, default_factory=list, nullable=False, tracked=False)
    copies: list[Any] = personal(sa_type=JSON, default_factory=list, nullable=False, tracked=False)
    written_at: datetime = plain(sa_type=Instant, nullable=False, tracked=False)
    text: str = personal(default="", nullable=False, tracked=False)
    quoted: str = personal(default="", nullable=False, tracked=False)
    html: str = personal(default="", nullable=False, tracked=False)
    is_auto: bool = plain(default=False, nullable=False, tracked=False)
    authentication: str = personal(default="", nullable=False, tracked=False)
    remark: str = plain(default="", nullable=False, tracked=False)
    remark_params: dict[str, Any] = personal(sa_type=JSON, default_factory=dict, nullable=False, tracked=False)
    size_bytes: int = plain(default=0, nullable=False, tracked=False)
    handed_at: datetime | None = plain(sa_type=Instant, default=None, tracked=False)
    copied_at: datetime | None = plain(sa_type=Instant, default=None, tracked=False)
    problem: str = personal(sa_type=Said, default="", nullable=False, tracked=False)
    bounced_address: str = personal(default="", nullable=False, tracked=False)
    bounced_reason: str = personal(default="", nullable=False, tracked=False)
    search_number: int = plain(default=0, nullable=False, tracked=False, unique=True)


class MailLink(SQLModel, table=True):
    """A record to which an e-mail belongs."""

    __tablename__ = "mail_link"
    __table_args__ = (Index("mail_link_of_record", "kind", "record_id"),)
    mail_id: UUID = plain(primary_key=True, foreign_key="mail_message.id")
    kind: str = plain(primary_key=True)
    record_id: UUID = plain(primary_key=True)
    how: str = plain(nullable=False)  # address, thread, person


class MailReference(SQLModel, table=True):
    """A message that an e-mail says it answers, whether it is here or not."""

    __tablename__ = "mail_reference"
    mail_id: UUID = plain(primary_key=True, foreign_key="mail_message.id")
    message_id: str = personal(primary_key=True, index=True)
    number: int = plain(default=0, nullable=False)  # its place in the header
