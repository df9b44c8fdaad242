"""Receipts of the receivables ledger: money that came in, and money that the bank took back."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.facts.ledger import OWN_SOURCE, LedgerRefused, check_amount, check_day
from credit_app.facts.ledger_allocations import left_of, undo_all
from credit_app.i18n import _
from credit_app.models import Allocation, ItemBalance, Receipt, ReceiptBalance, ReceiptReversal
from workflows import clock


def enter_receipt(
    session: Session,
    customer_id: int,
    amount: Decimal,
    currency: str,
    received_on: date,
    today: date,
    *,
    reference: str = "",
    payer: str = "",
    source: str = OWN_SOURCE,
    external_id: str = "",
    made_by: int | None = None,
) -> Receipt:
    """Money received, not allocated yet. Raises LedgerRefused."""
    check_day(session, received_on, today)
    check_amount(session, amount, currency)
    receipt = Receipt(
        source=source,
        external_id=external_id or uuid4().hex,
        customer_id=customer_id,
        received_on=received_on,
        amount=amount,
        currency=currency,
        reference=reference[:200],
        payer=payer[:200],
        made_by=made_by,
        created_at=clock.now(),
    )
    session.add(receipt)
    session.flush()
    return receipt


def same_receipt(
    session: Session, customer_id: int, amount: Decimal, currency: str, received_on: date
) -> Receipt | None:
    """A receipt of the same customer, day and amount that was not reversed: perhaps this one, entered before."""
    reversed_one = select(ReceiptReversal.id).where(ReceiptReversal.receipt_id == Receipt.id).exists()
    query = select(Receipt).where(
        Receipt.customer_id == customer_id,
        Receipt.received_on == received_on,
        Receipt.amount == amount,
        Receipt.currency == currency,
        ~reversed_one,
    )
    return session.scalars(query.order_by(Receipt.id.desc()).limit(1)).first()


def reverse_receipt(
    session: Session,
    receipt: Receipt,
    on: date,
    kind: str,
    reason: str,
    today: date,
    made_by: int | None = None,
) -> ReceiptReversal:
    """The bank took the receipt back (bounced), or it was booked in error (reversed): all it paid is open again.

    Raises LedgerRefused for one that was reversed before, or a day before its last entry.
    """
    check_day(session, on, today)
    # Items before the receipt, as every allocation holds them, so that none waits for the other.
    paid = select(Allocation.item_id).where(Allocation.receipt_id == receipt.id)
    held = select(ItemBalance.item_id).where(ItemBalance.item_id.in_(paid)).order_by(ItemBalance.item_id)
    session.execute(held.with_for_update(key_share=True)).all()
    left_of(session, receipt.id)
    if session.scalar(select(ReceiptReversal.id).where(ReceiptReversal.receipt_id == receipt.id)):
        raise LedgerRefused(_("This receipt was reversed already."))
    last_on = session.get_one(ReceiptBalance, receipt.id, populate_existing=True).last_on
    if on < last_on:
        raise LedgerRefused(
            _("The receipt was used on %(day)s; reverse it on that day or later.", day=last_on)
        ).at("day")
    if not reason.strip():
        raise LedgerRefused(_("Give the reason for which the receipt is taken back."))
    undo_all(session, receipt, on, made_by)
    reversal = ReceiptReversal(
        receipt_id=receipt.id, kind=kind, reversed_on=on, reason=reason.strip()[:500], made_by=made_by
    )
    session.add(reversal)
    session.flush()
    return reversal
