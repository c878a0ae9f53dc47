"""`/courrier/[mail_id]` and `/courrier/nouveau`: a conversation, its answer, and what it belongs to."""

import asyncio
from dataclasses import fields
from typing import Any
from uuid import UUID

import reflex as rx

from app import routes
from app.doors import ask, do
from app.mail.conversation_view import conversation_body, conversation_head
from app.mail.reading import MailShown, PlaceShown, read_conversation, warned_of
from app.mail.writing import Written, answer_to, keep, new_to, of_draft, usable
from app.platform import handler, notify
from app.records.saving import uuid_of
from app.session import current_actor
from app.shell import screen
from app.text import say
from db.access.rules import Actor, may
from db.crm.mail.actions import contact_of_mail, file_mail, lead_of_mail, make_private, settle_uncertain, unfile_mail
from db.documents.attachments.rules import MOST_BYTES
from db.documents.mail.actions import end_private
from db.documents.mail.queries import MailFacts, mail_facts
from db.documents.mail.rules import READ, SEND, MailState, read_addresses
from db.documents.mail.sending.actions import drop_draft, hang_on_draft, send_mail, take_off_draft
from db.kernel.errors import NotFound
from db.kernel.findings import BadFields
from db.records.search.queries import found_records

UNSENT = (MailState.DRAFT, MailState.FAILED)
FILED_UNDER = ("party", "lead", "opportunity")
TYPED = ("account_id", "recipients", "copies", "subject", "text")
PATIENCE = 12  # half seconds that a person is kept waiting for the worker


