"""Who is surely the same: the one rule by which imports, their dry runs and the database recognise a party."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from db.kernel.sentences import Sentence
from db.parties.rules import PartyDraft, PartyKind, read_uid
from db.records.search.rules import digits, fold


@dataclass(frozen=True)
class Identity:
    """One thing by which a party is surely recognised; `beside` narrows it where both sides know it."""

    by: str  # uid, email, phone, name
    value: str
    beside: str = ""

    def is_same(self, other: "Identity") -> bool:
        """Test if the other one is of the same party."""
        narrowed = self.beside and other.beside and self.beside != other.beside
        return (self.by, self.value) == (other.by, other.value) and not narrowed


IDENTITY_WORDS = {"uid": "n° IDE", "email": "e-mail", "phone": "téléphone et nom", "name": "nom"}
IDENTITY_WORDS |= {"account": "compte", "document": "pièce"}
IDENTITY_WORDS |= {"number": "numéro", "stock": "article et lieu"}


@dataclass(frozen=True)
class PartyRow:
    """One readable row: the party as it would be if new, what the file says of it, and where a person works."""

    line: int
    draft: PartyDraft
    given: dict[str, Any]  # columns of the party that the file fills
    key: tuple[Identity, ...] = ()  # by what the party is recognised; empty = every row is a new one
    company: str = ""
    function: str = ""
    contact: str = ""  # a person who speaks for the company of this row
    custom: dict[str, Any] = field(default_factory=dict)  # typed values of added fields, by key


@dataclass(frozen=True)
class Match:
    """The party that a row means, or why the row cannot be told apart."""

    party_id: Any = None
    problem: str = ""


def identities(draft: PartyDraft, *, company: str = "") -> tuple[Identity, ...]:
    """Return by what a party is recognised, the surest first: the one rule of imports, dry runs and database.

    A company: its UID, its e-mail, its name (beside its postal code). A person: the e-mail, the telephone together with
    the name (colleagues share a switchboard), the name (beside the company).
    """
    name, email = fold(draft.name), draft.email.strip().lower()
    found = [Identity("email", email)] if email else []
    if draft.kind is PartyKind.COMPANY:
        first = [Identity("uid", read_uid(draft.uid))] if draft.uid else []
        return (*first, *found, Identity("name", name, draft.address.postal_code))
    by_phone = [Identity("phone", f"{digits(draft.phone)} {name}")] if draft.phone else []
    return (*found, *by_phone, Identity("name", name, fold(company)))


def shared_identity(ours: Sequence[Identity], theirs: Sequence[Identity]) -> Identity | None:
    """Return the surest thing that two parties share; None for two that are surely not the same (two UIDs)."""
    uids = [{one.value for one in side if one.by == "uid"} for side in (ours, theirs)]
    if all(uids) and uids[0] != uids[1]:
        return None
    return next((one for one in ours for other in theirs if one.is_same(other)), None)


def match_of(ours: Sequence[Identity], known: Sequence[tuple[Any, str, Sequence[Identity]]]) -> Match | None:
    """Return the one known party (id, name, identities) that is meant; a problem when it is not clear which."""
    shared = [(party_id, name, shared_identity(ours, theirs)) for party_id, name, theirs in known]
    same = [(party_id, name, one) for party_id, name, one in shared if one is not None]
    if not same:
        return None
    if len(same) == 1:
        return Match(same[0][0])
    named = " et ".join(f"« {name} » ({IDENTITY_WORDS[one.by]})" for _, name, one in same[:2])
    return Match(
        problem=Sentence(
            "Correspond à plusieurs fiches : {names}. Compléter la ligne ou fusionner les fiches.", names=named
        )
    )


def several_companies(name: str) -> str:
    """Return why a row cannot be linked with a company."""
    said = "Plusieurs sociétés s’appellent « {name} » : importer d’abord les sociétés, ou les fusionner."
    return Sentence(said, name=name)


def contact_row(row: PartyRow) -> PartyRow:
    """Return the person that a company's row names."""
    draft = PartyDraft(PartyKind.PERSON, row.contact)
    key = identities(draft, company=row.draft.name)
    return PartyRow(row.line, draft, {}, key, row.draft.name)
