"""Every table of the product, for the migrations and for tests that start from nothing."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, text
from sqlmodel import SQLModel

from db.kernel.guards import install_guards
from db.records.kinds.rules import KINDS

ROOT = Path(__file__).resolve().parent


def import_tables() -> None:
    """Import each `tables` and `rules` module below `db`, so that all tables and kinds of record are known.

    `undoing` modules say how rows come back, `merging` modules how two records become one.
    """
    for module in pkgutil.walk_packages([str(ROOT)], prefix="db."):
        if module.name.endswith((".tables", ".rules", ".undoing", ".merging", ".search_index")):
            importlib.import_module(module.name)


import_tables()
metadata = SQLModel.metadata


def create_everything(engine: Engine) -> None:
    """Create all tables and guards in an empty database (tests; the product migrates instead)."""
    metadata.create_all(engine)
    with engine.begin() as connection:
        install_search(connection.dialect.name, connection)
        install_guards(connection)


def install_search(dialect: str, connection: object) -> None:
    """Create the text index, which is not a table that SQLModel knows."""
    from db.records.search_index import statements

    for statement in statements(dialect):
        connection.execute(text(statement))  # type: ignore[attr-defined]


@cache
def pointing() -> Mapping[str, str]:
    """Return to which kind of record a column with a foreign key points, by its name, where the name is clear."""
    kinds = {one.table: one.kind for one in KINDS.values()}
    found: dict[str, set[str]] = {}
    for table in SQLModel.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table.name in kinds:
                found.setdefault(key.parent.name, set()).add(kinds[key.column.table.name])
    return {name: next(iter(of)) for name, of in found.items() if len(of) == 1}
