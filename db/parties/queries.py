"""Questions about parties."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.rules import Actor, may_see_field
from db.kernel.errors import NotFound
from db.parties.rules import KIND, Address, PartyKind
from db.parties.tables import Party, PartyContact, PartyIdentity
from db.records.custom_fields.queries import entries_of
from db.records.custom_fields.rules import CustomEntry
from db.records.search.rules import escaped, fold


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
    is_customer: bool = False
    is_supplier: bool = False
    other_emails: str = ""
    other_phones: str = ""
    former_names: str = ""
    custom: tuple[CustomEntry, ...] = ()


@readable("parties.read")
def party_card(session: Session, *, party_id: UUID, by: Actor) -> PartyCard:
    """Return one party.

    Raises: NotFound.
    """
    row = session.get(Party, party_id)
    if row is None:
        raise NotFound("Cette entreprise ou personne n’existe pas.")
    own = entries_of(session, kind=KIND, group=row.kind, record_id=row.id, stored=row.custom, by=by)
    return replace(_card(row, by), custom=tuple(own))


@readable("parties.read")
def contacts(session: Session, *, company_id: UUID, by: Actor) -> list[PartyCard]:
    """Return the persons who speak for a company, by name."""
    wanted = (
        select(Party)
        .join(PartyContact, col(PartyContact.person_id) == col(Party.id))
        .where(col(PartyContact.company_id) == company_id)
        .order_by(col(Party.name_order))
    )
    return [_card(row, by) for row in session.scalars(wanted)]


@dataclass(frozen=True)
class NamedParty:
    """A party as a list of relations names it; `function` is what a person does there."""

    party_id: UUID
    kind: PartyKind
    name: str
    function: str = ""


@readable("parties.read")
def companies_of(session: Session, *, person_id: UUID) -> list[NamedParty]:
    """Return the companies for which a person speaks, by name."""
    wanted = (
        select(col(Party.id), col(Party.kind), col(Party.name), col(PartyContact.function))
        .join(PartyContact, col(PartyContact.company_id) == col(Party.id))
        .where(col(PartyContact.person_id) == person_id)
        .order_by(col(Party.name_order))
    )
    return [NamedParty(one, PartyKind(kind), *rest) for one, kind, *rest in session.execute(wanted)]


@readable("parties.read")
def people_of(session: Session, *, company_id: UUID) -> list[NamedParty]:
    """Return who speaks for a company, by name, with what they do there."""
    wanted = (
        select(col(Party.id), col(Party.kind), col(Party.name), col(PartyContact.function))
        .join(PartyContact, col(PartyContact.person_id) == col(Party.id))
        .where(col(PartyContact.company_id) == company_id)
        .order_by(col(Party.name_order))
    )
    return [NamedParty(one, PartyKind(kind), *rest) for one, kind, *rest in session.execute(wanted)]


@readable("parties.read")
def parties_like(session: Session, *, text: str, kind: PartyKind | None = None, most: int = 20) -> list[NamedParty]:
    """Return the parties whose name begins with a text or has a word that does, by name."""
    begin = escaped(fold(text))
    name = col(Party.name_order)
    wanted = (
        select(col(Party.id), col(Party.kind), col(Party.name))
        .where(or_(name.like(f"{begin}%", escape="\\"), name.like(f"% {begin}%", escape="\\")))
        .order_by(name)
        .limit(most)
    )
    if kind is not None:
        wanted = wanted.where(col(Party.kind) == kind.value)
    return [NamedParty(one, PartyKind(found), named) for one, found, named in session.execute(wanted)]


@readable("parties.read")
def party_names(session: Session, *, party_ids: Sequence[UUID]) -> dict[UUID, NamedParty]:
    """Return parties by id."""
    wanted = select(col(Party.id), col(Party.kind), col(Party.name)).where(col(Party.id).in_(list(party_ids)))
    return {one: NamedParty(one, PartyKind(kind), name) for one, kind, name in session.execute(wanted)}


@readable("parties.read")
def parties_named_by(session: Session, *, identity_ids: Sequence[UUID | None]) -> dict[UUID, NamedParty]:
    """Return the party that each id means today: its own, or that of a party that was merged into it since."""
    ids = {one for one in identity_ids if one is not None}
    if not ids:
        return {}
    wanted = (
        select(col(PartyIdentity.id), col(Party.id), col(Party.kind), col(Party.name))
        .join(Party, col(Party.id) == col(PartyIdentity.party_id))
        .where(col(PartyIdentity.id).in_(ids))
    )
    return {one: NamedParty(now, PartyKind(kind), name) for one, now, kind, name in session.execute(wanted)}


def parties_for_posting(session: Session, *, identity_ids: Sequence[UUID | None]) -> dict[UUID, UUID]:
    """Return the party that each id means today; nobody merges them before the transaction ends."""
    ids = {one for one in identity_ids if one is not None}
    wanted = select(col(PartyIdentity.id), col(PartyIdentity.party_id)).where(col(PartyIdentity.id).in_(ids))
    return dict(session.execute(wanted.order_by(col(PartyIdentity.id)).with_for_update(read=True)).all()) if ids else {}


@readable("parties.read")
def same_party(session: Session, *, kind: PartyKind, name: str, email: str) -> UUID | None:
    """Return the party that is surely the same: the same folded name, or a person with the same e-mail address."""
    of_kind = select(col(Party.id)).where(col(Party.kind) == kind.value)
    if email and kind is PartyKind.PERSON:
        found = session.scalars(of_kind.where(col(Party.email) == email.lower()).limit(1)).first()
        return found if found else None
    return session.scalars(of_kind.where(col(Party.name_order) == fold(name)).limit(1)).first()


def _card(row: Party, by: Actor) -> PartyCard:
    def told(name: str) -> str:
        return str(getattr(row, name)) if may_see_field(by, "party", name) else ""

    return PartyCard(
        row.id,
        PartyKind(row.kind),
        row.name,
        told("uid"),
        told("email"),
        told("phone"),
        Address(*(told(name) for name in ("street", "house_number", "postal_code", "city", "canton", "country"))),
        row.row_version,
        row.is_customer and may_see_field(by, "party", "is_customer"),
        row.is_supplier and may_see_field(by, "party", "is_supplier"),
        told("other_emails"),
        told("other_phones"),
        told("former_names"),
    )
