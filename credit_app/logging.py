"""One log format for web, worker and commands: time in UTC, level, where, what."""

import logging
import sys
import time


def setup(level: str = "INFO") -> None:
    """Send everything from `level` up to stderr; safe to call again."""
    handler = logging.StreamHandler(sys.stderr)
    formatter = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # A line per job run, or per second that a long run takes, says nothing; failures still come through.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
