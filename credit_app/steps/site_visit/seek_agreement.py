"""Seek agreement: what was agreed on how it is paid; promise and plan are recorded on the case."""

from typing import Any

from credit_app.domain.visits import AGREEMENTS
from credit_app.facts import visits as facts_of
from credit_app.facts.collection import ROLE, log_contact, open_case
from credit_app.facts.deadlines import due_after
from credit_app.forms.visits import AgreementForm
from credit_app.i18n import _
from workflows import Action, Assignment, InvalidAnswer

Form = AgreementForm
LOGGED = {"promise": "promise", "plan": "plan", "paid": "paid", "none": "refused"}


def assign(action: Action) -> Assignment:
    """The visitor."""
    visit = facts_of.visit_of(action)
    due = due_after(action.session, action.now, action.today, "collection.due_after_days")
    return Assignment(ROLE, scope=visit.customer.branch_id, due_at=due, claimed_by=visit.visitor_id)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _("What was agreed with %(name)s?", name=facts_of.visit_of(action).customer.name)


def facts(action: Action) -> dict[str, Any]:
    """The visit, and the case on which a promise or a plan is recorded."""
    visit = facts_of.visit_of(action)
    return {"visit": visit, "case": open_case(action.session, visit.customer_id)}


def choices(_action: Action) -> list[dict[str, Any]]:
    """What can be agreed."""
    words = {
        "promise": (_("A promise to pay"), _("Record the promise on the case; it pauses what is promised.")),
        "plan": (_("Instalments"), _("Record the request on the case; it is approved by authority.")),
        "paid": (_("Paid on the spot"), _("The receipt is posted by receivables.")),
        "none": (_("Nothing"), _("The next stage comes by the ladder; say what was said.")),
    }
    return [
        {
            "value": one,
            "label": words[one][0],
            "act": _("End the visit"),
            "sets": {"outcome": one},
            "note": words[one][1],
        }
        for one in AGREEMENTS
    ]


def complete(action: Action, answer: tuple[str, str]) -> dict[str, Any]:
    """Write it down, also in the contacts; `answer` is (choice, note).

    Raises InvalidAnswer naming the field, Conflict.
    """
    choice, note = answer
    if choice not in AGREEMENTS:
        raise InvalidAnswer("choice", _("Choose what was agreed."))
    if len(note) < facts_of.LEAST_WORDS:
        raise InvalidAnswer("note", _("Write down what was said: it is read by whoever acts next."))
    visit = facts_of.locked(action, "agreeing")
    visit.agreement, visit.status = choice, "done"
    log_contact(
        action.session, visit.customer_id, "visit", LOGGED[choice], reached=visit.whom_met, note=note,
        made_by=action.actor.person_id,
    )  # fmt: skip
    return {"outcome": choice}
