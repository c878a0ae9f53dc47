"""What a database holds at present, whichever release made it."""

import warnings
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, Table, event, func, or_, select
from sqlalchemy.exc import SAWarning

from db.kernel.encrypted import Encrypted
from db.schema import metadata
from db.session import engine_for

NOT_OURS = ("alembic_version", "search_fts")  # the migrations' own, and the text index, which triggers fill


def tables_of(connection: Connection) -> list[Table]:
    """Return the tables as they are, parents before children, with the product's own column types."""
    return found_metadata(connection).sorted_tables


def found_metadata(connection: Connection) -> MetaData:
    """Return the tables as they are."""
    found = MetaData()
    event.listen(found, "column_reflect", _know_type)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # it cannot reflect the text index, which is not needed
        found.reflect(bind=connection, only=lambda name, _: not name.startswith(NOT_OURS))
    return found


def _know_type(_: Any, table: Table, column: dict[str, Any]) -> None:
    ours = metadata.tables.get(table.name)
    if ours is not None and column["name"] in ours.columns:
        kind = ours.columns[column["name"]].type
        column["type"] = kind.impl_instance if isinstance(kind, Encrypted) else kind  # secrets are moved as they stand


def count_rows(connection: Connection) -> dict[str, int]:
    """Return how many rows each table has."""
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in tables_of(connection)
    }


def is_untouched(connection: Connection) -> bool:
    """Test if nobody has changed anything: no person, no record but what the product itself makes (seals)."""
    tables = found_metadata(connection).tables
    if not {"deed", "change", "user_account"} <= set(tables):
        return True
    deed, change, people = tables["deed"], tables["change"], tables["user_account"]
    by_somebody = or_(deed.c.actor_id.is_not(None), deed.c.via != "job")
    changed = select(change.c.id).join(deed, change.c.deed_id == deed.c.id).where(by_somebody)
    done = connection.execute(changed.limit(1)).first()
    return done is None and connection.execute(select(people.c.id).limit(1)).first() is None


def is_new(url: str) -> bool:
    """Test if the database does not exist yet (asking SQLite for anything would create it)."""
    path = engine_for(url).url.database
    return url.startswith("sqlite") and not (path and Path(path).exists())
