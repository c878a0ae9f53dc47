"""What the frame shows besides the page, and which language all of it speaks."""

import asyncio

import reflex as rx

from app.doors import ask
from app.language import LANGUAGES, Language
from app.platform import PUBLIC, Visitor, handler
from db.access.company.queries import company
from db.access.rules import NOBODY
from db.session import DEMO, open_company


class Frame(rx.State):
    """What the frame shows besides the page."""

    company: str = ""
    initials: str = ""
    is_demo: bool = False
    counts: dict[str, str] = {}

    @handler(PUBLIC)
    async def load(self) -> None:
        """Show whose company this is; the language follows the person."""
        visitor = await self.get_state(Visitor)
        self.is_demo = open_company() == DEMO
        firm = await asyncio.to_thread(ask, NOBODY, company)
        self.company = firm.name if firm else ""
        self.initials = "".join(word[:1] for word in visitor.name.split()[:2]).upper()
        if visitor.signed_in and visitor.language in LANGUAGES:
            (await self.get_state(Language)).lang = visitor.language

    @handler(PUBLIC)
    async def choose_language(self, code: str) -> None:
        """Show every text in another language."""
        if code in LANGUAGES:
            (await self.get_state(Language)).lang = code
