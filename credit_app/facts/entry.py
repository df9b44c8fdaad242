"""What a sales rep is told while entering an application: what the grade allows, and who is barred."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.domain.credit_strategy import Allowed
from credit_app.domain.dates import day_in_zone
from credit_app.facts.blacklist import blacklisted
from credit_app.facts.customer_figures import newest_rating
from credit_app.facts.exposure import grade_today
from credit_app.facts.strategy import allowed
from credit_app.i18n import _, written_day
from credit_app.models import Customer, the_company


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may be agreed with a customer; without a rating what the unknown grade allows."""

    customer: Customer | None
    allowed: Allowed
    currency: str
    rated_on: date | None = None
    valid_until: date | None = None
    is_valid: bool = False


def allowance_of(session: Session, customer: Customer | None, day: date) -> Allowance:
    """The allowance as of `day`, by the customer's newest rating."""
    company = the_company(session)
    rating = newest_rating(session, customer.id) if customer is not None else None
    if rating is None or customer is None:
        return Allowance(customer, allowed(session, None, day), company.base_currency)
    return Allowance(
        customer,
        allowed(session, grade_today(session, customer.id, rating, day), day),
        company.base_currency,
        day_in_zone(rating.rated_at, company.time_zone),
        rating.valid_until,
        rating.valid_until is not None and rating.valid_until >= day,
    )


def why_barred(
    session: Session, day: date, customer: Customer | None, new: dict[str, str] | None
) -> str | None:
    """Why no credit can be asked for: the entry of the blacklist with ground and source; None: nothing bars it."""
    if customer is not None:
        entry = blacklisted(session, day, customer=customer)
    else:
        typed = new or {}
        entry = blacklisted(
            session,
            day,
            name=typed.get("name", ""),
            registration_number=typed.get("registration_number"),
            country=typed.get("country"),
        )
    if entry is None:
        return None
    return _(
        "No credit can be asked for: “%(name)s” has been on the blacklist since %(since)s. Ground: %(ground)s."
        " Source: %(source)s.",
        name=entry.name or (customer.name if customer else entry.registration_number or ""),
        since=written_day(entry.valid_from),
        ground=entry.ground.rstrip(" ."),
        source=entry.source.rstrip(" ."),
    )


def customer_names(session: Session, ids: list[int]) -> list[str]:
    """Number and name of customers, in the order of their numbers."""
    rows = session.scalars(select(Customer).where(Customer.id.in_(ids)).order_by(Customer.number))
    return [f"{row.number} {row.name}" for row in rows]
