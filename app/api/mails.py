"""E-mails over the API: the list, a conversation, writing and sending, filing; and the mailboxes."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, File, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from app.api.listing import add_changes, add_list
from app.api.permission import allowed
from app.api.versions import IfMatch, expected_version, put_version
from app.doors import ask, do
from app.mail.domain import of_mailbox
from app.mail.trying import tried
from db.access.rules import Actor
from db.crm.mail.actions import (
    contact_of_mail,
    file_draft,
    file_mail,
    lead_of_mail,
    make_private,
    settle_uncertain,
    unfile_mail,
)
from db.crm.mail.queries import RefusedAddress, refused_addresses
from db.documents.attachments.rules import MOST_BYTES
from db.documents.mail.accounts.actions import add_mailbox, allow_mail_servers, change_mailbox, read_now
from db.documents.mail.accounts.queries import Mailbox, MailServers, mail_servers, mailbox, mailboxes
from db.documents.mail.accounts.rules import MailboxDraft, MailboxSecrets
from db.documents.mail.actions import end_private, mark_read
from db.documents.mail.listing.actions import change_mails
from db.documents.mail.listing.queries import MAIL_QUESTIONS, SOURCE, MailRow
from db.documents.mail.queries import MailFacts, mail_facts, mail_thread, mails_of_record, unread_mails
from db.documents.mail.rules import MANAGE, READ, SEND, MailDraft
from db.documents.mail.sending.actions import (
    change_draft,
    drop_draft,
    hang_on_draft,
    send_mail,
    take_off_draft,
    write_mail,
)

router = APIRouter(prefix="/mails", tags=["Courrier"])
Reader = Annotated[Actor, Depends(allowed(READ))]
Writer = Annotated[Actor, Depends(allowed(SEND))]
Keeper = Annotated[Actor, Depends(allowed(MANAGE))]
Clerk = Annotated[Actor, Depends(allowed("parties.edit"))]
Seller = Annotated[Actor, Depends(allowed("crm.edit_leads"))]


class MailText(BaseModel):
    """An e-mail to be written; recipients separated by commas."""

    model_config = ConfigDict(extra="forbid")
    account_id: UUID
    recipients: str = Field(default="", max_length=20_000)
    copies: str = Field(default="", max_length=20_000)
    subject: str = Field(default="", max_length=500)
    text: str = Field(default="", max_length=200_000)

    def draft(self) -> MailDraft:
        """Return it as the action takes it."""
        return MailDraft(self.account_id, self.recipients, self.copies, self.subject, self.text)


class NewMail(MailText):
    """A new e-mail, or the answer to one; filed under a record once it is sent."""

    answers: UUID | None = None
    kind: str = Field(default="", max_length=40)
    record_id: UUID | None = None


class Place(BaseModel):
    """A record."""

    model_config = ConfigDict(extra="forbid")
    kind: str = Field(max_length=40)
    record_id: UUID


class GivenMailbox(BaseModel):
    """A mailbox; secrets that are not sent stay as they are."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(default="", max_length=300)
    address: str = Field(max_length=320)
    user: str = Field(default="", max_length=300)
    method: str = "password"
    imap_host: str = Field(max_length=253)
    imap_port: int = 993
    imap_security: str = "tls"
    smtp_host: str = Field(max_length=253)
    smtp_port: int = 587
    smtp_security: str = "starttls"
    inbox: str = Field(default="INBOX", max_length=300)
    sent: str = Field(default="", max_length=300)
    signature: str = Field(default="", max_length=2000)
    token_address: str = Field(default="", max_length=300)
    client_id: str = Field(default="", max_length=300)
    is_on: bool = False
    password: str = Field(default="", max_length=2000)
    client_secret: str = Field(default="", max_length=2000)
    refresh_token: str = Field(default="", max_length=8000)

    def parts(self) -> tuple[MailboxDraft, MailboxSecrets]:
        """Return how it is reached and what opens it."""
        values = self.model_dump(exclude={"is_shared"})
        secrets = {name: values.pop(name) for name in ("password", "client_secret", "refresh_token")}
        return MailboxDraft(**values), MailboxSecrets(**secrets)


class NamedServers(BaseModel):
    """The mail servers that the company names."""

    model_config = ConfigDict(extra="forbid")
    servers: list[str] = Field(max_length=50)


class NewMailbox(GivenMailbox):
    """A new mailbox: one's own, or the firm's."""

    is_shared: bool = False


add_list(
    router, source=SOURCE, row=MailRow, page=MAIL_QUESTIONS.page, counts=MAIL_QUESTIONS.counts, words="les e-mails"
)
add_changes(router, permission=SEND, action=change_mails, words="read, unread")


