"""What the frame shows besides the page, and which language all of it speaks."""

import asyncio
from decimal import Decimal

import reflex as rx

from app.backup.places import is_backup_missing
from app.doors import ask, do, now
from app.language import LANGUAGES, Language
from app.palette.visits import remember_visit
from app.platform import PUBLIC, Visitor, handler
from app.session import current_actor
from app.text import quantity
from db.access.company.queries import company
from db.access.people.actions import edit_own_account
from db.access.people.queries import person
from db.access.rules import Actor, may
from db.crm.leads.calling.queries import count_open
from db.documents.mail.queries import unread_mails
from db.documents.mail.rules import READ as READ_MAIL
from db.insights.proposals.queries import waiting_for_decision
from db.jobs.queries import count_failed
from db.records.notifications.queries import count_unread
from db.session import DEMO, open_company


class Frame(rx.State):
    """What the frame shows besides the page."""

    company: str = ""
    initials: str = ""
    is_demo: bool = False
    backup_missing: bool = False  # none for 24 hours, told to those who can make one
    counts: dict[str, str] = {}

    @handler(PUBLIC)
    async def load(self) -> None:
        """Show whose company this is and how much waits; the language follows the person."""
        actor = await current_actor(self)
        visitor = await self.get_state(Visitor)
        self.is_demo = open_company() == DEMO
        self.initials = "".join(word[:1] for word in visitor.name.split()[:2]).upper()
        if visitor.signed_in and visitor.language in LANGUAGES:
            (await self.get_state(Language)).lang = visitor.language
        self.company, self.counts = await asyncio.to_thread(_surroundings, actor)
        await asyncio.to_thread(remember_visit, actor, self.router.url.path)
        self.backup_missing = await asyncio.to_thread(is_backup_missing, actor)

    @handler(PUBLIC)
    async def choose_language(self, code: str) -> None:
        """Show every text in another language, here at once and from now on wherever the person signs in."""
        if code not in LANGUAGES:
            return
        (await self.get_state(Language)).lang = code
        actor = await current_actor(self)
        if actor.user_id is not None:
            await asyncio.to_thread(_keep_language, actor, code)


def _keep_language(actor: Actor, code: str) -> None:
    me = ask(actor, person, user_id=actor.user_id)
    do(actor, edit_own_account, name=me.name, language=code, expected_version=me.row_version)


def _surroundings(actor: Actor) -> tuple[str, dict[str, str]]:
    """Return the firm's name and the figures of the navigation, for somebody who is signed in."""
    if actor.user_id is None:
        return "", {}
    firm = ask(actor, company)
    questions = {"leads": count_open, "models": waiting_for_decision}
    asked = {name: ask(actor, query) for name, query in questions.items() if may(actor, query.permission)}
    if may(actor, READ_MAIL):
        asked["mails"] = ask(actor, unread_mails, by=actor)
    asked["jobs"] = ask(actor, count_failed, by=actor)
    asked["messages"] = ask(actor, count_unread, by=actor, at=now())
    counts = {name: quantity(Decimal(number)) for name, number in asked.items() if number}
    return firm.name if firm else "", counts
