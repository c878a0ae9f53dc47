"""E-mail at the desk, on real servers: a mailbox connected, mail read in the story, answered, a stranger met."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from app.doors import ask, do
from db.access.rules import Actor, Role, system_actor
from db.documents.mail.accounts.actions import ask_for_fetch
from db.documents.mail.accounts.queries import mailboxes
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind
from tests.browser.conftest import SignIn
from tests.mailboxes import PASSWORD, ImapMailbox, Receiver, mailbox_on, smtp_server, written
from tests.serving import Server

THEN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@dataclass
class Desk:
    """A seller with a mailbox that she connected herself."""

    seller: Actor
    address: str
    account_id: UUID
    imap: ImapMailbox
    smtp: Receiver
    server: Server

    def receive(self, **facts: str) -> None:
        """Let an e-mail arrive, and have the worker read the mailbox."""
        self.imap.put(written(at=THEN, to=self.address, **facts).as_bytes())
        with self.server.database():
            do(system_actor(), ask_for_fetch, account_id=self.account_id)


@pytest.fixture
def desk(page: Page, server: Server, sign_in: SignIn, tmp_path: Path) -> Iterator[Desk]:
    """A seller who connects her mailbox by the form."""
    seller = Actor(sign_in(Role.SALES, name="Nadia Rey"), "Nadia Rey", frozenset({Role.SALES}))
    address = f"nadia-{seller.user_id}@boussole.test"
    with mailbox_on("own", tmp_path) as imap, smtp_server() as (port, receiver):
        page.goto("/reglages/courrier")
        page.get_by_role("button", name="Relier ma boîte").click()
        form = page.locator("section").filter(has_text="Nouvelle boîte")
        for label, value in (
            ("Adresse e-mail", address),
            ("Nom de l’expéditeur", "Nadia Rey"),
            ("Utilisateur", "nadia@boussole.test"),
            ("Mot de passe", PASSWORD),
            ("Serveur IMAP", "127.0.0.1"),
            ("Port IMAP", str(imap.port)),
            ("Serveur SMTP", "127.0.0.1"),
            ("Port SMTP", str(port)),
        ):
            form.get_by_label(label).fill(value)
        form.get_by_label("Protection IMAP").select_option("none")
        form.get_by_label("Protection SMTP").select_option("none")
        form.get_by_label("Relever et envoyer par cette boîte").check()
        form.get_by_role("button", name="Enregistrer", exact=True).click()
        expect(page.get_by_text("Boîte enregistrée.")).to_be_visible()
        with server.database():
            [box] = ask(seller, mailboxes, by=seller)
        yield Desk(seller, address, box.account_id, imap, receiver, server)


class TestMail:
    def test_is_read_and_answered_from_the_story_of_a_contact(self, page: Page, desk: Desk) -> None:
        with desk.server.database():
            draft = PartyDraft(PartyKind.PERSON, "Paul Dutoit", email="paul@dutoit.example")
            party_id = do(desk.seller, add_party, draft=draft)
        desk.receive(sender="Paul Dutoit <paul@dutoit.example>", subject="Dix tables en hêtre")

        link = page.get_by_role("link", name="Lire et répondre")
        for _ in range(20):
            page.goto(f"/contacts/{party_id}")
            expect(page.get_by_role("heading", name="Paul Dutoit")).to_be_visible()
            if link.count():
                break
        link.first.click()
        expect(page.get_by_text("pouvez-vous m’envoyer un devis")).to_be_visible()
        page.get_by_role("button", name="Répondre", exact=False).last.click()
        page.locator("#mail-text").fill("Volontiers, pour mardi.")
        page.get_by_role("button", name="Envoyer").click()

        expect(page.get_by_text("E-mail envoyé.")).to_be_visible()
        assert b"Volontiers, pour mardi." in desk.smtp.messages[0]
        assert len(desk.imap.kept("Sent")) == 1
        page.goto(f"/contacts/{party_id}")
        expect(page.get_by_text("Re: Dix tables en hêtre").first).to_be_visible()

    def test_makes_a_contact_of_a_stranger(self, page: Page, desk: Desk) -> None:
        desk.receive(
            sender="Zoé Inconnue <zoe@inconnue.example>", subject="Une bibliothèque", message_id="<z@i.example>"
        )

        subject = page.get_by_text("Une bibliothèque")
        for _ in range(20):
            page.goto("/courrier")
            expect(page.get_by_role("heading", name="Courrier")).to_be_visible()
            expect(page.get_by_text("Une bibliothèque").or_(page.get_by_text("Rien à classer.")).first).to_be_visible()
            if subject.count():
                break
        subject.first.click()
        page.keyboard.press("Enter")
        page.wait_for_url("**/courrier/*-*")
        page.get_by_role("button", name="Créer le contact").click()

        expect(page.get_by_text("Contact créé ; ses messages sont classés.")).to_be_visible()
        expect(page.get_by_role("link", name="Zoé Inconnue").first).to_be_visible()