@router.get("/unread")
def unread(by: Reader) -> dict[str, int]:
    """Compter les e-mails non lus de ses boîtes et de celles de l'entreprise."""
    return {"count": ask(by, unread_mails, by=by)}


@router.get("/refused-addresses")
def refused(by: Reader, address: str = "") -> list[RefusedAddress]:
    """Lire quelles adresses (séparées par des virgules) ont refusé un message."""
    return ask(by, refused_addresses, addresses=[one.strip() for one in address.split(",")], by=by)


@router.get("/of/{kind}/{record_id}")
def of_record(by: Reader, kind: str, record_id: UUID) -> list[MailFacts]:
    """Lire les e-mails d'une fiche, les plus récents d'abord."""
    return ask(by, mails_of_record, kind=kind, record_id=record_id, by=by)


@router.get("/mailboxes")
def boxes(by: Reader) -> list[Mailbox]:
    """Lire ses boîtes aux lettres et celles de l'entreprise, sans leurs secrets."""
    return ask(by, mailboxes, by=by)


@router.post("/mailboxes", status_code=201)
def add_box(by: Reader, given: NewMailbox, response: Response) -> Mailbox:
    """Relier une boîte aux lettres."""
    draft, secrets = given.parts()
    made = do(by, add_mailbox, draft=draft, secrets=secrets, is_shared=given.is_shared)
    return _box(by, made, response)


@router.get("/servers")
def servers(by: Reader, response: Response) -> MailServers:
    """Lire les serveurs de courrier autorisés ; `ETag` porte leur version."""
    return _named(by, response)


@router.put("/servers")
def allow_servers(by: Keeper, given: NamedServers, response: Response, if_match: IfMatch = None) -> MailServers:
    """Autoriser des serveurs de courrier : sur tout autre, rien n'est relevé ni envoyé."""
    do(by, allow_mail_servers, servers=given.servers, expected_version=expected_version(if_match))
    return _named(by, response)


@router.get("/mailboxes/{account_id}")
def box(by: Reader, account_id: UUID, response: Response) -> Mailbox:
    """Lire une boîte aux lettres ; `ETag` porte sa version."""
    return _box(by, account_id, response)


@router.put("/mailboxes/{account_id}")
def change_box(
    by: Reader, account_id: UUID, given: GivenMailbox, response: Response, if_match: IfMatch = None
) -> Mailbox:
    """Modifier une boîte aux lettres ; modifiée entre-temps, elle est refusée (412)."""
    draft, secrets = given.parts()
    version = expected_version(if_match)
    do(by, change_mailbox, account_id=account_id, draft=draft, secrets=secrets, expected_version=version)
    return _box(by, account_id, response)


@router.post("/mailboxes/{account_id}/fetch", status_code=202)
def fetch_box(by: Reader, account_id: UUID) -> dict[str, str]:
    """Demander la relève d'une boîte à la prochaine ronde."""
    do(by, read_now, account_id=account_id)
    return {"state": "asked"}


@router.post("/mailboxes/{account_id}/test")
def test_box(by: Reader, account_id: UUID) -> list[dict[str, Any]]:
    """Essayer l'accès aux deux serveurs d'une boîte ; rien n'est envoyé."""
    return [{"text": text, "ok": is_good} for text, is_good in tried(by, account_id)]


@router.post("/mailboxes/{account_id}/domain")
def check_domain(by: Reader, account_id: UUID) -> list[dict[str, Any]]:
    """Demander au DNS ce que dit le domaine d'une boîte activée (SPF, DMARC)."""
    return [{"text": text, "ok": is_good} for text, is_good in of_mailbox(by, account_id)]


@router.post("", status_code=201)
def write(by: Writer, given: NewMail, response: Response) -> MailFacts:
    """Commencer un e-mail ou une réponse : un brouillon."""
    made = do(by, write_mail, draft=given.draft(), answers=given.answers)
    if given.kind and given.record_id:
        do(by, file_draft, mail_id=made, places=[(given.kind, given.record_id)])
    return _answer(by, made, response)


@router.get("/{mail_id}")
def one(by: Reader, mail_id: UUID, response: Response) -> MailFacts:
    """Lire un e-mail ; `ETag` porte sa version."""
    return _answer(by, mail_id, response)


@router.patch("/{mail_id}")
def change(by: Writer, mail_id: UUID, given: MailText, response: Response, if_match: IfMatch = None) -> MailFacts:
    """Modifier un brouillon ; modifié entre-temps, il est refusé (412)."""
    do(by, change_draft, mail_id=mail_id, draft=given.draft(), expected_version=expected_version(if_match))
    return _answer(by, mail_id, response)


