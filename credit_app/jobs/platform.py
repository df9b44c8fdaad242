"""Jobs of the platform: timers, outbox, digests, imports, and signs of life."""

import time
from datetime import timedelta
from typing import Any, cast

from flask import Flask
from sqlalchemy import delete

from credit_app.config import Config
from credit_app.facts import digest
from credit_app.importers import waiting
from credit_app.jobs.common import sessions
from credit_app.mail import deliverer, given_up
from credit_app.models import IdempotencyKey
from workflows import clock, fire_due, outbox

MOST_A_RUN = 200
ANSWERS_KEPT = timedelta(days=30)


def heartbeat(app: Flask) -> None:
    """Leave the time of the last sign of life, for supervisors and for the administration page."""
    config: Config = app.extensions["config"]
    path = config.var / "worker.heartbeat"
    path.write_text(f"{time.time():.0f}\n")


def fire_timers(app: Flask) -> int:
    """Fire the timers that are due; returns how many."""
    with app.app_context():
        return fire_due(sessions(), app.extensions["engine"], MOST_A_RUN)


def send_outbox(app: Flask) -> int:
    """Send what is due in the outbox, each row in its own transaction; returns how many were tried."""
    config: Config = app.extensions["config"]
    with app.app_context():
        open_session, deliver = sessions(), deliverer(app, config)
        for tried in range(MOST_A_RUN):
            with open_session() as session:
                sent = outbox.send_next(session, deliver, given_up)
                session.commit()
            if sent is None:
                return tried
        return MOST_A_RUN


def forget_answers(app: Flask) -> int:
    """Drop the kept answers to other systems that are too old to be asked for again; returns how many."""
    with app.app_context(), sessions()() as session:
        gone = session.execute(
            delete(IdempotencyKey).where(IdempotencyKey.created_at < clock.now() - ANSWERS_KEPT)
        )
        session.commit()
        return int(cast(Any, gone).rowcount)


def post_digests(app: Flask) -> int:
    """Queue the day's digests that are due, each person in a transaction; returns how many have something to tell."""
    with app.app_context():
        open_session = sessions()
        with open_session() as session:
            day, people = digest.people_due(session, clock.now())
        posted = 0
        for person_id in people:
            with open_session() as session:
                posted += digest.post(session, person_id, day, clock.now())
                session.commit()
        return posted


def run_imports(app: Flask) -> int:
    """Import the files that wait, one after the other; returns how many came to an end."""
    config: Config = app.extensions["config"]
    with app.app_context():
        ended = 0
        while waiting.run_next(sessions(), config.imports, clock.now) is not None:
            ended += 1
        return ended


def sweep_imports(app: Flask) -> int:
    """Remove uploads that nobody waits for any more; returns how many."""
    config: Config = app.extensions["config"]
    with app.app_context(), sessions()() as session:
        return waiting.sweep(session, config.imports, time.time())
