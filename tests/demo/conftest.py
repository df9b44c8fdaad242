"""The demo runs inside the application, as at the first start."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from credit_app.config import Config
from credit_app.db import make_engine
from tests.database import Server
from tests.demo_company import demo_of
from tests.factories import TODAY


@pytest.fixture
def app_context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def shown(server: Server, config: Config, whole_app: Flask, database_name: str) -> Iterator[Session]:
    """A session on the demo company as of TODAY, inside the application."""
    server.clone(database_name, demo_of(server, config, TODAY))
    engine = make_engine(server.app_url(database_name), pooled=False)
    with whole_app.app_context(), Session(engine) as session:
        yield session
    engine.dispose()
