"""Follow up silence: a customer has not answered; ask again, record what came by other means, or close the matter."""

from typing import Any

from credit_app.domain.confirmation import may_send_again
from credit_app.facts import confirmation as facts_of
from credit_app.facts.deadlines import due_after
from credit_app.forms.confirmation import SilenceForm
from credit_app.i18n import _, written_day
from workflows import Action, Assignment, InvalidAnswer

Form = SilenceForm


def assign(action: Action) -> Assignment:
    """Whoever keeps the receivables of the customer's branch. From now on the confirmation says that it is silent:
    the timer leads straight here, so that nothing else could say it."""
    found = facts_of.confirmation_of(action)
    found.status = "silent"
    due = due_after(action.session, action.now, action.today, "confirmation.remind_after_days")
    return Assignment(facts_of.ROLE, scope=found.customer.branch_id, due_at=due)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    found = facts_of.confirmation_of(action)
    return _(
        "%(name)s has not confirmed the balance of %(day)s. What now?",
        name=found.customer.name,
        day=written_day(found.as_of),
    )


def facts(action: Action) -> dict[str, Any]:
    """The confirmation, the statement, and whom one can call."""
    found = facts_of.confirmation_of(action)
    return {
        "confirmation": found,
        "statement": facts_of.statement_in(found),
        "addressee": facts_of.addressee_of(action.session, found),
    }


def choices(action: Action) -> list[dict[str, Any]]:
    """The ways on; a statement goes out three times at most."""
    found = facts_of.confirmation_of(action)
    ways = [_choice("answered", _("The answer is in"), _("It is recorded in the next step."))]
    if may_send_again(found.sendings):
        ways.append(_choice("send_again", _("Send the statement again"), _("The same statement, once more.")))
    return [*ways, _choice("closed", _("Close it without an answer"), _("A reason is owed."))]


def complete(action: Action, answer: tuple[str, str]) -> dict[str, Any]:
    """Carry the choice out; `answer` is (choice, reason). Raises InvalidAnswer naming the field, Conflict."""
    choice, reason = answer
    if choice not in ("answered", "send_again", "closed"):
        raise InvalidAnswer("choice", _("Choose how it goes on."))
    return dict(facts_of.follow_up(action, choice, reason))


def _choice(value: str, label: str, note: str) -> dict[str, Any]:
    return {"value": value, "label": label, "act": label, "sets": {"outcome": value}, "note": note}
