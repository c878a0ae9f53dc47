"""Companies and persons, and who speaks for whom."""

from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import SQLModel

from db.kernel.guards import Follows, guard
from db.kernel.record import Record, personal, plain

ORDERS = ("name_order", "city", "canton", "postal_code", "email", "uid", "updated_at")


class Party(Record, table=True):
    """A company or a person that the firm deals with."""

    __tablename__ = "party"
    __table_args__ = (
        CheckConstraint("kind in ('company', 'person')", name="party_kind"),
        CheckConstraint("kind = 'company' or uid = ''", name="party_uid"),
        CheckConstraint("name <> ''", name="party_name"),
        Index("party_facets", "kind", "canton", "country", "search_number", "id"),
        *[Index(f"party_by_{name}", "kind", name, "id", "search_number") for name in ORDERS],
    )
    kind: str = plain(nullable=False)
    name: str = personal(nullable=False)
    uid: str = plain(default="", nullable=False, index=True)
    email: str = personal(default="", nullable=False, index=True)
    phone: str = personal(default="", nullable=False)
    street: str = personal(default="", nullable=False)
    house_number: str = personal(default="", nullable=False)
    postal_code: str = plain(default="", nullable=False)
    city: str = plain(default="", nullable=False)
    canton: str = plain(default="", nullable=False)
    country: str = plain(default="CH", nullable=False)
    is_customer: bool = plain(default=False, nullable=False, sa_column_kwargs={"server_default": text("false")})
    is_supplier: bool = plain(default=False, nullable=False, sa_column_kwargs={"server_default": text("false")})
    other_emails: str = personal(default="", nullable=False, sa_column_kwargs={"server_default": ""})  # one per line
    other_phones: str = personal(default="", nullable=False, sa_column_kwargs={"server_default": ""})  # one per line
    former_names: str = personal(default="", nullable=False, sa_column_kwargs={"server_default": ""})  # one per line
    custom: dict[str, Any] = personal(
        sa_type=JSON, default_factory=dict, nullable=False, sa_column_kwargs={"server_default": "{}"}
    )
    name_order: str = personal(default="", nullable=False, tracked=False, index=True)
    search_number: int = plain(default=0, nullable=False, tracked=False, unique=True)


class PartyIdentity(SQLModel, table=True):
    """The id under which what is posted names a party for ever; `party_id` is the party that it is today.

    The database gives each party its own; a merge leads those of the party that goes to the one that is kept.
    """

    __tablename__ = "party_identity"
    id: UUID = plain(primary_key=True)
    party_id: UUID = plain(foreign_key="party.id", ondelete="CASCADE", nullable=False, index=True)


class PartyContact(Record, table=True):
    """A person who speaks for a company."""

    __tablename__ = "party_contact"
    __table_args__ = (
        UniqueConstraint("company_id", "person_id"),
        CheckConstraint("company_id <> person_id", name="party_contact_two"),
    )
    company_id: UUID = plain(foreign_key="party.id", nullable=False)
    person_id: UUID = plain(foreign_key="party.id", nullable=False, index=True)
    function: str = plain(default="", nullable=False)


_UNLESS_KNOWN = "where not exists (select 1 from party_identity i where i.id = new.id)"
_OWN_IDENTITY = f"insert into party_identity (id, party_id) select new.id, new.id {_UNLESS_KNOWN}"
guard(Follows("party", "identity", "insert", "1 = 1", (_OWN_IDENTITY,)))
