"""Which records belong together, as data: what is told of one is told on those it points to as well.

Each area registers its own beside its rules, by the names of table and columns.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Relation:
    """A record of `kind` points to one of `to`: the row of `table` whose column `source` is the record's id says so."""

    kind: str
    to: str
    table: str
    source: str
    target: str


RELATIONS: list[Relation] = []


def register_relation(relation: Relation) -> None:
    """Make a relation known."""
    if relation not in RELATIONS:
        RELATIONS.append(relation)
