"""The figures of a customer's file: exposure, ageing, payment behaviour by month, as of a day."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from flask_babel import format_date
from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.i18n import _, date_pattern, said
from credit_app.models import (
    CreditLimit,
    Customer,
    MissingRate,
    OpenItem,
    PaidItem,
    Rating,
    active_limit,
    convert,
    convert_all,
    open_items,
    paid_items,
    policy_values,
)

ZERO = Decimal(0)
MONTHS = 24
# Until the policy `ageing.bucket_ends` says otherwise: the last day past due of each bucket.
BUCKET_ENDS = (0, 30, 60, 90, 180, 365, 730, 1095)


@dataclass(frozen=True)
class CustomerFile:
    """What the overview shows; amounts in `currency`, the company's own."""

    currency: str
    exposure: Decimal
    overdue: Decimal
    limit: CreditLimit | None
    limit_amount: Decimal | None
    rating: Rating | None
    ageing: list[dict[str, Any]]
    trend: list[dict[str, Any]]
    average_days_late: Decimal | None
    paid_count: int
    items: Sequence[OpenItem]
    missing_rate: str | None = None

    @property
    def utilisation(self) -> Decimal | None:
        """Exposure as a share of the limit, None without one."""
        return self.exposure / self.limit_amount if self.limit_amount else None

    @property
    def available(self) -> Decimal | None:
        """What is left of the limit, below zero when it is exceeded."""
        return None if self.limit_amount is None else self.limit_amount - self.exposure

    @property
    def bar(self) -> dict[str, Any]:
        """What the exposure bar takes."""
        return {"currency": self.currency, "exposure": self.exposure, "limit": self.limit_amount}


def read(session: Session, customer: Customer, currency: str, day: date) -> CustomerFile:
    """Return the file of a customer as of `day` with every amount in `currency`."""
    items = open_items(session, [customer.id], day)
    paid = paid_items(session, [customer.id], day)
    limit = active_limit(session, customer.id, day)
    amounts = [(item.open_amount, item.currency) for item in items]
    if limit:
        amounts.append((limit.amount, limit.currency))
    try:
        known: list[Decimal | None] = [*convert_all(session, amounts, currency, day)]
        missing = None
    except MissingRate as error:
        known = [convertible(session, amount, code, currency, day) for amount, code in amounts]
        missing = said(error)
    limit_amount = known.pop() if limit else None
    converted = [amount or ZERO for amount in known]
    ends = tuple(policy_values(session, day).get("ageing.bucket_ends", BUCKET_ENDS))
    late = [item.days_late for item in paid]
    return CustomerFile(
        currency=currency,
        exposure=sum(converted, ZERO),
        overdue=sum((a for a, i in zip(converted, items, strict=True) if i.days_overdue > 0), ZERO),
        limit=limit,
        limit_amount=limit_amount,
        rating=newest_rating(session, customer.id),
        ageing=ageing(converted, [item.days_overdue for item in items], ends),
        trend=by_month(paid, day),
        average_days_late=Decimal(sum(late)) / len(late) if late else None,
        paid_count=len(paid),
        items=items,
        missing_rate=missing,
    )


def convertible(session: Session, amount: Decimal, code: str, currency: str, day: date) -> Decimal | None:
    """Return the amount in `currency`, None without an exchange rate."""
    try:
        return convert(session, amount, code, currency, day)
    except MissingRate:
        return None


def newest_rating(session: Session, customer_id: int) -> Rating | None:
    """Return the customer's latest rating."""
    query = select(Rating).where(Rating.customer_id == customer_id)
    return session.scalar(query.order_by(Rating.rated_at.desc(), Rating.id.desc()).limit(1))


def ageing(amounts: Sequence[Decimal], overdue: Sequence[int], ends: Sequence[int]) -> list[dict[str, Any]]:
    """Return the open amounts by days past due, one row per bucket from not due to the oldest."""
    sums = [ZERO] * (len(ends) + 1)
    for amount, days in zip(amounts, overdue, strict=True):
        sums[next((index for index, end in enumerate(ends) if days <= end), len(ends))] += amount
    rows = [
        {
            "label": label,
            "amount": total,
            "tone": "1" if index == 0 else "amber" if ends[index - 1] < 60 else "red",
        }
        for index, (label, total) in enumerate(zip(bucket_words(ends), sums, strict=True))
    ]
    last = max((index for index, row in enumerate(rows) if row["amount"]), default=0)
    return rows[: max(last + 1, 4)]


def bucket_words(ends: Sequence[int]) -> list[str]:
    """Return the names of the buckets."""
    words = [_("not due")]
    words += [_("%(first)s to %(last)s days", first=first + 1, last=last) for first, last in pairwise(ends)]
    return [*words, _("over %(last)s days", last=ends[-1])]


def by_month(paid: Sequence[PaidItem], day: date) -> list[dict[str, Any]]:
    """Return the average days late of what was paid in each of the last 24 months, oldest first."""
    late: dict[tuple[int, int], list[int]] = defaultdict(list)
    for item in paid:
        late[item.paid_on.year, item.paid_on.month].append(item.days_late)
    months = [divmod(day.year * 12 + day.month - 1 - back, 12) for back in reversed(range(MONTHS))]
    return [
        {
            "label": str(format_date(date(year, month + 1, 1), date_pattern("MMM yy", "yyMMM"))),
            "value": sum(found) / len(found) if (found := late.get((year, month + 1))) else None,
        }
        for year, month in months
    ]
