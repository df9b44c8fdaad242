"""Customers on file that a new company may be: by registration number, and by a name that is alike."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from credit_app.domain.similar_names import DuplicatePolicy, likeness, search_word
from credit_app.models import Customer, customer_by_registration, policy_values

MOST = 5
LOOKED_AT = 500


def candidates(session: Session, name: str, country: str, registration: str, day: date) -> list[Customer]:
    """The customers that may be meant, the likeliest first: the one registered so, then those with a like name."""
    registered = (
        customer_by_registration(session, country, registration) if country and registration else None
    )
    found = [registered] if registered is not None else []
    policy, word = DuplicatePolicy.from_policy(policy_values(session, day)), search_word(name)
    if word:
        like = "%" + word[:6].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        query = select(Customer).where(func.lower(Customer.name).like(like)).order_by(Customer.id)
        alike = [(likeness(name, row.name), row) for row in session.scalars(query.limit(LOOKED_AT))]
        close = [pair for pair in alike if pair[0] >= policy.likeness and pair[1] is not registered]
        found += [row for _likeness, row in sorted(close, key=lambda pair: (-pair[0], pair[1].id))]
    return found[:MOST]