@router.delete("/{mail_id}", status_code=204)
def drop(by: Writer, mail_id: UUID) -> None:
    """Jeter un brouillon."""
    do(by, drop_draft, mail_id=mail_id)


@router.get("/{mail_id}/thread")
def thread(by: Reader, mail_id: UUID) -> list[MailFacts]:
    """Lire la conversation d'un e-mail, du plus ancien au plus récent."""
    return ask(by, mail_thread, mail_id=mail_id, by=by)


@router.post("/{mail_id}/send", status_code=202)
def send(by: Writer, mail_id: UUID) -> dict[str, UUID]:
    """Envoyer un brouillon ; répond le travail qui l'envoie."""
    return {"job_id": do(by, send_mail, mail_id=mail_id)}


@router.post("/{mail_id}/settle")
def settle(by: Writer, mail_id: UUID, was_sent: bool, response: Response) -> MailFacts:
    """Dire d'un e-mail à vérifier qu'il est parti, ou le renvoyer."""
    do(by, settle_uncertain, mail_id=mail_id, was_sent=was_sent)
    return _answer(by, mail_id, response)


@router.post("/{mail_id}/files", status_code=201)
def hang(by: Writer, mail_id: UUID, file: Annotated[UploadFile, File()]) -> dict[str, str]:
    """Joindre un fichier à un brouillon."""
    content = file.file.read(MOST_BYTES + 1)
    do(by, hang_on_draft, mail_id=mail_id, name=file.filename or "fichier", content=content)
    return {"state": "attached"}


@router.delete("/{mail_id}/files/{file_id}", status_code=204)
def take_off(by: Writer, mail_id: UUID, file_id: UUID) -> None:
    """Retirer un fichier d'un brouillon."""
    do(by, take_off_draft, mail_id=mail_id, file_id=file_id)


@router.post("/{mail_id}/read")
def read(by: Reader, mail_id: UUID, is_read: bool, response: Response) -> MailFacts:
    """Marquer un e-mail comme lu ou non lu."""
    do(by, mark_read, mail_id=mail_id, is_read=is_read)
    return _answer(by, mail_id, response)


@router.post("/{mail_id}/links")
def link(by: Writer, mail_id: UUID, given: Place, response: Response) -> MailFacts:
    """Classer la conversation d'un e-mail sous une fiche."""
    do(by, file_mail, mail_id=mail_id, kind=given.kind, record_id=given.record_id)
    return _answer(by, mail_id, response)


@router.delete("/{mail_id}/links/{kind}/{record_id}", status_code=204)
def unlink(by: Writer, mail_id: UUID, kind: str, record_id: UUID) -> None:
    """Retirer un e-mail d'une fiche."""
    do(by, unfile_mail, mail_id=mail_id, kind=kind, record_id=record_id)


@router.post("/{mail_id}/private")
def hide(by: Writer, mail_id: UUID, response: Response) -> MailFacts:
    """Garder une conversation pour soi."""
    do(by, make_private, mail_id=mail_id)
    return _answer(by, mail_id, response)


@router.delete("/{mail_id}/private", status_code=204)
def show_again(by: Writer, mail_id: UUID) -> None:
    """Rendre un e-mail classable à nouveau."""
    do(by, end_private, mail_id=mail_id)


@router.post("/{mail_id}/contact", status_code=201)
def contact(by: Clerk, mail_id: UUID, name: str = "", company_id: UUID | None = None) -> dict[str, UUID]:
    """Faire de l'expéditeur un contact et classer ses messages."""
    return {"party_id": do(by, contact_of_mail, mail_id=mail_id, name=name, company_id=company_id)}


@router.post("/{mail_id}/lead", status_code=201)
def lead(by: Seller, mail_id: UUID, name: str = "") -> dict[str, UUID]:
    """Faire de l'expéditeur une piste et classer ses messages."""
    return {"lead_id": do(by, lead_of_mail, mail_id=mail_id, name=name)}


def _answer(by: Actor, mail_id: UUID, response: Response) -> MailFacts:
    found: MailFacts = ask(by, mail_facts, mail_id=mail_id, by=by)
    put_version(response, found.row_version)
    return found


def _named(by: Actor, response: Response) -> MailServers:
    found: MailServers = ask(by, mail_servers, by=by)
    put_version(response, found.row_version)
    return found


def _box(by: Actor, account_id: UUID, response: Response) -> Mailbox:
    found: Mailbox = ask(by, mailbox, account_id=account_id, by=by)
    put_version(response, found.row_version)
    return found
