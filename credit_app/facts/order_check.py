"""The order check on the customer as it stands: of an order that is there, or of one that is only asked about."""

from datetime import date

from sqlalchemy.orm import Session

from credit_app.domain.order_check import CheckResult, check
from credit_app.facts.order_reading import Asked, facts_of, policies


def check_order(session: Session, asked: Asked, day: date) -> CheckResult:
    """What the rules of `day` say; nothing is written.

    Raises MissingRate where the order or what it is measured with cannot be converted, NotFound, InvalidPolicy.
    """
    policy = policies(session, day)
    return check(facts_of(session, asked, day, policy), policy.order, policy.grades)
