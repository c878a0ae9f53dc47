"""Finding parties for the fields that point to one."""

from collections.abc import Sequence
from uuid import UUID

from app.doors import ask
from db.access.rules import Actor
from db.parties.queries import parties_like, party_names
from db.parties.rules import PartyKind


def find_parties(by: Actor, text: str, kind: PartyKind | None = None) -> list[tuple[str, str]]:
    """Return parties whose name has a word that begins so: id and name."""
    return [(str(one.party_id), one.name) for one in ask(by, parties_like, text=text, kind=kind)]


def names_of_parties(by: Actor, ids: Sequence[str]) -> dict[str, str]:
    """Return the names of parties by the texts of their ids; what is no id is left out."""
    known = [found for found in (_as_id(text) for text in ids) if found is not None]
    return {str(one): party.name for one, party in ask(by, party_names, party_ids=known).items()}


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
