"""A committed cast of people, and browsers in which they sign in through the real form."""

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy.orm import Session

from credit_app.screens import sessions
from tests.factories import Cast, find_cast, make_application, make_customer
from tests.screens.frame.browsing import Browser


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the cheap hashes of the cast: hashing them anew at each sign-in would take most of the time."""
    monkeypatch.setattr(sessions, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def cast(owner_session: Session, clock: datetime) -> Cast:
    """The company and its people, committed, in a session that may write what the application may not."""
    return find_cast(owner_session)


@pytest.fixture
def browser(app: Flask, cast: Cast) -> Browser:
    """A browser in which nobody is signed in."""
    return Browser(app)


@pytest.fixture
def signed_in(app: Flask, cast: Cast) -> Callable[[Any], Browser]:
    """Make a browser in which this person is signed in."""

    def enter(person: Any) -> Browser:
        opened = Browser(app)
        answer = opened.sign_in(person.email)
        assert answer.status_code == 302, answer.text
        opened.get("/help")
        return opened

    return enter


@pytest.fixture
def rows(owner_session: Session, cast: Cast) -> SimpleNamespace:
    """Two customers and two applications of different branches, committed."""
    north = make_customer(owner_session, "Nordwind GmbH", branch=cast.north, sales_rep=cast.sara)
    south = make_customer(owner_session, "Südstahl AG", branch=cast.south, sales_rep=cast.samir)
    ours = make_application(
        owner_session, north, cast.sara, 40_000, status="submitted", submitted_at=cast.sara.created_at
    )
    theirs = make_application(
        owner_session, south, cast.samir, 90_000, status="submitted", submitted_at=cast.samir.created_at
    )
    draft = make_application(owner_session, north, cast.sara, 10_000)
    owner_session.commit()
    return SimpleNamespace(north=north, south=south, ours=ours, theirs=theirs, draft=draft)
