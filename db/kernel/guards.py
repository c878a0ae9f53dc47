"""Triggers that hold on both databases, from one definition each."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class AppendOnly:
    """Rows of `table` are never deleted, and never updated except in the `free` columns."""

    table: str
    free: tuple[str, ...] = ()
    deletable: bool = False


@dataclass(frozen=True)
class FrozenWhen:
    """Rows of `table` for which `condition` (SQL over OLD) holds refuse changes except in the `free` columns."""

    table: str
    condition: str
    free: tuple[str, ...] = ()


@dataclass(frozen=True)
class Follows:
    """What the database itself does after a row of `table` is inserted or updated: balances that follow from rows.

    `when` and `statements` are SQL that both databases understand, over NEW (and OLD on update).
    """

    table: str
    name: str
    verb: str  # insert, update
    when: str
    statements: tuple[str, ...]


@dataclass(frozen=True)
class Refuses:
    """A deed on rows of `table` that the database refuses when `condition` (SQL over NEW and OLD) holds.

    `{lock}` at the end of a subquery keeps the rows that it read as they are until the transaction ends. `together`
    names a column: writers of its same value wait for each other, so that two at once do not both find the condition
    unmet (PostgreSQL; SQLite has one writer at a time).
    """

    table: str
    name: str
    verb: str  # insert, update, delete
    condition: str
    says: str
    together: str = ""


Guard = AppendOnly | FrozenWhen | Follows | Refuses
GUARDS: list[Guard] = []


def guard(rule: Guard) -> None:
    """Register a rule beside the table that it protects."""
    if rule not in GUARDS:
        GUARDS.append(rule)


def refuse_when(
    table: str,
    name: str,
    condition: str,
    says: str,
    *,
    verbs: tuple[str, ...] = ("insert", "update"),
    before: bool = False,
    together: str = "",
) -> None:
    """Register that no row is written while a condition holds: SQL with `{row}` for it, as it becomes.

    With `before` a row that is changed is also looked at as it was; one that is deleted always is.
    """
    for verb in verbs:
        rows = ["old"] if verb == "delete" else ["new", "old"] if verb == "update" and before else ["new"]
        holds = " or ".join(f"({condition.format(row=row)})" for row in rows)
        guard(Refuses(table, f"{name}_{verb}", verb, holds, f"{table}: {says}", together))


def install_guards(connection: Connection) -> None:
    """Create the triggers of all registered rules anew; safe to repeat."""
    for rule in GUARDS:
        for statement in _statements(connection, rule):
            connection.execute(text(statement))


def _columns(connection: Connection, table: str) -> list[str]:
    if connection.dialect.name == "sqlite":
        return [row[1] for row in connection.execute(text(f'PRAGMA table_info("{table}")'))]
    rows = connection.execute(
        text(
            "select column_name from information_schema.columns "
            "where table_name = :t and table_schema = current_schema()"
        ),
        {"t": table},
    )
    return [row[0] for row in rows]


def _statements(connection: Connection, rule: Guard) -> Iterator[str]:
    if isinstance(rule, Follows):
        yield from _following(connection, rule)
        return
    if isinstance(rule, Refuses):
        yield from _refusing(connection, rule)
        return
    fixed = [name for name in _columns(connection, rule.table) if name not in rule.free]
    if connection.dialect.name == "sqlite":
        changed = " or ".join(f'old."{c}" is not new."{c}"' for c in fixed)
        yield from _sqlite(rule, changed)
        return
    changed = " or ".join(f'old."{c}"::text is distinct from new."{c}"::text' for c in fixed)
    yield from _postgres(rule, changed)


def _following(connection: Connection, rule: Follows) -> Iterator[str]:
    name, body = f"follow_{rule.name}_{rule.verb}", "; ".join(rule.statements)
    if connection.dialect.name == "sqlite":
        yield f"drop trigger if exists {name}"
        yield (
            f'create trigger {name} after {rule.verb} on "{rule.table}" for each row when {rule.when} begin {body}; end'
        )
        return
    yield (
        f"create or replace function {name}() returns trigger language plpgsql as $$ begin "
        f"if {rule.when} then {body}; end if; return null; end $$"
    )
    yield f'drop trigger if exists {name} on "{rule.table}"'
    yield f'create trigger {name} after {rule.verb} on "{rule.table}" for each row execute function {name}()'


def _refusing(connection: Connection, rule: Refuses) -> Iterator[str]:
    name = f"refuse_{rule.table}_{rule.name}"
    before = f'create trigger {name} before {rule.verb} on "{rule.table}" for each row'
    if connection.dialect.name == "sqlite":
        yield f"drop trigger if exists {name}"
        yield f"{before} when {rule.condition.format(lock='')} begin select raise(abort, '{rule.says}'); end"
        return
    back, condition = "old" if rule.verb == "delete" else "new", rule.condition.format(lock=" for share")
    value = f"{back}.{rule.together}::text"
    lock = f"perform pg_advisory_xact_lock(hashtextextended({value}, 0)); " if rule.together else ""
    yield (
        f"create or replace function {name}() returns trigger language plpgsql as $$ begin {lock}"
        f"if {condition} then raise exception '{rule.says}'; end if; return {back}; end $$"
    )
    yield f'drop trigger if exists {name} on "{rule.table}"'
    yield f"{before} execute function {name}()"


def _parts(rule: AppendOnly | FrozenWhen, changed: str) -> dict[str, str]:
    if isinstance(rule, FrozenWhen):
        return {
            "update": f"({rule.condition}) and ({changed})",
            "delete": rule.condition,
        }
    parts = {"update": changed}
    if not rule.deletable:
        parts["delete"] = "1=1"
    return parts


def _sqlite(rule: AppendOnly | FrozenWhen, changed: str) -> Iterator[str]:
    for verb, condition in _parts(rule, changed).items():
        name = f"guard_{rule.table}_{verb}"
        yield f"drop trigger if exists {name}"
        yield (
            f'create trigger {name} before {verb} on "{rule.table}" for each row when {condition} '
            f"begin select raise(abort, '{rule.table}: this row is never {verb}d'); end"
        )


def _postgres(rule: AppendOnly | FrozenWhen, changed: str) -> Iterator[str]:
    for verb, condition in _parts(rule, changed).items():
        name = f"guard_{rule.table}_{verb}"
        back = "new" if verb == "update" else "old"
        yield (
            f"create or replace function {name}() returns trigger language plpgsql as $$ begin "
            f"if {condition} then raise exception '{rule.table}: this row is never {verb}d'; end if; "
            f"return {back}; end $$"
        )
        yield f'drop trigger if exists {name} on "{rule.table}"'
        yield f'create trigger {name} before {verb} on "{rule.table}" for each row execute function {name}()'
