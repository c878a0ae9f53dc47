"""Mailboxes that refuse, connections that break, numbering that begins anew: nothing lost, nothing twice."""

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import pytest
from sqlalchemy import Engine

from app.doors import ask, do, now
from app.mail.fetching import ask_for_fetches, fetch
from app.mail.trying import tried
from db.access.rules import Actor, Role, system_actor
from db.documents.mail.accounts.actions import add_mailbox, allow_mail_servers, change_mailbox
from db.documents.mail.accounts.queries import mail_servers, mailbox, mailboxes_due
from db.documents.mail.accounts.rules import BadMailbox, MailboxSecrets, servers_of
from db.kernel.errors import BadInput, ChangedMeanwhile, NotAllowed, NotFound
from db.kernel.record import uuid7
from tests.app.mail.conftest import QuietRun
from tests.app.mail.test_fetching import listed
from tests.imap_server import ImapServer
from tests.mailboxes import PASSWORD, USER, allow_servers, box_draft, written

THEN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[ImapServer]:
    """A mailbox on our own server, which can be told to fail."""
    with ImapServer(USER, PASSWORD) as found:
        yield found


RIGHT = MailboxSecrets(PASSWORD)


def added(by: Actor, server: ImapServer, secrets: MailboxSecrets = RIGHT, **other: Any) -> UUID:
    """Set a mailbox up."""
    draft = box_draft(other.pop("imap_port", server.port), **other)
    allow_servers(*servers_of(draft))
    made: UUID = do(by, add_mailbox, at=now(), draft=draft, secrets=secrets, is_shared=False)
    return made


def fetched(account_id: UUID) -> dict[str, Any]:
    """Read what is new, as the worker does."""
    return fetch(QuietRun(uuid7(), "mail.fetch", {"account_id": str(account_id)}, system_actor()))


def three(server: ImapServer) -> None:
    """Let three messages arrive."""
    for number in range(3):
        message = written(at=THEN, subject=f"Message {number}", message_id=f"<{number}@favre.example>")
        server.folders["INBOX"].add(message.as_bytes())


class TestFetch:
    def test_goes_on_where_the_connection_broke(
        self, database: Engine, people: dict[Role, Actor], server: ImapServer
    ) -> None:
        nadia = people[Role.SALES]
        account_id = added(nadia, server)
        three(server)

        def cut(command: str) -> None:
            if sum(line.startswith("UID FETCH") for line in server.seen) > 3:
                raise ConnectionResetError

        server.before = lambda command: cut(command)
        assert fetched(account_id)["problem"].startswith("La connexion avec la boîte")
        server.before = lambda command: None
        before = listed(nadia)

        assert fetched(account_id)["new"] == 3 - len(before) > 0
        assert sorted(listed(nadia)) == ["Message 0", "Message 1", "Message 2"]

    def test_reads_nothing_twice_when_the_numbering_begins_anew(
        self, database: Engine, people: dict[Role, Actor], server: ImapServer
    ) -> None:
        account_id = added(people[Role.SALES], server)
        three(server)
        fetched(account_id)
        server.folders["INBOX"].validity = 2

        assert fetched(account_id) == {"new": 0, "unread": 0}
        assert len(listed(people[Role.SALES])) == 3

    def test_says_why_a_mailbox_refuses_and_tries_again_later(
        self, database: Engine, people: dict[Role, Actor], server: ImapServer
    ) -> None:
        nadia, system = people[Role.SALES], system_actor()
        account_id = added(nadia, server, MailboxSecrets("wrong"))

        fetched(account_id)

        found = ask(nadia, mailbox, account_id=account_id, by=nadia)
        assert found.problem.startswith(f"La boîte {USER} refuse l’accès")
        assert found.next_at is not None
        assert ask(system, mailboxes_due, at=now()) == []
        assert ask(system, mailboxes_due, at=found.next_at) == [account_id]

    def test_lets_the_other_mailboxes_go_on(
        self, database: Engine, people: dict[Role, Actor], server: ImapServer
    ) -> None:
        nadia = people[Role.SALES]
        broken = added(nadia, server, address="alt@boussole.test", imap_port=1)
        account_id = added(nadia, server)
        three(server)

        ask_for_fetches(system_actor())
        fetched(broken)

        assert ask(system_actor(), mailboxes_due, at=now()) == []  # each has its own job
        assert fetched(account_id)["new"] == 3

    def test_leaves_a_mailbox_alone_that_is_off(
        self, database: Engine, people: dict[Role, Actor], server: ImapServer
    ) -> None:
        account_id = added(people[Role.SALES], server, is_on=False)
        three(server)

        assert fetched(account_id) == {"new": 0}
        assert server.seen == []

    def test_keeps_the_beginning_of_a_message_of_fifty_megabytes(
        self, database: Engine, people: dict[Role, Actor], server: ImapServer
    ) -> None:
        account_id = added(people[Role.SALES], server)
        message = written(at=THEN, subject="Plans")
        message.add_attachment(b"\0" * 37_000_000, maintype="application", subtype="zip", filename="plans.zip")
        server.folders["INBOX"].add(message.as_bytes())

        assert fetched(account_id) == {"new": 1, "unread": 0}
        assert listed(people[Role.SALES]) == ["Plans"]


