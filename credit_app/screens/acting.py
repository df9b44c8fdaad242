"""In whose name the signed-in person acts: their own, or that of somebody they substitute today."""

from typing import Any

from flask import current_app, g

from credit_app import permissions
from credit_app.db import db
from credit_app.facts.people import lanes_of, stands_in_for
from credit_app.models import Person
from credit_app.permissions import branches_of
from credit_app.screens.clock import today
from workflows import Engine
from workflows.inbox import Lane

# What somebody must open to do another's work; a substitute neither administrates nor applies in their stead.
FOR_OTHERS = frozenset({"inbox.see", "application.list", "customer.list", "history.see"})


def engine() -> Engine:
    """Return the engine of this application."""
    found: Engine = current_app.extensions["engine"]
    return found


def may(person: Any, action: str, obj: Any = None) -> bool:
    """Tell whether a person may do this, with their own roles or, for the work of others, with theirs."""
    if permissions.may(person, action, obj):
        return True
    if action not in FOR_OTHERS or not person or not person.is_authenticated or not person.active:
        return False
    return any(permissions.may(one, action, obj) for one in substituted(person))


def substituted(person: Any) -> list[Person]:
    """Return whom a person stands in for today, read once a request."""
    known: dict[int, list[Person]] = g.setdefault("substituted", {})
    if person.id not in known:
        known[person.id] = stands_in_for(db.session(), person.id, today())
    return known[person.id]


def own_lanes(person: Person) -> list[Lane]:
    """Return the inbox lanes of a person, read once a request."""
    known: dict[int, list[Lane]] = g.setdefault("lanes", {})
    if person.id not in known:
        known[person.id] = lanes_of(db.session(), person, today())
    return known[person.id]


def holds(person: Person, role: str, scope: int | None) -> bool:
    """Tell whether a person has the role in that branch."""
    branches = branches_of(person, [role])
    return branches is None or scope in branches or (scope is None and bool(branches))
