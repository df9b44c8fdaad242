"""Decide as added: whoever a level added agrees with the limit in question or refuses it, beside the levels."""

from datetime import datetime
from typing import Any

from credit_app.domain.money import format_amount
from credit_app.facts.application import (
    application_of,
    limit_in_question,
    payment_method_in_question,
    terms_in_question,
)
from credit_app.facts.consultation import why_not_added
from credit_app.facts.decision import decision_page
from credit_app.facts.exposure import weigh
from credit_app.facts.receipt import keep_receipt
from credit_app.forms.opinion import ADDED_WORDS, SHORTEST_REASON, AddedDecision, AddedForm
from credit_app.i18n import _, all_said
from credit_app.models import AddedApprover, ApprovalDecision, Person
from workflows import Action, Assignment, Conflict, InvalidAnswer, NotAllowed, NotFound

Form = AddedForm
PERSONAL = True  # asked of one person by name: nobody claims, puts back or delegates it
RESULTS = {
    "approve": {"added_outcome": "agreed", "outcome": "open"},
    "refuse": {"added_outcome": "refused", "outcome": "refused"},
}


def added_row(action: Action) -> AddedApprover:
    """Who was added, by whom and why. Raises NotFound."""
    row = action.session.get(AddedApprover, int(action.data["added_id"]))
    if row is None or row.application_id != action.subject_id:
        raise NotFound(_("There is no such added approver."))
    return row


def assign(action: Action) -> Assignment:
    """The person added."""
    row, due = added_row(action), datetime.fromisoformat(action.data["added_due_at"])
    return Assignment(row.role, application_of(action).branch_id, due, claimed_by=row.person_id)


def check(action: Action) -> None:
    """Only the person added or who stands in for them, and neither with a tie to the case. Raises NotAllowed."""
    row, actor, session = added_row(action), action.actor, action.session
    if row.person_id not in (actor.person_id, actor.on_behalf_of):
        raise NotAllowed(_("This decision is asked of %(name)s.", name=row.person.name))
    person = session.get(Person, actor.person_id or 0)
    principal = session.get(Person, actor.on_behalf_of) if actor.on_behalf_of else None
    if person is None:
        raise NotAllowed(_("Sign in to decide."))
    if actor.person_id in (row.added_by, row.added_for):
        raise NotAllowed(_("Nobody decides in addition to themselves."))
    reasons = why_not_added(session, application_of(action), person, principal)
    if reasons:
        raise NotAllowed(all_said(reasons))


def facts(action: Action) -> dict[str, Any]:
    """The whole case, and why this person was added."""
    return decision_page(action) | {"added": added_row(action), "asker": added_row(action).adder}


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    application = application_of(action)
    return _(
        "Agree with a limit of %(currency)s %(amount)s for %(name)s?",
        currency=application.currency,
        amount=format_amount(limit_in_question(application), decimals=0),
        name=application.customer.name if application.customer else "",
    )


def choices(action: Action) -> list[dict[str, Any]]:
    """Agree or refuse, with what the diagram says of each."""
    adder, requester = added_row(action).adder.name, application_of(action).requester.name
    notes = {
        "approve": _("%(name)s decides for the level.", name=adder),
        "refuse": _("The application ends; %(name)s learns the reason.", name=requester),
    }
    known = {"find_approver": {"approver_found": True}}
    return [
        {"value": value, "label": str(label), "note": notes[value], "sets": RESULTS[value], "assumes": known}
        for value, label in ADDED_WORDS.items()
    ]


def complete(action: Action, answer: AddedDecision) -> dict[str, Any]:
    """Record the word of the added approver. Raises InvalidAnswer, Conflict when the facts changed meanwhile."""
    application, row = application_of(action), added_row(action)
    if answer.decision not in RESULTS:
        raise InvalidAnswer("decision", _("Choose what you decide."))
    if answer.version != application.version:
        raise Conflict(
            _("The application changed while you were reading it; look at it again before deciding.")
        )
    if answer.decision == "refuse" and len(answer.reason) < SHORTEST_REASON:
        raise InvalidAnswer("reason", _("Give a reason that the sales rep and the auditor understand."))
    limit, terms = limit_in_question(application), terms_in_question(application)
    method, discount = payment_method_in_question(application), application.discount
    decision = ApprovalDecision(
        application_id=application.id,
        round=application.round,
        level=row.role,
        decision=answer.decision,
        is_added=True,
        person_id=action.actor.person_id,
        on_behalf_of=action.actor.on_behalf_of,
        limit_before=limit,
        terms_before=terms,
        payment_method_before=method,
        discount_before=discount,
        conditions_before=application.approved_conditions,
        reason=answer.reason or None,
        decided_at=action.now,
        policy_on=action.today,
        task_id=action.task.id if action.task else None,
    )
    if answer.decision == "approve":
        decision.limit_after, decision.terms_after = limit, terms
        decision.payment_method_after, decision.discount_after = method, discount
        decision.conditions = application.approved_conditions
        decision.total_exposure = weigh(action.session, application, action.today).resulting.total
    row.decided_at = action.now
    action.session.add(decision)
    keep_receipt(action, decision)
    return dict(RESULTS[answer.decision])
