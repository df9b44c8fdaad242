"""Propose action: the analyst proposes to renew, change, cut or cancel the limit under review."""

from typing import Any

from sqlalchemy import delete

from credit_app.domain.errors import DomainError
from credit_app.domain.money import format_amount
from credit_app.domain.review import CANCEL, CHANGE, CUT, RENEW, check_action
from credit_app.facts.application import application_of
from credit_app.facts.assessing import analysts
from credit_app.facts.review_reading import ACTION_WORDS, review_page
from credit_app.facts.reviews import action_in_question, forget_decision, reviewed_limit
from credit_app.forms.review import ActionForm, ProposedAction
from credit_app.i18n import _, said
from credit_app.models import CreditApplication, CreditLimit, Security
from workflows import Action, Assignment, Conflict, InvalidAnswer

Form = ActionForm
facts = review_page
SHORTEST_REASON = 5


def assign(action: Action) -> Assignment:
    """The credit analysts of the branch."""
    return analysts(action, "assessment.due_after_days")


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    application = application_of(action)
    return _(
        "What becomes of the limit of %(name)s?",
        name=application.customer.name if application.customer else "",
    )


def choices(action: Action) -> list[dict[str, Any]]:
    """The choices with their figures, each with what happens next."""
    application = application_of(action)
    limit = reviewed_limit(action.session, application)
    today, proposed = _figures(limit), _proposed(application, limit)
    words = {
        RENEW: (_("%(figures)s as it stands.", figures=today), _("Propose to renew")),
        CHANGE: (_("To %(figures)s, as assessed.", figures=proposed), _("Propose the change")),
        CUT: (
            _("From %(today)s to %(proposed)s.", today=today, proposed=proposed),
            _("Propose the cut"),
        ),
        CANCEL: (_("Nothing may be delivered on credit any more."), _("Propose to cancel")),
    }
    matrix = _("The authority matrix finds who decides; you do not.")
    return [
        {"value": value, "label": ACTION_WORDS[value], "act": act, "next": f"{text} {matrix}"}
        for value, (text, act) in words.items()
    ]


def complete(action: Action, answer: ProposedAction) -> dict[str, Any]:
    """Put the figures of the proposal in question. Raises InvalidAnswer naming the field, Conflict."""
    application = application_of(action)
    if answer.action not in (RENEW, CHANGE, CUT, CANCEL):
        raise InvalidAnswer("action", _("Choose what you propose for the limit."))
    if answer.version != application.version:
        raise Conflict(_("The review changed while you were reading it; look at it again."))
    if len(answer.reason) < SHORTEST_REASON:
        raise InvalidAnswer("reason", _("Give a reason that the approver and the auditor understand."))
    limit = reviewed_limit(action.session, application)
    conditions = application.approved_conditions
    forget_decision(application)
    application.approved_conditions = conditions
    _put_in_question(action, application, limit, answer.action)
    try:
        present = f"{limit.currency} {format_amount(limit.amount)}"
        check_action(answer.action, action_in_question(application, limit), present)
    except DomainError as error:
        raise InvalidAnswer("action", said(error.sentence)) from error
    application.review_action = answer.action
    application.proposal_reason = answer.reason
    application.proposed_by = action.actor.person_id
    return {"outcome": "open"}


def _put_in_question(
    action: Action, application: CreditApplication, limit: CreditLimit, proposal: str
) -> None:
    if proposal in (RENEW, CANCEL):
        application.proposed_limit = limit.amount if proposal == RENEW else limit.amount * 0
        application.proposed_terms_days = limit.terms_days
        application.proposed_payment_method = limit.payment_method
    if proposal == CANCEL:
        action.session.execute(
            delete(Security).where(Security.application_id == application.id, Security.status == "required")
        )


def _figures(limit: CreditLimit) -> str:
    return _in_words(limit.currency, limit.amount, limit.terms_days)


def _proposed(application: CreditApplication, limit: CreditLimit) -> str:
    amount, days = application.proposed_limit, application.proposed_terms_days
    return _in_words(
        limit.currency,
        amount if amount is not None else limit.amount,
        days if days is not None else limit.terms_days,
    )


def _in_words(currency: str, amount: Any, days: int) -> str:
    return _(
        "%(currency)s %(amount)s for %(days)s days",
        currency=currency,
        amount=format_amount(amount, decimals=0),
        days=days,
    )
