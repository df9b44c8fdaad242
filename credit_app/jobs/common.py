"""What the jobs share: sessions of their own, and acting on each of many things in its own transaction."""

import logging
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy.orm import Session

from credit_app.db import db
from workflows import Engine

T = TypeVar("T")
log = logging.getLogger(__name__)


def sessions() -> Callable[[], Session]:
    """Sessions of their own for jobs, on the application's engine."""
    engine: Any = db.engine
    return lambda: Session(engine)


def each(
    app: Flask,
    find: Callable[[Session], Iterable[T]],
    act: Callable[[Session, Engine, T], object],
    failed: str,
) -> int:
    """Act on everything that `find` finds, each in its own transaction; returns on how many `act` did something.

    One that fails is logged, by `failed` with its name, and holds up no other; the next run tries it again.
    """
    with app.test_request_context():
        open_session, done = sessions(), 0
        with open_session() as session:
            found = find(session)
        for one in found:
            with open_session() as session:
                try:
                    acted = act(session, app.extensions["engine"], one)
                    session.commit()
                except Exception:
                    session.rollback()
                    log.exception(failed, one)
                    continue
            done += bool(acted)
        return done
