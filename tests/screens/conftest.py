"""The desk: the company with its cast behind the application's screens."""

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy.orm import Session

from credit_app.screens import sessions
from tests.database import Server
from tests.factories import Cast, find_cast
from tests.screens.desk import Desk
from tests.screens.shelf import Shelf


@pytest.fixture
def cast(session: Session, clock: object, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """The company and its people, committed; the database holds nothing else."""
    # The cast's passwords are cheap to check: signing in must not make them dear ones.
    monkeypatch.setattr(sessions, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    return find_cast(session)


@pytest.fixture(scope="session")
def shelf(server: Server, database_name: str, whole_app: Flask) -> Shelf:
    """What this test process keeps for copies."""
    return Shelf(server, database_name, whole_app)


@pytest.fixture
def desk(app: Flask, session: Session, cast: Cast, shelf: Shelf) -> Desk:
    """The cast at work on a Tuesday morning."""
    return Desk(app, session, cast, shelf)
