"""What a customer buys by month, out of its invoices: the average month and the season's peak."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from credit_app.domain.dates import add_months

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Purchases:
    """Purchases of whole calendar months, in the currency of the invoices."""

    first_month: date
    months: int
    total: Decimal
    average_month: Decimal
    peak_month: Decimal

    @property
    def season_factor(self) -> Decimal:
        """Peak month over average month, at least 1."""
        return (self.peak_month * self.months / self.total).quantize(Decimal("0.01"))


def monthly_purchases(
    invoices: Iterable[tuple[date, Decimal]], as_of: date, months: int = 12
) -> Purchases | None:
    """Purchases in the last `months` whole months before `as_of`'s, from the first month with an invoice on.

    `invoices` are (document date, amount), credit notes below zero. None when nothing was bought in them.
    """
    this_month = as_of.replace(day=1)
    earliest = add_months(this_month, -months)
    by_month: dict[date, Decimal] = {}
    for day, amount in invoices:
        if earliest <= day < this_month:
            month = day - timedelta(days=day.day - 1)
            by_month[month] = by_month.get(month, ZERO) + amount
    total = sum(by_month.values(), ZERO)
    if total <= 0:
        return None
    first = min(by_month)
    counted = (this_month.year - first.year) * 12 + this_month.month - first.month
    return Purchases(
        first, counted, total, (total / counted).quantize(Decimal("0.01")), max(by_month.values())
    )
