"""What the worker does regularly. Each job is safe to run twice and beside other workers."""

import time

from apscheduler.schedulers.base import BaseScheduler
from flask import Flask

from credit_app.config import Config


def register(scheduler: BaseScheduler, app: Flask) -> None:
    """Add every job to the worker's scheduler."""
    scheduler.add_job(heartbeat, "interval", seconds=15, args=[app], id="heartbeat")


def heartbeat(app: Flask) -> None:
    """Leave the time of the last sign of life, for supervisors and for the administration page."""
    config: Config = app.extensions["config"]
    path = config.var / "worker.heartbeat"
    path.write_text(f"{time.time():.0f}\n")
