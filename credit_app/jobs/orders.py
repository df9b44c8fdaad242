"""Jobs of orders: those on hold, and their releases."""

import logging
from collections.abc import Callable

from flask import Flask
from sqlalchemy.orm import Session

from credit_app import orders, releases
from credit_app.jobs.common import each, sessions

log = logging.getLogger(__name__)


def look_at_held_orders(app: Flask) -> int:
    """Check the orders on hold again that were not looked at for some minutes; returns how many pass now."""
    return _look_at_orders(app, orders.held_now)


def look_at_changed_orders(app: Flask) -> int:
    """Check the orders that pass again whose customer has changed since; returns how many are on hold now."""
    return _look_at_orders(app, orders.changed_now)


def _look_at_orders(app: Flask, find: Callable[[Session], list[int]]) -> int:
    """Check the orders that `find` finds until it finds no more; returns of how many it says something else now.

    One that cannot be checked, for a rate is missing, is logged and comes to its turn again.
    """
    with app.test_request_context():
        open_session, changed = sessions(), 0
        while True:
            with open_session() as session:
                found = find(session)
            for order_id in found:
                with open_session() as session:
                    try:
                        changed += orders.look_again(session, order_id)
                        session.commit()
                    except Exception:
                        session.rollback()
                        log.exception("The order %s was not checked again.", order_id)
                        orders.put_off(session, order_id)
                        session.commit()
            if len(found) < orders.LOOKS_A_TIME:
                return changed


def follow_releases(app: Flask) -> int:
    """Tell the releases whose order passes without them, that are used or that something revokes; returns how many."""
    return each(app, releases.to_follow, releases.follow, "The release %s was not followed.")
