"""What the worker does regularly. Each job is safe to run twice and beside other workers."""

import time
from collections.abc import Callable
from typing import Any

from apscheduler.schedulers.base import BaseScheduler
from flask import Flask
from sqlalchemy.orm import Session

from credit_app.config import Config
from credit_app.db import db
from credit_app.mail import deliverer
from workflows import fire_due, outbox

MOST_A_RUN = 200


def register(scheduler: BaseScheduler, app: Flask) -> None:
    """Add every job to the worker's scheduler."""
    scheduler.add_job(heartbeat, "interval", seconds=15, args=[app], id="heartbeat")
    scheduler.add_job(fire_timers, "interval", seconds=1, args=[app], id="timers")
    scheduler.add_job(send_outbox, "interval", seconds=1, args=[app], id="outbox")


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
                sent = outbox.send_next(session, deliver)
                session.commit()
            if sent is None:
                return tried
        return MOST_A_RUN


def sessions() -> Callable[[], Session]:
    """Sessions of their own for jobs, on the application's engine."""
    engine: Any = db.engine
    return lambda: Session(engine)
