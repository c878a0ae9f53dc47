"""What a conversation shows, as plain texts in the reader's language."""

from dataclasses import dataclass, field
from uuid import UUID

from app import routes
from app.doors import ask, do
from app.mail.authentication import explained
from app.records.kinds import KINDS_ON_SCREEN, address_of
from app.records.story import size_text
from app.text import day, instant, say
from db.access.rules import Actor, may
from db.crm.mail.queries import refused_addresses
from db.documents.mail.actions import mark_read
from db.documents.mail.queries import MailFacts, mail_thread
from db.documents.mail.rules import STATE_LABELS, Address, MailState
from db.records.search.queries import titles_of

TONES = {MailState.DRAFT: "ac", MailState.SENDING: "ac", MailState.UNCERTAIN: "red", MailState.FAILED: "red"}


@dataclass
class FileShown:
    """A file of an e-mail."""

    name: str
    about: str
    href: str
    id: str


@dataclass
class PlaceShown:
    """A record to which an e-mail belongs."""

    name: str
    href: str
    kind: str
    id: str


@dataclass
class MailShown:
    """One e-mail of a conversation."""

    id: str
    sender: str
    address: str
    people: str
    time: str
    text: str
    quoted: str
    html: str
    tag: str
    tone: str
    remark: str
    problem: str
    is_own: str
    is_in: str
    is_auto: str
    place: str
    state: str
    authentication: str
    authentication_tone: str
    files: list[FileShown] = field(default_factory=list)
    places: list[PlaceShown] = field(default_factory=list)


def read_conversation(actor: Actor, mail_id: UUID) -> tuple[list[MailFacts], list[MailShown]]:
    """Return the e-mails of a thread, the oldest first, and mark them as read."""
    facts = ask(actor, mail_thread, mail_id=mail_id, by=actor)
    for one in facts:
        if not one.is_read and one.is_own:
            do(actor, mark_read, mail_id=one.mail_id, is_read=True)
    called = ask(actor, titles_of, places=list(dict.fromkeys(p for one in facts for p in one.links)), by=actor)
    return facts, [_shown(one, called, actor) for one in facts]


def _shown(one: MailFacts, called: dict[tuple[str, UUID], str], actor: Actor) -> MailShown:
    language = actor.language
    verdict = explained(one.authentication, one.sender.address, language) if one.direction == "in" else ("", "")
    label, tone = "" if one.direction == "in" else STATE_LABELS[one.state], TONES.get(one.state, "")
    if one.bounced_address:
        label, tone = "Non remis", "red"
    elif one.is_auto:
        label, tone = "Réponse automatique", ""
    elif one.place == "private":
        label = "Privé"
    bounced = say(language, "Non remis à {address} : {reason}", address=one.bounced_address, reason=one.bounced_reason)
    return MailShown(
        str(one.mail_id),
        one.sender.name or one.sender.address,
        one.sender.address,
        _people(one, language),
        f"{day(one.written_at)} {instant(one.written_at)[-5:]}",
        one.text,
        one.quoted,
        _page_of(one.html),
        say(language, label) if label else "",
        tone,
        say(language, one.remark, **one.remark_params) if one.remark else "",
        bounced if one.bounced_address else say(language, one.problem),
        "yes" if one.is_own else "",
        "yes" if one.direction == "in" else "",
        "yes" if one.is_auto else "",
        one.place,
        one.state.value,
        *verdict,
        files=[
            FileShown(file.name, size_text(file.size_bytes, language), routes.file(file.file_id), str(file.file_id))
            for file in one.files
        ],
        places=[
            PlaceShown(called.get(place, "…"), address_of(*place), place[0], str(place[1]))
            for place in one.links
            if place[0] in KINDS_ON_SCREEN
        ],
    )


def _people(one: MailFacts, language: str) -> str:
    told = say(language, "à {people}", people=named(one.recipients))
    return told + (", " + say(language, "copie à {people}", people=named(one.copies)) if one.copies else "")


def named(some: tuple[Address, ...]) -> str:
    """Return people by their names, or their addresses without one."""
    return ", ".join(one.name or one.address for one in some) or "—"


def _page_of(html: str) -> str:
    """Return the document of an e-mail's own layout: safe already, and nothing in it is fetched."""
    if not html:
        return ""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    style = "body{font:14px/1.45 system-ui,sans-serif;margin:8px;background:#fff;color:#111;overflow-wrap:anywhere}"
    head = f'<meta http-equiv="Content-Security-Policy" content="{policy}"><base target="_blank"><style>{style}</style>'
    return f"<!doctype html><html><head>{head}</head><body>{html}</body></html>"


def warned_of(actor: Actor, addresses: list[str]) -> str:
    """Return what is to be said of addresses that sent an e-mail back; "" for none."""
    if not addresses or not may(actor, "documents.read_mail"):
        return ""
    found = ask(actor, refused_addresses, addresses=addresses, by=actor)
    return " ".join(
        say(actor.language, "{address} a refusé un message ({reason}).", address=one.address, reason=one.reason)
        for one in found
    )
