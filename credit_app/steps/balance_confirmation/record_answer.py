"""Record answer: what a customer says to the balance that it was asked to confirm, with the paper that proves it."""

from datetime import datetime
from typing import Any

from credit_app.facts import confirmation as facts_of
from credit_app.facts import confirmation_answer
from credit_app.facts.confirmation_answer import Answer
from credit_app.forms.confirmation import AnswerForm
from credit_app.i18n import _, written_day
from workflows import Action, Assignment, InvalidAnswer

Form = AnswerForm
MOST_OFFERED = 1_000  # numbers that the field proposes; any other number of the statement may be typed


def assign(action: Action) -> Assignment:
    """Whoever keeps the receivables of the customer's branch; due when silence is followed up."""
    due = datetime.fromisoformat(str(action.data["silence_at"]))
    return Assignment(facts_of.ROLE, scope=facts_of.confirmation_of(action).customer.branch_id, due_at=due)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    found = facts_of.confirmation_of(action)
    return _(
        "What does %(name)s say to the balance of %(day)s?",
        name=found.customer.name,
        day=written_day(found.as_of),
    )


def facts(action: Action) -> dict[str, Any]:
    """The confirmation with the statement that was sent, to whom, and the numbers that a difference may name."""
    found = facts_of.confirmation_of(action)
    statement = facts_of.statement_in(found)
    items = [item for account in statement.accounts for item in account.items]
    return {
        "confirmation": found,
        "statement": statement,
        "addressee": facts_of.addressee_of(action.session, found),
        "offered": confirmation_answer.labels(items)[:MOST_OFFERED],
        "currencies": [account.currency for account in statement.accounts],
        "restarts": facts_of.policy_of(action.session, action.today).interrupts(
            found.customer.country, signed=True
        ),
    }


def choices(_action: Action) -> list[dict[str, Any]]:
    """Agreed or not."""
    return [
        _choice("agreed", _("The balance is agreed"), ""),
        _choice("differences", _("Differences are named"), _("Each is settled one by one.")),
    ]


def complete(action: Action, answer: Answer) -> dict[str, Any]:
    """Write the answer down. Raises InvalidAnswer naming the field, Conflict."""
    if answer.choice not in ("agreed", "differences"):
        raise InvalidAnswer("choice", _("Choose what the customer says."))
    confirmation_answer.record(action, answer)
    return {"outcome": answer.choice}


def _choice(value: str, label: str, note: str) -> dict[str, Any]:
    return {"value": value, "label": label, "act": label, "sets": {"outcome": value}, "note": note}
