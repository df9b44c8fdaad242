"""What the customer's group would owe in total, in base currency: the figure that authority is measured on."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.domain.credit_strategy import PolicyException, StrategyPolicy, exceptions
from credit_app.domain.dates import day_in_zone
from credit_app.domain.group_exposure import (
    GroupMember,
    OtherApplication,
    ResultingExposure,
    SplitPolicy,
    added_up_for_split,
    resulting_total_exposure,
)
from credit_app.domain.status import GRANTED, PENDING
from credit_app.facts.application import customer_id_of, limit_in_question, rating_of, terms_in_question
from credit_app.models import (
    CreditApplication,
    active_limits,
    convert,
    convert_all,
    group_members,
    open_items,
    policy_values,
    the_company,
)


@dataclass(frozen=True, slots=True)
class Weight:
    """What a decision weighs: amounts in base currency, and where the application departs from policy."""

    currency: str
    limit_in_base: Decimal
    resulting: ResultingExposure
    exceptions: tuple[PolicyException, ...]
    grade: str
    score: Decimal


def weigh(
    session: Session,
    application: CreditApplication,
    day: date,
    limit: Decimal | None = None,
    terms_days: int | None = None,
) -> Weight:
    """The weight of granting `limit` and `terms_days` (default: those in question), as of `day`.

    Raises MissingRate when an amount cannot be converted.
    """
    base = the_company(session).base_currency
    values = policy_values(session, day)
    amount = limit if limit is not None else limit_in_question(application)
    days = terms_days if terms_days is not None else terms_in_question(application)
    in_base = convert(session, amount, application.currency or base, base, day)
    rating = rating_of(session, application)
    applicant = customer_id_of(application)
    resulting = resulting_total_exposure(
        group_of(session, applicant, base, day),
        applicant,
        in_base,
        added_up_for_split(
            others_of(session, applicant, base, day), application.id, day, SplitPolicy.from_policy(values)
        ),
    )
    found = exceptions(
        in_base, days, application.payment_method or "", rating.grade, StrategyPolicy.from_policy(values)
    )
    return Weight(base, in_base, resulting, found, rating.grade, rating.score or Decimal(0))


def group_of(session: Session, customer_id: int, base: str, day: date) -> list[GroupMember]:
    """Every company of the customer's group with its limit and open receivables in base currency."""
    members = group_members(session, customer_id)
    limits = active_limits(session, members, day)
    items = open_items(session, members, day)
    amounts = [(limit.amount, limit.currency) for limit in limits.values()]
    amounts += [(item.open_amount, item.currency) for item in items]
    in_base = iter(convert_all(session, amounts, base, day))
    limit_of = {member: next(in_base) for member in limits}
    owed: dict[int, Decimal] = {}
    for item in items:
        owed[item.customer_id] = owed.get(item.customer_id, Decimal(0)) + next(in_base)
    return [
        GroupMember(member, limit_of.get(member, Decimal(0)), owed.get(member, Decimal(0)))
        for member in members
    ]


def others_of(session: Session, customer_id: int, base: str, day: date) -> list[OtherApplication]:
    """The group's applications that are pending or were granted, in base currency."""
    zone = the_company(session).time_zone
    members = group_members(session, customer_id)
    rows = session.scalars(
        select(CreditApplication).where(
            CreditApplication.customer_id.in_(members), CreditApplication.status.in_([*PENDING, GRANTED])
        )
    ).all()
    asked = [
        (row.approved_limit if row.approved_limit is not None else row.requested_limit or Decimal(0),
         row.currency or base)
        for row in rows
    ]  # fmt: skip
    return [
        OtherApplication(
            row.id,
            row.customer_id or 0,
            amount,
            row.status,
            day_in_zone(row.decided_at, zone) if row.decided_at else None,
        )
        for row, amount in zip(rows, convert_all(session, asked, base, day), strict=True)
    ]
