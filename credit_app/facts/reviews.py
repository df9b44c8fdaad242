"""The review of a limit: where it begins, what is proposed, and what becomes of the limit in the end."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from credit_app.domain import status
from credit_app.domain.limit_validity import ValidityPolicy, limit_validity
from credit_app.domain.money import format_amount
from credit_app.domain.review import CANCEL, kind_of_action
from credit_app.domain.sentences import N_, Sentence
from credit_app.domain.status import PENDING
from credit_app.facts.application import (
    customer_id_of,
    limit_in_question,
    payment_method_in_question,
    rating_of,
    terms_in_question,
)
from credit_app.i18n import _
from credit_app.models import (
    CreditApplication,
    CreditLimit,
    end_limit,
    open_limit,
    permanent_limit,
    policy_values,
)
from workflows import Action, NotFound

ENTRY = "entry"
# A date asks for a look at everything; an event is rated and answered at once, more can be asked for.
BEGINS_WITH = {"review_date": "investigation", "expiry": "investigation", "by_hand": "investigation"}
_REPLACED = N_("Another decision opened a limit of %(currency)s %(amount)s while its review ran.")
_GONE = N_("The limit was cancelled while its review ran.")


@dataclass(frozen=True, slots=True)
class Figures:
    """A limit's figures: amount in its currency, terms in days."""

    amount: Decimal
    currency: str
    terms_days: int
    payment_method: str


def reviewed_limit(session: Session, application: CreditApplication) -> CreditLimit:
    """The limit that a review is about. Raises NotFound."""
    found = session.get(CreditLimit, application.reviewed_limit_id or 0)
    if found is None:
        raise NotFound(_("There is no such limit."))
    return found


def begins_with(application: CreditApplication) -> str:
    """The step of the assessment that a review begins with, by what started it."""
    return BEGINS_WITH.get(application.review_trigger or "", "rating")


def measures_of(application: CreditApplication) -> list[str]:
    """What has to be done at once: one measure a line, as set with the warning line that was crossed."""
    if application.review_trigger != "warning_line":
        return []
    return [line for text in application.warning_measures.splitlines() if (line := text.strip(" -•\t"))]


def present_figures(limit: CreditLimit) -> Figures:
    """What the limit is today."""
    return Figures(limit.amount, limit.currency, limit.terms_days, limit.payment_method)


def action_in_question(application: CreditApplication, limit: CreditLimit) -> str:
    """What the figures in question do to the limit, whatever it was called when it was proposed."""
    return kind_of_action(
        limit_in_question(application),
        terms_in_question(application),
        limit.amount,
        limit.terms_days,
        other_changes=payment_method_in_question(application) != limit.payment_method,
    )


def forget_decision(application: CreditApplication) -> None:
    """What the levels changed no longer holds."""
    application.approved_limit = application.approved_terms_days = None
    application.approved_payment_method = application.approved_conditions = None


def meanwhile(session: Session, application: CreditApplication) -> Sentence | None:
    """What happened to the limit since the review began, so that nothing may be applied; None: nothing.

    The rows are locked until the transaction ends. A limit that only expired is still there to be renewed.
    """
    limit = session.get(
        CreditLimit, application.reviewed_limit_id or 0, with_for_update=True, populate_existing=True
    )
    if limit is None or limit.status == "cancelled":
        return (
            None
            if limit is not None and limit_in_question(application) == 0
            else Sentence("review.gone", _GONE)
        )
    present = permanent_limit(session, customer_id_of(application))
    if present is None or present.id == limit.id:
        return None
    values = {"currency": present.currency, "amount": format_amount(present.amount)}
    return Sentence("review.replaced", _REPLACED, values)


def take_up_again(session: Session, application: CreditApplication, why: Sentence) -> None:
    """A new round about the limit that is there now: the proposal is set anew."""
    forget_decision(application)
    present = permanent_limit(session, customer_id_of(application))
    if present is not None and not _is_reviewed_otherwise(session, application, present):
        application.reviewed_limit_id = present.id
    reason = {"kind": "limit_changed", "sentence": _stored(why)}
    application.review_reasons = [*application.review_reasons, reason]
    application.round += 1


def _is_reviewed_otherwise(session: Session, application: CreditApplication, limit: CreditLimit) -> bool:
    """Whether another review of that limit runs; there is never a second one."""
    query = exists().where(
        CreditApplication.reviewed_limit_id == limit.id,
        CreditApplication.id != application.id,
        CreditApplication.status.in_(PENDING),
    )
    return bool(session.scalar(select(query)))


def apply(action: Action, application: CreditApplication) -> CreditLimit | None:
    """Do to the limit what was approved; returns the limit that holds from today, None when it was cancelled."""
    session = action.session
    limit = reviewed_limit(session, application)
    done = action_in_question(application, limit)
    application.review_action = done
    application.approved_limit = limit_in_question(application)
    application.approved_terms_days = terms_in_question(application)
    application.approved_payment_method = payment_method_in_question(application)
    application.status = status.require_transition(application.status, status.GRANTED)
    application.decided_at = action.now
    action.note("applied", action=done, limit_id=limit.id)
    if done == CANCEL:
        if limit.status == "active":
            reason = application.proposal_reason or ""
            end_limit(session, limit, "cancelled", action.today, action.now, reason[:1000])
        return None
    return _renewed(action, application, limit)


def _renewed(action: Action, application: CreditApplication, limit: CreditLimit) -> CreditLimit:
    """A new row from today on, with its own validity; the old one ends as replaced and keeps its history."""
    session, today = action.session, action.today
    rating = rating_of(session, application)
    validity = limit_validity(rating.grade, today, ValidityPolicy.from_policy(policy_values(session, today)))
    return open_limit(
        session,
        CreditLimit(
            customer_id=limit.customer_id,
            kind=limit.kind,
            amount=application.approved_limit,
            currency=application.currency,
            terms_days=application.approved_terms_days,
            payment_method=application.approved_payment_method,
            conditions=application.approved_conditions or limit.conditions,
            discount=application.discount,
            warning_score=application.warning_score,
            warning_grade=application.warning_grade,
            warning_utilisation=application.warning_utilisation,
            warning_indicators=application.warning_indicators,
            warning_measures=application.warning_measures,
            valid_from=validity.valid_from,
            valid_to=validity.valid_to,
            review_on=validity.review_on,
            application_id=application.id,
            created_at=action.now,
        ),
    )


def running_review(session: Session, limit: CreditLimit) -> CreditApplication | None:
    """The review of the limit that is under way."""
    query = select(CreditApplication).where(
        CreditApplication.reviewed_limit_id == limit.id, CreditApplication.status.not_in(status.DECIDED)
    )
    return session.scalars(query).first()


def _stored(sentence: Sentence) -> dict[str, Any]:
    return {
        "code": sentence.code,
        "template": sentence.template,
        "text": sentence.text,
        "values": dict(sentence.values),
    }
