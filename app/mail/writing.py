"""What is written: the form of an answer or of a new e-mail, and the draft that it keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.doors import ask, do
from app.text import SWITZERLAND, day, say
from db.access.rules import Actor
from db.crm.leads.queries import lead_detail
from db.crm.leads.rules import KIND as LEAD
from db.crm.mail.actions import file_draft
from db.crm.opportunities.queries import opportunity_facts
from db.crm.opportunities.rules import KIND as OPPORTUNITY
from db.documents.mail.accounts.queries import Mailbox, mailboxes
from db.documents.mail.queries import MailFacts, mail_facts
from db.documents.mail.rules import MailDraft, answer_subject, quoted_answer
from db.documents.mail.sending.actions import change_draft, write_mail
from db.kernel.errors import BadInput
from db.parties.queries import party_card
from db.parties.rules import KIND as PARTY


@dataclass
class Written:
    """An e-mail as its form shows it; `draft_id` is "" until it is kept."""

    account_id: str = ""
    recipients: str = ""
    copies: str = ""
    subject: str = ""
    text: str = ""
    quoted: str = ""
    answers: str = ""
    kind: str = ""
    record_id: str = ""
    draft_id: str = ""
    version: int = 0


def usable(actor: Actor) -> list[Mailbox]:
    """Return the mailboxes from which a person can send now, her own first."""
    found = [one for one in ask(actor, mailboxes, by=actor) if one.draft.is_on]
    return sorted(found, key=lambda one: one.owner_id is None)


def answer_to(actor: Actor, one: MailFacts, *, to_all: bool) -> Written:
    """Return the answer to an e-mail as it begins."""
    boxes = usable(actor)
    box = next((b for b in boxes if b.account_id == one.account_id), boxes[0] if boxes else None)
    own = {b.draft.address for b in boxes} | {one.account_address}
    first = [one.sender] if one.direction == "in" else list(one.recipients)
    others = [a for a in (*one.recipients, *one.copies) if a.address not in own and a not in first] if to_all else []
    when = one.written_at.astimezone(SWITZERLAND)
    said = say(
        actor.language,
        "Le {day} à {time}, {name} a écrit :",
        day=day(one.written_at),
        time=f"{when:%H:%M}",
        name=one.sender.name or one.sender.address,
    )
    return Written(
        account_id=str(box.account_id) if box else "",
        recipients=", ".join(map(str, first)),
        copies=", ".join(map(str, others)),
        subject=answer_subject(one.subject),
        text=_signed(box),
        quoted=quoted_answer(f"{one.text}\n\n{one.quoted}".strip(), said),
        answers=str(one.mail_id),
    )


def _signed(box: Mailbox | None) -> str:
    return f"\n\n-- \n{box.draft.signature}" if box and box.draft.signature else ""


def new_to(actor: Actor, kind: str, record_id: str) -> Written:
    """Return a new e-mail as it begins, to whom the address names."""
    boxes = usable(actor)
    box = boxes[0] if boxes else None
    made = Written(account_id=str(box.account_id) if box else "", text=_signed(box))
    if kind and record_id:
        made.kind, made.record_id = kind, record_id
        made.recipients = _address_of(actor, kind, UUID(record_id))
    return made


def _address_of(actor: Actor, kind: str, record_id: UUID) -> str:
    if kind == PARTY:
        card = ask(actor, party_card, party_id=record_id)
        return _named(card.name, card.email)
    if kind == LEAD:
        lead = ask(actor, lead_detail, lead_id=record_id, by=actor)
        return _named(lead.person_name or lead.name, lead.email)
    if kind == OPPORTUNITY:
        deal = ask(actor, opportunity_facts, opportunity_id=record_id, by=actor)
        party = deal.contact_id or deal.party_id
        return _address_of(actor, PARTY, party) if party else ""
    raise BadInput("On n’écrit pas depuis ce genre de fiche.")


def _named(name: str, address: str) -> str:
    bare = "".join(sign for sign in name if sign not in '<>",;')
    return f"{bare} <{address}>" if address else ""


def of_draft(one: MailFacts) -> Written:
    """Return a draft as its form shows it again."""
    return Written(
        account_id=str(one.account_id or ""),
        recipients=", ".join(map(str, one.recipients)),
        copies=", ".join(map(str, one.copies)),
        subject=one.subject,
        text=one.text,
        quoted=one.quoted,
        draft_id=str(one.mail_id),
        version=one.row_version,
    )


def keep(actor: Actor, written: Written, typed: Mapping[str, Any]) -> Written:
    """Keep what was typed as a draft; return the form as it stands.

    Raises: BadMail, BadInput, ChangedMeanwhile, NotFound: no mailbox to send from.
    """
    for name in ("account_id", "recipients", "copies", "subject", "text"):
        if name in typed:
            setattr(written, name, str(typed[name]))
    if not written.account_id:
        raise BadInput("Reliez d’abord votre boîte aux lettres dans les réglages.")
    account_id = _uuid(written.account_id)
    draft = MailDraft(account_id, written.recipients, written.copies, written.subject, written.text)
    if written.draft_id:
        mail_id = _uuid(written.draft_id)
        written.version = do(actor, change_draft, mail_id=mail_id, draft=draft, expected_version=written.version)
        return written
    answers = _uuid(written.answers) if written.answers else None
    mail_id = do(actor, write_mail, draft=draft, answers=answers, quoted=written.quoted)
    if written.kind and written.record_id:
        do(actor, file_draft, mail_id=mail_id, places=[(written.kind, _uuid(written.record_id))])
    written.draft_id, written.version = str(mail_id), ask(actor, mail_facts, mail_id=mail_id, by=actor).row_version
    return written


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadInput("Cet e-mail n’existe pas ou plus.") from None
