"""State need: the sales rep says what was asked for in the review, and what the customer needs from now on."""

from typing import Any

from credit_app.domain import status
from credit_app.domain.application import ApplicationPolicy
from credit_app.facts.application import application_of
from credit_app.facts.own_draft import last_return
from credit_app.facts.people import plain
from credit_app.facts.review_reading import review_page
from credit_app.forms.review import Need, NeedForm
from credit_app.i18n import _
from credit_app.models import policy_values
from workflows import Action, Assignment, Conflict, InvalidAnswer, NotAllowed

Form = NeedForm


def assign(action: Action) -> Assignment:
    """Whoever answers for the customer, in the role in which they sell; without one, the sales reps of the branch."""
    application = application_of(action)
    person, branch = plain(application.requester), application.branch_id
    held = {role for role, where in person.roles if branch is None or where in (None, branch)}
    for role in ("sales_rep", "sales_manager"):
        if role in held:
            return Assignment(role, branch, claimed_by=person.person_id)
    return Assignment("sales_rep", branch)


def check(action: Action) -> None:
    """Whoever answers for the customer, or who substitutes them; the branch's reps where that is nobody who sells."""
    answers = application_of(action).requested_by
    is_theirs = action.task is not None and action.task.claimed_by == answers
    if is_theirs and answers not in (action.actor.person_id, action.actor.on_behalf_of):
        raise NotAllowed(_("A colleague answers for this customer."))


def facts(action: Action) -> dict[str, Any]:
    """What was asked for, and the limit under review."""
    return review_page(action) | {"sent_back": last_return(action)}


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    application = application_of(action)
    return _(
        "What does %(name)s need from now on?",
        name=application.customer.name if application.customer else "",
    )


def complete(action: Action, answer: Need) -> dict[str, Any]:
    """Keep the answer and begin a new round. Raises InvalidAnswer naming the field, Conflict."""
    application = application_of(action)
    if answer.version != application.version:
        raise Conflict(_("The review changed while you were reading it; look at it again."))
    policy = ApplicationPolicy.from_policy(policy_values(action.session, action.today))
    if answer.requested_limit is None or answer.requested_limit <= 0:
        raise InvalidAnswer("requested_limit", _("The limit must be above zero."))
    days = answer.terms_days
    if days is None or not policy.shortest_terms <= days <= policy.longest_terms:
        text = _(
            "Credit terms lie between %(shortest)s and %(longest)s days.",
            shortest=policy.shortest_terms,
            longest=policy.longest_terms,
        )
        raise InvalidAnswer("terms_days", text)
    if answer.yearly_purchases is None or answer.yearly_purchases <= 0:
        raise InvalidAnswer("yearly_purchases", _("The yearly purchases must be above zero."))
    if len(answer.purpose) < policy.purpose_length:
        raise InvalidAnswer("purpose", _("Answer what was asked for."))
    application.requested_limit, application.terms_days = answer.requested_limit, days
    application.yearly_purchases, application.purpose = answer.yearly_purchases, answer.purpose
    application.round += 1
    application.status = status.require_transition(application.status, status.SUBMITTED)
    application.submitted_at = action.now
    return {"start_at": "investigation"}
