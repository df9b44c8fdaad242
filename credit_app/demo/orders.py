"""Orders of the demo: some that pass, some with a warning, one prepaid, and those that are on hold and why."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app import orders
from credit_app.models import CreditLimit, Customer

SOURCE = "erp"
CUSTOMERS = 8
# Of each customer in turn: share of its limit, payment method, days more than granted, what of it is delivered.
KINDS = (
    ("0.02", None, 0, "0"),
    ("0.05", None, 0, "0.5"),
    ("1.60", None, 0, "0"),
    ("0.50", "prepayment", 0, "0"),
    ("0.03", None, 60, "0"),
    ("0.10", None, 0, "1"),
    ("2.40", None, 0, "0"),
    ("0.04", None, 0, "0"),
)


def add_orders(session: Session, now: datetime, today: date) -> None:
    """One order each of the first customers with a limit, as the order system has sent them in the last days."""
    query = (
        select(CreditLimit)
        .join(Customer, Customer.id == CreditLimit.customer_id)
        .where(CreditLimit.status == "active", CreditLimit.kind == "permanent", CreditLimit.amount > 0)
        .where(Customer.status == "active")
        .order_by(Customer.number)
    )
    limits = session.scalars(query.limit(CUSTOMERS)).all()
    orders.hold_customers(session, [limit.customer_id for limit in limits])
    _add_small_ones(session, limits[0], now, today)
    for number, (limit, (share, method, longer, delivered)) in enumerate(zip(limits, KINDS, strict=False)):
        amount = (limit.amount * Decimal(share)).quantize(Decimal(1))
        ago = timedelta(days=number % 3)
        message = orders.Message(
            external_id=f"SO-{today.year}-{4700 + number}",
            customer_id=limit.customer_id,
            amount=amount,
            currency=limit.currency,
            payment_days=limit.terms_days + longer,
            method=method or limit.payment_method,
            ordered_on=today - ago,
            deliver_on=today + timedelta(days=7 + number),
            delivered=amount * Decimal(delivered),
            invoiced=Decimal(0),
            status="open",
            sequence=1,
        )
        orders.take(session, SOURCE, message, today - ago, now - ago)


def _add_small_ones(session: Session, limit: CreditLimit, now: datetime, today: date) -> None:
    """What a customer usually orders, delivered and invoiced: beside it the order that follows is far above."""
    amount = (limit.amount * Decimal("0.005")).quantize(Decimal(1))
    for number in range(4):
        ago = timedelta(days=12 - 2 * number)
        message = orders.Message(
            f"SO-{today.year}-{4690 + number}", limit.customer_id, amount, limit.currency, limit.terms_days,
            limit.payment_method, today - ago, today - ago, amount, amount, "closed", 1,
        )  # fmt: skip
        orders.take(session, SOURCE, message, today - ago, now - ago)
