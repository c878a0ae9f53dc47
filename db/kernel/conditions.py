"""Conditions over several rows that the database itself keeps, as triggers for both databases from one definition."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class RefuseWhen:
    """A row of `table` is neither written nor taken away (`verbs`) while a condition holds.

    The condition is SQL that both databases understand, with `{row}` for the row: as it becomes, and where it is
    changed or deleted with `before` also as it was. `together` names a column: writers of its same value wait for each
    other, so that two at once do not both find the condition unmet (PostgreSQL; SQLite has one writer at a time).
    """

    table: str
    name: str
    condition: str
    sentence: str
    verbs: tuple[str, ...] = ("insert", "update")
    before: bool = False
    together: str = ""


def refusing(dialect: str, rule: RefuseWhen) -> Iterator[str]:
    """Yield the statements that make the triggers of a rule anew."""
    for verb in rule.verbs:
        name = f"refuse_{rule.name}_{verb}"
        rows = ["old"] if verb == "delete" else ["new", "old"] if verb == "update" and rule.before else ["new"]
        holds = " or ".join(f"({rule.condition.format(row=row)})" for row in rows)
        yield from (_sqlite if dialect == "sqlite" else _postgres)(rule, name, verb, holds)


def _sqlite(rule: RefuseWhen, name: str, verb: str, holds: str) -> Iterator[str]:
    yield f"drop trigger if exists {name}"
    yield (
        f'create trigger {name} before {verb} on "{rule.table}" for each row when {holds} '
        f"begin select raise(abort, '{rule.table}: {rule.sentence}'); end"
    )


def _postgres(rule: RefuseWhen, name: str, verb: str, holds: str) -> Iterator[str]:
    back = "old" if verb == "delete" else "new"
    lock = (
        f"perform pg_advisory_xact_lock(hashtextextended({back}.{rule.together}::text, 0)); " if rule.together else ""
    )
    yield (
        f"create or replace function {name}() returns trigger language plpgsql as $$ begin {lock}"
        f"if {holds} then raise exception '{rule.table}: {rule.sentence}'; end if; return {back}; end $$"
    )
    yield f'drop trigger if exists {name} on "{rule.table}"'
    yield f'create trigger {name} before {verb} on "{rule.table}" for each row execute function {name}()'
