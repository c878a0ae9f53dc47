"""Which opportunities the rows of a file mean."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.rules import Actor, owners_seen
from db.crm.opportunities.intake.rules import OpportunityRow
from db.crm.opportunities.tables import Opportunity
from db.kernel.sentences import Sentence
from db.parties.intake.queries import companies_named
from db.parties.intake.rules import Match, several_companies
from db.records.search.rules import fold


@readable("crm.read_leads")
def opportunity_matches(session: Session, *, rows: Sequence[OpportunityRow], by: Actor) -> dict[int, Match]:
    """Return, by line, the opportunity that each row means; a row that means a new one is absent."""
    companies = companies_named(session, names=[row.company for row in rows])
    wanted = select(col(Opportunity.id), col(Opportunity.name), col(Opportunity.party_id), col(Opportunity.owner_id))
    ids = [company_id for found in companies.values() for company_id in found]
    known: dict[tuple[UUID, str], list[tuple[UUID, UUID | None]]] = {}
    for opportunity_id, name, party_id, owner_id in session.connection().execute(
        wanted.where(col(Opportunity.party_id).in_(ids))
    ):
        known.setdefault((party_id, fold(name)), []).append((opportunity_id, owner_id))
    reach = owners_seen(by, "crm.edit_leads")
    found: dict[int, Match] = {}
    for row in rows:
        same = _same(row, companies, known)
        if len(companies.get(fold(row.company), [])) > 1:
            found[row.line] = Match(problem=several_companies(row.company))
        elif same and row.key:
            found[row.line] = _match(same, reach)
    return found


def _same(
    row: OpportunityRow,
    companies: Mapping[str, Sequence[UUID]],
    known: Mapping[tuple[UUID, str], Sequence[tuple[UUID, UUID | None]]],
) -> list[tuple[UUID, UUID | None]]:
    name = fold(row.name)
    return [one for company in companies.get(fold(row.company), []) for one in known.get((company, name), [])]


def _match(same: Sequence[tuple[UUID, UUID | None]], reach: frozenset[UUID] | None) -> Match:
    if len(same) > 1:
        return Match(problem=Sentence("Plusieurs affaires de cette société portent ce nom : les renommer d’abord."))
    [(opportunity_id, owner_id)] = same
    if reach is not None and owner_id not in reach:
        return Match(problem=Sentence("Une affaire de ce nom existe, mais elle appartient à quelqu’un d’autre."))
    return Match(opportunity_id)
