"""Which parties the rows of a file mean."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.rules import Actor
from db.parties.intake.rules import Identity, Match, PartyRow, identities, match_of, several_companies
from db.parties.rules import Address, PartyDraft, PartyKind
from db.parties.tables import Party, PartyContact
from db.records.search.rules import fold

CHUNK = 300


@readable("parties.read")
def matches(session: Session, *, rows: Sequence[PartyRow], by: Actor) -> dict[int, Match]:
    """Return, by line, the party that each row means; a row that means a new one is absent."""
    found: dict[int, Match] = {}
    companies = companies_named(session, names=[row.company for row in rows])
    several = {row.line: row.company for row in rows if len(companies.get(fold(row.company), [])) > 1}
    for kind in {row.draft.kind for row in rows}:
        of_kind = [row for row in rows if row.draft.kind is kind and row.key]
        for start in range(0, len(of_kind), CHUNK):
            found.update(_matches(session, kind, of_kind[start : start + CHUNK]))
    return found | {line: Match(problem=several_companies(company)) for line, company in several.items()}


def _matches(session: Session, kind: PartyKind, rows: Sequence[PartyRow]) -> dict[int, Match]:
    candidates = _candidates(session, kind, rows)
    by_value: dict[tuple[str, str], list[tuple[UUID, str, tuple[Identity, ...]]]] = {}
    for party_id, name, theirs in candidates:
        for one in theirs:
            by_value.setdefault((one.by, one.value), []).append((party_id, name, theirs))
    found = {}
    for row in rows:
        near = {known[0]: known for one in row.key for known in by_value.get((one.by, one.value), [])}
        match = match_of(row.key, list(near.values()))
        if match is not None:
            found[row.line] = match
    return found


def _candidates(
    session: Session, kind: PartyKind, rows: Sequence[PartyRow]
) -> list[tuple[UUID, str, tuple[Identity, ...]]]:
    """Return the parties that share a UID, an e-mail or a name with a row, with what they are recognised by."""
    values: dict[str, set[str]] = {"uid": set(), "email": set(), "name": set()}
    for row in rows:
        for one in row.key:
            place, value = ("name", fold(row.draft.name)) if one.by == "phone" else (one.by, one.value)
            values[place].add(value)
    columns = {"uid": col(Party.uid), "email": col(Party.email), "name": col(Party.name_order)}
    wanted = select(Party).where(
        col(Party.kind) == kind.value, or_(*[columns[by].in_(known) for by, known in values.items() if known])
    )
    parties = session.scalars(wanted.order_by(col(Party.id))).all()
    companies = _companies(session, [party.id for party in parties]) if kind is PartyKind.PERSON else {}
    return [(party.id, party.name, _identities(party, companies.get(party.id, [""]))) for party in parties]


def _identities(party: Party, companies: Iterable[str]) -> tuple[Identity, ...]:
    draft = PartyDraft(
        PartyKind(party.kind),
        party.name,
        party.uid,
        party.email,
        party.phone,
        Address(postal_code=party.postal_code),
    )
    return tuple(dict.fromkeys(one for company in companies for one in identities(draft, company=company)))


def _companies(session: Session, person_ids: list[UUID]) -> dict[UUID, list[str]]:
    wanted = (
        select(col(PartyContact.person_id), col(Party.name))
        .join(Party, col(Party.id) == col(PartyContact.company_id))
        .where(col(PartyContact.person_id).in_(person_ids))
    )
    found: dict[UUID, list[str]] = {}
    for person_id, name in session.connection().execute(wanted):
        found.setdefault(person_id, []).append(name)
    return found


@readable("parties.read")
def companies_named(session: Session, *, names: Iterable[str]) -> dict[str, list[UUID]]:
    """Return the companies of each name, by the folded name."""
    wanted_names = sorted({fold(name) for name in names if name})
    found: dict[str, list[UUID]] = {}
    for start in range(0, len(wanted_names), CHUNK):
        wanted = select(col(Party.name_order), col(Party.id)).where(
            col(Party.kind) == PartyKind.COMPANY.value,
            col(Party.name_order).in_(wanted_names[start : start + CHUNK]),
        )
        for name, party_id in session.connection().execute(wanted.order_by(col(Party.id))):
            found.setdefault(name, []).append(party_id)
    return found
