"""Processes that a step of another one begins: queued in its transaction, started by the worker in one of its own.

A step cannot start a process itself: one transaction is one action of one instance.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from credit_app import (
    agencies,
    contract_credit,
    disputes,
    holds,
    legal,
    renewing,
    reviews,
    visits,
    write_offs,
)
from credit_app.facts import agencies as agency_facts
from credit_app.facts import holds as hold_facts
from credit_app.facts import visits as visit_facts
from credit_app.facts.collection import is_over
from workflows import SYSTEM, Engine
from workflows.outbox import Delivered, Posted

CHANNEL = "process"
Starter = Callable[[Session, Engine, Mapping[str, Any]], str]


def _once(running: Callable[[Session, int], Any], begin: Callable[..., Any]) -> Starter:
    """What a stage of collection asks for, of `customer_id`: the case that is under way stays the only one.

    Nothing begins when the collection case (`case_id`) has ended meanwhile: then the text is empty.
    """

    def start_asked(session: Session, engine: Engine, params: Mapping[str, Any]) -> str:
        customer_id = int(params["customer_id"])
        known = running(session, customer_id)
        if known is None and is_over(session, params.get("case_id")):
            return ""
        found = known or begin(session, engine, customer_id, SYSTEM, "process:collection")
        return str(found.number)

    return start_asked


# Process -> starts it with the facts that the step gave and says what became of it. Asked twice for the same matter it
# starts nothing new.
STARTERS: dict[str, Starter] = {
    "customer_hold": _once(hold_facts.running_of, holds.start),
    "site_visit": _once(visit_facts.running_of, visits.start),
    "agency_placement": _once(agency_facts.running_of, agencies.start),
    "dispute": disputes.adopt,
    "legal_action": legal.start_asked,
    "limit_review": reviews.start_asked,
    "write_off": write_offs.start_asked,
    "credit_application": contract_credit.start_asked,
    "contract_change": renewing.start_asked,
}


class NothingStarts(Exception):
    """Nobody knows how to start that process."""


def start(session: Session, engine: Engine, posted: Posted) -> Delivered:
    """Start the process that an outbox row asks for; the caller commits. Raises NothingStarts."""
    starter = STARTERS.get(posted.recipient)
    if starter is None:
        raise NothingStarts(f"Nothing starts the process {posted.recipient!r}.")
    return Delivered(posted.recipient, starter(session, engine, posted.params))
