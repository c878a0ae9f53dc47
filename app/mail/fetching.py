"""The worker reads mailboxes: each message once, folder by folder; one that refuses is tried again later."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.doors import ask, do, now
from app.gateways.mail_access import MailboxRefuses
from app.gateways.mail_in import Fetched, Mailbox, opened
from app.gateways.mime import read_mail
from app.worker import JobRun
from db.access.rules import Actor, system_actor
from db.crm.mail.actions import take_mail_in
from db.documents.mail.accounts.actions import ask_for_fetch, note_folder, note_read, note_refusal
from db.documents.mail.accounts.queries import FolderMark, OpenedMailbox, folder_mark, mailboxes_due, opened_mailbox
from db.documents.mail.accounts.rules import ServerNotAllowed
from db.jobs.rules import LogLevel
from db.kernel.errors import BusinessError
from db.session import DEMO, open_company, reading


def ask_for_fetches(system: Actor) -> None:
    """Have every mailbox read whose time has come; in the demonstration none is."""
    if open_company() == DEMO:
        return
    at = now()
    for account_id in ask(system, mailboxes_due, at=at):
        do(system, ask_for_fetch, account_id=account_id)


def fetch(run: JobRun) -> dict[str, Any]:
    """Read what is new in a mailbox; return how many messages are new, and why it stopped if it did."""
    system, account_id = system_actor(), UUID(str(run.arguments["account_id"]))
    tally = Tally()
    try:
        with reading() as session:
            box = opened_mailbox(session, account_id)
        if not box.draft.is_on:
            return {"new": 0}
        with opened(box) as mailbox:
            for folder in dict.fromkeys((box.draft.inbox, mailbox.sent_folder())):
                if folder:
                    _read_folder(run, box, mailbox, folder, tally)
    except (MailboxRefuses, ServerNotAllowed) as refusal:
        do(system, note_refusal, account_id=account_id, problem=refusal.sentence)
        run.log(refusal.message_id, LogLevel.WARNING, **refusal.params)
        return {"new": tally.new, "problem": str(refusal)}
    do(system, note_read, account_id=account_id)
    return {"new": tally.new, "unread": tally.unread}


@dataclass
class Tally:
    """What a round brought."""

    new: int = 0
    unread: int = 0


def _read_folder(run: JobRun, box: OpenedMailbox, mailbox: Mailbox, folder: str, tally: Tally) -> None:
    system = system_actor()
    mark: FolderMark = ask(system, folder_mark, account_id=box.account_id, name=folder)
    state = mailbox.look(folder, mark)
    for number, uid in enumerate(state.new):
        run.progress(number, len(state.new), folder)
        fetched = mailbox.fetch(uid)
        if fetched is not None:
            _take(run, box, fetched, tally)
        given = {"account_id": box.account_id, "name": folder, "validity": state.validity, "last_uid": uid}
        do(system, note_folder, **given)
    if not state.new and state.validity != mark.validity:
        do(system, note_folder, account_id=box.account_id, name=folder, validity=state.validity, last_uid=0)


def _take(run: JobRun, box: OpenedMailbox, fetched: Fetched, tally: Tally) -> None:
    """Keep one message; one that cannot be kept is named, and the others go on."""
    mail = read_mail(fetched.raw, at=now(), size_bytes=fetched.size_bytes)
    try:
        made = do(system_actor(), take_mail_in, account_id=box.account_id, mail=mail)
    except BusinessError as refusal:
        tally.unread += 1
        told = {"subject": mail.subject[:100], "reason": str(refusal)}
        run.log("« {subject} » n’a pas pu être repris : {reason}", LogLevel.WARNING, **told)
        return
    tally.new += made is not None
