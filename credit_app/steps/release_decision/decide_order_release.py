"""Approve release: the level that authority asks approves it, refuses it or sends it back."""

from typing import Any

from credit_app import releases
from credit_app.domain.plain import to_json
from credit_app.domain.separation import may_decide
from credit_app.facts import order_releases
from credit_app.facts.deadlines import due_after
from credit_app.facts.order_releases import Decision
from credit_app.facts.people import plain
from credit_app.forms.order_releases import DecideForm
from credit_app.i18n import _, all_said
from credit_app.models import Person
from workflows import Action, Assignment, NotAllowed

Form = DecideForm
OUTCOMES = {"approve": "approved", "refuse": "refused", "send_back": "open"}


def assign(action: Action) -> Assignment:
    """The level's people in the customer's branch, less whoever asked and whoever assessed."""
    row, level = order_releases.release_of(action), str(action.data["level"])
    due = due_after(action.session, action.now, action.today, order_releases.DUE)
    barred = order_releases.of_decision(action, row, level)
    return Assignment(level, row.customer.branch_id, due, tuple(sorted(barred.requesters | barred.raters)))


def check(action: Action) -> None:
    """Four eyes, role and branch, for the person and whom they act for. Raises NotAllowed with the reasons."""
    task, row = action.task, order_releases.release_of(action)
    person = action.session.get(Person, action.actor.person_id or 0)
    if task is None or person is None:
        raise NotAllowed(_("Sign in to decide."))
    principal = action.session.get(Person, action.actor.on_behalf_of) if action.actor.on_behalf_of else None
    of_decision = order_releases.of_decision(action, row, task.role)
    reasons = may_decide(plain(person), of_decision, plain(principal) if principal else None)
    if reasons:
        raise NotAllowed(all_said(reasons))


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    row = order_releases.release_of(action)
    number, name = order_releases.order_of(row).external_id, row.customer.name
    if row.kind == "once":
        return _("Release order %(number)s of %(name)s?", number=number, name=name)
    return _("Release the orders of %(name)s?", name=name)


def facts(action: Action) -> dict[str, Any]:
    """The order with what the check says now, what is proposed and what the group would owe."""
    row = order_releases.release_of(action)
    weighed = order_releases.weigh_release(action.session, row, action.today)
    return {
        "release": row,
        "order": order_releases.order_of(row),
        "figures": dict(weighed.result.figures),
        "findings": to_json(weighed.result.findings),
        "outcome": weighed.result.outcome,
        "total": weighed.total,
        "seen": weighed.seen,
    }


def choices(_action: Action) -> list[dict[str, Any]]:
    """The decisions."""
    return [
        _choice("approve", _("Approve"), _("The order may be delivered at once; sales is told.")),
        _choice("send_back", _("Send back"), _("The credit analyst proposes anew; a reason is owed.")),
        _choice("refuse", _("Refuse"), _("The order stays on hold; a reason is owed.")),
    ]


def complete(action: Action, answer: Decision) -> dict[str, Any]:
    """Carry the decision out. Raises InvalidAnswer naming the field, Conflict."""
    releases.hold(action)
    order_releases.decide(action, answer)
    return _sets(answer.choice)


def _sets(choice: str) -> dict[str, str]:
    return {"decision": choice, "outcome": OUTCOMES[choice]}


def _choice(value: str, label: str, note: str) -> dict[str, Any]:
    return {"value": value, "label": label, "act": label, "sets": _sets(value), "note": note}
