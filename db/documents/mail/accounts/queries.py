"""Which mailboxes there are, and which are to be read now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.people.tables import User
from db.access.rules import Actor, may
from db.documents.mail.accounts.rules import MailboxDraft, ServerNotAllowed, servers_of
from db.documents.mail.accounts.tables import MailAccount, MailFolder, MailPolicy
from db.documents.mail.rules import MANAGE, READ, TAKE_IN
from db.jobs.rules import JobState
from db.jobs.tables import Job
from db.kernel.errors import NotFound


@dataclass(frozen=True)
class Mailbox:
    """A mailbox as its people see it, without its secrets."""

    account_id: UUID
    owner_id: UUID | None
    draft: MailboxDraft
    has_password: bool
    has_token: bool
    read_at: datetime | None
    next_at: datetime | None
    problem: str
    row_version: int


@dataclass(frozen=True)
class FolderMark:
    """How far a folder was read."""

    validity: int = 0
    last_uid: int = 0


@dataclass(frozen=True)
class MailServers:
    """The servers that the company named, and the version of that decision (0: none was taken)."""

    names: tuple[str, ...] = ()
    row_version: int = 0


@readable(READ)
def mail_servers(session: Session, *, by: Actor) -> MailServers:
    """Return the servers that mailboxes may use."""
    return servers_now(session)


def servers_now(session: Session) -> MailServers:
    """Return the servers that mailboxes may use."""
    row = session.scalars(select(MailPolicy)).first()
    return MailServers(tuple(row.servers), row.row_version) if row else MailServers()


def not_named(session: Session, draft: MailboxDraft) -> list[str]:
    """Return the servers of a mailbox that the company did not name."""
    named = servers_now(session).names
    return [one for one in servers_of(draft) if one not in named]


@readable(READ)
def mailboxes(session: Session, *, by: Actor) -> list[Mailbox]:
    """Return the person's own mailboxes and the firm's."""
    theirs = or_(col(MailAccount.owner_id) == by.user_id, col(MailAccount.owner_id).is_(None))
    wanted = select(MailAccount).where(theirs).order_by(col(MailAccount.id))
    return [_facts(row) for row in session.scalars(wanted)]


@readable(READ)
def mailbox(session: Session, *, account_id: UUID, by: Actor) -> Mailbox:
    """Return one mailbox. Raises: NotFound, also when it is somebody else's."""
    return _facts(mailbox_row(session, account_id=account_id, by=by))


def mailbox_row(session: Session, *, account_id: UUID, by: Actor, locked: bool = False) -> MailAccount:
    """Return the row of a mailbox that the person uses. Raises: NotFound."""
    row = session.get(MailAccount, account_id, with_for_update=locked)
    if row is None or not (by.system or row.owner_id in (None, by.user_id)):
        raise NotFound("Cette boîte n’existe pas ou n’est pas la vôtre.")
    return row


def check_reachable(session: Session, row: MailAccount) -> None:
    """Test if the company named every server of a mailbox. Raises: ServerNotAllowed."""
    for name in not_named(session, _facts(row).draft):
        raise ServerNotAllowed("L’administration n’a pas autorisé le serveur {name}.", name=name)


def may_manage(row_owner: UUID | None, by: Actor) -> bool:
    """Test if a person may change a mailbox: her own, or the firm's with the right to."""
    return row_owner == by.user_id if row_owner is not None else may(by, MANAGE)


def _facts(row: MailAccount) -> Mailbox:
    draft = MailboxDraft(**{name: getattr(row, name) for name in MailboxDraft.__dataclass_fields__})
    return Mailbox(
        row.id,
        row.owner_id,
        draft,
        row.password is not None,
        row.refresh_token is not None,
        row.read_at,
        row.next_at,
        row.problem,
        row.row_version,
    )


@dataclass(frozen=True)
class OpenedMailbox:
    """A mailbox with its secrets, for the gateway alone."""

    account_id: UUID
    draft: MailboxDraft
    password: str
    client_secret: str
    refresh_token: str


def opened_mailbox(session: Session, account_id: UUID) -> OpenedMailbox:
    """Return a mailbox with what opens it, for the gateway that talks to its servers.

    Raises: NotFound, ServerNotAllowed.
    """
    row = session.get(MailAccount, account_id)
    if row is None:
        raise NotFound("Cette boîte n’existe pas ou n’est pas la vôtre.")
    check_reachable(session, row)
    facts = _facts(row)
    return OpenedMailbox(row.id, facts.draft, row.password or "", row.client_secret or "", row.refresh_token or "")


@readable(TAKE_IN)
def mailboxes_due(session: Session, *, at: datetime) -> Sequence[UUID]:
    """Return the mailboxes that are on, whose time has come and which no job reads; none of people who left."""
    due = or_(col(MailAccount.next_at).is_(None), col(MailAccount.next_at) <= at)
    left = select(col(User.id)).where(col(User.closed_at).is_not(None))
    here = or_(col(MailAccount.owner_id).is_(None), col(MailAccount.owner_id).not_in(left))
    wanted = select(MailAccount).where(col(MailAccount.is_on), due, here).order_by(col(MailAccount.id))
    return [row.id for row in session.scalars(wanted) if not _is_being_read(session, row)]


def _is_being_read(session: Session, row: MailAccount) -> bool:
    job = session.get(Job, row.job_id) if row.job_id else None
    return job is not None and job.state in (JobState.WAITING, JobState.RUNNING)


@readable(TAKE_IN)
def folder_mark(session: Session, *, account_id: UUID, name: str) -> FolderMark:
    """Return how far a folder was read."""
    row = session.get(MailFolder, (account_id, name))
    return FolderMark(row.validity, row.last_uid) if row else FolderMark()
