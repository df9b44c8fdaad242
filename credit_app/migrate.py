"""Brings a database to this program's tables and gives the application role exactly its rights."""

from collections.abc import Callable

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import Engine, text

from credit_app import resources
from credit_app.revision import current_revision, head_revision
from credit_app.roles import grant

# Any fixed number: two starts at the same moment take turns on this advisory lock.
LOCK = 0x43524544

__all__ = ["alembic_config", "current_revision", "head_revision", "upgrade"]


def alembic_config() -> AlembicConfig:
    """Return Alembic's configuration; without an alembic.ini a wheel needs no file outside the package."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(resources.migrations()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


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
