"""The button « Tester » of a mailbox: signs in on both servers and says what happened; nothing is kept or sent."""

from uuid import UUID

from app.gateways.mail_access import MailboxRefuses, open_smtp
from app.gateways.mail_in import opened
from app.text import say
from db.access.rules import Actor
from db.documents.mail.accounts.queries import FolderMark, OpenedMailbox, mailbox, opened_mailbox
from db.documents.mail.accounts.rules import ServerNotAllowed
from db.session import DEMO, open_company, reading


def tried(actor: Actor, account_id: UUID) -> list[tuple[str, bool]]:
    """Return what both servers answered, a sentence each, and whether it is good news. Raises: NotFound."""
    with reading() as session:
        mailbox(session, account_id=account_id, by=actor)  # hers, or the firm's
        try:
            box = opened_mailbox(session, account_id)
        except ServerNotAllowed as refusal:
            return [(say(actor.language, refusal.sentence), False)]
    if open_company() == DEMO:
        return [(say(actor.language, "Dans la démonstration, rien ne quitte cette machine."), False)]
    return [_imap(box, actor), _smtp(box, actor)]


def _imap(box: OpenedMailbox, actor: Actor) -> tuple[str, bool]:
    try:
        with opened(box) as found:
            state = found.look(box.draft.inbox, FolderMark())
            sent = found.sent_folder()
    except MailboxRefuses as refusal:
        return say(actor.language, refusal.sentence), False
    told = "Réception : accès accepté, {count} messages à relever, copies dans « {sent} »."
    if not sent:
        told = "Réception : accès accepté, {count} messages à relever ; indiquez le dossier des messages envoyés."
    count = f"{len(state.new)}+" if len(state.new) >= 500 else str(len(state.new))
    return say(actor.language, told, count=count, sent=sent), bool(sent)


def _smtp(box: OpenedMailbox, actor: Actor) -> tuple[str, bool]:
    try:
        open_smtp(box).close()
    except MailboxRefuses as refusal:
        return say(actor.language, refusal.sentence), False
    return say(actor.language, "Envoi : accès accepté."), True
