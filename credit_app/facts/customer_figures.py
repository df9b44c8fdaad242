"""The key figures of a customer, added up in the database: what is open by age, how it paid by month."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from credit_app.facts.days_late import DAYS
from credit_app.models import (
    CreditLimit,
    Customer,
    MissingRate,
    Rating,
    active_limit,
    convert,
    convert_all,
    policy_values,
    the_company,
)

ZERO = Decimal(0)
Month = tuple[int, int]  # year, and month from 1 to 12

# Only sums leave the database. An item is either open (with a bucket) or paid (in a month); what is open of it, and
# since when, its balance says unless it has entries after the day.
_FIGURES = text("""
    SELECT currency,
        CASE WHEN open <> 0 THEN width_bucket(CAST(:day AS date) - due_date, CAST(:begins AS int[])) END AS bucket,
        CASE WHEN open = 0 AND kind = 'invoice' THEN CAST(date_trunc('month', last_on) AS date) END AS month,
        count(*) AS items,
        sum(sign * open) AS amount,
        coalesce(sum(open) FILTER (WHERE due_date < :day AND kind <> 'credit_note'), 0) AS overdue,
        sum(greatest(0, last_on - due_date)) AS days_late,
        count(*) FILTER (WHERE last_on >= CAST(:day AS date) - :year) AS year_items,
        sum(greatest(0, last_on - due_date)) FILTER (WHERE last_on >= CAST(:day AS date) - :year) AS year_late
    FROM (
        SELECT b.kind, b.currency, b.due_date, CASE b.kind WHEN 'credit_note' THEN -1 ELSE 1 END AS sign,
            coalesce(e.open, b.open_amount) AS open, coalesce(e.last_on, b.last_on) AS last_on
        FROM item_balance b LEFT JOIN LATERAL (
            SELECT sum(e.amount) AS open, max(e.on_date) AS last_on FROM item_entry e
            WHERE b.last_on > :day AND e.item_id = b.item_id AND e.on_date <= :day
        ) e ON b.last_on > :day
        WHERE b.customer_id = :customer_id AND b.document_date <= :day
    ) item
    GROUP BY 1, 2, 3
""")


@dataclass(frozen=True, slots=True)
class MonthPaid:
    """The invoices paid in full in a month, and the sum of their days late."""

    count: int
    days_late: int


@dataclass(frozen=True, slots=True)
class LedgerFigures:
    """Open amounts by (currency, ageing bucket) as (amount, overdue part of it), months paid, and the year's sum."""

    open: Mapping[tuple[str, int], tuple[Decimal, Decimal]]
    open_count: int
    months: Mapping[Month, MonthPaid]
    of_year: MonthPaid

    @property
    def paid_count(self) -> int:
        """Invoices paid in full within the year up to the day, as on the board."""
        return self.of_year.count

    @property
    def average_days_late(self) -> Decimal | None:
        """Over all of them; None where nothing was paid."""
        return Decimal(self.of_year.days_late) / self.paid_count if self.paid_count else None


@dataclass(frozen=True)
class Figures:
    """What stands above every page of the file; amounts in `currency`, the company's own."""

    currency: str
    open_amount: Decimal
    overdue: Decimal
    by_bucket: Mapping[int, Decimal]
    bucket_ends: Sequence[int]
    ledger: LedgerFigures
    limit: CreditLimit | None
    limit_amount: Decimal | None
    rating: Rating | None
    missing_rate: MissingRate | None = None


def ledger_figures(session: Session, customer_id: int, day: date, ends: Sequence[int] = ()) -> LedgerFigures:
    """Open and paid items as of `day`, in one statement; `ends` is the last day past due of each bucket."""
    begins = [end + 1 for end in ends]
    values = {"customer_id": customer_id, "day": day, "begins": begins, "year": DAYS}
    rows = session.execute(_FIGURES, values).all()
    still_open = [row for row in rows if row.bucket is not None]
    months: dict[Month, MonthPaid] = {}
    paid = [row for row in rows if row.month is not None]
    for row in paid:
        key, before = (row.month.year, row.month.month), MonthPaid(0, 0)
        before = months.get(key, before)
        months[key] = MonthPaid(before.count + row.items, before.days_late + int(row.days_late))
    return LedgerFigures(
        {(row.currency, row.bucket): (row.amount, row.overdue) for row in still_open},
        sum(row.items for row in still_open),
        months,
        MonthPaid(sum(row.year_items for row in paid), sum(int(row.year_late or 0) for row in paid)),
    )


def figures_of(session: Session, customer: Customer, day: date) -> Figures:
    """The figures as of `day`; where a rate is missing its amounts count nothing and `missing_rate` says which."""
    currency = the_company(session).base_currency
    ends = tuple(policy_values(session, day)["ageing.bucket_ends"])
    ledger = ledger_figures(session, customer.id, day, ends)
    limit = active_limit(session, customer.id, day)
    amounts = [(amount, code) for (code, _bucket), pair in ledger.open.items() for amount in pair]
    amounts += [(limit.amount, limit.currency)] if limit else []
    known, missing = _in_currency(session, amounts, currency, day)
    limit_amount = known.pop() if limit else None
    by_bucket: dict[int, Decimal] = {}
    for (_code, bucket), amount in zip(ledger.open, known[::2], strict=True):
        by_bucket[bucket] = by_bucket.get(bucket, ZERO) + (amount or ZERO)
    return Figures(
        currency=currency,
        open_amount=sum(by_bucket.values(), ZERO),
        overdue=sum((amount or ZERO for amount in known[1::2]), ZERO),
        by_bucket=by_bucket,
        bucket_ends=ends,
        ledger=ledger,
        limit=limit,
        limit_amount=limit_amount,
        rating=newest_rating(session, customer.id),
        missing_rate=missing,
    )


def newest_rating(session: Session, customer_id: int) -> Rating | None:
    """The customer's latest rating."""
    query = select(Rating).where(Rating.customer_id == customer_id)
    return session.scalars(query.order_by(Rating.rated_at.desc(), Rating.id.desc()).limit(1)).first()


def _in_currency(
    session: Session, amounts: list[tuple[Decimal, str]], currency: str, day: date
) -> tuple[list[Decimal | None], MissingRate | None]:
    try:
        return [*convert_all(session, amounts, currency, day)], None
    except MissingRate as error:
        return [*_one_by_one(session, amounts, currency, day)], error


def _one_by_one(
    session: Session, amounts: Iterable[tuple[Decimal, str]], currency: str, day: date
) -> Iterable[Decimal | None]:
    known: dict[str, Any] = {}
    for amount, code in amounts:
        if code not in known:
            try:
                known[code] = convert(session, Decimal(1), code, currency, day)
            except MissingRate:
                known[code] = None
        yield None if known[code] is None else convert(session, amount, code, currency, day)
