"""Alembic's entry: which database, which tables."""

from alembic import context
from sqlalchemy import Connection

from db.schema import metadata
from db.session import COMPANY, database_url, engine_for

config = context.config
url = config.get_main_option("sqlalchemy.url") or database_url(COMPANY)


def _wanted(item: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    return not (kind == "table" and reflected and compare_to is None and (name or "").startswith("search_fts"))


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=False,
        include_object=_wanted,
        compare_type=False,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = config.attributes.get("connection")  # a restore does everything in its one transaction
if given is not None:
    _migrate(given)
else:
    with engine_for(url).connect() as connection:
        _migrate(connection)
        connection.commit()
