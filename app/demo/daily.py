"""The invented firm's daily round: three months of hours of a few people, and a dozen bills with drawn pictures."""

import io
import random
import unicodedata
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import Session

from app.demo.play import Player
from db.access.calendars.rules import SWISS_TIME
from db.access.calendars.working.queries import working_calendar
from db.access.calendars.working.rules import opening
from db.access.rules import Role
from db.documents.store import put
from db.parties.actions import add_party
from db.parties.rules import PartyDraft, PartyKind
from db.people.hours.actions import add_span, clock_in
from db.people.hours.rules import SpanDraft, month_after, month_of
from db.people.months.actions import close_month
from db.purchasing.bills.actions import discard_bill, edit_bill, enter_bill, receive_bill, take_suggestion
from db.purchasing.bills.queries import bill_facts
from db.purchasing.bills.rules import FileDraft
from db.session import transaction

SEED, DAYS = 20261126, 84
WORKERS = ("Ivo Ruchti", "Thierry Zufferey", "Léa Cornaz")
TASKS = ("Préparation des commandes", "Pose à Morges", "Pose à Vevey", "Rangement du dépôt", "Atelier")
HR, BUYER, MANAGER = "Valérie Berset", "Martine Jaquet", "Claire Rochat"
SUPPLIERS = ("Garage du Port SA", "Papeterie Bovet", "Électricité Riviera Sàrl")
IBAN, REFERENCE = "CH4431999123000889012", "210000000003139471430009017"  # published specimens


def daily_round(player: Player, until: datetime) -> tuple[int, int]:
    """Play hours and bills until a day; return how many stretches and bills there are."""
    dice = random.Random(SEED)
    with transaction() as session:
        hours = sum(_hours(session, player, name, until, dice) for name in WORKERS)
        _close(session, player, until)
        clock_in(session, task=TASKS[4], by=player.actor(WORKERS[0], Role.WAREHOUSE), at=until - timedelta(hours=2))
    return hours, _bills(player, until, dice)


def _hours(session: Session, player: Player, name: str, until: datetime, dice: random.Random) -> int:
    by, calendar, count = player.actor(name, Role.WAREHOUSE), working_calendar(session), 0
    today = until.astimezone(SWISS_TIME).date()
    for back in range(DAYS, 0, -1):
        day = today - timedelta(days=back)
        open_at = opening(calendar, day)
        if open_at is None or dice.random() < 0.03:
            continue
        begins = open_at[0] + timedelta(minutes=dice.randint(-25, 10))
        ends = open_at[1] + timedelta(minutes=dice.randint(-20, 35))
        noon = datetime.combine(day, time(12, 0), SWISS_TIME)
        draft = SpanDraft(player.people[name], begins, ends, dice.choice((45, 60, 60)), noon, task=dice.choice(TASKS))
        add_span(session, draft=draft, by=by, at=ends)
        count += 1
    return count


def _close(session: Session, player: Player, until: datetime) -> None:
    """Close what was over a month ago; the last month waits for who tries the product."""
    by, this = player.actor(HR, Role.HR), month_of(until.astimezone(SWISS_TIME).date())
    month = month_of((until - timedelta(days=DAYS)).astimezone(SWISS_TIME).date())
    while month_after(month) < this:
        for name in WORKERS:
            close_month(session, owner_id=player.people[name], month=month, by=by, at=until - timedelta(days=3))
        month = month_after(month)


def _bills(player: Player, until: datetime, dice: random.Random) -> int:
    buyer, manager = player.actor(BUYER, Role.PURCHASING), player.actor(MANAGER, Role.MANAGER)
    with transaction() as session:
        suppliers = [_supplier(session, name, manager, until - timedelta(days=40)) for name in SUPPLIERS]
        for number in range(12):
            at = until - timedelta(days=36 - 3 * number, hours=dice.randint(0, 6))
            name, amount = SUPPLIERS[number % 3], Decimal(dice.randint(4000, 180000)) / 100
            page = _page(name, f"R-{2600 + number}", amount, with_code=number % 2 == 0)
            owner = player.actor((*WORKERS, BUYER)[number % 4], Role.WAREHOUSE)
            bill_id = receive_bill(session, files=(page,), by=owner, at=at)
            if number == 5:
                discard_bill(session, bill_id=bill_id, reason="offre, pas une facture", by=buyer, at=at)
            elif number < 7:
                said = {"party_id": suppliers[number % 3], "number": f"R-{2600 + number}", "amount": amount}
                _enter(session, bill_id, said, buyer, at + timedelta(hours=1), has_code=bool(page.payload))
    return 12


def _supplier(session: Session, name: str, by: Any, at: datetime) -> UUID:
    made: UUID = add_party(session, draft=PartyDraft(PartyKind.COMPANY, name=name, is_supplier=True), by=by, at=at)
    return made


def _enter(session: Session, bill_id: UUID, said: dict[str, Any], by: Any, at: datetime, *, has_code: bool) -> None:
    if has_code:
        take_suggestion(session, bill_id=bill_id, by=by, at=at)
    version = bill_facts(session, bill_id=bill_id, by=by).row_version
    day = at.astimezone(SWISS_TIME).date()
    values = {**said, "bill_date": day - timedelta(days=2), "due_date": day + timedelta(days=28)}
    edit_bill(session, bill_id=bill_id, values=values, expected_version=version, by=by, at=at)
    enter_bill(session, bill_id=bill_id, by=by, at=at)


def _page(supplier: str, number: str, amount: Decimal, *, with_code: bool) -> FileDraft:
    """Draw a bill as a phone would photograph it, with a Swiss QR code or without."""
    import segno
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("RGB", (900, 1270), "white")
    pen, large, small = ImageDraw.Draw(page), ImageFont.load_default(34), ImageFont.load_default(24)
    plain = lambda text: unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode()  # noqa: E731 - the font that Pillow brings
    pen.text((70, 80), plain(supplier), fill="black", font=large)
    for row, line in enumerate(
        (f"Facture {number}", "Ateliers du Léman SA", "1110 Morges", "", f"Total CHF {amount:.2f}")
    ):
        pen.text((70, 220 + 44 * row), plain(line), fill="black", font=small)
    pen.line((70, 900, 830, 900), fill="gray")
    payload = _payload(supplier, amount) if with_code else ""
    if payload:
        drawn = io.BytesIO()
        segno.make(payload, error="m").save(drawn, kind="png", scale=4, border=2)
        page.paste(Image.open(drawn), (70, 930))
    written = io.BytesIO()
    page.save(written, "JPEG", quality=80)
    content = written.getvalue()
    kept = put(content)
    return FileDraft(f"{number}.jpg", kept, len(content), "image/jpeg", (kept,), payload)


def _payload(supplier: str, amount: Decimal) -> str:
    creditor = ["SPC", "0200", "1", IBAN, "S", supplier, "Rue du Lac", "12", "1800", "Vevey", "CH", *[""] * 7]
    debtor = [f"{amount:.2f}", "CHF", "S", "Ateliers du Léman SA", "Quai du Mont-Blanc", "1", "1110", "Morges", "CH"]
    return "\n".join([*creditor, *debtor, "QRR", REFERENCE, "", "EPD"])
