"""Money that the bank took back: which earlier receipt it was."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from credit_app.domain.matching import keys_of
from credit_app.facts.ledger import first_open_day
from credit_app.facts.ledger_receipts import reverse_receipt
from credit_app.models import (
    BankEntry,
    PayerAccount,
    Receipt,
    ReceiptBalance,
    ReceiptReversal,
)
from credit_app.models.ledger import KEY_SIGNS

MOST = 10
LOOK_BACK = timedelta(days=400)  # a direct debit without a mandate may go back for thirteen months


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A receipt of the same amount that may have been taken back, and why it is thought so."""

    receipt: Receipt
    reason: str  # end_to_end, account, reference, amount

    @property
    def certain(self) -> bool:
        """Whether the bank itself says which payment it was."""
        return self.reason == "end_to_end"


def candidates(session: Session, entry: BankEntry) -> list[TakenBack]:
    """Receipts of the entry's amount that still stand, the likeliest first."""
    reversed_ids = select(ReceiptReversal.receipt_id)
    query = (
        select(Receipt, BankEntry)
        .outerjoin(BankEntry, BankEntry.receipt_id == Receipt.id)
        .where(
            Receipt.amount == -entry.amount,
            Receipt.currency == entry.currency,
            or_(Receipt.received_on <= entry.booked_on, BankEntry.booked_on <= entry.booked_on),
            Receipt.received_on >= entry.booked_on - LOOK_BACK,
            Receipt.id.not_in(reversed_ids),
        )
        .order_by(Receipt.received_on.desc(), Receipt.id.desc())
    )
    keys = keys_of(entry.remittance, entry.end_to_end_id)
    plain = func.upper(func.translate(Receipt.reference, KEY_SIGNS, ""))
    ways = [
        ("end_to_end", BankEntry.end_to_end_id == entry.end_to_end_id, entry.end_to_end_id),
        ("account", BankEntry.payer_account == entry.payer_account, entry.payer_account),
        ("account", Receipt.customer_id.in_(_holders(entry)), entry.payer_account),
        ("reference", plain.in_(keys), entry.remittance),
    ]
    found: dict[int, TakenBack] = {}
    for reason, condition, given in ways:
        if given:
            for receipt, _of in session.execute(query.where(condition).limit(MOST)):
                found.setdefault(receipt.id, TakenBack(receipt, reason))
    if not found:
        for receipt, _of in session.execute(query.limit(MOST)):
            found.setdefault(receipt.id, TakenBack(receipt, "amount"))
    return list(found.values())[:MOST]


def _holders(entry: BankEntry) -> Select[int]:
    return select(PayerAccount.customer_id).where(PayerAccount.account == entry.payer_account)


def take_back_certain(session: Session, entry_id: int, today: date, now: datetime) -> bool:
    """Reverse the one receipt that the bank itself names; False when it names none, or several fit."""
    entry = session.get_one(BankEntry, entry_id)
    if entry.amount > 0 or not entry.end_to_end_id:
        return False
    sure = [one for one in candidates(session, entry) if one.certain]
    if len(sure) != 1:
        return False
    take_back(session, entry, sure[0].receipt, today, now, rule="end_to_end")
    return True


def take_back(
    session: Session, entry: BankEntry, receipt: Receipt, today: date, now: datetime, *, rule: str,
    made_by: int | None = None, note: str = "",
) -> ReceiptReversal:  # fmt: skip
    """Reverse the receipt because of this entry, on the entry's day or the first on which it can be.

    Raises LedgerRefused when it was reversed before.
    """
    balance = session.get_one(ReceiptBalance, receipt.id, populate_existing=True)
    on = max(entry.booked_on, balance.last_on, first_open_day(session, today))
    reason = entry.return_reason or entry.remittance or entry.reference
    reversal = reverse_receipt(session, receipt, min(on, today), "bounced", reason, today, made_by)
    entry.status, entry.rule, entry.reversal_id = "returned", rule, reversal.id
    entry.decided_by, entry.decided_at, entry.note = made_by, now, note[:500]
    session.flush()
    return reversal
