"""`/factures-recues` and `/factures-recues/[bill_id]`: the list with pictures beside, a bill beside its pictures."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import reflex as rx

from app import routes
from app.doors import ask, do
from app.lists.page import list_page, peek_head
from app.lists.state import ListState, for_list
from app.platform import handler
from app.purchasing.bill_list import BILLS
from app.records.buttons import Step, button_views, steps_offered
from app.records.forms import FieldSpec, Form, FormRecord, FormSpec, register_form
from app.records.page import EDIT_VERB, RecordPage, record_body, record_head, register_page
from app.records.page_view import Fact, Group, Page, PageView, Related
from app.records.party_names import find_parties, names_of_parties
from app.records.saving import uuid_of
from app.session import current_actor
from app.shell import screen
from app.text import day, money, say, t
from db.access.rules import Actor, may
from db.kernel.errors import NotFound
from db.kernel.findings import BadFields, Finding
from db.purchasing.bills.actions import discard_bill, edit_bill, enter_bill, take_bill_back, take_suggestion
from db.purchasing.bills.queries import BillFacts, bill_facts, bill_files, likely_duplicates, suggestion_of
from db.purchasing.bills.rules import (
    BILL_LIFE,
    CURRENCIES,
    DRAFT_FIELDS,
    EDIT,
    OWN,
    READ,
    STATE_LABELS,
    BillDraft,
    BillState,
    check_bill,
    title_of,
)
from db.purchasing.qr_bills.rules import QrBill, shown_iban
from db.records.columns.rules import ValueType

TONES = {BillState.TO_ENTER: "ac", BillState.ENTERED: "grn", BillState.DISCARDED: "red"}
KEYS = (("E", "modifier"), ("N", "note"), ("L", "liste"))
STEPS = (
    Step(EDIT_VERB, "Modifier", EDIT, only_in=(BillState.TO_ENTER,), key="e"),
    Step("discard", "Écarter", EDIT, BillState.DISCARDED, reason="needed", tone="danger"),
    Step("enter", "Saisie", EDIT, BillState.ENTERED, tone="p"),
    Step("take_back", "Reprendre", EDIT, BillState.TO_ENTER),
)
DESPITE = Step("despite", "Saisie malgré le doublon", EDIT, BillState.ENTERED, reason="needed", tone="p")
TAKE = Step("take_qr", "Reprendre le code QR", EDIT, only_in=(BillState.TO_ENTER,))


class BillPictures(rx.State):
    """The pictures of the bill that the page or the panel shows."""

    pages: list[str] = []
    originals: list[dict[str, str]] = []

    @handler(OWN)
    async def load(self) -> None:
        """Show those of the bill of the address."""
        await self._show(self.router.url.path.rstrip("/").rsplit("/", 1)[-1])

    @handler(OWN)
    async def of(self, bill_id: str) -> None:
        """Show those of a bill."""
        await self._show(bill_id)

    async def _show(self, bill_id: str) -> None:
        actor = await current_actor(self)
        self.pages, self.originals = [], []
        try:
            files = await asyncio.to_thread(ask, actor, bill_files, bill_id=uuid_of(bill_id), by=actor)
        except NotFound:
            return
        for one in files:
            self.pages += [routes.bill_picture(one.file_id, number) for number in range(len(one.pictures))]
            self.originals.append({"name": one.name, "href": routes.bill_picture(one.file_id, "original")})


@for_list(BILLS)
class Bills(ListState, rx.State):
    """The list of bills."""


def _peek() -> rx.Component:
    facts = rx.foreach(Bills.facts, lambda fact: rx.fragment(rx.el.dt(fact["label"]), rx.el.dd(fact["text"])))
    return rx.el.aside(
        peek_head(Bills.peeked_name, routes.bill(Bills.peeked), Bills.close_peek),
        rx.el.div(
            rx.el.div(key=Bills.peeked, on_mount=BillPictures.of(Bills.peeked)),
            _pictures("bill-pages small"),
            rx.el.section(rx.el.dl(facts, class_name="kv"), class_name="sect"),
            class_name="peek-body",
        ),
        class_name="peek",
        aria_label=t("Aperçu"),
    )


list_page(BILLS, Bills, peek=_peek)

CHOICES = tuple((one, one) for one in CURRENCIES)
FORM = FormSpec(
    "bill",
    "bill",
    (
        FieldSpec("party_id", "Fournisseur"),
        FieldSpec("number", "Numéro de la facture", required=False),
        FieldSpec("bill_date", "Date de la facture"),
        FieldSpec("due_date", "Échéance"),
        FieldSpec("amount", "Montant, TVA comprise"),
        FieldSpec("currency", "Monnaie", ValueType.CHOICE, CHOICES),
        FieldSpec("iban", "IBAN", required=False),
        FieldSpec("reference", "Référence", required=False),
        FieldSpec("note", "Note", required=False, wide=True),
    ),
)


def _read(by: Actor, record_id: UUID | None, given: Mapping[str, str]) -> FormRecord:
    if record_id is None:
        raise NotFound("Une facture commence par sa photo.")
    facts = ask(by, bill_facts, bill_id=record_id, by=by)
    closed = dict.fromkeys(DRAFT_FIELDS, "La facture n’est plus à saisir ; reprenez-la pour la modifier.")
    locked = {} if facts.state is BillState.TO_ENTER else closed
    return FormRecord({name: getattr(facts, name) for name in DRAFT_FIELDS}, facts.row_version, locked)


def _create(by: Actor, values: dict[str, Any]) -> UUID:
    raise NotFound("Une facture commence par sa photo.")


def _edit(by: Actor, record_id: UUID, values: dict[str, Any], version: int) -> None:
    do(by, edit_bill, bill_id=record_id, values=values, expected_version=version)


def _find(by: Actor, field: str, text: str) -> list[tuple[str, str]]:
    return find_parties(by, text, None)


def _check(values: Mapping[str, Any]) -> list[Finding]:
    try:
        check_bill(BillDraft(**{name: values[name] for name in values if name in DRAFT_FIELDS}))
    except BadFields as refusal:
        return refusal.findings
    return []


register_form(
    Form(FORM, _read, _create, _edit, routes.bill, "Facture enregistrée.", EDIT, _find, names_of_parties, _check)
)


def _page_of(by: Actor, bill_id: UUID) -> PageView:
    facts = ask(by, bill_facts, bill_id=bill_id, by=by)
    said = ask(by, suggestion_of, bill_id=bill_id, by=by) if facts.state is BillState.TO_ENTER else None
    alike = ask(by, likely_duplicates, bill_id=bill_id, by=by) if may(by, READ) else []
    steps = [*STEPS, *([DESPITE] if alike else []), *([TAKE] if said else [])]
    buttons = button_views(steps_offered(BILL_LIFE, facts.state, steps, by), by.language)
    name = title_of(facts.party_name, facts.number, day(facts.received_at))
    label = say(by.language, STATE_LABELS[facts.state])
    groups = [*_suggested(said, by), *_alike(alike, by)]
    return PageView(name, label, TONES[facts.state], _main(facts, by), _facts(facts, by), groups, buttons)


def _main(facts: BillFacts, by: Actor) -> list[Fact]:
    amount = "—" if facts.amount is None else f"{money(facts.amount)} {facts.currency}"
    found = [("Montant, TVA comprise", amount), ("Échéance", day(facts.due_date) if facts.due_date else "—")]
    return [Fact(say(by.language, label), value) for label, value in found]


def _facts(facts: BillFacts, by: Actor) -> list[Fact]:
    supplier = routes.company(facts.party_id) if facts.party_id and may(by, "parties.read") else ""
    found = [
        ("Fournisseur", facts.party_name, supplier),
        ("Numéro de la facture", facts.number, ""),
        ("Date de la facture", day(facts.bill_date) if facts.bill_date else "", ""),
        ("IBAN", shown_iban(facts.iban) if facts.iban else "", ""),
        ("Référence", facts.reference, ""),
        ("Note", facts.note, ""),
        ("Motif", facts.discard_reason, ""),
        ("Déposée par", f"{facts.owner_name}, {day(facts.received_at)}", ""),
    ]
    return [Fact(say(by.language, label), value, href) for label, value, href in found if value]


def _suggested(said: QrBill | None, by: Actor) -> list[Group]:
    """Return what the code on the bill says; a person takes it over with a button."""
    if said is None:
        return []
    amount = f"{money(said.amount)} {said.currency}" if said.amount else said.currency
    found = [
        ("Créancier", f"{said.creditor}, {said.postal_code} {said.city}"),
        ("IBAN", shown_iban(said.iban)),
        ("Montant", amount),
        ("Référence", said.reference),
        ("Communication", said.message),
    ]
    lines = [Related(value, say(by.language, label), "") for label, value in found if value.strip(", ")]
    return [Group(say(by.language, "Lu sur le code QR, à confirmer"), lines)]


def _alike(alike: list[BillFacts], by: Actor) -> list[Group]:
    if not alike:
        return []
    lines = [
        Related(
            title_of(one.party_name, one.number, day(one.received_at)),
            day(one.received_at),
            routes.bill(one.bill_id),
            say(by.language, STATE_LABELS[one.state]),
            TONES[one.state],
        )
        for one in alike
    ]
    return [Group(say(by.language, "Peut-être la même facture"), lines)]


def _act(by: Actor, verb: str, bill_id: UUID, reason: str) -> str:
    if verb == "enter":
        do(by, enter_bill, bill_id=bill_id)
        return "Facture saisie."
    if verb == "despite":
        do(by, enter_bill, bill_id=bill_id, despite=reason)
        return "Facture saisie."
    if verb == "discard":
        do(by, discard_bill, bill_id=bill_id, reason=reason)
        return "Facture écartée."
    if verb == "take_back":
        do(by, take_bill_back, bill_id=bill_id)
        return "Facture reprise."
    if verb == "take_qr":
        do(by, take_suggestion, bill_id=bill_id)
        return "Code QR repris."
    raise NotFound("Ce geste n’existe pas.")


register_page("factures-recues", Page("bill", _page_of, _act, "Factures reçues", routes.BILLS))


def _pictures(class_name: str) -> rx.Component:
    def page(address: Any) -> rx.Component:
        return rx.el.a(rx.el.img(src=address, alt=t("Page de la facture")), href=address, target="_blank")

    return rx.el.div(rx.foreach(BillPictures.pages, page), class_name=class_name)


@screen(
    route=routes.BILL,
    title="Facture reçue",
    permission=OWN,
    on_load=[RecordPage.load, BillPictures.load],
    head=record_head,
    shows_title=False,
    keys=KEYS,
)
def bill_page() -> rx.Component:
    """Draw the pictures of a bill at the left, what it says at the right."""
    files = rx.foreach(
        BillPictures.originals,
        lambda one: rx.el.a(one["name"], href=one["href"], reload_document=True, class_name="lk s"),
    )
    named = rx.el.div(t("Originaux :"), " ", files, class_name="m s originals")
    originals = rx.cond(BillPictures.originals.length() > 0, named)  # type: ignore[attr-defined]
    left = rx.el.div(_pictures("bill-pages"), originals, class_name="bill-left")
    shown = rx.cond(RecordPage.missing == "", left)
    return rx.el.div(shown, rx.el.div(record_body(), class_name="bill-right"), class_name="bill-page")
