"""The worker's side of timers: claim, fire, commit; on failure leave everything and schedule the next attempt."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from workflows import incidents
from workflows.engine import Engine, TimerFailed


def fire_due(open_session: Callable[[], Session], engine: Engine, most: int = 100) -> int:
    """Fire up to `most` due timers, each in its own transaction. Returns how many were worked on."""
    with open_session() as session:
        for done in range(most):
            try:
                rest = engine.fire_timer(session)
                session.commit()
            except TimerFailed as failed:
                session.rollback()
                incidents.timer_failed(session, failed.timer_id, failed.error)
                session.commit()
            else:
                if rest is None:
                    return done
            session.expunge_all()  # nothing of one timer's rows is seen by the next
    return most
