"""The invented firm's books: what they opened with, and the entries of the current year, month by month."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from sqlmodel import Session

from app.demo.play import Player
from db.access.calendars.rules import SWISS_TIME
from db.access.rules import Actor, Role
from db.ledger.accounts.actions import create_chart
from db.ledger.accounts.queries import accounts_by_number
from db.ledger.entries.actions import post_new
from db.ledger.entries.queries import entry_facts
from db.ledger.entries.rules import EntryDraft, LineDraft
from db.ledger.periods.actions import ensure_calendar_year, lock_period
from db.ledger.periods.queries import fiscal_years
from db.ledger.periods.rules import PeriodState
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind
from db.session import transaction

SEED = 20261127
ACCOUNTANT = "Corinne Aubert"
CUSTOMERS = ("Régie du Quai SA", "Commune de Saint-Prex", "Voilerie Cornu Sàrl", "Hôtel des Bains SA")
VAT = Decimal("0.081")
DUE = timedelta(days=30)
OPENING = (
    ("1020", "184320.55", ""), ("1200", "96400.00", ""), ("1500", "142800.00", ""),
    ("2270", "", "18640.25"), ("2800", "", "100000.00"), ("2970", "", "304880.30"),
)  # fmt: skip
OWED = (  # supplier, document, days ago, net
    ("Inox Romandie SA", "88214", 12, "6420.00"),
    ("Transports Bovet Sàrl", "2026-771", 41, "1180.50"),
    ("Atelier Peinture Vaucher", "F 119", 78, "3960.00"),
)
LOCKS = (PeriodState.CLOSED, PeriodState.RESERVED, PeriodState.RESERVED)
REASONS = (
    "Décompte TVA du 1er trimestre déposé",
    "Décompte TVA du 2e trimestre déposé",
    "Décompte TVA du 3e trimestre",
)
MONTHLY = (
    ("5000", "1020", "118400.00", "Salaires nets"),
    ("5700", "2270", "21300.00", "Charges sociales"),
    ("2270", "1020", "20950.00", "Décompte AVS"),
    ("6000", "1020", "9200.00", "Loyer de l’atelier"),
    ("6500", "1020", "1480.50", "Frais d’administration"),
)


def keep_the_books(player: Player, until: datetime) -> int:
    """Post the firm's year until a day; return how many entries there are."""
    dice, today = random.Random(SEED), until.astimezone(SWISS_TIME).date()
    by = player.actor(ACCOUNTANT, Role.ACCOUNTANT)
    first, count = date(today.year, 1, 1), 1
    with transaction() as session:
        create_chart(session, by=by, at=until)
        ensure_calendar_year(session, on=first, by=by, at=until)
        manager, before = player.actor("Claire Rochat", Role.MANAGER), until - timedelta(days=320)
        drafts = [PartyDraft(PartyKind.COMPANY, name=name, is_customer=True) for name in CUSTOMERS]
        customers = [add_party(session, draft=draft, by=manager, at=before) for draft in drafts]
        accounts = {number: one.account_id for number, one in accounts_by_number(session, numbers=_numbers()).items()}
        lines = tuple(_line(accounts, number, debit, credit) for number, debit, credit in OPENING)
        post_new(session, draft=EntryDraft(first, "Soldes d’ouverture", lines), by=by, at=until)
        for draft in _of_the_year(accounts, first, today):
            post_new(session, draft=draft, by=by, at=until)
            count += 1
        count += _bills(session, accounts, (before, today), by=by, at=until, manager=manager)
        count += _sales(session, accounts, customers, (first, today), dice, by=by, at=until)
    lock_what_is_done(player, until)
    return count


def _numbers() -> list[str]:
    plain = [number for number, _, _ in OPENING] + [one for debit, credit, *_ in MONTHLY for one in (debit, credit)]
    return [*plain, "1100", "1170", "2000", "2200", "3200", "4000"]


def _line(accounts: dict[str, UUID], number: str, debit: str, credit: str) -> LineDraft:
    return LineDraft(accounts[number], Decimal(debit or "0.00"), Decimal(credit or "0.00"))


