"""Brings a database to this program's tables and gives the application role exactly its rights."""

from collections.abc import Callable
from functools import cache

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from credit_app import resources
from credit_app.roles import grant

# Any fixed number: two starts at the same moment take turns on this advisory lock.
LOCK = 0x43524544


def alembic_config() -> AlembicConfig:
    """Return Alembic's configuration; without an alembic.ini a wheel needs no file outside the package."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(resources.migrations()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@cache
def head_revision() -> str | None:
    """Return the newest revision this program knows, or None when it has none."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


def current_revision(connection: Connection) -> str | None:
    """Return the revision of the database, or None when it was never migrated."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, app_role: str = "", tell: Callable[[str], None] | None = None) -> bool:
    """Migrate to the newest revision in one transaction and grant `app_role` its rights; True if it migrated.

    Several processes may call this at once: the first one migrates, the others wait and find nothing to do.
    """
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        before = current_revision(connection)
        wanted = head_revision()
        if before != wanted:
            if tell:
                tell(f"Migrating the database from {before or 'empty'} to {wanted}")
            config = alembic_config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        if app_role:
            grant(connection, app_role)
        return before != wanted
