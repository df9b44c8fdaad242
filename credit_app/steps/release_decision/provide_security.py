"""Provide security: sales hands in the security that the analyst has asked for, or says that there is none."""

from typing import Any

from credit_app.facts import order_releases
from credit_app.facts.deadlines import due_after
from credit_app.facts.order_releases import Given
from credit_app.facts.people import ids_with
from credit_app.forms.order_releases import SecurityForm
from credit_app.i18n import _
from credit_app.models import Person
from workflows import Action, Assignment, InvalidAnswer

Form = SecurityForm


def assign(action: Action) -> Assignment:
    """Whoever asked, in their own list; once they have left, everybody with their role."""
    row, session = order_releases.release_of(action), action.session
    due = due_after(session, action.now, action.today, order_releases.DUE)
    person = session.get(Person, row.made_by or 0)
    held = {one.role for one in person.roles} if person is not None else set()
    role = next((one for one in order_releases.ASKERS if one in held), order_releases.ASKERS[0])
    there = (
        person is not None and person.active and person.id in ids_with(session, role, row.customer.branch_id)
    )
    return Assignment(role, row.customer.branch_id, due, claimed_by=row.made_by if there else None)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    row = order_releases.release_of(action)
    number = order_releases.order_of(row).external_id
    return _("Which security does %(name)s give for order %(number)s?", name=row.customer.name, number=number)


def facts(action: Action) -> dict[str, Any]:
    """The release with what is asked for."""
    row = order_releases.release_of(action)
    return {"release": row, "order": order_releases.order_of(row)}


def choices(_action: Action) -> list[dict[str, Any]]:
    """Hand it in, or say that there is none."""
    return [
        _choice("given", _("Hand it in"), _("The credit analyst looks at it and goes on.")),
        _choice("none", _("There is none"), _("The credit analyst proposes without it; a reason is owed.")),
    ]


def complete(action: Action, answer: Given) -> dict[str, Any]:
    """File the document and keep the security. Raises InvalidAnswer naming the field, Conflict."""
    if answer.choice == "none":
        order_releases.give_none(action, answer.note)
        return {"security": "none"}
    if answer.choice != "given":
        raise InvalidAnswer("choice", _("Choose how it goes on."))
    order_releases.give(action, answer)
    return {"security": "given"}


def _choice(value: str, label: str, note: str) -> dict[str, Any]:
    return {"value": value, "label": label, "act": label, "sets": {"security": value}, "note": note}
