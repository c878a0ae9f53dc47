"""Bring a database to the newest revision, and say where it stands."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from db.access.secrets.rotation import encrypt_with_current_key
from db.kernel.errors import BusinessError
from db.kernel.guards import install_guards
from db.migrations.derived import derive
from db.schema import install_search
from db.session import database_url, engine_for

HERE = Path(__file__).resolve().parent


class DatabaseIsNewer(BusinessError):
    """The database was migrated by a later version of the product."""


def config(url: str, connection: Connection | None = None) -> Config:
    """Return Alembic's settings for one database, or for a transaction that somebody else commits."""
    settings = Config()
    settings.attributes["connection"] = connection
    settings.set_main_option("script_location", str(HERE))
    settings.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return settings


def head() -> str:
    """Return the newest revision that this code knows."""
    newest = ScriptDirectory.from_config(config("")).get_current_head()
    if newest is None:
        raise LookupError("no migration exists")
    return newest


def revisions() -> frozenset[str]:
    """Return every revision that this code knows."""
    return frozenset(step.revision for step in ScriptDirectory.from_config(config("")).walk_revisions())


def revision_of(url: str) -> str | None:
    """Return the revision that a database is at; None for an empty one."""
    with engine_for(url).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_at_head(url: str) -> bool:
    """Test if a database is at the newest revision."""
    return revision_of(url) == head()


def upgrade(company: str | None = None) -> str:
    """Migrate a company's database to the newest revision; return it.

    Raises:
        DatabaseIsNewer: the database has a revision that this code does not know.
    """
    url = database_url(company)
    now = revision_of(url)
    known = {step.revision for step in ScriptDirectory.from_config(config(url)).walk_revisions()}
    if now is not None and now not in known:
        raise DatabaseIsNewer(
            "La base de données (révision {revision}) vient d’une version plus récente de Boussole. "
            "Installez cette version, ou restaurez une sauvegarde plus ancienne.",
            revision=now,
        )
    if now != head():
        command.upgrade(config(url), "head")
        with engine_for(url).begin() as connection:
            install_search(connection.dialect.name, connection)
            derive(connection)
            install_guards(connection)
    encrypt_secrets(url)
    return head()


def encrypt_secrets(url: str) -> int:
    """Encrypt what an older release kept plain, or an earlier key encrypted; return how many values."""
    with engine_for(url).execution_options(writing=True).begin() as connection:
        return encrypt_with_current_key(connection)
