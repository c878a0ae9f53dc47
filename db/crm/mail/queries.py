"""To whom an e-mail belongs, by its addresses."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.rules import Actor
from db.crm.leads.rules import CLOSED_STATES
from db.crm.leads.rules import KIND as LEAD
from db.crm.leads.tables import Lead
from db.documents.mail.rules import READ
from db.documents.mail.tables import MailMessage
from db.parties.rules import KIND as PARTY
from db.parties.tables import Party
from db.records.relations.queries import Place, relatives

MOST_OF_ADDRESS = 5


def places_of_addresses(session: Session, addresses: Sequence[str]) -> list[Place]:
    """Return the persons and companies with one of the addresses, and the open leads."""
    found: list[Place] = []
    for address in addresses[:100]:
        also = col(Party.other_emails).contains(address, autoescape=True) & (col(Party.other_emails) != "")
        wanted = select(Party).where(or_(col(Party.email) == address, also)).order_by(col(Party.id))
        rows = [one for one in session.scalars(wanted) if address in (one.email, *one.other_emails.split("\n"))]
        found += [(PARTY, row.id) for row in rows[:MOST_OF_ADDRESS]]
        is_open = col(Lead.state).not_in([state.value for state in CLOSED_STATES])
        leads = select(col(Lead.id)).where(col(Lead.email) == address, is_open).order_by(col(Lead.id))
        found += [(LEAD, one) for one in session.scalars(leads.limit(MOST_OF_ADDRESS))]
    return list(dict.fromkeys(found))


def not_told_by_others(session: Session, places: Sequence[Place]) -> list[Place]:
    """Return the records on which something is told of its own: those on which no other of them tells it anyway."""
    told = {
        other
        for kind, record_id in places
        for some in relatives(session, kind=kind, record_ids=[record_id]).values()
        for other in some
        if other != (kind, record_id)
    }
    return [place for place in places if place not in told]


@dataclass(frozen=True)
class RefusedAddress:
    """An address from which an e-mail came back."""

    address: str
    reason: str


@readable(READ)
def refused_addresses(session: Session, *, addresses: Sequence[str], by: Actor) -> list[RefusedAddress]:
    """Return which of some addresses sent an e-mail back, with the last reason."""
    wanted = (
        select(col(MailMessage.bounced_address), col(MailMessage.bounced_reason))
        .where(col(MailMessage.bounced_address).in_([one.lower() for one in addresses[:100]]))
        .order_by(col(MailMessage.written_at))
    )
    return [RefusedAddress(*pair) for pair in dict(session.connection().execute(wanted).all()).items()]
