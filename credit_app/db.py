"""The database handle of the Flask application and the options of every engine in the project."""

import select
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, create_engine, event, exc
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from workflows.tables import Base

db = SQLAlchemy(metadata=Base.metadata)

# Prepared on the second use; the default of 100 statements per connection is less than the screens have.
PREPARE_THRESHOLD = 1
PREPARED_MAX = 1000


def engine_options(pool_size: int = 5) -> dict[str, Any]:
    """Return options for `create_engine`: prepared statements, long-lived connections, sessions in UTC, no compiling.

    The parameters of a failed statement stay out of logs and incidents: they may be anything that people entered.
    """
    return {
        "hide_parameters": True,
        "pool_size": pool_size,
        "max_overflow": 5,
        "pool_timeout": 10,
        "connect_args": {
            "prepare_threshold": PREPARE_THRESHOLD,
            "connect_timeout": 10,
            # Statements with recursion are guessed to cost far more than they do: to compile them, as a server with
            # LLVM then would, takes longer than to run them.
            "options": "-c timezone=UTC -c jit=off",
            "application_name": "credit-desk",
        },
    }


def make_engine(url: str, *, pooled: bool = True) -> Engine:
    """Return an engine outside Flask (migrations, command line, worker tests) with the project's options."""
    options = engine_options()
    if not pooled:
        del options["pool_size"], options["max_overflow"], options["pool_timeout"]
        options["poolclass"] = NullPool
    engine = create_engine(url, **options)
    watch(engine)
    return engine


def watch(engine: Engine) -> None:
    """Register what every connection of `engine` needs."""
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "checkout", _on_checkout)


def _on_connect(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.prepared_max = PREPARED_MAX


def _on_checkout(connection: DBAPIConnection, _entry: ConnectionPoolEntry, _proxy: object) -> None:
    """Replace a connection that the server closed while it lay in the pool.

    An idle connection has nothing to read unless the server said goodbye, so looking at the socket costs
    microseconds where the usual ping costs a statement per request.
    """
    pgconn: Any = connection.pgconn
    try:
        poll = select.poll()
        poll.register(pgconn.socket, select.POLLIN)
        if poll.poll(0):
            pgconn.consume_input()
    except Exception as error:
        raise exc.DisconnectionError("the database closed this connection") from error
