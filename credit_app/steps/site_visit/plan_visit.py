"""Plan visit: who goes, on which day, where, to what end, and what to bring."""

from typing import Any

from credit_app.facts import visits as facts_of
from credit_app.facts.collection import ROLE
from credit_app.facts.deadlines import due_after
from credit_app.forms.visits import PlanForm, Planned
from credit_app.i18n import _
from workflows import Action, Assignment, InvalidAnswer

Form = PlanForm


def assign(action: Action) -> Assignment:
    """Whoever collects in the customer's branch."""
    due = due_after(action.session, action.now, action.today, "collection.due_after_days")
    return Assignment(ROLE, scope=facts_of.visit_of(action).customer.branch_id, due_at=due)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _("Plan a visit to %(name)s.", name=facts_of.visit_of(action).customer.name)


def facts(action: Action) -> dict[str, Any]:
    """The visit, and what else is in the calendars."""
    visit = facts_of.visit_of(action)
    others = facts_of.planned_by_others(action.session, visit, action.today)
    return {"visit": visit, "others": others}


def form_facts(action: Action, form: PlanForm) -> dict[str, Any]:
    """Offer those who can go."""
    form.offer_visitors(action.session, facts_of.visit_of(action))
    return {}


def choices(_action: Action) -> list[dict[str, Any]]:
    """Plan it, or let it be."""
    return [
        {
            "value": "planned", "label": _("Plan the visit"), "act": _("Plan the visit"),
            "sets": {"outcome": "planned"}, "note": _("The visitor is reminded the day before."),
        },
        {
            "value": "not_needed", "label": _("No visit"), "act": _("No visit"), "sets": {"outcome": "not_needed"},
            "note": _("A reason is owed."),
        },
    ]  # fmt: skip


def complete(action: Action, answer: Planned) -> dict[str, Any]:
    """Write the plan down. Raises InvalidAnswer naming the field, Conflict."""
    if answer.choice not in ("planned", "not_needed"):
        raise InvalidAnswer("choice", _("Choose how it goes on."))
    visit = facts_of.locked(action, "planning")
    if answer.choice == "not_needed":
        if len(answer.reason) < facts_of.LEAST_WORDS:
            raise InvalidAnswer("reason", _("Say in a few words why nobody goes."))
        visit.status, visit.note = "not_needed", answer.reason
        return {"outcome": "not_needed"}
    if answer.visitor_id not in {one.id for one in facts_of.visitors(action.session, visit)}:
        raise InvalidAnswer("visitor", _("Choose who goes."))
    assert answer.visitor_id is not None, "one of the visitors"  # noqa: S101
    day = facts_of.check_day(action, visit, answer.planned_on, answer.visitor_id, anyway=answer.anyway)
    if not answer.address:
        raise InvalidAnswer("address", _("Say where the visit is made."))
    if len(answer.purpose) < facts_of.LEAST_WORDS:
        raise InvalidAnswer("purpose", _("Say in a few words what the visit is for."))
    visit.visitor_id, visit.planned_on, visit.address = answer.visitor_id, day, answer.address
    visit.purpose, visit.bring, visit.status = answer.purpose, answer.bring, "planned"
    return {"outcome": "planned", "remind_at": facts_of.remind_at(action.session, day, action.today)}
