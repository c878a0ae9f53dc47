"""Questions about parties."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import readable
from db.kernel.errors import NotFound
from db.parties.rules import Address, PartyKind
from db.parties.tables import Party, PartyContact
from db.records.search.rules import fold


@dataclass(frozen=True)
class PartyCard:
    """What is known of one party."""

    party_id: UUID
    kind: PartyKind
    name: str
    uid: str
    email: str
    phone: str
    address: Address
    row_version: int


@readable("parties.read")
def party_card(session: Session, *, party_id: UUID) -> PartyCard:
    """Return one party.

    Raises: NotFound.
    """
    row = session.get(Party, party_id)
    if row is None:
        raise NotFound("Cette entreprise ou personne n’existe pas.")
    return _card(row)


@readable("parties.read")
def contacts(session: Session, *, company_id: UUID) -> list[PartyCard]:
    """Return the persons who speak for a company, by name."""
    wanted = (
        select(Party)
        .join(PartyContact, col(PartyContact.person_id) == col(Party.id))
        .where(col(PartyContact.company_id) == company_id)
        .order_by(col(Party.name_order))
    )
    return [_card(row) for row in session.scalars(wanted)]


@readable("parties.read")
def same_party(session: Session, *, kind: PartyKind, name: str, email: str) -> UUID | None:
    """Return the party that is surely the same: the same folded name, or a person with the same e-mail address."""
    of_kind = select(col(Party.id)).where(col(Party.kind) == kind.value)
    if email and kind is PartyKind.PERSON:
        found = session.scalars(of_kind.where(col(Party.email) == email.lower()).limit(1)).first()
        return found if found else None
    return session.scalars(of_kind.where(col(Party.name_order) == fold(name)).limit(1)).first()


def _card(row: Party) -> PartyCard:
    address = Address(row.street, row.house_number, row.postal_code, row.city, row.canton, row.country)
    return PartyCard(
        row.id,
        PartyKind(row.kind),
        row.name,
        row.uid,
        row.email,
        row.phone,
        address,
        row.row_version,
    )
