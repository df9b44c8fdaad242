"""Ratings and limits that the demo customers hold already, by the same rules as the program's own."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from credit_app.demo.customers import CUSTOMERS
from credit_app.domain.limit_validity import Validity, ValidityPolicy, limit_validity, rating_valid_until
from credit_app.domain.money import round_down
from credit_app.domain.plain import to_json
from credit_app.domain.rating import METHOD, RatingPolicy, rate_by_payment_record
from credit_app.models import CreditLimit, Customer, Rating, open_items, payment_record, policy_values

STEP = Decimal(1000)
# Share of the limit that is used; above 1 the customer is over its limit.
_USED = {
    "steady": 0.3,
    "prompt": 0.45,
    "fair": 0.55,
    "slow": 0.7,
    "disputed": 0.6,
    "overdue": 1.15,
    "worsening": 0.92,
    "defaulted": 1.4,
}


@dataclass(frozen=True, slots=True)
class Policies:
    """The rules in force on a day."""

    rating: RatingPolicy
    validity: ValidityPolicy


def add_ratings_and_limits(
    session: Session, random: Random, customers: dict[str, Customer], today: date
) -> None:
    """Everybody but new customers holds a rating and a limit; some end soon, are over-used or have ended."""
    values = policy_values(session, today)
    policies = Policies(RatingPolicy.from_policy(values), ValidityPolicy.from_policy(values))
    for place, demo in enumerate(c for c in CUSTOMERS if c.behaviour != "new"):
        customer = customers[demo.name]
        granted = today - timedelta(days=_age(demo.behaviour, place, random))
        grade = _rate(session, customer, granted, policies)
        used = sum((i.open_amount for i in open_items(session, [customer.id], today)), Decimal(0))
        share = _USED[demo.behaviour] * random.uniform(0.8, 1.15)
        wanted = max(used / Decimal(str(round(share, 3))), Decimal(demo.size) * 2)
        amount = max(round_down(wanted, STEP), STEP)
        validity = limit_validity(grade, granted, policies.validity)
        limit = _limit(customer, demo.currency, amount, validity)
        if limit.valid_to < today:
            limit.status = "expired"
        if place % 4 == 0:
            session.add(_before(customer, limit, amount))
        session.add(limit)
    session.flush()


def _age(behaviour: str, place: int, random: Random) -> int:
    """Days since the limit was granted; every seventh is due for review, a defaulted one has ended."""
    if behaviour == "defaulted":
        return 500
    return random.randrange(170, 205) if place % 7 == 3 else random.randrange(20, 150)


def _rate(session: Session, customer: Customer, day: date, policies: Policies) -> str:
    record = payment_record(session, [customer.id], day, "EUR", policies.rating.trend_from)
    rating = rate_by_payment_record(record, policies.rating, in_default=customer.status == "in_default")
    inputs: Any = to_json({"record": record, "rating": rating})
    session.add(
        Rating(
            customer=customer,
            method=METHOD,
            score=rating.score,
            grade=rating.grade,
            confidence=rating.confidence,
            inputs=inputs,
            rated_at=noon(day),
            valid_until=rating_valid_until(rating.grade, day, policies.validity),
        )
    )
    return rating.grade


def noon(day: date) -> datetime:
    """Twelve o'clock UTC of a day."""
    return datetime.combine(day, time(12), UTC)


def _limit(customer: Customer, currency: str, amount: Decimal, validity: Validity) -> CreditLimit:
    return CreditLimit(
        customer=customer,
        amount=amount,
        currency=currency,
        terms_days=30,
        payment_method="open_account",
        valid_from=validity.valid_from,
        valid_to=validity.valid_to,
        review_on=validity.review_on,
        status="active",
        created_at=noon(validity.valid_from),
    )


def _before(customer: Customer, limit: CreditLimit, amount: Decimal) -> CreditLimit:
    """The smaller limit that this one replaced."""
    end = limit.valid_from - timedelta(days=1)
    return CreditLimit(
        customer=customer,
        amount=max(STEP, round_down(amount * Decimal("0.7"), STEP)),
        currency=limit.currency,
        terms_days=30,
        payment_method="open_account",
        valid_from=end - timedelta(days=300),
        valid_to=end,
        review_on=end,
        status="replaced",
        created_at=noon(end - timedelta(days=300)),
    )
