"""What the commands share: telling, and a migrated database with or without the application around it."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask

from credit_app import connect, create_app
from credit_app.config import Config
from credit_app.db import db


def tell(line: str) -> None:
    """Progress goes to stderr, so that a result on stdout can be piped."""
    click.echo(line, err=True)


@contextmanager
def database() -> Iterator[Config]:
    """Yield the configuration of a reachable, migrated database."""
    with connect.connected(Config.from_env(), tell) as config:
        yield connect.require_migrated(config)


@contextmanager
def application() -> Iterator[Flask]:
    """Yield the application with its context open; what the command does not commit is rolled back."""
    with database() as config:
        app = create_app(config)
        with app.app_context():
            try:
                yield app
            finally:
                db.session.remove()
                db.engine.dispose()
