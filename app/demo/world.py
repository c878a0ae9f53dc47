"""What happened in the invented firm: leads, exchanges and their ends, from one seed and nothing else.

The hidden rule of success is stated in `_chance`, so that tests can say what a good model should find.
"""

import math
import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from app.demo import places

STOPPAGE = (date(2025, 3, 3), date(2025, 3, 28))  # the crimping press stands still: cabling cannot be promised
YEARS = 3


@dataclass(frozen=True)
class Exchange:
    """One call, mail or meeting with a lead."""

    channel: str  # call, email, visit
    direction: str  # in, out
    at: datetime
    text: str


@dataclass(frozen=True)
class PlannedLead:
    """One lead with everything that will happen to it; `won` is None while it is open."""

    company_name: str
    person_name: str
    email: str
    phone: str
    postal_code: str
    city: str
    canton: str
    source: str
    sector: str
    need: str
    weeks_wanted: int | None
    budget_known: bool | None
    expected_amount: Decimal
    owner: str
    received_at: datetime
    exchanges: tuple[Exchange, ...]
    closed_at: datetime | None
    won: bool | None
    lost_reason: str | None
    next_step: str = ""
    next_step_date: date | None = None


def leads(count: int, *, seed: int, until: datetime) -> Iterator[PlannedLead]:
    """Yield `count` leads received over the three years before `until`, in the order of their arrival."""
    rng = random.Random(seed)
    arrivals = sorted(_arrival(rng, until) for _ in range(count))
    for received_at in arrivals:
        yield _lead(rng, received_at, until)


def _arrival(rng: random.Random, until: datetime) -> datetime:
    """Draw an arrival: more in late winter (boat show, season ahead), fewer in summer holidays and at week-ends."""
    while True:
        at = until - timedelta(days=rng.uniform(0.2, 365 * YEARS))
        season = 1 + 0.5 * math.cos(2 * math.pi * (at.timetuple().tm_yday - 50) / 365)
        weekday = 0.15 if at.weekday() >= 5 else 1
        if rng.random() < season * weekday / 1.5:
            return at.replace(hour=rng.choice((7, 8, 9, 10, 13, 14, 15)), minute=rng.randrange(60), tzinfo=UTC)


def _lead(rng: random.Random, received_at: datetime, until: datetime) -> PlannedLead:
    sector = rng.choice(tuple(places.SECTORS))
    need = _need(rng, sector)
    source = _source(rng, sector, received_at)
    postal_code, city, canton = rng.choices(places.TOWNS, weights=[3 if t[2] == "VD" else 1 for t in places.TOWNS])[0]
    usual = places.NEEDS[need]
    amount = Decimal(round(usual * rng.lognormvariate(0, 0.55) / 10) * 10)
    person = f"{rng.choice(places.FIRST_NAMES)} {rng.choice(places.LAST_NAMES)}"
    company = _company(rng, sector, city)
    budget = rng.choices((True, False, None), weights=(4, 4, 2))[0]
    weeks = rng.choice((3, 4, 6, 8, 10, 12, 16, None))
    chance = _chance(rng, sector, need, source, canton, budget, weeks, float(amount) / usual, received_at)
    won = rng.random() < chance
    days = rng.gammavariate(2.2, 34 if won else 52) + 4
    ended = _at_work(rng, received_at + timedelta(days=days))
    closed_at = ended if ended < until - timedelta(hours=12) else None
    owners = [name for name, _, roles in places.STAFF if "sales" in roles]
    planned = _next_step(rng, until) if closed_at is None and rng.random() < 0.85 else ("", None)
    return PlannedLead(
        company_name=company,
        person_name=person,
        email=_email(person, company),
        phone=_phone(rng),
        postal_code=postal_code,
        city=city,
        canton=canton,
        source=source,
        sector=sector,
        need=need,
        weeks_wanted=weeks,
        budget_known=budget,
        expected_amount=amount,
        owner=rng.choice(owners),
        received_at=received_at,
        exchanges=_exchanges(rng, need, received_at, closed_at or until, won),
        closed_at=closed_at,
        won=None if closed_at is None else won,
        lost_reason=None if won or closed_at is None else _lost_reason(rng, weeks, float(amount) / usual),
        next_step=planned[0],
        next_step_date=planned[1],
    )


def _next_step(rng: random.Random, until: datetime) -> tuple[str, date]:
    """Return what is planned for an open lead: mostly in the coming days, sometimes already late."""
    day = until.date() + timedelta(days=rng.choice((-4, -1, 0, 0, 1, 1, 2, 3, 6, 7, 8, 10, 14)))
    return rng.choice(places.NEXT_STEPS), day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= 5 else 0)


def _need(rng: random.Random, sector: str) -> str:
    favourite = {
        "Chantier naval": ("Câblage de haubans", "Accastillage"),
        "Architecture": ("Garde-corps", "Escalier"),
        "Collectivité": ("Mobilier urbain", "Garde-corps"),
        "Hôtellerie": ("Rayonnage inox", "Garde-corps"),
        "Immobilier": ("Garde-corps", "Escalier"),
        "Menuiserie": ("Escalier", "Découpe laser"),
        "Mécanique": ("Découpe laser", "Rayonnage inox"),
    }[sector]
    return rng.choice(favourite) if rng.random() < 0.8 else rng.choice(tuple(places.NEEDS))


