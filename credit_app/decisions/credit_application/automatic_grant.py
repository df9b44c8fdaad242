"""Check by rule: may this application be granted at once, without asking a person?"""

from decimal import Decimal
from typing import Any

from credit_app.domain.credit_strategy import NO_EXCEPTION, exception_kind
from credit_app.domain.grades import GradePolicy
from credit_app.facts.application import application_of, confirmed_rating, customer_id_of
from credit_app.facts.customer_file_state import file_state
from credit_app.facts.exposure import hold_group, is_barred, weigh
from credit_app.models import Customer, MissingRate, Rating, policy_values
from workflows import Action, NotFound

YES, NO = "yes", "no"


def inputs(action: Action) -> dict[str, Any]:
    """Whether the customer is barred, departures from policy, file, rating with age and risk, resulting total."""
    application = application_of(action)
    session, today = action.session, action.today
    customer = session.get(Customer, customer_id_of(application))
    if customer is None:
        raise NotFound("The customer of %(number)s is gone.", number=application.number)
    rating = confirmed_rating(session, customer.id)
    found = _rating(rating, action)
    exception, total = NO_EXCEPTION, Decimal(0)
    if rating is not None:
        hold_group(session, application)
        try:
            weight = weigh(session, application, today)
            exception, total = exception_kind(weight.exceptions), weight.resulting.total
        except MissingRate:
            exception = "missing_rate"
    return {
        "barred": YES if is_barred(action.session, customer, action.today) else NO,
        "exception": exception,
        "customer_file": _file(action, customer),
        **found,
        "total_exposure": total,
    }


def outputs(action: Action, row: dict[str, Any]) -> dict[str, Any]:
    """Keep the rule that granted on the application; where none does, people are asked."""
    application = application_of(action)
    if row["automatic_grant"] == YES:
        rating = confirmed_rating(action.session, application.customer_id)
        application.granted_by_rule = {
            **(action.rule or {}),
            "because": row["because"],
            "on": action.today.isoformat(),
            "rating": rating.id if rating else None,
        }
    return {"automatic_grant": row["automatic_grant"]}


def _file(action: Action, customer: Customer) -> str:
    """complete (and fresh), stale or incomplete."""
    state = file_state(action.session, customer, action.today)
    if not state.complete:
        return "incomplete"
    return "complete" if state.fresh else "stale"


def _rating(rating: Rating | None, action: Action) -> dict[str, Any]:
    """How old the rating in force is, in days, and which risk it means; `missing` and `expired` have none."""
    if rating is None:
        return {"rating": "missing", "rating_age": 0, "risk": "none"}
    if rating.valid_until is None or rating.valid_until < action.today:
        return {"rating": "expired", "rating_age": 0, "risk": "none"}
    grades = GradePolicy.from_policy(policy_values(action.session, action.today))
    age = (action.now - rating.rated_at).days
    return {"rating": "valid", "rating_age": age, "risk": grades.risk_of(rating.grade)}
