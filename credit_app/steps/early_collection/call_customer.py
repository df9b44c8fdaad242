"""Call customer: with everything at hand, and what came of it on record."""

from typing import Any

from credit_app.domain.worklist import CHOICES
from credit_app.facts import collection as facts_of
from credit_app.facts.call_sheet import call_sheet
from credit_app.facts.contacts import take_down
from credit_app.facts.deadlines import due_after
from credit_app.forms.collection import Called, CallForm
from credit_app.i18n import _
from workflows import Action, Assignment, InvalidAnswer

Form = CallForm
# What came of it, in the order of their keys on the page.
CHOSEN = ("promise", "plan", "dispute", "not_reached", "refused", "cannot_pay", "paid", "reached")


def assign(action: Action) -> Assignment:
    """The collector of the case, else whoever collects in the customer's branch."""
    case = facts_of.case_of(action)
    due = due_after(action.session, action.now, action.today, "collection.due_after_days")
    return Assignment(facts_of.ROLE, scope=case.customer.branch_id, due_at=due, claimed_by=case.collector_id)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _("Call %(name)s about what is overdue.", name=facts_of.case_of(action).customer.name)


def facts(action: Action) -> dict[str, Any]:
    """The case with all that one needs while calling."""
    return {
        "case": facts_of.case_of(action),
        "sheet": call_sheet(action.session, facts_of.case_of(action), action.today),
    }


def choices(_action: Action) -> list[dict[str, Any]]:
    """What can come of a call."""
    words = {
        "reached": (_("Reached, no agreement"), _("You look again on the day below.")),
        "promise": (_("Promises to pay"), _("Record the promise on the case; it pauses what is promised.")),
        "plan": (
            _("Asks for instalments"),
            _("Record the request on the case; it is approved by authority."),
        ),
        "dispute": (_("Disputes the debt"), _("Record the dispute on the case; it pauses what is disputed.")),
        "paid": (_("Says it has paid"), _("The desk for receipts is asked to look for the money.")),
        "refused": (_("Will not pay"), _("The next stage comes by the ladder.")),
        "cannot_pay": (_("Cannot pay"), _("The reason is kept; offer instalments where that helps.")),
        "not_reached": (_("Not reached"), _("An attempt on record; you call again.")),
    }
    return [
        {
            "value": one,
            "label": words[one][0],
            "act": _("Record the call"),
            "sets": {"outcome": CHOICES[one][0]},
            "note": words[one][1],
        }
        for one in CHOSEN
    ]


def complete(action: Action, answer: Called) -> dict[str, Any]:
    """Put the call on record; the account is looked at again on the day given, else as policy says.

    Raises InvalidAnswer naming the field.
    """
    if answer.outcome not in CHOSEN:
        raise InvalidAnswer("choice", _("Choose what came of the call."))
    case = facts_of.case_of(action)
    row, again = take_down(
        action.session, case, answer.outcome, action.actor.person_id, action.now, action.today,
        reason_code=answer.reason_code, reached=answer.reached, note=answer.note, follow_up_on=answer.follow_up_on,
    )  # fmt: skip
    return {"outcome": row.outcome, "follow_up_at": again.isoformat()}