class Conversation(rx.State):
    """One thread and the e-mail that is being written in it."""

    subject: str = ""
    mails: list[MailShown] = []
    missing: str = ""
    places: list[PlaceShown] = []
    hidden_id: str = ""  # an e-mail that is kept private
    last_id: str = ""  # what an answer answers
    stranger_id: str = ""  # an e-mail of somebody unknown
    stranger: str = ""
    may_hide: bool = False
    writing: bool = False
    written: Written = Written()
    round: int = 0
    boxes: list[dict[str, str]] = []
    attached: list[dict[str, str]] = []
    problems: dict[str, str] = {}
    warning: str = ""
    hits: list[dict[str, str]] = []
    opened: list[str] = []  # e-mails whose citation is open
    laid_out: list[str] = []  # e-mails shown with their own layout

    @handler(READ)
    async def load(self) -> Any:
        """Show the conversation of the address; a draft in it is open again."""
        actor = await current_actor(self)
        self._forget()
        self.boxes = await asyncio.to_thread(_boxes, actor)
        return await self._show(actor)

    @handler(SEND)
    async def start(self) -> None:
        """Begin a new e-mail, to whom the address names."""
        actor, asked = await current_actor(self), dict(self.router.url.query_parameters)
        self._forget()
        self.boxes = await asyncio.to_thread(_boxes, actor)
        kind, record_id = str(asked.get("genre", "")), str(asked.get("fiche", ""))
        if record_id:
            uuid_of(record_id)
        self.written = await asyncio.to_thread(new_to, actor, kind, record_id)
        self.writing = True

    @handler(SEND)
    async def answer(self, mail_id: str, to_all: bool) -> None:
        """Open the answer to an e-mail."""
        actor = await current_actor(self)
        one = await asyncio.to_thread(ask, actor, mail_facts, mail_id=uuid_of(mail_id), by=actor)
        self.written = await asyncio.to_thread(answer_to, actor, one, to_all=to_all is True)
        self.writing, self.problems, self.attached = True, {}, []
        self.round += 1

    @handler(SEND)
    async def typed(self, name: str, value: str) -> None:
        """Keep what was typed into a field, once it was left."""
        if self.writing and name in TYPED and str(value) != getattr(self.written, name):
            await self._keep(await current_actor(self), {name: str(value)})

    @handler(SEND)
    async def send(self, form: dict[str, Any]) -> Any:
        """Send what was written; the page shows how that ended."""
        actor = await current_actor(self)
        if not await self._keep(actor, form):
            return
        mail_id = UUID(self.written.draft_id)
        try:
            await asyncio.to_thread(do, actor, send_mail, mail_id=mail_id)
        except BadFields as refusal:
            self._say(refusal, actor)
            return
        is_new, self.writing = self.router.url.path.rstrip("/") == routes.NEW_MAIL, False
        yield
        state = await _outcome(actor, mail_id)
        yield notify(*_told(state))
        if is_new:
            yield rx.redirect(routes.mail(mail_id))
        else:
            await self._show(actor)

    @handler(SEND)
    async def drop(self) -> Any:
        """Throw the draft away."""
        actor = await current_actor(self)
        if self.written.draft_id:
            await asyncio.to_thread(do, actor, drop_draft, mail_id=uuid_of(self.written.draft_id))
        self.writing, self.written, self.problems, self.attached = False, Written(), {}, []
        if not self.mails or self.router.url.path.rstrip("/") == routes.NEW_MAIL:
            return [notify("Brouillon jeté."), rx.redirect(routes.MAILS)]
        await self._show(actor)
        return rx.redirect(routes.MAILS) if self.missing else notify("Brouillon jeté.")

    @handler(SEND)
    async def attach(self, files: list[rx.UploadFile]) -> Any:
        """Add dropped or chosen files to the draft."""
        actor = await current_actor(self)
        if not self.written.draft_id and not await self._keep(actor, {}):
            return
        for file in files:
            given = {"name": file.name or "fichier", "content": await file.read(MOST_BYTES + 1)}
            await asyncio.to_thread(do, actor, hang_on_draft, mail_id=UUID(self.written.draft_id), **given)
        await self._attached(actor)

    @handler(SEND)
    async def detach(self, file_id: str) -> None:
        """Take a file off the draft."""
        actor = await current_actor(self)
        given = {"mail_id": uuid_of(self.written.draft_id), "file_id": uuid_of(file_id)}
        await asyncio.to_thread(do, actor, take_off_draft, **given)
        await self._attached(actor)

    @handler(SEND)
    def reject(self, files: list[dict[str, Any]]) -> Any:
        """Say why the browser did not send what was dropped."""
        return notify("Ce fichier dépasse 25 Mo ; réduisez-le.", "error")

    @handler(SEND)
    async def settle(self, mail_id: str, was_sent: bool) -> Any:
        """Say that an e-mail did leave, or send it again."""
        actor = await current_actor(self)
        found = uuid_of(mail_id)
        await asyncio.to_thread(do, actor, settle_uncertain, mail_id=found, was_sent=was_sent is True)
        state = await _outcome(actor, found)
        await self._show(actor)
        return notify(*_told(state))

    @handler("parties.edit")
    async def make_contact(self, form: dict[str, Any]) -> Any:
        """Make the unknown sender a contact."""
        actor = await current_actor(self)
        given = {"mail_id": uuid_of(self.stranger_id), "name": str(form.get("name", "")), "company_id": None}
        await asyncio.to_thread(do, actor, contact_of_mail, **given)
        await self._show(actor)
        return notify("Contact créé ; ses messages sont classés.")

    @handler("crm.edit_leads")
    async def make_lead(self) -> Any:
        """Make the unknown sender a lead."""
        actor = await current_actor(self)
        await asyncio.to_thread(do, actor, lead_of_mail, mail_id=uuid_of(self.stranger_id), name="")
        await self._show(actor)
        return notify("Piste créée ; ses messages sont classés.")

    @handler(SEND, debounce=150)
    async def find(self, text: str) -> None:
        """Look for the record under which the conversation is to be filed."""
        actor, text = await current_actor(self), str(text)[:200]
        self.hits = await asyncio.to_thread(_found, actor, text) if text.strip() else []

    @handler(SEND)
    async def file_under(self, kind: str, record_id: str) -> Any:
        """File the conversation under a record."""
        actor = await current_actor(self)
        given = {"mail_id": uuid_of(self.last_id), "kind": str(kind), "record_id": uuid_of(record_id)}
        await asyncio.to_thread(do, actor, file_mail, **given)
        self.hits = []
        await self._show(actor)
        return notify("Classé.")

    @handler(SEND)
    async def unfile(self, kind: str, record_id: str) -> Any:
        """Take the conversation away from a record."""
        actor = await current_actor(self)
        given = {"kind": str(kind), "record_id": uuid_of(record_id)}
        theirs = [one.id for one in self.mails if one.is_own and _is_under(one, str(kind), str(record_id))]
        for mail_id in theirs:
            await asyncio.to_thread(do, actor, unfile_mail, mail_id=UUID(mail_id), **given)
        await self._show(actor)
        return notify("Retiré de la fiche.")

    @handler(SEND)
    async def hide(self) -> Any:
        """Keep the conversation to oneself."""
        actor = await current_actor(self)
        await asyncio.to_thread(do, actor, make_private, mail_id=uuid_of(self.last_id))
        await self._show(actor)
        return notify("Cette conversation ne se voit plus que de vous.")

    @handler(SEND)
    async def show_again(self) -> None:
        """Let the conversation be filed again."""
        actor = await current_actor(self)
        for one in [one.id for one in self.mails if one.place == "private" and one.is_own]:
            await asyncio.to_thread(do, actor, end_private, mail_id=UUID(one))
        await self._show(actor)

    @handler(READ)
    def unfold(self, mail_id: str) -> None:
        """Show what an e-mail cites, or fold it again."""
        self.opened = _toggled(self.opened, mail_id, self.mails)

    @handler(READ)
    def lay_out(self, mail_id: str) -> None:
        """Show an e-mail with its own layout, or as text again."""
        self.laid_out = _toggled(self.laid_out, mail_id, self.mails)

    async def _show(self, actor: Actor) -> Any:
        try:
            mail_id = uuid_of(self.router.url.path.rstrip("/").rsplit("/", 1)[-1])
            facts, shown = await asyncio.to_thread(read_conversation, actor, mail_id)
        except NotFound as refusal:
            self._forget()
            self.missing = say(actor.language, refusal.message_id)
            return None
        draft = next((one for one in facts if one.state in UNSENT and one.is_own), None)
        self.mails = [one for one in shown if draft is None or one.id != str(draft.mail_id)]
        told = [one for one in facts if one.state not in UNSENT]
        self.places = _places(self.mails)
        self.hidden_id = next((one.id for one in self.mails if one.place == "private" and one.is_own), "")
        self.subject = facts[0].subject or "—"
        self.last_id = str(told[-1].mail_id) if told else ""
        self._know_stranger(told)
        self.may_hide = any(one.is_own and not one.is_shared and one.place != "private" for one in told)
        if draft is not None and not self.writing:
            self.written, self.writing = of_draft(draft), True
            self.round += 1
            await self._attached(actor)
        return None

    def _know_stranger(self, told: list[MailFacts]) -> None:
        unknown = [one for one in told if one.direction == "in" and one.is_own and one.place == "loose"]
        self.stranger_id = str(unknown[-1].mail_id) if unknown else ""
        self.stranger = (unknown[-1].sender.name or unknown[-1].sender.address) if unknown else ""

    async def _keep(self, actor: Actor, form: dict[str, Any]) -> bool:
        self.problems = {}
        try:
            self.written = await asyncio.to_thread(keep, actor, self._copy(), form)
            people = [one.address for one in read_addresses(self.written.recipients, where="recipients")]
            self.warning = await asyncio.to_thread(warned_of, actor, people)
        except BadFields as refusal:
            self._say(refusal, actor)
            return False
        return True

    def _say(self, refusal: BadFields, actor: Actor) -> None:
        self.problems = {one.field: say(actor.language, one.message_id, **one.params) for one in refusal.findings}

    def _copy(self) -> Written:
        """Return the form as it stands, apart from the state, for another thread."""
        return Written(**{one.name: getattr(self.written, one.name) for one in fields(Written)})

    async def _attached(self, actor: Actor) -> None:
        one = await asyncio.to_thread(ask, actor, mail_facts, mail_id=uuid_of(self.written.draft_id), by=actor)
        self.attached = [{"id": str(file.file_id), "name": file.name} for file in one.files]

    def _forget(self) -> None:
        self.subject = self.missing = self.last_id = self.stranger_id = self.stranger = self.warning = ""
        self.mails, self.places, self.hits, self.attached, self.opened, self.laid_out = [], [], [], [], [], []
        self.hidden_id = ""
        self.writing, self.written, self.problems = False, Written(), {}
        self.round += 1


