"""What disputes come from: how many and how much by reason, root cause, branch, month or owner, in base currency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, case, func, select, true
from sqlalchemy.orm import Session

from credit_app.facts.rates import worth_of_one
from credit_app.models import Branch, Customer, the_company
from credit_app.models.disputes import DISPUTES_RUNNING, Dispute, DisputeItem

ZERO, CENT = Decimal(0), Decimal("0.01")
MONTH = func.to_char(Dispute.opened_on, "YYYY-MM")
# What a row of the report stands for.
GROUPINGS: Mapping[str, Any] = {
    "reason": Dispute.reason,
    "cause": Dispute.cause,
    "branch": Branch.name,
    "month": MONTH,
    "owner": Dispute.owner_role,
}


@dataclass(slots=True)
class Row:
    """Amounts in base currency; `days` is the average from opening to end, None while none has ended."""

    key: str | None
    count: int = 0
    running: int = 0
    amount: Decimal = ZERO
    credited: Decimal = ZERO
    rejected: Decimal = ZERO
    ended: int = 0
    days_sum: int = 0

    @property
    def days(self) -> int | None:
        """Days that an ended dispute took, on average."""
        return round(self.days_sum / self.ended) if self.ended else None


def report(
    session: Session, by: str, first: date, last: date, today: date, mine: ColumnElement[bool] | None = None
) -> Sequence[Row]:
    """The disputes opened from `first` to `last` by `by` (a key of GROUPINGS), the largest amount first.

    Raises MissingRate when a currency has no rate of `today`.
    """
    key, running = GROUPINGS[by], Dispute.status.in_(DISPUTES_RUNNING)
    paid = (
        select(func.coalesce(func.sum(DisputeItem.paid), 0))
        .where(DisputeItem.dispute_id == Dispute.id)
        .scalar_subquery()
    )
    query = (
        select(
            key,
            Dispute.currency,
            func.count(),
            func.count().filter(running),
            func.sum(Dispute.amount),
            func.sum(Dispute.credited),
            func.sum(
                case(
                    (
                        Dispute.status.in_(("rejected", "partly")),
                        Dispute.amount - Dispute.credited - paid,
                    ),
                    else_=0,
                )
            ),
            func.count().filter(Dispute.closed_on.is_not(None)),
            func.coalesce(func.sum(Dispute.closed_on - Dispute.opened_on), 0),
        )
        .join(Customer, Customer.id == Dispute.customer_id)
        .outerjoin(Branch, Branch.id == Customer.branch_id)
        .where(Dispute.opened_on.between(first, last), true() if mine is None else mine)
        .group_by(key, Dispute.currency)
    )
    base, rows = the_company(session).base_currency, dict[str | None, Row]()
    for name, currency, count, open_, amount, credited, rejected, ended, days in session.execute(query):
        worth = worth_of_one(session, currency, base, today)
        row = rows.setdefault(name, Row(name))
        row.count, row.running = row.count + count, row.running + open_
        row.amount += (amount * worth).quantize(CENT)
        row.credited += (credited * worth).quantize(CENT)
        row.rejected += (rejected * worth).quantize(CENT)
        row.ended, row.days_sum = row.ended + ended, row.days_sum + int(days)
    found = list(rows.values())
    if by == "month":
        return sorted(found, key=lambda row: row.key or "", reverse=True)
    return sorted(found, key=lambda row: (-row.amount, row.key or ""))
