"""Alembic's environment: always run through `credit_app.migrate`, which passes an open connection."""

import importlib.util

from alembic import context

import workflows.tables as platform

# Importing the models registers their tables beside the platform's.
if importlib.util.find_spec("credit_app.models"):
    importlib.import_module("credit_app.models")


def run() -> None:
    connection = context.config.attributes.get("connection")
    if connection is None:
        raise SystemExit("Run migrations with `credit db upgrade`.")
    context.configure(
        connection=connection,
        target_metadata=platform.Base.metadata,
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
