"""Jobs of orders: those on hold, and their releases."""

import logging

from flask import Flask

from credit_app import orders, releases
from credit_app.jobs.common import each, sessions

log = logging.getLogger(__name__)


def look_at_held_orders(app: Flask) -> int:
    """Check the orders on hold again that were not looked at for some minutes; returns how many pass now.

    One that cannot be checked, for a rate is missing, is logged and comes to its turn again.
    """
    with app.test_request_context():
        open_session, passed = sessions(), 0
        while True:
            with open_session() as session:
                held = orders.held_now(session)
            for order_id in held:
                with open_session() as session:
                    try:
                        passed += orders.look_again(session, order_id)
                        session.commit()
                    except Exception:
                        session.rollback()
                        log.exception("The order %s on hold was not checked again.", order_id)
                        orders.put_off(session, order_id)
                        session.commit()
            if len(held) < orders.LOOKS_A_TIME:
                return passed


def follow_releases(app: Flask) -> int:
    """Tell the releases whose order passes without them, that are used or that something revokes; returns how many."""
    return each(app, releases.to_follow, releases.follow, "The release %s was not followed.")
