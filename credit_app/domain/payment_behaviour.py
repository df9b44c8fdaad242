"""How a customer pays: lateness of settled invoices, its trend, disputes, and what is overdue as of a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)
HUNDREDTH = Decimal("0.01")
SHARE = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class PaidItem:
    """An invoice settled in full on `settled_on`; amount in the record's one currency."""

    number: str
    document_date: date
    due_date: date
    settled_on: date
    amount: Decimal
    disputed: bool = False

    @property
    def days_late(self) -> int:
        """Days from due to settled, 0 when settled in time."""
        return days_late(self.due_date, self.settled_on)


@dataclass(frozen=True, slots=True)
class OpenItem:
    """What is still open of an item; below zero for a credit note."""

    number: str
    document_date: date
    due_date: date
    amount: Decimal
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class PaymentRecord:
    """Payment behaviour as of a day; averages are days over all settled invoices, None where there are none.

    Shares lie between 0 and 1. `trend_days` is the average of the later half less that of the earlier half of
    the settled invoices by due date: above zero means that the customer pays later and later.
    """

    as_of: date
    paid_count: int
    paid_amount: Decimal
    late_count: int
    share_late: Decimal | None
    average_days_late: Decimal | None
    weighted_days_late: Decimal | None
    worst_days_late: int | None
    worst_item: str | None
    trend_days: Decimal | None
    disputed_count: int
    share_disputed: Decimal | None
    open_count: int
    open_amount: Decimal
    overdue_amount: Decimal
    oldest_overdue_days: int
    first_document: date | None
    last_settled: date | None

    @property
    def is_empty(self) -> bool:
        """No invoice was ever written: nothing can be said about the customer."""
        return self.paid_count == 0 and self.open_count == 0


def days_late(due: date, settled: date) -> int:
    """Days past due at settlement, never below zero: early payment does not make up for a late one."""
    return max(0, (settled - due).days)


def payment_record(
    paid: Iterable[PaidItem], open_items: Iterable[OpenItem], as_of: date, trend_from: int = 6
) -> PaymentRecord:
    """The record as of a day: later documents do not exist yet, items settled later are still open in full.

    The trend needs at least `trend_from` settled invoices.
    """
    known = [item for item in paid if item.document_date <= as_of]
    settled = sorted((i for i in known if i.settled_on <= as_of), key=lambda i: (i.due_date, i.number))
    still_open = [i for i in open_items if i.document_date <= as_of] + [
        OpenItem(i.number, i.document_date, i.due_date, i.amount, i.disputed)
        for i in known
        if i.settled_on > as_of
    ]
    late = [item for item in settled if item.days_late]
    overdue = [item for item in still_open if item.amount > 0 and item.due_date < as_of]
    worst = max(settled, key=lambda item: item.days_late, default=None)
    every: list[PaidItem | OpenItem] = [*settled, *still_open]
    disputed = sum(item.disputed for item in every)
    return PaymentRecord(
        as_of=as_of,
        paid_count=len(settled),
        paid_amount=sum((item.amount for item in settled), ZERO),
        late_count=len(late),
        share_late=_share(len(late), len(settled)),
        average_days_late=_average(settled),
        weighted_days_late=_weighted(settled),
        worst_days_late=worst.days_late if worst else None,
        worst_item=worst.number if worst and worst.days_late else None,
        trend_days=_trend(settled, trend_from),
        disputed_count=disputed,
        share_disputed=_share(disputed, len(every)),
        open_count=len(still_open),
        open_amount=sum((item.amount for item in still_open), ZERO),
        overdue_amount=sum((item.amount for item in overdue), ZERO),
        oldest_overdue_days=max(((as_of - item.due_date).days for item in overdue), default=0),
        first_document=min((item.document_date for item in every), default=None),
        last_settled=max((item.settled_on for item in settled), default=None),
    )


def _share(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) / whole).quantize(SHARE) if whole else None


def _average(items: Sequence[PaidItem]) -> Decimal | None:
    if not items:
        return None
    return (Decimal(sum(item.days_late for item in items)) / len(items)).quantize(HUNDREDTH)


def _weighted(items: Sequence[PaidItem]) -> Decimal | None:
    total = sum((item.amount for item in items), ZERO)
    if total <= 0:
        return _average(items)
    return (sum((item.amount * item.days_late for item in items), ZERO) / total).quantize(HUNDREDTH)


def _trend(items: Sequence[PaidItem], trend_from: int) -> Decimal | None:
    half = len(items) // 2
    earlier, later = _average(items[:half]), _average(items[half:])
    if len(items) < max(2, trend_from) or earlier is None or later is None:
        return None
    return later - earlier
