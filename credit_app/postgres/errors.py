"""What can go wrong with the embedded PostgreSQL, each as one sentence for a person."""


class PostgresError(Exception):
    """The embedded database cannot be used; the text says why and what to do."""


class AlreadyRunning(PostgresError):
    """Another process of this program holds the data folder."""
