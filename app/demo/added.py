"""The invented firm's own fields on companies: what each is worth a year, and how it wants to be served."""

import random
from datetime import datetime, timedelta
from decimal import Decimal

from app.demo.play import Player
from db.access.rules import Role
from db.parties.actions import change_party
from db.parties.listing.queries import COMPANY_QUESTIONS, COMPANY_SHAPE
from db.parties.rules import KIND, PartyKind
from db.records.custom_fields.actions import add_field
from db.records.custom_fields.drafts import FieldDraft
from db.records.custom_fields.rules import FieldType, Value
from db.records.listing.rules import read_request
from db.session import transaction

SEED, KNOWN = 20261125, 60
SEGMENTS = ("Clé", "Régulier", "Occasionnel")
FIELDS = (
    (FieldType.CHOICE, FieldDraft("Segment", "Segment", "Segment", SEGMENTS)),
    (FieldType.AMOUNT, FieldDraft("Contrat d’entretien", "Maintenance contract", "Wartungsvertrag")),
    (FieldType.DATE, FieldDraft("Dernière visite", "Last visit", "Letzter Besuch")),
)


def describe_companies(player: Player, until: datetime) -> int:
    """Add the firm's fields to companies and fill them for those that it knows best; return how many."""
    dice = random.Random(SEED)
    claire = player.actor("Claire Rochat", Role.MANAGER)
    with transaction() as session:
        for type, draft in FIELDS:
            add_field(session, kind=KIND, group=PartyKind.COMPANY.value, type=type, draft=draft, by=claire, at=until)
        request = read_request(f"sort=name&size={KNOWN}", COMPANY_SHAPE)
        found = COMPANY_QUESTIONS.page(session, request=request, by=claire).rows
        for row in found:
            values = {"custom": _values(dice, until)}
            change_party(
                session, party_id=row.record_id, values=values, expected_version=row.row_version, by=claire, at=until
            )
    return len(found)


def _values(dice: random.Random, until: datetime) -> dict[str, Value]:
    segment = dice.choices(SEGMENTS, (1, 3, 4))[0]
    visited = until.date() - timedelta(days=dice.randint(3, 320))
    contract = Decimal(dice.randrange(24_000, 480_000, 500)).scaleb(-2) if segment != SEGMENTS[-1] else None
    return {"segment": segment, "contrat_d_entretien": contract, "derniere_visite": visited}