def _of_the_year(accounts: dict[str, UUID], first: date, today: date) -> Iterator[EntryDraft]:
    """Give what comes back every month, on the 25th."""
    for month in range(1, 13):
        on = first.replace(month=month, day=25)
        for debit, credit, amount, text in MONTHLY:
            if on <= today:
                lines = (_line(accounts, debit, amount, ""), _line(accounts, credit, "", amount))
                yield EntryDraft(on, text, lines)


def _sales(
    session: Session,
    accounts: dict[str, UUID],
    customers: list[UUID],
    span: tuple[date, date],
    dice: random.Random,
    **who: object,
) -> int:
    """Invoice each week; most customers pay in a month, one of them late."""
    on, today = span
    count = 0
    for number in range(1, 60):
        on += timedelta(days=6)
        if on > today:
            break
        customer, document = number % len(customers), f"F-{on.year}-{number:03d}"
        net = Decimal(dice.randint(1_200_000, 5_400_000)) / 100
        vat = (net * VAT).quantize(Decimal("0.01"), ROUND_HALF_UP)
        invoice = (
            LineDraft(accounts["1100"], net + vat, party_id=customers[customer], document=document, due_date=on + DUE),
            LineDraft(accounts["3200"], credit=net),
            LineDraft(accounts["2200"], credit=vat),
        )
        draft = EntryDraft(on, f"Facture {CUSTOMERS[customer]}", invoice, document)
        entry_id, _ = post_new(session, draft=draft, **who)  # type: ignore[arg-type]
        count += 1
        paid = on + timedelta(days=dice.randint(12, 38) + (30 if customer == 2 else 0))
        if paid <= today and not _is_forgotten(number, on, today):
            owed = entry_facts(session, entry_id=entry_id).lines[0].line_id
            settling = LineDraft(accounts["1100"], credit=net + vat, party_id=customers[customer], settles_id=owed)
            lines = (LineDraft(accounts["1020"], net + vat), settling)
            post_new(session, draft=EntryDraft(paid, f"Paiement {CUSTOMERS[customer]}", lines, document), **who)  # type: ignore[arg-type]
            count += 1
    return count


def _is_forgotten(number: int, on: date, today: date) -> bool:
    """Test if a customer has not paid though long due: the open items have something of every age."""
    return number % 7 == 3 and today - on < timedelta(days=150)


def _bills(
    session: Session, accounts: dict[str, UUID], span: tuple[datetime, date], *, by: Actor, at: datetime, manager: Actor
) -> int:
    """Book what suppliers are still owed."""
    drafts = [PartyDraft(PartyKind.COMPANY, name=name, is_supplier=True) for name, *_ in OWED]
    before, today = span
    suppliers = [add_party(session, draft=draft, by=manager, at=before) for draft in drafts]
    for supplier, (name, document, days, net) in zip(suppliers, OWED, strict=True):
        amount, on = Decimal(net), today - timedelta(days=days)
        vat = (amount * VAT).quantize(Decimal("0.01"), ROUND_HALF_UP)
        owed = LineDraft(accounts["2000"], credit=amount + vat, party_id=supplier, document=document, due_date=on + DUE)
        lines = (LineDraft(accounts["4000"], debit=amount), LineDraft(accounts["1170"], debit=vat), owed)
        post_new(session, draft=EntryDraft(on, f"Facture {name}", lines, document), by=by, at=at)
    return len(OWED)


def lock_what_is_done(player: Player, until: datetime) -> None:
    """Close the first quarter for ever and what is declared for now, as a fiduciary leaves the books in autumn."""
    by, today = player.actor(ACCOUNTANT, Role.ACCOUNTANT), until.astimezone(SWISS_TIME).date()
    with transaction() as session:
        months = [one for one in fiscal_years(session)[0].periods if one.last_date < today - timedelta(days=40)]
        for month, state, reason in zip(months[2::3], LOCKS, REASONS, strict=False):
            lock_period(session, period_id=month.period_id, state=state, reason=reason, by=by, at=until)
