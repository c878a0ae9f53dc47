"""Whose hours the rows of a file mean, and which of them are known."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.gate import readable
from db.access.people.tables import User
from db.access.rules import Actor, reaches_owner
from db.kernel.sentences import Sentence
from db.parties.intake.queries import companies_named
from db.parties.intake.rules import Match
from db.people.hours.intake.rules import HoursRow, Meant
from db.people.hours.rules import MANAGE
from db.people.hours.tables import WorkSpan
from db.records.search.rules import fold

CHUNK = 500


@readable("people.import_hours")
def hours_matches(session: Session, *, rows: Sequence[HoursRow], by: Actor) -> dict[int, Match]:
    """Return by line the hours that are known already, and why rows mean nobody's."""
    return {
        line: Match(meant.span_id, meant.problem)
        for line, meant in meant_hours(session, rows, by).items()
        if meant.span_id is not None or meant.problem
    }


def meant_hours(session: Session, rows: Sequence[HoursRow], by: Actor) -> dict[int, Meant]:
    """Return what rows mean, by line."""
    people = _people(session)
    companies = companies_named(session, names=[row.company for row in rows if row.company])
    found: dict[int, Meant] = {}
    for row in rows:
        owners = [one for one in people.get(fold(row.person), []) if reaches_owner(by, MANAGE, one)]
        found[row.line] = _meant(row, owners, companies.get(fold(row.company), []) if row.company else None)
    known = _known(session, {(one.owner_id, row.started_at) for row in rows if (one := found[row.line]).owner_id})
    return {
        row.line: Meant(one.owner_id, one.party_id, known.get((one.owner_id, row.started_at)), one.problem)
        for row in rows
        for one in [found[row.line]]
    }


def _meant(row: HoursRow, owners: Sequence[UUID], companies: Sequence[UUID] | None) -> Meant:
    if len(owners) > 1:
        return Meant(problem=Sentence("Plusieurs personnes s’appellent « {name} » : écrire l’e-mail.", name=row.person))
    if not owners:
        said = "« {name} » n’est pas une personne de l’entreprise : écrire son nom ou son e-mail."
        return Meant(problem=Sentence(said, name=row.person))
    if companies is not None and len(companies) != 1:
        if companies:
            return Meant(problem=Sentence("Plusieurs sociétés s’appellent « {name} ».", name=row.company))
        said = "La société « {name} » n’est pas connue : l’importer d’abord."
        return Meant(problem=Sentence(said, name=row.company))
    return Meant(owners[0], companies[0] if companies else None)


def _people(session: Session) -> dict[str, list[UUID]]:
    """Return people by their folded name (also the last name first) and by their address."""
    found: dict[str, set[UUID]] = {}
    for user_id, name, email in session.execute(select(col(User.id), col(User.name), col(User.email))):
        words = fold(name).split()
        for called in (" ".join(words), " ".join([*words[1:], *words[:1]]), fold(email)):
            found.setdefault(called, set()).add(user_id)
    return {called: sorted(ids) for called, ids in found.items()}


def _known(session: Session, places: set[tuple[Any, Any]]) -> dict[tuple[UUID | None, Any], UUID]:
    begins = sorted({begin for _, begin in places})
    found: dict[tuple[UUID | None, Any], UUID] = {}
    for start in range(0, len(begins), CHUNK):
        wanted = select(WorkSpan).where(col(WorkSpan.started_at).in_(begins[start : start + CHUNK]))
        found.update({(row.owner_id, row.started_at): row.id for row in session.scalars(wanted)})
    return found
