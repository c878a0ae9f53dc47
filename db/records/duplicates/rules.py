"""When two records are likely the same: what they share, how much that says, and in which words.

The same rules serve the warning while somebody types and the search through all records; both compare `Traits`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any
from uuid import UUID

from db.kernel.phones import HOME, kept_phone
from db.records.search.rules import digits, fold, is_near

LEGAL_FORMS = frozenset(
    {"sa", "sarl", "s", "a", "r", "l", "ag", "gmbh", "cie", "co", "fils", "freres", "ltd", "llc", "inc", "sas", "eurl"}
    | {"scop", "snc", "kg", "ug", "spa", "srl", "et", "und", "and", "the", "la", "le", "les", "de", "du", "des", "d"}
    | {"raison", "individuelle", "entreprise", "societe"}
)
SHORTEST_PHONE = 7
SHORTEST_NEAR = 4  # letters of a word in which a typing error is forgiven
NEARLY = 0.95
ALIKE = 0.72
MOST_BLOCK = 40  # records of one key; a key that more share tells nothing
LIKELY = 0.65  # from this score on a pair is shown
SURE = frozenset({"uid", "email", "phone"})

# what is shared → French reason
REASONS: Mapping[str, str] = {
    "uid": "même numéro IDE",
    "email": "même e-mail",
    "phone": "même téléphone",
    "name": "même nom",
    "near_name": "noms proches",
    "place": "même localité",
    "street": "même rue",
    "company": "même société",
}


@dataclass(frozen=True)
class Traits:
    """By what a record is recognised, folded. `group`: only records of one group are compared (companies, persons)."""

    record_id: UUID
    group: str
    name: str = ""
    company: str = ""
    uid: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    place: str = ""
    street: str = ""
    former: tuple[str, ...] = ()  # names that it bore

    @cached_property
    def words(self) -> frozenset[str]:
        """Return the words of the name that tell records apart."""
        return telling_words(self.name)

    @cached_property
    def called(self) -> tuple[frozenset[str], ...]:
        """Return the words of every name that it bears or bore."""
        return (self.words, *(telling_words(name) for name in self.former))


@dataclass(frozen=True)
class Pair:
    """Two records that are likely the same, how likely (0 to 1), and the names of what they share."""

    one: UUID
    other: UUID
    score: float
    reasons: tuple[str, ...]


def telling_words(name: str) -> frozenset[str]:
    """Return the words of a folded name without legal forms and articles; all words where nothing else is left."""
    words = frozenset(re.findall(r"[a-z0-9]+", name))
    return (words - LEGAL_FORMS) or words


def traits_of(record_id: UUID, group: str, values: Mapping[str, Any]) -> Traits:
    """Return what a record is recognised by, from its texts (`other_emails` and `other_phones`: one per line)."""
    emails = [values.get("email") or "", *str(values.get("other_emails") or "").split("\n")]
    phones = [values.get("phone") or "", *str(values.get("other_phones") or "").split("\n")]
    country = str(values.get("country") or HOME)
    bare = [digits(kept_phone(phone, country=country)) for phone in phones]
    return Traits(
        record_id,
        group,
        fold(values.get("name")),
        fold(values.get("company_name")),
        re.sub(r"\D", "", values.get("uid") or ""),
        tuple(email.strip().lower() for email in emails if email.strip()),
        tuple(phone for phone in bare if len(phone) >= SHORTEST_PHONE),
        fold(values.get("postal_code")) or fold(values.get("city")),
        fold(values.get("street")),
        tuple(fold(name) for name in str(values.get("former_names") or "").split("\n") if name.strip()),
    )


def keys_of(traits: Traits) -> list[str]:
    """Return the keys under which a record is looked for: two records that share none are never compared."""
    keys = [f"e{email}" for email in traits.emails] + [f"p{phone}" for phone in traits.phones]
    if traits.uid:
        keys.append(f"u{traits.uid}")
    words = sorted(traits.words)
    keys += ["n" + " ".join(sorted(one)) for one in traits.called if one]
    if traits.place:
        keys += [f"w{word[:5]}|{traits.place}" for word in words if len(word) >= 3]
    if len(words) >= 2:
        keys += [f"v{first[:4]}|{second[:4]}" for first, second in pairwise(words)]
        keys.append("i" + "".join(sorted(word[0] for word in words)) + "|" + max(words, key=len)[:6])
    return [f"{traits.group}:{key}" for key in dict.fromkeys(keys)]


def candidate_pairs(all_traits: Iterable[Traits]) -> Iterable[tuple[Traits, Traits]]:
    """Yield once each two records that share a key; keys that too many share are left out."""
    blocks: dict[str, list[Traits]] = {}
    for traits in all_traits:
        for key in keys_of(traits):
            blocks.setdefault(key, []).append(traits)
    seen: set[tuple[UUID, UUID]] = set()
    for block in blocks.values():
        if not 2 <= len(block) <= MOST_BLOCK:
            continue
        for place, one in enumerate(block):
            for other in block[place + 1 :]:
                pair = in_order(one.record_id, other.record_id)
                if pair[0] != pair[1] and pair not in seen:
                    seen.add(pair)
                    yield one, other


def in_order(one: UUID, other: UUID) -> tuple[UUID, UUID]:
    """Return two ids as the pair of them is kept."""
    return (one, other) if one < other else (other, one)


def compared(one: Traits, other: Traits) -> Pair | None:
    """Return two records as a pair when they are likely the same; None when they are not.

    Two company numbers that differ are two companies. A shared telephone or address alone says little: colleagues
    share a switchboard, so that the names decide.
    """
    if one.group != other.group or (one.uid and other.uid and one.uid != other.uid):
        return None
    shared = _shared(one, other)
    likeness = name_likeness(one, other)
    same = {
        "uid": 1.0,
        "email": 0.55,
        "phone": 0.25,
        "place": 0.15,
        "street": 0.1,
        "company": 0.1,
    }
    named = 0.6 if likeness == 1 else 0.55 * likeness if likeness >= ALIKE else 0.0
    against = 0.35 if likeness < 0.5 else 0.0
    against += sum(
        weight
        for weight, ours, theirs in (
            (0.15, {one.place}, {other.place}),
            (0.08, set(one.phones), set(other.phones)),
            (0.05, set(one.emails), set(other.emails)),
        )
        if ours - {""} and theirs - {""} and not ours & theirs
    )
    score = min(1.0, named + sum(same[what] for what in shared) - (0.0 if "uid" in shared else against))
    if score < LIKELY:
        return None
    named_reason = ["name"] if likeness == 1 else ["near_name"] if named else []
    reasons = [what for what in ("uid", "email", "phone") if what in shared] + named_reason
    reasons += [what for what in ("company", "place", "street") if what in shared]
    return Pair(*in_order(one.record_id, other.record_id), round(score, 3), tuple(reasons))


def _shared(one: Traits, other: Traits) -> set[str]:
    equal: dict[str, Callable[[Traits], Any]] = {
        "uid": lambda t: t.uid,
        "place": lambda t: t.place,
        "street": lambda t: t.street,
        "company": lambda t: t.company,
    }
    found = {what for what, of in equal.items() if of(one) and of(one) == of(other)}
    if set(one.emails) & set(other.emails):
        found.add("email")
    if set(one.phones) & set(other.phones):
        found.add("phone")
    return found


def name_likeness(one: Traits, other: Traits) -> float:
    """Return how alike two names are, 0 to 1, by the letters of the words that they share; also names that were borne.

    The order of words does not count; a word with one typing error, or an initial, counts nearly whole.
    """
    return max(_likeness(ours, theirs) for ours in one.called for theirs in other.called)


def _likeness(ours: frozenset[str], theirs: frozenset[str]) -> float:
    if not ours or not theirs:
        return 0.0
    if ours == theirs:
        return 1.0
    same = ours & theirs
    letters = sum(map(len, ours)) + sum(map(len, theirs))
    shared = 2.0 * sum(map(len, same))
    left = set(theirs - same)
    for word in sorted(ours - same, key=len, reverse=True):
        near = next((known for known in sorted(left) if _is_near_word(word, known)), None)
        if near is not None:
            left.discard(near)
            shared += NEARLY * (len(word) + len(near))
    return min(shared / letters, NEARLY)


def _is_near_word(one: str, other: str) -> bool:
    if min(len(one), len(other)) == 1:
        return one[0] == other[0]  # an initial
    return len(one) >= SHORTEST_NEAR and is_near(one, other)


def likely_pairs(all_traits: Sequence[Traits], dismissed: frozenset[tuple[UUID, UUID]]) -> list[Pair]:
    """Return the pairs that are likely the same and that nobody said are not, the likeliest first."""
    found = []
    for one, other in candidate_pairs(all_traits):
        if in_order(one.record_id, other.record_id) in dismissed:
            continue
        pair = compared(one, other)
        if pair is not None:
            found.append(pair)
    return sorted(found, key=lambda pair: (-pair.score, pair.one, pair.other))