@contextmanager
def token_service(token: str) -> Iterator[tuple[str, list[dict[str, list[str]]]]]:
    """Run a service that gives access tokens; give its address and what it was asked."""
    asked: list[dict[str, list[str]]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked.append(parse_qs(body))
            known = asked[-1]["refresh_token"] == ["renewal"]
            self.send_response(200 if known else 400)
            self.end_headers()
            self.wfile.write(json.dumps({"access_token": token} if known else {"error": "invalid_grant"}).encode())

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as service:
        threading.Thread(target=service.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{service.server_address[1]}/token", asked
        service.shutdown()


class TestXoauth2:
    def test_signs_in_with_a_token_that_is_asked_for_anew(
        self, database: Engine, people: dict[Role, Actor], server: ImapServer
    ) -> None:
        server.token = "fresh"
        three(server)
        with token_service("fresh") as (address, asked):
            secrets = MailboxSecrets(client_secret="s", refresh_token="renewal")
            given = {"method": "xoauth2", "token_address": address, "client_id": "boussole"}
            account_id = added(people[Role.SALES], server, secrets, **given)

            assert fetched(account_id)["new"] == 3

        assert asked[0]["grant_type"] == ["refresh_token"]
        assert asked[0]["client_id"] == ["boussole"]

    def test_says_when_the_token_is_no_longer_accepted(
        self, database: Engine, people: dict[Role, Actor], server: ImapServer
    ) -> None:
        with token_service("fresh") as (address, _):
            given = {"method": "xoauth2", "token_address": address, "client_id": "boussole"}
            account_id = added(people[Role.SALES], server, MailboxSecrets(refresh_token="old"), **given)

            assert fetched(account_id)["problem"].startswith("Le jeton n’est plus accepté (400)")


class TestTried:
    def test_says_what_both_servers_answer(
        self, database: Engine, people: dict[Role, Actor], server: ImapServer
    ) -> None:
        three(server)
        account_id = added(people[Role.SALES], server)

        (receiving, is_good), (sending, is_sent) = tried(people[Role.SALES], account_id)

        assert receiving == "Réception : accès accepté, 3 messages à relever, copies dans « Sent »."
        assert sending.startswith("Le serveur 127.0.0.1 ne répond pas")
        assert (is_good, is_sent) == (True, False)

    def test_is_for_whose_mailbox_it_is(self, database: Engine, people: dict[Role, Actor], server: ImapServer) -> None:
        account_id = added(people[Role.SALES], server)

        with pytest.raises(NotFound):
            tried(people[Role.ADMINISTRATOR], account_id)


class TestServers:
    """Nothing leaves the machine for a server that the company did not name."""

    def test_that_nobody_named_are_refused_to_a_person(
        self, database: Engine, people: dict[Role, Actor], server: ImapServer
    ) -> None:
        given = {"secrets": RIGHT, "is_shared": False}

        with pytest.raises(BadMailbox, match="administration n’a pas autorisé"):
            do(people[Role.SALES], add_mailbox, draft=box_draft(server.port), **given)
        off = do(people[Role.SALES], add_mailbox, draft=box_draft(server.port, is_on=False), **given)

        assert tried(people[Role.SALES], off) == [("L’administration n’a pas autorisé le serveur 127.0.0.1.", False)]
        assert server.seen == []

    def test_of_mailboxes_that_the_administration_connects_are_named(
        self, database: Engine, people: dict[Role, Actor], server: ImapServer
    ) -> None:
        given = {"draft": box_draft(server.port), "secrets": RIGHT, "is_shared": True}
        do(people[Role.ADMINISTRATOR], add_mailbox, **given)

        assert ask(people[Role.SALES], mail_servers, by=people[Role.SALES]).names == ("127.0.0.1",)

    def test_no_longer_named_are_left_alone(
        self, database: Engine, people: dict[Role, Actor], server: ImapServer
    ) -> None:
        nadia = people[Role.SALES]
        account_id = added(nadia, server)
        allow_servers("mail.example.ch")

        assert "n’a pas autorisé" in fetched(account_id)["problem"]
        assert "n’a pas autorisé" in ask(nadia, mailbox, account_id=account_id, by=nadia).problem
        assert server.seen == []

    def test_are_named_by_the_administration_alone(
        self, database: Engine, people: dict[Role, Actor], server: ImapServer
    ) -> None:
        with pytest.raises(NotAllowed):
            do(people[Role.SALES], allow_mail_servers, servers=["evil.example"], expected_version=0)
        with pytest.raises(BadInput, match="« a b »"):
            do(people[Role.ADMINISTRATOR], allow_mail_servers, servers=["a b"], expected_version=0)
        allow_servers("one.example")
        with pytest.raises(ChangedMeanwhile):
            do(people[Role.ADMINISTRATOR], allow_mail_servers, servers=["two.example"], expected_version=0)


class TestMailbox:
    def test_of_the_firm_is_set_up_by_the_administration(
        self, database: Engine, people: dict[Role, Actor], server: ImapServer
    ) -> None:
        given = {"draft": box_draft(server.port), "secrets": MailboxSecrets(PASSWORD), "is_shared": True}

        with pytest.raises(NotAllowed):
            do(people[Role.SALES], add_mailbox, **given)
        account_id = do(people[Role.ADMINISTRATOR], add_mailbox, **given)
        three(server)
        fetched(account_id)

        assert len(listed(people[Role.SALES])) == len(listed(people[Role.MANAGER])) == 3

    def test_forgets_its_password_when_it_is_to_reach_another_server(
        self, database: Engine, people: dict[Role, Actor], server: ImapServer
    ) -> None:
        nadia = people[Role.SALES]
        account_id = added(nadia, server)
        found = ask(nadia, mailbox, account_id=account_id, by=nadia)
        draft = box_draft(server.port, imap_host="elsewhere.example", is_on=False)

        do(
            nadia,
            change_mailbox,
            account_id=account_id,
            draft=draft,
            secrets=MailboxSecrets(),
            expected_version=found.row_version,
        )

        assert not ask(nadia, mailbox, account_id=account_id, by=nadia).has_password

    def test_is_not_switched_on_without_a_password(
        self, database: Engine, people: dict[Role, Actor], server: ImapServer
    ) -> None:
        with pytest.raises(BadMailbox, match="mot de passe"):
            added(people[Role.SALES], server, MailboxSecrets())
