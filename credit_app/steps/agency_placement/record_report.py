"""Record report: what the agency reports of the month, or that its report did not come."""

from decimal import Decimal
from typing import Any

from credit_app.facts import agencies as facts_of
from credit_app.facts.collection import ROLE
from credit_app.facts.deadlines import due_after
from credit_app.forms.agencies import AgencyReportForm
from credit_app.i18n import _
from credit_app.models.agencies import AgencyReport
from workflows import Action, Assignment, InvalidAnswer

Form = AgencyReportForm


def assign(action: Action) -> Assignment:
    """Whoever collects in the customer's branch."""
    due = due_after(action.session, action.now, action.today, "collection.due_after_days")
    return Assignment(ROLE, scope=facts_of.placement_of(action).customer.branch_id, due_at=due)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    placement = facts_of.placement_of(action)
    return _("What does %(name)s report?", name=placement.agency.name if placement.agency else "")


def facts(action: Action) -> dict[str, Any]:
    """The placement, what is open of each of its debts now, and of all together."""
    placement = facts_of.placement_of(action)
    now_open = facts_of.open_by_item(action.session, placement)
    return {"placement": placement, "now_open": now_open, "open": sum(now_open.values(), Decimal(0))}


def choices(_action: Action) -> list[dict[str, Any]]:
    """It is in, or it is late."""
    return [
        {
            "value": "received", "label": _("The report is in"), "act": _("Record the report"),
            "sets": {"outcome": "received"}, "note": _("The next is due in a month."),
        },
        {
            "value": "late", "label": _("No report came"), "act": _("Ask for it"), "sets": {"outcome": "late"},
            "note": _("Ask the agency for it; it is due anew in some days."),
        },
    ]  # fmt: skip


def complete(action: Action, answer: tuple[str, str]) -> dict[str, Any]:
    """Keep the report; `answer` is (choice, note). Raises InvalidAnswer naming the field, Conflict."""
    choice, note = answer
    if choice not in ("received", "late"):
        raise InvalidAnswer("choice", _("Choose whether the report is in."))
    if len(note) < facts_of.LEAST_WORDS:
        raise InvalidAnswer("note", _("Write down what the agency reports, or what was done about it."))
    placement = facts_of.locked(action, "running")
    placement.reports.append(
        AgencyReport(
            reported_on=action.today, came=choice == "received", note=note, made_by=action.actor.person_id,
            created_at=action.now,
        )
    )  # fmt: skip
    action.session.flush()
    return {"outcome": choice}
