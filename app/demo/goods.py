"""The invented firm's goods: what it stocks, where, and two years of moves with their season, from one seed."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from app.demo.play import Player
from db.access.rules import Actor, Role
from db.catalog.items.actions import add_item
from db.catalog.items.rules import ItemDraft, check_digit
from db.parties.actions import add_party
from db.parties.rules import Address, PartyDraft, PartyKind
from db.session import transaction
from db.stock.counts.actions import approve_count, finish_count, note_counted, open_count
from db.stock.counts.queries import sheet
from db.stock.counts.rules import CountDraft, Entering
from db.stock.moves.actions import plan_move
from db.stock.moves.queries import level
from db.stock.moves.rules import NO_ORIGIN, MoveDraft, MoveKind
from db.stock.opening.actions import add_moves
from db.stock.places.actions import add_place
from db.stock.places.rules import PlaceDraft

SEED, WEEKS = 20261125, 104
BUYER, KEEPER = "Martine Jaquet", "Pascal Gaillard"
SUPPLIERS = ("Inoxal AG", "Metalpro Schweiz AG", "Accastillage Léman SA", "Quincaillerie Duvoisin SA")
# group, number prefix, unit, supplier, sales per week, package, (name, purchase price, margin factor)
GOODS: tuple[tuple[str, str, str, int, int, str, tuple[tuple[str, str, str], ...]], ...] = (
    ("Câbles", "20-61", "m", 0, 70, "rouleau = 250", tuple(
        (f"Câble inox 7×19 Ø {d} mm, A4", price, "1.62")
        for d, price in ((3, "1.95"), (4, "2.60"), (5, "3.70"), (6, "4.85"), (8, "7.90"), (10, "11.40"), (12, "16.20"))
    )),
    ("Câbles rigides", "20-62", "m", 0, 25, "rouleau = 100", tuple(
        (f"Câble inox 1×19 Ø {d} mm, A4", price, "1.58")
        for d, price in ((4, "3.10"), (5, "4.20"), (6, "5.60"), (7, "7.35"), (8, "9.10"), (10, "13.80"))
    )),
    ("Embouts", "30-10", "pce", 0, 18, "boîte = 25", tuple(
        (f"Embout à sertir à fourche, câble {d} mm", price, "1.75")
        for d, price in ((4, "8.90"), (5, "10.40"), (6, "13.20"), (8, "19.60"), (10, "31.50"))
    )),
    ("Ridoirs", "30-20", "pce", 2, 9, "", tuple(
        (f"Ridoir à cage M{d}", price, "1.80")
        for d, price in ((6, "14.30"), (8, "18.90"), (10, "26.40"), (12, "38.70"), (16, "71.00"))
    )),
    ("Manchons", "30-30", "pce", 3, 60, "sachet = 50", tuple(
        (f"Manchon cuivre étamé, câble {d} mm", price, "2.10")
        for d, price in ((3, "0.3125"), (4, "0.42"), (5, "0.58"), (6, "0.79"), (8, "1.36"))
    )),
    ("Manilles", "30-40", "pce", 2, 14, "boîte = 10", tuple(
        (f"Manille droite inox {d} mm", price, "1.90")
        for d, price in ((5, "3.20"), (6, "4.10"), (8, "6.60"), (10, "10.80"), (12, "17.40"))
    )),
    ("Tubes", "40-10", "m", 1, 30, "barre = 6", tuple(
        (f"Tube inox brossé Ø {d} × 2 mm", price, "1.45")
        for d, price in (("33.7", "12.60"), ("42.4", "15.90"), ("48.3", "18.70"), ("60.3", "24.50"))
    )),
    ("Tôles", "40-20", "m2", 1, 12, "plaque = 3.125", tuple(
        (f"Tôle inox 1.4301, {d} mm", price, "1.38")
        for d, price in (("1", "38.50"), ("1.5", "55.20"), ("2", "71.80"), ("3", "104.00"))
    )),
    ("Visserie", "50-10", "pce", 3, 220, "boîte = 200", tuple(
        (f"Vis inox A4 M{d}", price, "2.30")
        for d, price in (("5×20", "0.09"), ("6×30", "0.14"), ("8×40", "0.27"), ("8×60", "0.36"), ("10×60", "0.61"))
    )),
    ("Consommables", "60-10", "pce", 3, 6, "carton = 12", (
        ("Disque à tronçonner 125 mm", "1.85", "1.60"), ("Disque à lamelles 125 mm, grain 60", "3.90", "1.60"),
        ("Pâte à polir, 1 kg", "21.50", "1.50"), ("Décapant inox, 2 kg", "46.00", "1.45"),
        ("Gants d’atelier, taille 10", "2.40", "1.70"),
    )),
)  # fmt: skip
SERVICES = (("90-01", "Sertissage d’un embout", "12.00"), ("90-02", "Heure d’atelier", "118.00"),
            ("90-03", "Pose sur chantier", "132.00"), ("90-04", "Déplacement", "85.00"))  # fmt: skip


@dataclass(frozen=True)
class Stocked:
    """One article of the story: its id, and how much of it goes out in a usual week."""

    item_id: UUID
    usual: float
    cost: Decimal
    package: Decimal


def stock_the_shelves(player: Player, until: datetime) -> int:
    """Give the firm its items, places and two years of moves; return how many moves there are."""
    rng = random.Random(SEED)
    buyer, keeper = player.actor(BUYER, Role.PURCHASING), player.actor(KEEPER, Role.WAREHOUSE)
    start = until - timedelta(weeks=WEEKS)
    manager = player.actor("Claire Rochat", Role.MANAGER)
    with transaction() as session:
        suppliers = [
            add_party(
                session,
                draft=PartyDraft(PartyKind.COMPANY, name, address=Address(city="Lausanne"), is_supplier=True),
                by=manager,
                at=start,
            )
            for name in SUPPLIERS
        ]
        shelf = add_place(session, draft=PlaceDraft("Dépôt de Renens", "RENENS"), by=keeper, at=start)
        van = add_place(session, draft=PlaceDraft("Camionnette", "VAN"), by=keeper, at=start)
    goods = _items(rng, suppliers, buyer, start)
    drafts = sorted(_moves(rng, goods, shelf, van, start, until), key=lambda one: one.moved_at or start)
    for begin in range(0, len(drafts), 1000):
        with transaction() as session:
            part = drafts[begin : begin + 1000]
            add_moves(session, drafts=part, origin=NO_ORIGIN, by=keeper, at=max(d.moved_at or start for d in part))
    _recent(goods, shelf, keeper, manager, until)
    return len(drafts)


def _items(rng: random.Random, suppliers: list[UUID], by: Actor, at: datetime) -> list[Stocked]:
    found = []
    with transaction() as session:
        for group, prefix, unit, supplier, usual, packages, lines in GOODS:
            for place, (name, cost, factor) in enumerate(lines):
                price = (Decimal(cost) * Decimal(factor)).quantize(Decimal("0.05")) or Decimal("0.05")
                code = f"7610200{int(prefix.replace('-', '')):04d}{place + 1}"[:12]
                draft = ItemDraft(
                    number=f"{prefix}{place + 1:02d}", name=name, unit=unit, packages=packages, group_name=group,
                    sale_price=price, purchase_price=Decimal(cost), barcode=code + check_digit(code),
                    minimum_stock=Decimal(round(usual * rng.uniform(1.5, 3.5))), supplier_id=suppliers[supplier],
                )  # fmt: skip
                item_id = add_item(session, draft=draft, by=by, at=at)
                size = Decimal(packages.partition("= ")[2] or "1")
                found.append(Stocked(item_id, usual * rng.uniform(0.35, 1.5), Decimal(cost), size))
        for number, name, sale in SERVICES:
            draft = ItemDraft(
                number=number, name=name, kind="service", unit="h", group_name="Services", sale_price=Decimal(sale)
            )
            add_item(session, draft=draft, by=by, at=at)
    return found


def season(at: datetime) -> float:
    """Return how much busier than usual a week is: the boats come out in spring, the workshop closes at year's end."""
    if (at.month, at.day) >= (12, 21) or (at.month, at.day) <= (1, 3):
        return 0.05
    return 1 + 0.55 * math.cos(2 * math.pi * (at.timetuple().tm_yday - 100) / 365)


