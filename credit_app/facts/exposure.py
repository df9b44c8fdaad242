"""What the customer's group would owe in total, in base currency: the figure that authority is measured on."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, case, cast, func, select
from sqlalchemy.orm import Session

from credit_app.domain.credit_strategy import PolicyException, exceptions
from credit_app.domain.dates import day_in_zone
from credit_app.domain.exposure import ExposurePolicy, gross_exposure
from credit_app.domain.grades import NO_CREDIT
from credit_app.domain.group_exposure import (
    GroupMember,
    OtherApplication,
    ResultingExposure,
    SplitPolicy,
    added_up_for_split,
    resulting_total_exposure,
)
from credit_app.domain.status import GRANTED, PENDING
from credit_app.facts.application import (
    customer_id_of,
    limit_in_question,
    payment_method_in_question,
    rating_of,
    terms_in_question,
)
from credit_app.facts.blacklist import blacklisted
from credit_app.facts.envelope import envelope_of
from credit_app.facts.exposure_parts import parts_of
from credit_app.facts.strategy import allowed
from credit_app.models import (
    CreditApplication,
    CreditLimit,
    Customer,
    Rating,
    active_limits,
    convert,
    convert_all,
    group_members,
    policy_values,
    the_company,
)

NO_CREDIT_STATUSES = ("in_default", "blacklisted", "closed")
_GROUP_LOCK = 0x6372  # keeps these advisory locks apart from others


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
    grade = grade_today(session, applicant, rating, day)
    resulting = resulting_total_exposure(
        group_of(session, applicant, base, day),
        applicant,
        in_base,
        added_up_for_split(
            others_of(session, application, base, day), application.id, day, SplitPolicy.from_policy(values)
        ),
    )
    if in_base == 0:  # to cancel a limit departs from no policy, whatever the grade
        return Weight(base, in_base, resulting, (), grade, rating.score or Decimal(0))
    found = exceptions(
        in_base,
        days,
        payment_method_in_question(application),
        allowed(session, grade, day),
        application.discount,
        envelope_of(session, applicant, grade, day),
    )
    return Weight(base, in_base, resulting, found, grade, rating.score or Decimal(0))


def grade_today(session: Session, customer_id: int, rating: Rating, day: date) -> str:
    """The grade of the rating; no credit once the customer was barred, blacklisted or its file closed."""
    return NO_CREDIT if is_barred(session, session.get_one(Customer, customer_id), day) else rating.grade


def is_barred(session: Session, customer: Customer, day: date) -> bool:
    """Whether no credit may be agreed with the customer, by its status or by an entry of the blacklist."""
    return customer.status in NO_CREDIT_STATUSES or blacklisted(session, day, customer=customer) is not None


def hold_group(session: Session, application: CreditApplication) -> None:
    """Let decisions about one group wait for each other until the transaction ends.

    Two applications decided at the same time would each weigh the other at its amount before the change.
    """
    first = group_members(session, customer_id_of(application))[0]
    session.execute(select(func.pg_advisory_xact_lock(_GROUP_LOCK, func.hashint8(cast(first, BigInteger)))))


def group_of(session: Session, customer_id: int, base: str, day: date) -> list[GroupMember]:
    """Every company of the customer's group with its limit and gross exposure in base currency."""
    members, values = group_members(session, customer_id), policy_values(session, day)
    policy = ExposurePolicy.from_policy(values)
    parts = parts_of(session, members, base, day, values)
    limits = active_limits(session, members, day)
    amounts = convert_all(session, [(one.amount, one.currency) for one in limits.values()], base, day)
    limit_of = dict(zip(limits, amounts, strict=True))
    return [
        GroupMember(member, limit_of.get(member, Decimal(0)), gross_exposure(parts[member].amounts, policy))
        for member in members
    ]


def others_of(
    session: Session, application: CreditApplication, base: str, day: date
) -> list[OtherApplication]:
    """The group's applications that are pending or were granted, in base currency.

    A review counts with what it adds to its limit. Under review, a limit takes the place of what granted it.
    """
    zone = the_company(session).time_zone
    members = group_members(session, customer_id_of(application))
    asked_for = func.coalesce(CreditApplication.approved_limit, CreditApplication.requested_limit, 0)
    reviewed_at = func.coalesce(
        CreditApplication.approved_limit,
        CreditApplication.proposed_limit,
        CreditApplication.requested_limit,
        0,
    )
    limit = case(
        (
            CreditApplication.kind == "review",
            func.greatest(reviewed_at - func.coalesce(CreditLimit.amount, 0), 0),
        ),
        else_=asked_for,
    )
    granted_it = select(CreditLimit.application_id).where(CreditLimit.id == application.reviewed_limit_id)
    # Columns, not objects: what this transaction has read before may be older than the group's lock.
    rows = session.execute(
        select(
            CreditApplication.id,
            CreditApplication.customer_id,
            CreditApplication.status,
            CreditApplication.decided_at,
            CreditApplication.currency,
            limit.label("amount"),
        )
        .outerjoin(CreditLimit, CreditLimit.id == CreditApplication.reviewed_limit_id)
        .where(
            CreditApplication.customer_id.in_(members),
            CreditApplication.status.in_([*PENDING, GRANTED]),
            CreditApplication.id.is_distinct_from(granted_it.scalar_subquery()),
        )
    ).all()
    asked = [(row.amount, row.currency or base) for row in rows]
    return [
        OtherApplication(
            row.id,
            row.customer_id,
            amount,
            row.status,
            day_in_zone(row.decided_at, zone) if row.decided_at else None,
        )
        for row, amount in zip(rows, convert_all(session, asked, base, day), strict=True)
    ]