def _toggled(some: list[str], mail_id: str, mails: list[MailShown]) -> list[str]:
    if mail_id in some:
        return [one for one in some if one != mail_id]
    return [*some, mail_id] if any(one.id == mail_id for one in mails) else some


def _is_under(one: MailShown, kind: str, record_id: str) -> bool:
    return any((place.kind, place.id) == (kind, record_id) for place in one.places)


def _places(mails: list[MailShown]) -> list[PlaceShown]:
    """Return the records to which some of the e-mails belong, each once."""
    return list({(place.kind, place.id): place for one in mails for place in one.places}.values())


def _boxes(actor: Actor) -> list[dict[str, str]]:
    if not may(actor, SEND):
        return []
    return [{"id": str(one.account_id), "address": one.draft.address} for one in usable(actor)]


def _found(actor: Actor, text: str) -> list[dict[str, str]]:
    found = ask(actor, found_records, query=text, by=actor, limit=16)
    return [
        {"kind": one.kind, "id": str(one.record_id), "name": one.title, "about": one.subtitle}
        for one in found
        if one.kind in FILED_UNDER
    ][:6]


async def _outcome(actor: Actor, mail_id: UUID) -> MailState:
    """Return how sending ended, or that it is still under way after a while."""
    for _ in range(PATIENCE):
        one = await asyncio.to_thread(ask, actor, mail_facts, mail_id=mail_id, by=actor)
        if one.state is not MailState.SENDING:
            return one.state
        await asyncio.sleep(0.5)
    return MailState.SENDING


def _told(state: MailState) -> tuple[str, str]:
    """Return the notice of how sending ended, and its kind."""
    if state is MailState.SENT:
        return "E-mail envoyé.", "done"
    if state is MailState.SENDING:
        return "L’envoi est en cours ; la page le dira.", "done"
    if state is MailState.UNCERTAIN:
        return "L’envoi s’est interrompu : vérifiez s’il est parti.", "warning"
    return "L’e-mail n’est pas parti : la raison est à côté du message.", "error"


@screen(
    route=routes.MAIL,
    title="Courrier",
    permission=READ,
    on_load=Conversation.load,
    head=lambda: conversation_head(Conversation),
    shows_title=False,
    keys=(("R", "répondre"), ("L", "liste")),
)
def conversation_page() -> rx.Component:
    """Draw a conversation."""
    return conversation_body(Conversation)


@screen(route=routes.NEW_MAIL, title="Nouvel e-mail", permission=SEND, on_load=Conversation.start)
def new_mail_page() -> rx.Component:
    """Draw the form of a new e-mail."""
    return conversation_body(Conversation)
