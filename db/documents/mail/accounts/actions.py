"""Setting up mailboxes, and noting how reading them went."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from db.access.gate import bookkeeping, gate
from db.access.rules import Actor, may
from db.documents.mail.accounts.queries import mailbox_row, may_manage, not_named, servers_now
from db.documents.mail.accounts.rules import (
    EVERY,
    BadMailbox,
    MailboxDraft,
    MailboxSecrets,
    check_mailbox,
    check_servers,
    wait_after,
)
from db.documents.mail.accounts.tables import MailAccount, MailFolder, MailPolicy
from db.documents.mail.rules import MANAGE, READ, TAKE_IN
from db.jobs.actions import ask_for_job
from db.kernel.errors import ChangedMeanwhile, NotAllowed
from db.kernel.findings import Finding

FETCH_JOB = "mail.fetch"


@gate(READ)
def add_mailbox(
    session: Session, *, draft: MailboxDraft, secrets: MailboxSecrets, is_shared: bool, by: Actor, at: datetime
) -> UUID:
    """Set up a mailbox: one's own, or the firm's; return its id.

    Raises: BadMailbox. NotAllowed: the firm's without the right to.
    """
    owner_id = None if is_shared else by.user_id
    _check_manager(owner_id, by)
    draft = check_mailbox(draft)
    _check_free(session, draft.address, None)
    _check_servers(session, draft, by)
    row = MailAccount(owner_id=owner_id, **vars(draft))
    _keep_secrets(row, secrets)
    _check_on(row)
    session.add(row)
    session.flush()
    return row.id


@gate(READ)
def change_mailbox(
    session: Session,
    *,
    account_id: UUID,
    draft: MailboxDraft,
    secrets: MailboxSecrets,
    expected_version: int,
    by: Actor,
    at: datetime,
) -> None:
    """Change a mailbox. Another server or user drops what is kept secret, so that it never reaches another server.

    Raises: NotFound, NotAllowed, BadMailbox, ChangedMeanwhile.
    """
    row = mailbox_row(session, account_id=account_id, by=by, locked=True)
    _check_manager(row.owner_id, by)
    if row.row_version != expected_version:
        raise ChangedMeanwhile("Cette boîte a été modifiée entre-temps : rechargez la page.")
    draft = check_mailbox(draft)
    _check_servers(session, draft, by)
    _check_free(session, draft.address, account_id)
    reached = ("imap_host", "smtp_host", "user", "token_address", "client_id")
    if any(getattr(row, name) != getattr(draft, name) for name in reached):
        row.password = row.client_secret = row.refresh_token = None
    for name, value in vars(draft).items():
        if getattr(row, name) != value:
            setattr(row, name, value)
    _keep_secrets(row, secrets)
    _check_on(row)
    row.failures, row.problem, row.next_at = 0, "", None


def _check_manager(owner_id: UUID | None, by: Actor) -> None:
    if not may_manage(owner_id, by):
        raise NotAllowed("Seule l’administration gère les boîtes de l’entreprise.")


@gate(MANAGE)
def allow_mail_servers(
    session: Session, *, servers: Sequence[str], expected_version: int, by: Actor, at: datetime
) -> None:
    """Name the servers that mailboxes may use; on any other, a mailbox neither reads nor sends from now on.

    Raises: BadInput. ChangedMeanwhile: somebody else decided since.
    """
    if servers_now(session).row_version != expected_version:
        raise ChangedMeanwhile("Ce réglage a été modifié entre-temps : rechargez la page.")
    _name_servers(session, check_servers(servers))


def _check_servers(session: Session, draft: MailboxDraft, by: Actor) -> None:
    """Take whom the administration sets up a mailbox with as named; refuse to anybody else what is not."""
    others = not_named(session, draft)
    if others and may(by, MANAGE):
        _name_servers(session, check_servers([*servers_now(session).names, *others]))
    elif others and draft.is_on:
        told = "L’administration n’a pas autorisé le serveur {name} : demandez-lui de l’ajouter, ou laissez désactivé."
        raise BadMailbox([Finding("is_on", told, {"name": others[0]})])


def _name_servers(session: Session, names: list[str]) -> None:
    row = session.scalars(select(MailPolicy).with_for_update()).first() or MailPolicy(servers=[])
    row.servers = names
    session.add(row)
    session.flush()


def _check_free(session: Session, address: str, account_id: UUID | None) -> None:
    taken = session.scalars(select(MailAccount.id).where(MailAccount.address == address)).first()
    if taken is not None and taken != account_id:
        raise BadMailbox([Finding("address", "Cette adresse a déjà sa boîte ici.")])


def _keep_secrets(row: MailAccount, secrets: MailboxSecrets) -> None:
    for name, value in vars(secrets).items():
        if value:
            setattr(row, name, value)


def _check_on(row: MailAccount) -> None:
    if not row.is_on:
        return
    if row.method == "password" and not row.password:
        raise BadMailbox([Finding("password", "Indiquez le mot de passe de la boîte.")])
    if row.method == "xoauth2" and not (row.refresh_token and row.token_address and row.client_id):
        told = "Pour XOAUTH2, indiquez l’adresse des jetons, l’identifiant du client et le jeton."
        raise BadMailbox([Finding("refresh_token", told)])


@bookkeeping(TAKE_IN)
def ask_for_fetch(session: Session, *, account_id: UUID, by: Actor, at: datetime) -> UUID:
    """Have the worker read a mailbox; return the job."""
    job_id = ask_for_job(session, kind=FETCH_JOB, arguments={"account_id": str(account_id)}, by=by, at=at)
    _set(session, account_id, job_id=job_id)
    return job_id


@gate(READ)
def read_now(session: Session, *, account_id: UUID, by: Actor, at: datetime) -> None:
    """Have a mailbox read at the next round. Raises: NotFound."""
    row = mailbox_row(session, account_id=account_id, by=by)
    _set(session, row.id, next_at=None)


@bookkeeping(TAKE_IN)
def note_read(session: Session, *, account_id: UUID, by: Actor, at: datetime) -> None:
    """Note that a mailbox was read."""
    _set(session, account_id, tried_at=at, read_at=at, next_at=at + EVERY, failures=0, problem="")


@bookkeeping(TAKE_IN)
def note_refusal(session: Session, *, account_id: UUID, problem: str, by: Actor, at: datetime) -> None:
    """Note that a mailbox could not be read, and try again later, ever more rarely."""
    row = session.get_one(MailAccount, account_id)
    failures = row.failures + 1
    _set(session, account_id, tried_at=at, next_at=at + wait_after(failures), failures=failures, problem=problem)


@bookkeeping(TAKE_IN)
def note_folder(
    session: Session, *, account_id: UUID, name: str, validity: int, last_uid: int, by: Actor, at: datetime
) -> None:
    """Note how far a folder was read."""
    row = session.get(MailFolder, (account_id, name)) or MailFolder(account_id=account_id, name=name)
    row.validity, row.last_uid = validity, last_uid
    session.add(row)


def _set(session: Session, account_id: UUID, **values: Any) -> None:
    session.connection().execute(update(MailAccount).where(col(MailAccount.id) == account_id).values(**values))
