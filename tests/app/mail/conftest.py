"""A mailbox of Nadia's on a real server, and who she is."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from app.doors import do, now
from app.mail.fetching import fetch
from app.worker import JobRun
from db.access.rules import Actor, Role, system_actor
from db.documents.mail.accounts.actions import add_mailbox
from db.documents.mail.accounts.rules import MailboxSecrets
from db.kernel.record import uuid7
from tests.mailboxes import PASSWORD, SERVERS, ImapMailbox, Receiver, allow_servers, box_draft, mailbox_on, smtp_server


@dataclass
class Post:
    """A mailbox that is set up: its servers, and the person whose it is."""

    account_id: UUID
    by: Actor
    imap: ImapMailbox
    smtp: Receiver

    def fetch(self) -> dict[str, Any]:
        """Read what is new, as the worker does."""
        return fetch(QuietRun(uuid7(), "mail.fetch", {"account_id": str(self.account_id)}, system_actor()))


class QuietRun(JobRun):
    """A job that reports to nobody."""

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Say nothing."""

    def log(self, message: str, *args: Any, **params: Any) -> None:
        """Say nothing."""


@pytest.fixture(params=SERVERS)
def imap(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ImapMailbox]:
    """An empty mailbox on each server that there is."""
    with mailbox_on(request.param, tmp_path / "imap") as found:
        yield found


@pytest.fixture
def post(database: Engine, people: dict[Role, Actor], imap: ImapMailbox) -> Iterator[Post]:
    """Nadia's own mailbox, switched on."""
    with smtp_server() as (port, receiver):
        nadia = people[Role.SALES]
        allow_servers("127.0.0.1")
        given = {"secrets": MailboxSecrets(PASSWORD), "is_shared": False}
        account_id = do(nadia, add_mailbox, at=now(), draft=box_draft(imap.port, port), **given)
        yield Post(account_id, nadia, imap, receiver)
