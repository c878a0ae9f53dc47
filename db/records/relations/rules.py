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
IDENTITIES: dict[str, str] = {}  # table of records → the table of ids under which what is posted names them


def register_relation(relation: Relation) -> None:
    """Make a relation known."""
    if relation not in RELATIONS:
        RELATIONS.append(relation)


def register_identities(table: str, identities: str) -> None:
    """Say under which ids what never changes names the records of a table: rows of `id` and `<table>_id`, as of today.

    A merge leads the identities of a record to another one; what is posted stays as it is, and names that one then.
    """
    IDENTITIES[table] = identities
