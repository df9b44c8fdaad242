"""Agree to escalation: a stage that the policy names begins only when who leads collection agrees."""

from typing import Any

from credit_app.facts import collection as facts_of
from credit_app.facts.call_sheet import call_sheet
from credit_app.facts.deadlines import close_of, due_after
from credit_app.forms.collection import Escalated, EscalationForm
from credit_app.i18n import _
from workflows import Action, Assignment, InvalidAnswer

Form = EscalationForm
ROLE = "credit_manager"
LONGEST_WAIT_DAYS = 90
LEAST_REASON = 5


def assign(action: Action) -> Assignment:
    """A credit manager of the customer's branch, though not whoever collects from it."""
    case = facts_of.case_of(action)
    due = due_after(action.session, action.now, action.today, "collection.due_after_days")
    excluded = (case.collector_id,) if case.collector_id is not None else ()
    return Assignment(ROLE, scope=case.customer.branch_id, due_at=due, excluded=excluded)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    case = facts_of.case_of(action)
    words = {
        "final_demand": _("Send %(name)s a final demand?", name=case.customer.name),
        "lawyer_letter": _("Have counsel write to %(name)s?", name=case.customer.name),
        "agency": _("Hand %(name)s over to an agency?", name=case.customer.name),
        "legal_action": _("Take legal action against %(name)s?", name=case.customer.name),
    }
    return words.get(case.stage) or _("Go on to the next stage with %(name)s?", name=case.customer.name)


def facts(action: Action) -> dict[str, Any]:
    """The case with all that weighs in the decision."""
    case = facts_of.case_of(action)
    return {"case": case, "sheet": call_sheet(action.session, case, action.today)}


def choices(_action: Action) -> list[dict[str, Any]]:
    """Go on, or wait."""
    return [
        {
            "value": "escalate", "label": _("Go on"), "act": _("Go on"), "sets": {"outcome": "escalate"},
            "note": _("The stage begins at once."),
        },
        {
            "value": "wait", "label": _("Wait"), "act": _("Wait"), "sets": {"outcome": "wait"},
            "note": _("You are asked again on the day below; a reason is owed."),
        },
    ]  # fmt: skip


def complete(action: Action, answer: Escalated) -> dict[str, Any]:
    """Write the decision down. Raises InvalidAnswer naming the field."""
    case = facts_of.case_of(action)
    if answer.choice == "escalate":
        person = action.actor.person_id
        action.session.add(facts_of.move_of(case, case.stage, "agreed", action.today, answer.reason, person))
        case.proposed = False
        return {"outcome": "escalate"}
    if answer.choice != "wait":
        raise InvalidAnswer("choice", _("Choose how it goes on."))
    if answer.until is None or not 0 < (answer.until - action.today).days <= LONGEST_WAIT_DAYS:
        text = _("Give a day from tomorrow up to %(days)s days ahead.", days=LONGEST_WAIT_DAYS)
        raise InvalidAnswer("until", text)
    if len(answer.reason) < LEAST_REASON:
        raise InvalidAnswer("reason", _("Say in a few words why it waits."))
    facts_of.log_contact(
        action.session, case.customer_id, "meeting", "noted", note=answer.reason, follow_up_on=answer.until,
        made_by=action.actor.person_id,
    )  # fmt: skip
    return {
        "outcome": "wait",
        "ask_again_at": close_of(action.session, answer.until, action.today).isoformat(),
    }
