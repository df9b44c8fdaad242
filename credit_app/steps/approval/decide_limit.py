"""Decide limit: a level approves, changes, refuses, sends back to a named step, asks colleagues or adds an approver."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from credit_app.domain import status
from credit_app.domain.application import ApplicationPolicy
from credit_app.domain.separation import may_decide
from credit_app.facts.application import (
    application_of,
    limit_in_question,
    payment_method_in_question,
    terms_in_question,
)
from credit_app.facts.bulk import check_bulk
from credit_app.facts.consultation import add_approver, addable, advisers, ask_opinions, due_instant
from credit_app.facts.decision import decision_page
from credit_app.facts.decision_choices import RESULTS, choices, rework_targets, where_to
from credit_app.facts.decision_words import question_to_level
from credit_app.facts.exposure import weigh
from credit_app.facts.next_steps import is_drawn
from credit_app.facts.people import barred, decision_facts, plain
from credit_app.facts.receipt import keep_receipt
from credit_app.facts.undoing import undo_changes
from credit_app.forms.limit_decision import REWORK_WORDS, Decision, DecisionForm
from credit_app.i18n import _, all_said
from credit_app.models import ApprovalDecision, CreditApplication, Person, policy_values
from workflows import Action, Assignment, Conflict, InvalidAnswer, NotAllowed

__all__ = ["Form", "assign", "bulk", "check", "choices", "complete", "facts", "question", "take_back"]
Form = DecisionForm
SHORTEST_REASON = 5
LONGEST_ASKING = 1000
# Who is asked again once the opinions or the added approver's word are in; nobody after a decision.
NOBODY = {"returns_to": 0, "returns_for": 0}

take_back = undo_changes


def assign(action: Action) -> Assignment:
    """The level's people in the customer's branch, less those who may not decide; back to whoever asked first."""
    application, level = application_of(action), str(action.data["level"])
    due = datetime.fromisoformat(action.data["due_at"])
    claimed = int(action.data.get("claimed_for") or 0) or None
    excluded = barred(action.session, application, level, action)
    return Assignment(level, application.branch_id, due, excluded, claimed)


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
    return question_to_level(action.session, application_of(action))


def facts(action: Action) -> dict[str, Any]:
    """All that the decision rests on, and whom the level may ask."""
    application, session, actor = application_of(action), action.session, action.actor
    self_and_principal = (actor.person_id, actor.on_behalf_of)
    return decision_page(action) | {
        "targets": [
            (target, REWORK_WORDS[target], where_to(action, target)) for target in rework_targets(action)
        ],
        "advisers": advisers(session, application, self_and_principal),
        "addable": addable(session, application, self_and_principal),
    }


def bulk(action: Action, version: int, reason: str) -> Decision:
    """The answer for an approval given together with others. Raises NotAllowed where policy wants it by itself."""
    check_bulk(action)
    return Decision(version, "approve", reason=reason)


def complete(action: Action, answer: Decision) -> dict[str, Any]:
    """Record the decision. Raises InvalidAnswer naming the field, Conflict when the facts changed meanwhile."""
    application = application_of(action)
    if answer.decision not in RESULTS:
        raise InvalidAnswer("decision", _("Choose what you decide."))
    if answer.version != application.version:
        raise Conflict(
            _("The application changed while you were reading it; look at it again before deciding.")
        )
    if not is_drawn(action, RESULTS[answer.decision]):
        raise InvalidAnswer(
            "decision", _("This application runs on an older version of the process without that choice.")
        )
    result = dict(RESULTS[answer.decision]) | NOBODY
    if answer.decision == "ask_opinion":
        return result | _ask(action, application, answer)
    if answer.decision != "approve" and len(answer.reason) < SHORTEST_REASON:
        raise InvalidAnswer("reason", _("Give a reason that the sales rep and the auditor understand."))
    if answer.decision == "add_approver":
        return result | _add(action, application, answer)
    row = _row(action, application, answer)
    if answer.decision == "approve_with_changes":
        _change(action, application, answer)
    if answer.decision in ("approve", "approve_with_changes"):
        row.limit_after, row.terms_after = limit_in_question(application), terms_in_question(application)
        row.payment_method_after = payment_method_in_question(application)
        row.discount_after, row.conditions = application.discount, application.approved_conditions
        row.total_exposure = weigh(action.session, application, action.today).resulting.total
    elif answer.decision == "send_back":
        row.rework_to = _send_back(action, application, answer)
    action.session.add(row)
    keep_receipt(action, row)
    return result


def _row(action: Action, application: CreditApplication, answer: Decision) -> ApprovalDecision:
    return ApprovalDecision(
        application_id=application.id,
        round=application.round,
        level=action.task.role if action.task else "",
        decision=answer.decision,
        person_id=action.actor.person_id,
        on_behalf_of=action.actor.on_behalf_of,
        limit_before=limit_in_question(application),
        terms_before=terms_in_question(application),
        payment_method_before=payment_method_in_question(application),
        discount_before=application.discount,
        conditions_before=application.approved_conditions,
        reason=answer.reason or None,
        decided_at=action.now,
        policy_on=action.today,
        task_id=action.task.id if action.task else None,
    )


def _ask(action: Action, application: CreditApplication, answer: Decision) -> dict[str, Any]:
    level = action.task.role if action.task else ""
    ids, due = ask_opinions(action, application, level, answer.people, answer.question, answer.due_on)
    return _returning_here(action) | {"opinion_ids": ids, "opinion_due_at": due.isoformat()}


def _add(action: Action, application: CreditApplication, answer: Decision) -> dict[str, Any]:
    if len(answer.reason) > LONGEST_ASKING:
        raise InvalidAnswer("reason", _("Say in at most %(most)s characters why.", most=LONGEST_ASKING))
    row = add_approver(action, application, answer.added, answer.reason)
    return _returning_here(action) | {
        "added_id": row.id,
        "added_due_at": due_instant(action, None).isoformat(),
    }


def _returning_here(action: Action) -> dict[str, Any]:
    return {"returns_to": action.actor.person_id or 0, "returns_for": action.actor.on_behalf_of or 0}


def _send_back(action: Action, application: CreditApplication, answer: Decision) -> str:
    """Return the application to the step named; what this round's levels changed no longer holds."""
    targets = rework_targets(action)
    step = answer.rework_to or (targets[0] if len(targets) == 1 else "")
    if step not in targets:
        raise InvalidAnswer("rework_to", _("Choose the step that the application returns to."))
    new = status.SENT_BACK if step == "entry" else status.UNDER_INVESTIGATION
    application.status = status.require_transition(application.status, new)
    application.rework_to = step
    application.approved_limit = application.approved_terms_days = None
    application.approved_payment_method = application.approved_conditions = None
    if step == "entry":
        action.mail([application.requested_by], "application_sent_back", application_id=application.id)
    return step


def _change(action: Action, application: CreditApplication, answer: Decision) -> None:
    """Put the level's figures in question. Raises InvalidAnswer naming the field."""
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
    method = answer.payment_method or payment_method_in_question(application)
    if method != payment_method_in_question(application) and method not in policy.payment_methods:
        raise InvalidAnswer("payment_method", _("Choose one of the payment methods on offer."))
    discount = answer.discount if answer.discount is None else Decimal(answer.discount)
    if _figures(application) == (answer.limit, days, method, discount, answer.conditions):
        raise InvalidAnswer("limit", _("Nothing is changed here; choose “Approve” to approve as it stands."))
    application.approved_limit, application.approved_terms_days = answer.limit, days
    application.approved_payment_method, application.discount = method, discount
    application.approved_conditions = answer.conditions or None


def _figures(application: CreditApplication) -> tuple[Decimal, int, str, Decimal | None, str]:
    return (
        limit_in_question(application),
        terms_in_question(application),
        payment_method_in_question(application),
        application.discount,
        application.approved_conditions or "",
    )
