"""How deeds are chained, and what a verification can find."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

START = "0" * 64  # the link before the first
MOST_LISTED = 1000


def deed_digest(facts: str, change_digests: Iterable[str]) -> str:
    """Return the digest of a deed: its own facts (as one text), then the digest of each change in their order."""
    digest = hashlib.sha256(facts.encode())
    for one in change_digests:
        digest.update(one.encode())
    return digest.hexdigest()


def next_link(previous: str, digest: str) -> str:
    """Return the link of the chain that follows `previous`."""
    return hashlib.sha256((previous + digest).encode()).hexdigest()


@dataclass(frozen=True)
class Problem:
    """One thing that was altered behind the product's back.

    `what` is a French sentence with places; for a row also its table, id and column, what
    history says, and what stands there.
    """

    what: str
    table: str = ""
    record_id: str = ""
    column: str = ""
    in_history: Any = None
    now: Any = None

    @property
    def places(self) -> dict[str, Any]:
        """Return what fills the places of the sentence."""
        return {
            "table": self.table,
            "id": self.record_id,
            "column": self.column,
            "in_history": self.in_history,
            "now": self.now,
        }


@dataclass
class Findings:
    """What a verification looked at and found; lists hold the first thousand of what is counted."""

    sealed: int = 0
    head: str = START
    unsealed: list[str] = field(default_factory=list)
    unsealed_count: int = 0
    changes: int = 0
    records: int = 0
    erased: int = 0
    evidence: int = 0
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0

    def add(self, problem: Problem) -> None:
        """Note a problem."""
        self.problem_count += 1
        if len(self.problems) < MOST_LISTED:
            self.problems.append(problem)

    @property
    def is_clean(self) -> bool:
        """Test if nothing was altered."""
        return self.problem_count == 0
