"""Rate customer, as the first version of the process does: by its payment record alone."""

from credit_app.domain.limit_validity import ValidityPolicy, rating_valid_until
from credit_app.domain.plain import to_json
from credit_app.domain.rating import RatingPolicy, rate_by_payment_record
from credit_app.facts.application import application_of, customer_id_of
from credit_app.models import Customer, Rating, payment_record, policy_values
from workflows import Action, NotFound

RETIRED = "since version 2 of the credit application; the credit assessment rates"


def run(action: Action) -> None:
    """Rate and keep every point with its indicator, the confidence and its reasons."""
    application = application_of(action)
    session, today = action.session, action.today
    customer = session.get(Customer, customer_id_of(application))
    if customer is None:
        raise NotFound("The customer of %(number)s is gone.", number=application.number)
    values = policy_values(session, today)
    policy = RatingPolicy.from_policy(values)
    record = payment_record(session, [customer.id], today, application.currency or "", policy.trend_from)
    rating = rate_by_payment_record(
        record,
        policy,
        in_default=customer.status == "in_default",
        blacklisted=customer.status == "blacklisted",
    )
    session.add(
        Rating(
            customer_id=customer.id,
            application_id=application.id,
            method="payment_record",
            score=rating.score,
            grade=rating.grade,
            confidence=rating.confidence,
            inputs=to_json({"rating": rating, "record": record}),
            rated_by=None,
            rated_at=action.now,
            valid_until=rating_valid_until(rating.grade, today, ValidityPolicy.from_policy(values)),
        )
    )
    action.note("rated", grade=rating.grade, score=str(rating.score), confidence=str(rating.confidence))
