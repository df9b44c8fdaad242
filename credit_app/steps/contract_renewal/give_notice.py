"""Give notice: the owner files the notice with the proof that the other side had it in time."""

from typing import Any

from credit_app.facts import renewals
from credit_app.facts.deadlines import close_of
from credit_app.forms.contract_renewal import Noticed, NoticeForm
from credit_app.i18n import _, written_day
from workflows import Action, Assignment

Form = NoticeForm


def assign(action: Action) -> Assignment:
    """The owner of the contract, in their own list, until the last day of notice."""
    row = renewals.renewal_of(action)
    owner, role = renewals.owner_and_role(action.session, row)
    due = close_of(action.session, renewals.last_day_of_notice(row), action.today)
    return Assignment(role, row.contract.branch_id, due, claimed_by=owner)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    row = renewals.renewal_of(action)
    return _(
        "Has %(name)s received the notice by %(day)s?",
        name=row.other_side.name,
        day=written_day(renewals.last_day_of_notice(row)),
    )


def facts(action: Action) -> dict[str, Any]:
    """The contract, and until when notice can be given."""
    row = renewals.renewal_of(action)
    return {
        "renewal": row, "contract": row.contract, "version": row.contract.current,
        "last_notice": renewals.last_day_of_notice(row),
    }  # fmt: skip


def choices(_action: Action) -> list[dict[str, Any]]:
    """Given, or not."""
    return [
        _choice("given", _("It was received"), _("File the notice"), _("The contract ends on its last day.")),
        _choice("not_given", _("It is not given"), _("Decide again"), _("You decide on the renewal again.")),
    ]


def complete(action: Action, answer: Noticed) -> dict[str, Any]:
    """Take it down; a decision put up again is reminded anew. Raises InvalidAnswer naming the field, Conflict."""
    outcome = renewals.give_notice(action, answer.choice, answer.received_on, answer.paper, answer.note)
    if outcome == "given":
        return {"outcome": outcome}
    again = renewals.remind_at(action.session, renewals.renewal_of(action), action.today)
    return {"outcome": outcome, "remind_at": again.isoformat()}


def _choice(value: str, label: str, act: str, note: str) -> dict[str, Any]:
    return {"value": value, "label": label, "act": act, "sets": {"outcome": value}, "note": note}
