"""A PostgreSQL of the bench's own, with fsync, and an engine on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine as Database
from sqlalchemy.orm import Session

from bench.case import HERE, Clerk, Handlers, OwnBase
from credit_app.db import make_engine
from credit_app.postgres import Postgres
from workflows import Base, Engine, deploy_directory

PLATFORM = (
    "definition", "decision_version", "instance", "open_task", "timer", "subscription", "history", "outbox",
    "incident", "take_back",
)  # fmt: skip


@contextmanager
def server() -> Iterator[str]:
    """The URL of an empty database that keeps what it commits."""
    with TemporaryDirectory(prefix="credit-bench-") as folder:
        Path(folder).chmod(0o755)  # the server may run as another user
        with Postgres(Path(folder) / "postgres", settings={"max_wal_size": "4GB"}) as postgres:
            yield postgres.url()


def prepare(url: str) -> None:
    """Create the tables and deploy the measured process."""
    database = make_engine(url, pooled=False)
    Base.metadata.create_all(database, tables=[Base.metadata.tables[name] for name in PLATFORM])
    OwnBase.metadata.create_all(database)
    with Session(database) as session:
        deploy_directory(session, HERE)
        session.add(Clerk(name="Anna"))
        session.commit()
    database.dispose()


def connect(url: str) -> tuple[Database, Engine]:
    """A pooled connection and an engine, as a web process has them."""
    return make_engine(url), Engine(Handlers())
