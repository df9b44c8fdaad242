"""The worker process: a scheduler that runs the jobs of `credit_app.jobs` until it is told to stop."""

import logging
import signal
from types import FrameType

from apscheduler.schedulers.blocking import BlockingScheduler

from credit_app import create_app, jobs
from credit_app.config import Config

log = logging.getLogger(__name__)


def work(config: Config) -> None:
    """Run jobs until SIGTERM or SIGINT; a running job finishes first."""
    app = create_app(config)
    # A job that is late, because the machine slept or the last run took long, runs once instead of never.
    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler = BlockingScheduler(timezone="UTC", job_defaults=defaults)

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    jobs.register(scheduler, app)
    log.info("worker started")
    try:
        scheduler.start()
    except SystemExit:
        log.info("worker stops")
        scheduler.shutdown(wait=True)
