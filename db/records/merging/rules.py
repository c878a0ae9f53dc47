"""What merging two records of a kind means: which fields are chosen, what is combined, and what can be merged at all.

Areas register a `Merger` per kind beside their actions; what hangs on a record is found in the schema, not listed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from db.kernel.errors import NotAllowed
from db.records.custom_fields.rules import PREFIX
from db.records.undo.rules import MOVING

CUSTOM = "custom"
CUSTOM_PREFIX = PREFIX
ACTION = "records.merging.merge_records"
PERMISSION = "records.merge"
MOVING[ACTION] = PERMISSION

# columns that speak of the record itself or of what was once true of it: they do not follow to the record that is kept
STAYS: Mapping[str, str] = {
    "change.record_id": "the history of a record stays under the record that it is of",
    "access_log.record_id": "who read what does not change afterwards",
    "imported_record.record_id": "an import touched that very record",
    "imported_lead.lead_id": "an import touched that very record",
    "import_left.record_id": "what undoing an import left as it was, told of that very record",
    "ledger_period.state_by_id": "the person who closed or opened the period",
    "search_entry.record_id": "the record's own entry goes with it",
    "current_prediction.subject_id": "a prediction of that very record",
    "prediction_log.subject_id": "a prediction that was shown of that very record",
    "prediction_feedback.subject_id": "an opinion on a prediction of that very record",
    "rescore_wanted.subject_id": "a prediction of that very record",
    "subject_outcome.subject_id": "the outcome of that very record",
    "merged_record.loser_id": "where the address of a merged record leads",
    "prediction_log.evidence_id": "a link of the chain",
    "scoring_run.evidence_id": "a link of the chain",
    "model_check.evidence_id": "a link of the chain",
    "undo_conflict.record_id": "an undoing dealt with that very row",
    "duplicate_pair.one_id": "found anew at the next search",
    "duplicate_pair.other_id": "found anew at the next search",
    "no_duplicate.one_id": "said of those very records",
    "no_duplicate.other_id": "said of those very records",
    "custom_value.record_id": "an index, rebuilt from the record",
    "mail_message.thread_id": "which e-mails belong together",
    "open_item.party_id": "the database itself leads it after the identity of its line",
}


class CannotMerge(NotAllowed):
    """Two records cannot become one; the sentence says why and what helps."""


def _nothing_against(session: Any, kept: Any, gone: Any) -> None:
    return None


def _nothing_more(kept: Any, gone: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Merger:
    """How records of a kind become one.

    `check` refuses two that cannot (session, kept, gone); `combine` returns what else the record that is kept takes
    over (kept, gone, chosen values); `validate` raises when the resulting values break the area's rules.
    """

    kind: str
    fields: tuple[str, ...]
    together: tuple[str, ...] = ()  # fields of one thing (an address): chosen as one, by the first of them
    says_nothing: Mapping[str, Any] = field(default_factory=dict)  # values that a field has without anybody's saying so
    check: Callable[..., None] = _nothing_against
    combine: Callable[[Any, Any, Mapping[str, Any]], dict[str, Any]] = _nothing_more
    validate: Callable[[Any, Mapping[str, Any]], None] | None = None


@dataclass(frozen=True)
class Named:
    """What names records of a kind by an identity (see `db.records.relations`), so that it need not be led elsewhere.

    `check_parting` refuses to give identities back to the record that went (session, gone, kept), after they were;
    `renamed` brings in step what is derived from a record's name (session, identity ids, *, by, at).
    """

    kind: str
    check_parting: Callable[..., None]
    renamed: Callable[..., None]


MERGERS: dict[str, Merger] = {}
NAMED: list[Named] = []
DOUBLES: dict[str, Callable[[Any, Any], dict[str, Any]]] = {}  # table → (row kept, its double) → gain


def register_merger(merger: Merger) -> None:
    """Say how records of a kind become one."""
    MERGERS[merger.kind] = merger


def register_named(named: Named) -> None:
    """Say what an area has to look at when identities of a kind name another record."""
    NAMED.append(named)


def register_doubles(table: str, gain: Callable[[Any, Any], dict[str, Any]]) -> None:
    """Say what a row gains from its double, which goes because both would say the same after a merge."""
    DOUBLES[table] = gain


def merger_of(kind: str) -> Merger:
    """Return how records of a kind become one.

    Raises: CannotMerge: they never do.
    """
    found = MERGERS.get(kind)
    if found is None:
        raise CannotMerge("Les fiches de ce genre ne se fusionnent pas.")
    return found


def chosen(merger: Merger, kept: Mapping[str, Any], gone: Mapping[str, Any], taken: frozenset[str]) -> dict[str, Any]:
    """Return the values of the record that is kept: its own, those `taken` from the other, and where it has none.

    Custom fields are named `custom.key`.
    """
    values = {name: _either(name, kept.get(name), gone.get(name), taken) for name in merger.fields}
    if merger.together:
        silent = all(is_empty(kept[name]) or kept[name] == merger.says_nothing.get(name) for name in merger.together)
        source = gone if silent or merger.together[0] in taken else kept
        values |= {name: source[name] for name in merger.together}
    ours, theirs = kept.get(CUSTOM) or {}, gone.get(CUSTOM) or {}
    if CUSTOM in kept:
        keys = dict.fromkeys([*ours, *theirs])
        each = {key: _either(CUSTOM_PREFIX + key, ours.get(key), theirs.get(key), taken) for key in keys}
        values[CUSTOM] = {key: value for key, value in each.items() if not is_empty(value)}
    return values


def _either(name: str, ours: Any, theirs: Any, taken: frozenset[str]) -> Any:
    if name in taken:
        return theirs
    return theirs if is_empty(ours) and not is_empty(theirs) else ours


def is_empty(value: Any) -> bool:
    """Test if a field says nothing."""
    return value is None or value == ""
