"""Fixtures of every test: the clock, a database, a session and the application."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from credit_app import create_app, settle
from credit_app.config import Config
from credit_app.db import db, make_engine
from tests.database import Provider, Server
from tests.factories import Cast, find_cast, make_cast
from workflows import clock as platform_clock

PROVIDER = pytest.StashKey[Provider]()
NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)  # a Tuesday


def pytest_configure(config: pytest.Config) -> None:
    config.stash[PROVIDER] = Provider()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """With xdist the controller starts the one server; the test processes only learn its address."""
    if any(not argument.startswith("tests/domain") for argument in node.config.args):
        server = node.config.stash[PROVIDER].get()
        node.workerinput["database_server"] = (server.url, server.run)


def pytest_unconfigure(config: pytest.Config) -> None:
    if provider := config.stash.get(PROVIDER, None):
        provider.close()


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Server:
    """The PostgreSQL of this test run, with the migrated template database."""
    given = getattr(request.config, "workerinput", {}).get("database_server")
    found = Server(*given) if given else request.config.stash[PROVIDER].get()
    found.ensure_template()
    return found


@pytest.fixture(scope="session")
def database_name(server: Server) -> str:
    return f"credit_{server.run}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


@pytest.fixture(scope="session")
def peopled(server: Server) -> str:
    """The database that holds the company with its cast and nothing else, to be cloned: made once per run."""

    def fill(name: str) -> None:
        engine = make_engine(server.owner_url(name), pooled=False)
        with platform_clock.at(NOW), Session(engine) as opened:
            make_cast(opened)
            opened.commit()
        engine.dispose()

    return server.filled("cast", fill)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, server: Server, database_name: str) -> str:
    """The owner's URL of a database as the migrations leave it, fresh for this test; with the cast for who asks."""
    server.clone(database_name, request.getfixturevalue("peopled") if "cast" in request.fixturenames else "")
    return server.owner_url(database_name)


@pytest.fixture
def database_app_url(server: Server, database_url: str, database_name: str) -> str:
    """The application role's URL of the same database: what web and worker use."""
    return server.app_url(database_name)


@pytest.fixture
def clock() -> Iterator[datetime]:
    """Time stands still at NOW; move it with `workflows.clock.at(...)`."""
    with platform_clock.at(NOW):
        yield NOW


@pytest.fixture
def session(database_app_url: str) -> Iterator[Session]:
    """A session of the application role, without Flask; what a test does not commit is rolled back.

    Its one connection stays open between transactions: a new one costs as much as many statements.
    """
    engine = make_engine(database_app_url)
    with Session(engine) as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def cast(session: Session, clock: datetime) -> Cast:
    """The company and its people, committed; the database holds nothing else."""
    return find_cast(session)


@pytest.fixture
def owner_session(database_url: str) -> Iterator[Session]:
    """A session of the tables' owner: sets up what the application itself may not write."""
    engine = make_engine(database_url, pooled=False)
    with Session(engine) as opened:
        yield opened
    engine.dispose()


@pytest.fixture(scope="session")
def config(server: Server, database_name: str, tmp_path_factory: pytest.TempPathFactory) -> Config:
    """The settings of the application under test."""
    return Config(
        var=Path(tmp_path_factory.mktemp("var")),
        database_url=server.owner_url(database_name),
        database_app_url=server.app_url(database_name),
        secret_key="tests-only",
        testing=True,
    )


@pytest.fixture(scope="session")
def whole_app(config: Config, server: Server, database_name: str) -> Iterator[Flask]:
    """The application, made once per test process (use `app`, which also has a fresh database)."""
    server.clone(database_name)
    application = create_app(config)
    settle()  # as a web server does: the collector would walk over all modules and diagrams again and again
    yield application
    with application.app_context():
        db.engine.dispose()


@pytest.fixture
def app(whole_app: Flask, database_url: str) -> Iterator[Flask]:
    """The application on a fresh database; CSRF protection is on as in production."""
    yield whole_app
    with whole_app.app_context():
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without a signed-in person."""
    return app.test_client()
