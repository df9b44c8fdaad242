"""Jobs of credit: limits that end, reviews that are due."""

import logging

from flask import Flask

from credit_app import reviews
from credit_app.jobs.common import sessions

log = logging.getLogger(__name__)


def expire_limits(app: Flask) -> int:
    """End the limits whose last day is over, each in its own transaction; returns how many."""
    with app.test_request_context():
        open_session, ended = sessions(), 0
        while True:
            with open_session() as session:
                limit = reviews.expire_next(session)
                session.commit()
            if limit is None:
                return ended
            ended += 1


def start_reviews(app: Flask) -> int:
    """Start the reviews that are due, a limit at a time, each in its own transaction; returns how many.

    A limit whose review cannot start is logged and does not hold up the others.
    """
    with app.test_request_context():
        open_session, started, last = sessions(), 0, 0
        while True:
            with open_session() as session:
                try:
                    looked = reviews.start_next(session, app.extensions["engine"], last)
                    session.commit()
                except reviews.NotStarted as failed:
                    session.rollback()
                    log.exception("The review of the limit %s did not start.", failed.limit_id)
                    last = failed.limit_id
                    continue
            if looked is None:
                return started
            last, review = looked
            started += review is not None
