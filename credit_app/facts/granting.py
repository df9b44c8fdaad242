"""Opening the limit that an application is granted, with all that was agreed with it."""

from credit_app.domain import status
from credit_app.domain.limit_validity import ValidityPolicy, limit_validity
from credit_app.facts.application import (
    application_of,
    customer_id_of,
    limit_in_question,
    payment_method_in_question,
    rating_of,
    terms_in_question,
)
from credit_app.facts.strategy import values_with_strategy
from credit_app.models import CreditLimit, open_limit
from workflows import Action


def grant(action: Action) -> CreditLimit:
    """Open the limit, close the application as granted and tell the sales rep."""
    application = application_of(action)
    session, today = action.session, action.today
    rating = rating_of(session, application)
    validity = limit_validity(
        rating.grade, today, ValidityPolicy.from_policy(values_with_strategy(session, today))
    )
    application.approved_limit = limit_in_question(application)
    application.approved_terms_days = terms_in_question(application)
    application.approved_payment_method = payment_method_in_question(application)
    application.status = status.require_transition(application.status, status.GRANTED)
    application.decided_at = action.now
    limit = open_limit(
        session,
        CreditLimit(
            customer_id=customer_id_of(application),
            amount=application.approved_limit,
            currency=application.currency,
            terms_days=application.approved_terms_days,
            payment_method=application.approved_payment_method,
            conditions=application.approved_conditions,
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
    action.mail(
        [application.requested_by], "application_granted", application_id=application.id, limit_id=limit.id
    )
    return limit
