"""Decide limit: one level approves, approves with changes, refuses with a reason, or sends the application back."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from credit_app.domain import status
from credit_app.domain.application import ApplicationPolicy
from credit_app.domain.money import format_amount
from credit_app.domain.separation import may_decide
from credit_app.facts.application import application_of, limit_in_question, terms_in_question
from credit_app.facts.decision import decision_page
from credit_app.facts.exposure import weigh
from credit_app.facts.levels import following, turns_of
from credit_app.facts.people import barred, decision_facts, plain
from credit_app.facts.receipt import keep_receipt
from credit_app.forms.limit_decision import Decision, DecisionForm
from credit_app.i18n import _, all_said
from credit_app.models import ApprovalDecision, CreditApplication, Person, policy_values
from workflows import Action, Assignment, Conflict, InvalidAnswer, NotAllowed

Form = DecisionForm
facts = decision_page
SHORTEST_REASON = 5
# Data name `decision` and `outcome` of the process for each choice of the form.
RESULTS = {
    "approve": {"decision": "approve", "outcome": "open"},
    "approve_with_changes": {"decision": "approve", "outcome": "open"},
    "refuse": {"decision": "refuse", "outcome": "refused"},
    "send_back": {"decision": "send_back", "outcome": "sent_back"},
}


def assign(action: Action) -> Assignment:
    """The level's people in the customer's branch, less those who may not decide."""
    application, level = application_of(action), str(action.data["level"])
    due = datetime.fromisoformat(action.data["due_at"])
    return Assignment(level, application.branch_id, due, barred(action.session, application, level, action))


def check(action: Action) -> None:
    """Four eyes, role and branch, for the person and whom they act for. Raises NotAllowed with the reasons."""
    task, application = action.task, application_of(action)
    person = action.session.get(Person, action.actor.person_id or 0)
    if task is None or person is None:
        raise NotAllowed(_("Sign in to decide."))
    principal = action.session.get(Person, action.actor.on_behalf_of) if action.actor.on_behalf_of else None
    facts_of_decision = decision_facts(action.session, application, task.role)
    reasons = may_decide(plain(person), facts_of_decision, plain(principal) if principal else None)
    if reasons:
        raise NotAllowed(all_said(reasons))


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    application = application_of(action)
    return _(
        "Approve a limit of %(currency)s %(amount)s for %(name)s?",
        currency=application.currency,
        amount=format_amount(limit_in_question(application), decimals=0),
        name=application.customer.name if application.customer else "",
    )


def choices(action: Action) -> list[dict[str, Any]]:
    """The choices, each with what happens next and who gets it."""
    application, session = application_of(action), action.session
    level = action.task.role if action.task else ""
    turns = turns_of(session, application).with_approval(level)
    upcoming = following(session, action.data["first_level"], action.data["final_level"], turns, action.today)
    requester = application.requester.name
    amount = f"{application.currency} {format_amount(limit_in_question(application), decimals=0)}"
    return [
        {
            "value": "approve",
            "label": _("Approve"),
            "act": _("Approve %(amount)s", amount=amount),
            "next_level": upcoming,
            "next": _("The limit opens at once; %(name)s is told.", name=requester)
            if upcoming is None
            else None,
        },
        {
            "value": "approve_with_changes",
            "label": _("Approve with changes"),
            "act": _("Approve the changed limit"),
            "next": _("Change limit, terms or conditions; the authority matrix is asked again."),
        },
        {
            "value": "send_back",
            "label": _("Send back"),
            "act": _("Send back to %(name)s", name=requester),
            "next": _("%(name)s reworks the application and submits it again.", name=requester),
        },
        {
            "value": "refuse",
            "label": _("Refuse"),
            "act": _("Refuse the application"),
            "next": _("The application ends; %(name)s learns the reason.", name=requester),
        },
    ]


def complete(action: Action, answer: Decision) -> dict[str, Any]:
    """Record the decision. Raises InvalidAnswer naming the field, Conflict when the facts changed meanwhile."""
    application = application_of(action)
    if answer.decision not in RESULTS:
        raise InvalidAnswer("decision", _("Choose what you decide."))
    if answer.version != application.version:
        raise Conflict(
            _("The application changed while you were reading it; look at it again before deciding.")
        )
    limit, terms = limit_in_question(application), terms_in_question(application)
    conditions = application.approved_conditions or ""
    if answer.decision != "approve" and len(answer.reason) < SHORTEST_REASON:
        raise InvalidAnswer("reason", _("Give a reason that the sales rep and the auditor understand."))
    row = ApprovalDecision(
        application_id=application.id,
        round=application.round,
        level=action.task.role if action.task else "",
        decision=answer.decision,
        person_id=action.actor.person_id,
        on_behalf_of=action.actor.on_behalf_of,
        limit_before=limit,
        terms_before=terms,
        reason=answer.reason or None,
        decided_at=action.now,
        task_id=action.task.id if action.task else None,
    )
    if answer.decision in ("approve", "approve_with_changes"):
        if answer.decision == "approve_with_changes":
            limit, terms, conditions = _changed(action, application, answer)
            application.approved_limit, application.approved_terms_days = limit, terms
            application.approved_conditions = conditions or None
        row.limit_after, row.terms_after, row.conditions = limit, terms, conditions or None
        row.total_exposure = weigh(action.session, application, action.today).resulting.total
    elif answer.decision == "send_back":
        application.status = status.require_transition(application.status, status.SENT_BACK)
        action.mail([application.requested_by], "application_sent_back", application_id=application.id)
    action.session.add(row)
    keep_receipt(action, row)
    return dict(RESULTS[answer.decision])


def _changed(action: Action, application: CreditApplication, answer: Decision) -> tuple[Decimal, int, str]:
    policy = ApplicationPolicy.from_policy(policy_values(action.session, action.today))
    if answer.limit is None or answer.limit <= 0:
        raise InvalidAnswer("limit", _("Enter the limit that you approve, above zero."))
    weight = weigh(action.session, application, action.today, answer.limit)
    if weight.limit_in_base > policy.highest_limit:
        raise InvalidAnswer("limit", _("This limit is above the most that can be granted at all."))
    days = answer.terms_days
    if days is None or not policy.shortest_terms <= days <= policy.longest_terms:
        raise InvalidAnswer(
            "terms_days",
            _(
                "Credit terms lie between %(shortest)s and %(longest)s days.",
                shortest=policy.shortest_terms,
                longest=policy.longest_terms,
            ),
        )
    before = (
        limit_in_question(application),
        terms_in_question(application),
        application.approved_conditions or "",
    )
    after = (answer.limit, days, answer.conditions)
    if before == after:
        raise InvalidAnswer("limit", _("Nothing is changed here; choose “Approve” to approve as it stands."))
    return after