def _moves(
    rng: random.Random, goods: list[Stocked], shelf: UUID, van: UUID, start: datetime, until: datetime
) -> Iterator[MoveDraft]:
    for one in goods:
        held = Decimal(round(one.usual * 8)) + one.package
        yield MoveDraft(one.item_id, MoveKind.OPENING, held, None, shelf, "Reprise", one.cost, start)
        in_van = Decimal(0)
        for week in range(WEEKS):
            at = (start + timedelta(weeks=week, days=rng.randrange(5))).replace(hour=rng.randrange(7, 16), minute=7)
            at = max(at, start + timedelta(minutes=1))
            if at >= until - timedelta(days=1):
                break
            if held < Decimal(one.usual * 3) and rng.random() < 0.8:
                amount = max(one.package, Decimal(math.ceil(one.usual * 8 / float(one.package))) * one.package)
                drift = Decimal(1 + 0.0006 * week).quantize(Decimal("0.0001"))
                cost = (one.cost * drift).quantize(Decimal("0.0001"))
                received = at - timedelta(hours=1)
                note = f"BL fournisseur {rng.randrange(4000, 9999)}"
                yield MoveDraft(one.item_id, MoveKind.RECEIPT, amount, None, shelf, note, cost, max(received, start))
                held += amount
            wanted = Decimal(round(one.usual * season(at) * rng.lognormvariate(0, 0.35)))
            taken = min(wanted, held)
            if taken > 0:
                held -= taken
                yield MoveDraft(
                    one.item_id, MoveKind.ISSUE, taken, shelf, None, f"BL-{rng.randrange(1200, 2400)}", None, at
                )
            if week % 9 == 4 and held > 4 and in_van == 0:
                in_van = Decimal(min(int(held) // 4, 12) or 1)
                held -= in_van
                later = at + timedelta(minutes=30)
                yield MoveDraft(one.item_id, MoveKind.TRANSFER, in_van, shelf, van, "Chantier", None, later)
            elif week % 9 == 7 and in_van > 0:
                used, in_van = in_van, Decimal(0)
                yield MoveDraft(one.item_id, MoveKind.ISSUE, used, van, None, "Posé sur chantier", None, at)


def _recent(goods: list[Stocked], shelf: UUID, keeper: Actor, manager: Actor, until: datetime) -> None:
    """Let there be a count of last month, one under way, and deliveries that are expected."""
    last_month = until - timedelta(days=24)
    with transaction() as session:
        draft = CountDraft(shelf, "Inventaire des manilles", "Manilles", blind=True)
        count_id = open_count(session, draft=draft, by=keeper, at=last_month)
        for line, gap in zip(sheet(session, count_id=count_id), (0, -2, 0, 1, 0), strict=True):
            found = level(session, item_id=line.item_id, place_id=shelf) + gap
            note_counted(
                session, line_id=line.line_id, counted=found, entering=Entering.FIRST, seen_version=None, by=keeper,
                at=until - timedelta(days=1),
            )  # fmt: skip
        finish_count(session, count_id=count_id, by=keeper, at=until - timedelta(days=1))
        approve_count(session, count_id=count_id, by=manager, at=until - timedelta(hours=23))
    with transaction() as session:
        draft = CountDraft(shelf, "Comptage des câbles", "Câbles", blind=False)
        count_id = open_count(session, draft=draft, by=keeper, at=until - timedelta(hours=3))
        for line in sheet(session, count_id=count_id)[:3]:
            note_counted(
                session, line_id=line.line_id, counted=line.expected or Decimal(0), entering=Entering.FIRST,
                seen_version=None, by=keeper, at=until - timedelta(hours=2),
            )  # fmt: skip
        for one, days in zip(goods[:3], (3, 8, 14), strict=True):
            expected = MoveDraft(
                one.item_id, MoveKind.RECEIPT, one.package * 3, None, shelf, "Commandé par téléphone", one.cost,
                until + timedelta(days=days),
            )  # fmt: skip
            plan_move(session, draft=expected, by=keeper, at=until - timedelta(days=1))
