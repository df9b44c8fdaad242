"""Processes that a step of another one begins: queued in its transaction, started by the worker in one of its own.

A step cannot start a process itself: one transaction is one action of one instance.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from credit_app import agencies, disputes, holds, legal, visits, write_offs
from workflows import Engine
from workflows.outbox import Delivered, Posted

CHANNEL = "process"
Starter = Callable[[Session, Engine, Mapping[str, Any]], str]
# Process -> starts it with the facts that the step gave and says what became of it. Asked twice for the same matter it
# starts nothing new.
STARTERS: dict[str, Starter] = {
    "customer_hold": holds.start_asked,
    "site_visit": visits.start_asked,
    "agency_placement": agencies.start_asked,
    "dispute": disputes.adopt,
    "legal_action": legal.start_asked,
    "write_off": write_offs.start_asked,
}


class NothingStarts(Exception):
    """Nobody knows how to start that process."""


def start(session: Session, engine: Engine, posted: Posted) -> Delivered:
    """Start the process that an outbox row asks for; the caller commits. Raises NothingStarts."""
    starter = STARTERS.get(posted.recipient)
    if starter is None:
        raise NothingStarts(f"Nothing starts the process {posted.recipient!r}.")
    return Delivered(posted.recipient, starter(session, engine, posted.params))
