"""Judge promise: a part of what was promised has come, or money lies on account; another day, or broken."""

from datetime import date
from typing import Any

from credit_app.facts import promised, promises
from credit_app.facts.deadlines import due_after
from credit_app.forms.promises import JudgeForm
from credit_app.i18n import _
from workflows import Action, Assignment, InvalidAnswer

Form = JudgeForm


def assign(action: Action) -> Assignment:
    """The collectors of the customer's branch."""
    due = due_after(action.session, action.now, action.today, "promise.due_after_days")
    return Assignment(promises.ROLE, promises.promise_of(action).customer.branch_id, due)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    name = promises.promise_of(action).customer.name
    return _("%(name)s has paid a part of what it promised. What now?", name=name)


def facts(action: Action) -> dict[str, Any]:
    """The promise, what came of each item by now, and money on account."""
    session, row = action.session, promises.promise_of(action)
    came = promised.came_by_item(session, row.items)
    return {
        "promise": row,
        "came": came,
        "paid": sum(came.values()),
        "on_account": promised.on_account(session, row, row.promised_on),
        "record": promises.record_of_customer(session, row.customer_id, action.today),
    }


def choices(action: Action) -> list[dict[str, Any]]:
    """Another day only once; kept only when all of it is there by now."""
    row, session = promises.promise_of(action), action.session
    ways = [_choice("broken", _("Treat it as broken"), _("The collection case moves up at once."))]
    if row.first_due_on is None:
        ways.insert(0, _choice("new_day", _("Accept a new day"), _("For the rest, once.")))
    if promised.came(session, row) >= (row.amount or 0):
        ways.insert(0, _choice("kept", _("It is paid by now"), _("The promise was kept.")))
    return ways


def complete(action: Action, answer: tuple[str, date | None, str]) -> dict[str, Any]:
    """Carry the choice out; `answer` is (choice, new day, reason). Raises InvalidAnswer naming the field, Conflict."""
    choice, new_day, note = answer
    if choice not in ("new_day", "kept", "broken"):
        raise InvalidAnswer("choice", _("Choose what becomes of it."))
    promises.judge(action, choice, new_day, note)
    return {"outcome": choice}


def _choice(value: str, label: str, note: str) -> dict[str, Any]:
    return {"value": value, "label": label, "act": label, "sets": {"outcome": value}, "note": note}
