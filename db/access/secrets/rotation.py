"""Encrypt what is plain or under an earlier key; tell what no key opens. Works below records: no deed changes."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Table, Text, inspect, select, type_coerce, update
from sqlmodel import SQLModel

from db.kernel import keys
from db.kernel.encrypted import Encrypted, key_name_of, lock, unlock


@dataclass(frozen=True)
class LostSecret:
    """A column in which some values do not open with the keys of this machine."""

    place: str
    values: int


def encrypted_columns(connection: Connection) -> Iterator[tuple[Table, Column[str]]]:
    """Give every encrypted column of a table that is there."""
    present = inspect(connection)
    for table in SQLModel.metadata.sorted_tables:
        found = [column for column in table.columns if isinstance(column.type, Encrypted)]
        if found and present.has_table(table.name):
            yield from ((table, column) for column in found)


def encrypt_with_current_key(connection: Connection) -> int:
    """Encrypt each value that is plain or stands under an earlier key; return how many. What does not open stays."""
    changed = 0
    for table, column in encrypted_columns(connection):
        for row_key, kept in _kept(connection, table, column):
            if key_name_of(kept) == keys.current_key().name:
                continue
            place = column.type.place  # type: ignore[attr-defined]
            text = unlock(kept, place)
            if text is None:
                continue
            same_row = [one == value for one, value in zip(table.primary_key, row_key, strict=True)]
            unchanged = type_coerce(column, Text) == kept  # a value that changes meanwhile is encrypted already
            values = {column: type_coerce(lock(text, place), Text)}
            changed += connection.execute(update(table).where(*same_row, unchanged).values(values)).rowcount
    return changed


def lost_secrets(connection: Connection) -> list[LostSecret]:
    """Return the columns in which something does not open here."""
    found: dict[str, int] = {}
    for table, column in encrypted_columns(connection):
        place = column.type.place  # type: ignore[attr-defined]
        lost = sum(unlock(kept, place) is None for _, kept in _kept(connection, table, column))
        if lost:
            found[place] = found.get(place, 0) + lost
    return [LostSecret(place, number) for place, number in found.items()]


def _kept(connection: Connection, table: Table, column: Column[str]) -> list[tuple[tuple[object, ...], str]]:
    """Return what a column keeps, as it stands, with the key of each row."""
    wanted = select(*table.primary_key, type_coerce(column, Text)).where(column.is_not(None))
    return [(tuple(row[:-1]), row[-1]) for row in connection.execute(wanted)]
