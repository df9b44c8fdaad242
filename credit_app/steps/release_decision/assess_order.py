"""Assess order: a credit analyst who did not ask says how risky it is, and proposes release, security or refusal."""

from typing import Any

from credit_app.domain.plain import to_json
from credit_app.facts import order_releases
from credit_app.facts.deadlines import due_after
from credit_app.facts.order_releases import Terms
from credit_app.forms.order_releases import AssessForm
from credit_app.i18n import _
from workflows import Action, Assignment

Form = AssessForm
ROLE = "credit_analyst"


def assign(action: Action) -> Assignment:
    """The credit analysts of the customer's branch, less whoever asked."""
    row = order_releases.release_of(action)
    due = due_after(action.session, action.now, action.today, order_releases.DUE)
    excluded = (row.made_by,) if row.made_by is not None else ()
    return Assignment(ROLE, row.customer.branch_id, due, excluded)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    row = order_releases.release_of(action)
    number = order_releases.order_of(row).external_id
    return _(
        "May order %(number)s of %(name)s be delivered all the same?", number=number, name=row.customer.name
    )


def facts(action: Action) -> dict[str, Any]:
    """The order with what the check says now, and what sales says."""
    row = order_releases.release_of(action)
    order = order_releases.order_of(row)
    weighed = order_releases.weigh(action.session, order, action.today)
    return {
        "release": row,
        "order": order,
        "figures": dict(weighed.result.figures),
        "findings": to_json(weighed.result.findings),
        "outcome": weighed.result.outcome,
        "total": weighed.total,
        "policy": order_releases.policy_of(action.session, action.today),
    }


def choices(_action: Action) -> list[dict[str, Any]]:
    """The ways on."""
    return [
        _choice("release", _("Propose its release"), _("A level of authority decides.")),
        _choice("security", _("Security first"), _("Sales brings it; then it comes back to you.")),
        _choice("refuse", _("Refuse"), _("The order stays on hold; sales is told why.")),
    ]


def complete(action: Action, answer: Terms) -> dict[str, Any]:
    """Write the proposal down. Raises InvalidAnswer naming the field, Conflict."""
    order_releases.assess(action, answer)
    return _sets(answer.choice)


def _sets(choice: str) -> dict[str, str]:
    return {"proposal": choice, "outcome": "refused" if choice == "refuse" else "open"}


def _choice(value: str, label: str, note: str) -> dict[str, Any]:
    return {"value": value, "label": label, "act": label, "sets": _sets(value), "note": note}
