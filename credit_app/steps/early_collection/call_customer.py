"""Call customer: with everything at hand, and what came of it on record."""

from datetime import date
from typing import Any

from credit_app.domain.collection import REASON_CODES
from credit_app.facts import collection as facts_of
from credit_app.facts.call_sheet import call_sheet
from credit_app.facts.deadlines import close_of, due_after
from credit_app.forms.collection import Called, CallForm
from credit_app.i18n import _
from workflows import Action, Assignment, InvalidAnswer

Form = CallForm
OUTCOMES = ("reached", "promise", "plan", "dispute", "paid", "refused", "not_reached")
LONGEST_WAIT_DAYS = 60


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
        "refused": (_("Refuses to pay"), _("The next stage comes by the ladder.")),
        "not_reached": (_("Not reached"), _("An attempt on record; you call again.")),
    }
    return [
        {
            "value": one,
            "label": words[one][0],
            "act": _("Record the call"),
            "sets": {"outcome": one},
            "note": words[one][1],
        }
        for one in OUTCOMES
    ]


def complete(action: Action, answer: Called) -> dict[str, Any]:
    """Put the call on record; the account is looked at again on the day given, else as policy says.

    Raises InvalidAnswer naming the field.
    """
    if answer.outcome not in OUTCOMES:
        raise InvalidAnswer("choice", _("Choose what came of the call."))
    if answer.reason_code is not None and answer.reason_code not in REASON_CODES:
        raise InvalidAnswer("reason_code", _("Choose one of the reasons."))
    if answer.outcome != "not_reached" and not answer.reached:
        raise InvalidAnswer("reached", _("Say whom you spoke with."))
    if answer.outcome in ("refused", "paid") and not answer.note:
        raise InvalidAnswer("note", _("Write down what was said: it is read by whoever acts next."))
    case, again = facts_of.case_of(action), _look_again(action, answer.follow_up_on)
    facts_of.log_contact(
        action.session, case.customer_id, "call", answer.outcome, reason_code=answer.reason_code,
        reached=answer.reached, note=answer.note, follow_up_on=answer.follow_up_on, made_by=action.actor.person_id,
    )  # fmt: skip
    case.reason_code = answer.reason_code or case.reason_code
    case.follow_up_on = again.date()
    action.session.flush()
    return {"outcome": answer.outcome, "follow_up_at": again.isoformat()}


def _look_again(action: Action, on: date | None) -> Any:
    """The instant (UTC) at which the account is looked at again."""
    if on is None:
        return due_after(action.session, action.now, action.today, "collection.follow_up_days")
    if not 0 < (on - action.today).days <= LONGEST_WAIT_DAYS:
        text = _("Give a day from tomorrow up to %(days)s days ahead.", days=LONGEST_WAIT_DAYS)
        raise InvalidAnswer("follow_up_on", text)
    return close_of(action.session, on, action.today)
