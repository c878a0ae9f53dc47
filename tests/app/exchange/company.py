"""A company with something of everything, another installation to put it into, and what is compared."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from app.backup.present import tables_of
from app.doors import do
from app.exchange.layout import exported
from app.gateways.mime import read_mail
from app.sealing import seal_everything
from db.access.people.passwords.actions import make_reset_link
from db.access.rules import Actor, Role
from db.crm.leads.actions import note_exchange
from db.crm.mail.actions import take_mail_in
from db.documents import store
from db.documents.mail.accounts.actions import add_mailbox
from db.documents.mail.accounts.rules import MailboxSecrets, servers_of
from db.parties.actions import change_party
from db.records.custom_fields.actions import add_field
from db.records.custom_fields.drafts import FieldDraft
from db.records.custom_fields.rules import FieldType
from db.records.notes.actions import write_note
from db.schema import metadata
from db.session import engine, engine_for
from tests.app.imports.files import FILE, imported, leads, parties
from tests.app.imports.test_parties import COMPANIES, TestContacts, TestOpportunities
from tests.db.ledger.books import open_books, post
from tests.db.ledger.merged import merge, owed
from tests.db.records.merging.test_merge_records import company
from tests.db.stock.make import issue, make_item, make_place, receive
from tests.mailboxes import allow_servers, box_draft, written


def fill_company(people: dict[Role, Actor], system: Actor, clock: datetime) -> None:
    """Let people work: files, leads with added fields, parties, deals, notes, edits, an undone import, secrets."""
    by = people[Role.SALES]
    imported(FILE, by)
    imported(COMPANIES, by, kind="companies")
    imported(TestContacts.FILE, by, kind="contacts")
    imported(TestOpportunities.FILE, by, kind="opportunities")
    stock_the_shelves(clock)
    merge_customers(people, clock)
    let_mail_arrive(by, system, clock)
    lead, party = leads()[0], parties()[0]
    note = {"channel": "call", "direction": "out", "happened_at": clock - timedelta(hours=1), "text": "Rappeler l’été"}
    do(by, note_exchange, lead_id=lead.id, **note)
    do(by, write_note, kind="party", record_id=party.id, text="=DANGER() ; « guillemets »\nligne 2")
    field = {"kind": "party", "group": party.kind, "type": FieldType.AMOUNT, "draft": FieldDraft("Contrat")}
    do(people[Role.MANAGER], add_field, at=clock, **field)
    values = {"city": "Zürich œ", "custom": {"contrat": "1'250.50"}}
    do(by, change_party, party_id=party.id, values=values, expected_version=party.row_version)
    do(system, make_reset_link, user_id=by.user_id)
    store.put("un modèle, sans nom dans la base".encode())
    seal_everything(system)


def merge_customers(people: dict[Role, Actor], clock: datetime) -> None:
    """Let two customers owe something, and become one: its lines name both, as they were posted."""
    accounts = open_books(people[Role.ACCOUNTANT])
    kept, gone = (company(people[Role.SALES], clock, name) for name in ("Voilerie Cornu", "Cornu Voiles"))
    for party, amount in ((kept, "100"), (gone, "40.05")):
        post(people[Role.ACCOUNTANT], owed(accounts, party, amount))
    merge(people[Role.SALES], clock, kept, gone)


def let_mail_arrive(by: Actor, system: Actor, clock: datetime) -> None:
    """Let an e-mail with a file come to a person's own mailbox."""
    draft = box_draft(1, is_on=False)
    allow_servers(*servers_of(draft))
    account_id = do(by, add_mailbox, draft=draft, secrets=MailboxSecrets("secret"), is_shared=False)
    message = written(at=clock, References="<zero@favre.example>")
    message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="plan.pdf")
    do(system, take_mail_in, account_id=account_id, mail=read_mail(message.as_bytes(), at=clock))


def stock_the_shelves(clock: datetime) -> None:
    """Let goods come in and go out, and be counted."""
    item, place = make_item(at=clock, number="K-1", unit="m", minimum_stock=Decimal(50)), make_place(at=clock)
    receive(item, place, "12.25", at=clock)
    issue(item, place, 2, at=clock)


def another(folder: Path, monkeypatch: pytest.MonkeyPatch, server: Callable[[], str], kind: str) -> None:
    """Let the installation that follows be a new one in `folder`, on a database of that kind."""
    monkeypatch.setenv("BOUSSOLE_DATA", str(folder))
    if kind == "sqlite":
        monkeypatch.delenv("BOUSSOLE_DATABASE_URL", raising=False)
        return
    name = f"{folder.name}_x".replace("-", "_")
    postgres = engine_for(server())
    with postgres.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'drop database if exists "{name}" with (force)'))
        connection.execute(text(f'create database "{name}"'))
    monkeypatch.setenv("BOUSSOLE_DATABASE_URL", postgres.url.set(database=name).render_as_string(hide_password=False))


def everything() -> dict[str, list[dict[str, Any]]]:
    """Return all rows of all tables that an export holds, without secrets, in the order of their keys."""
    with engine().connect() as connection:
        return {
            table.name: [
                dict(row._mapping) for row in connection.execute(select(*columns).order_by(*table.primary_key))
            ]
            for table, columns in exported(tables_of(connection), metadata.tables)
        }


def files(folder: Path) -> dict[str, bytes]:
    """Return every kept file."""
    return {path.name: path.read_bytes() for path in sorted((folder / "files").glob("??/*"))}
