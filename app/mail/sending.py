"""The worker's part of an e-mail: sent once, a copy in the folder of sent messages, never sent again blindly."""

from email.message import EmailMessage
from typing import Any
from uuid import UUID

from app.doors import ask, do
from app.gateways.mail_access import MailboxRefuses
from app.gateways.mail_in import opened
from app.gateways.mail_out import MailRefused, MailUncertain, composed, send_from
from app.worker import JobRun
from db.access.rules import Actor
from db.crm.mail.actions import note_sent
from db.documents.mail.accounts.queries import OpenedMailbox, opened_mailbox
from db.documents.mail.accounts.rules import ServerNotAllowed
from db.documents.mail.queries import Outgoing, outgoing_mail
from db.documents.mail.rules import MailState
from db.documents.mail.sending.actions import note_copied, note_handed, note_outcome
from db.documents.store import get
from db.kernel.errors import BusinessError
from db.kernel.sentences import Sentence
from db.session import DEMO, open_company, reading

DEMO_ONLY = Sentence("Dans la démonstration, rien ne quitte cette machine.")


def send(run: JobRun) -> dict[str, Any]:
    """Send an e-mail that a person handed over; after an interruption, look first whether it left already."""
    mail: Outgoing = ask(run.by, outgoing_mail, mail_id=UUID(str(run.arguments["mail_id"])))
    try:
        with reading() as session:
            box = opened_mailbox(session, mail.account_id)
    except ServerNotAllowed as refusal:
        return {"state": _not_now(run.by, mail, refusal).value}
    if mail.state is MailState.SENDING:
        state = _leave(run.by, mail, box)
        if state is not MailState.SENT:
            return {"state": state.value}
    elif mail.state is not MailState.SENT or mail.copied_at:
        return {"state": mail.state.value}
    _copy(run.by, mail, box)
    return {"state": MailState.SENT.value}


def _not_now(by: Actor, mail: Outgoing, refusal: ServerNotAllowed) -> MailState:
    """Say of an e-mail whose server the company no longer names what is known of it."""
    if mail.state is not MailState.SENDING:
        return mail.state
    state = MailState.FAILED if mail.handed_at is None else MailState.UNCERTAIN
    return _end(by, mail, state, refusal.sentence)


def _leave(by: Actor, mail: Outgoing, box: OpenedMailbox) -> MailState:
    if open_company() == DEMO:
        return _end(by, mail, MailState.FAILED, DEMO_ONLY)
    if mail.handed_at is not None:  # an earlier try was cut off while it was handed over
        return _after_a_cut(by, mail, box)
    do(by, note_handed, mail_id=mail.mail_id)
    try:
        send_from(box, _message(mail))
    except MailUncertain as doubt:
        return _after_a_cut(by, mail, box, doubt)
    except (MailboxRefuses, MailRefused, BusinessError) as refusal:
        return _end(by, mail, MailState.FAILED, refusal.sentence)
    do(by, note_sent, mail_id=mail.mail_id)
    return MailState.SENT


def _after_a_cut(by: Actor, mail: Outgoing, box: OpenedMailbox, doubt: BusinessError | None = None) -> MailState:
    """Look for the e-mail in the folder of sent messages; without a trace, a person has to look."""
    try:
        with opened(box) as mailbox:
            folder = mailbox.sent_folder()
            if folder and mailbox.holds(folder, mail.message_id):
                do(by, note_sent, mail_id=mail.mail_id)
                return MailState.SENT
    except MailboxRefuses:
        pass
    told = Sentence("L’envoi s’est interrompu : vérifier dans la boîte s’il est parti, puis choisir.")
    return _end(by, mail, MailState.UNCERTAIN, doubt.sentence if doubt else told)


def _end(by: Actor, mail: Outgoing, state: MailState, problem: str) -> MailState:
    do(by, note_outcome, mail_id=mail.mail_id, state=state, problem=problem)
    return state


def _copy(by: Actor, mail: Outgoing, box: OpenedMailbox) -> None:
    """Put a copy into the folder of sent messages, unless the server has done so itself."""
    problem: str = ""
    try:
        with opened(box) as mailbox:
            folder = mailbox.sent_folder()
            if not folder:
                problem = Sentence("La boîte n’a pas de dossier des messages envoyés : aucune copie.")
            elif not mailbox.holds(folder, mail.message_id):
                mailbox.append(folder, _message(mail).as_bytes(), mail.written_at)
    except MailboxRefuses as refusal:
        problem = Sentence("Envoyé, mais sans copie dans la boîte : {reason}", reason=refusal)
    do(by, note_copied, mail_id=mail.mail_id, problem=problem)


def _message(mail: Outgoing) -> EmailMessage:
    return composed(mail, [(name, get(sha256)) for name, sha256 in mail.files])
