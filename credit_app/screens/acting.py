"""In whose name the signed-in person acts: their own, or that of somebody they substitute today."""

from credit_app.db import db
from credit_app.facts.people import stands_in_for
from credit_app.models import Person
from credit_app.permissions import branches_of
from credit_app.screens.clock import today
from workflows import Actor


def actor_for(person: Person, role: str, scope: int | None) -> Actor:
    """Return the actor for a task of `role` in branch `scope`: oneself when the role is one's own, else the first
    principal who holds it. Whether they may is for the engine to say."""
    if holds(person, role, scope):
        return Actor(person.id)
    principals = stands_in_for(db.session(), person.id, today())
    principal = next((one for one in principals if holds(one, role, scope)), None)
    return Actor(person.id, principal.id if principal else None)


def holds(person: Person, role: str, scope: int | None) -> bool:
    """Tell whether a person has the role in that branch."""
    branches = branches_of(person, [role])
    return branches is None or scope in branches or (scope is None and bool(branches))