def _source(rng: random.Random, sector: str, at: datetime) -> str:
    weights = dict(zip(places.SOURCES, (20, 30, 18, 3, 4, 8, 9), strict=True))
    if sector == "Chantier naval" and at.month in (2, 3):
        weights["Salon nautique"] = 45
    if sector == "Collectivité":
        weights["Appel d’offres"] = 60
    if at.month in (4, 10):
        weights["Foire"] = 20
    return rng.choices(tuple(weights), weights=tuple(weights.values()))[0]


def _chance(
    rng: random.Random, sector: str, need: str, source: str, canton: str, budget: bool | None, weeks: int | None,
    relative_amount: float, at: datetime,
) -> float:  # fmt: skip
    """Return the probability of success: the rule that a model is to find again."""
    score = -0.95
    score += {"Recommandation": 1.1, "Salon nautique": 0.5, "Appel entrant": 0.35, "Foire": -0.2, "Site web": -0.35,
              "Appel d’offres": -0.7, "LinkedIn": -0.9}[source]  # fmt: skip
    score += {"Chantier naval": 0.55, "Mécanique": 0.25, "Hôtellerie": 0.1, "Immobilier": -0.1, "Architecture": -0.2,
              "Menuiserie": 0.0, "Collectivité": 0.1}[sector]  # fmt: skip
    score += 0.9 if budget else -0.35 if budget is False else 0.0
    score += {"VD": 0.25, "GE": 0.05, "VS": 0.0, "FR": -0.05}.get(canton, -0.35)
    score += -0.8 if weeks is not None and weeks <= 4 else 0.15
    score += -0.55 * math.log(relative_amount)
    score += 0.3 if at.month in (1, 2, 3, 4) else -0.15 if at.month in (7, 8) else 0
    if need == "Câblage de haubans" and STOPPAGE[0] <= at.date() <= STOPPAGE[1]:
        score -= 2.2
    score += rng.gauss(0, 0.45)
    return 1 / (1 + math.exp(-score))


def _exchanges(rng: random.Random, need: str, start: datetime, end: datetime, won: bool) -> tuple[Exchange, ...]:
    count = min(7, 1 + int(rng.expovariate(1 / (2.6 if won else 1.6))))
    span = max((end - start).total_seconds() - 3600, 3600)
    moments = sorted(_at_work(rng, start + timedelta(seconds=rng.uniform(600, span))) for _ in range(count))
    return tuple(_exchange(rng, need, at, won) for at in moments if start < at < end)


def _at_work(rng: random.Random, at: datetime) -> datetime:
    """Move an instant into the working hours (8 to 17 o'clock in Lausanne) of the same or the next working day."""
    at += timedelta(days=max(0, 7 - at.weekday()) if at.weekday() >= 5 else 0)
    return at.replace(hour=rng.choice((7, 8, 9, 10, 12, 13, 14, 15)))


def _exchange(rng: random.Random, need: str, at: datetime, won: bool) -> Exchange:
    channel = rng.choices(("call", "email", "visit"), weights=(5, 4, 1))[0]
    inward = rng.random() < (0.6 if won else 0.42)
    words = {
        ("call", True): places.CALLS_IN,
        ("call", False): places.CALLS_OUT,
        ("email", True): places.MAILS_IN,
        ("email", False): places.MAILS_OUT,
    }.get((channel, inward), places.MEETINGS)
    return Exchange(channel, "in" if inward else "out", at, rng.choice(words).format(need=need.lower()))


def _lost_reason(rng: random.Random, weeks: int | None, relative_amount: float) -> str:
    if weeks is not None and weeks <= 4 and rng.random() < 0.5:
        return "Délai trop long"
    if relative_amount > 1.4 and rng.random() < 0.6:
        return "Prix"
    return rng.choice(places.LOST_REASONS)


def _company(rng: random.Random, sector: str, town: str) -> str:
    form = rng.choice(places.SECTORS[sector])
    return form.format(name=rng.choice(places.LAST_NAMES), other=rng.choice(places.LAST_NAMES), town=town)


def _email(person: str, company: str) -> str:
    domain = "-".join(word for word in _ascii(company).split() if word not in ("sa", "sarl", "et", "de"))
    return f"{address_name(person)}@{domain}.example"


def address_name(person: str) -> str:
    """Return a name as it stands before the @ of an address: `Élodie Favre` becomes `elodie.favre`."""
    return ".".join(_ascii(person).split())


def _ascii(text: str) -> str:
    folded = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    return "".join(c if c.isalnum() or c in " -" else " " for c in folded).strip()


def _phone(rng: random.Random) -> str:
    """Return a number of the form that no subscriber has (555)."""
    area = rng.choice(("21", "22", "24", "26", "27", "32"))
    return f"+41 {area} 555 {rng.randrange(100):02d} {rng.randrange(100):02d}"
