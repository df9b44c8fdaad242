"""Whether the kept balances of the receivables ledger are what their entries come to; nothing is changed."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from workflows import incidents

CHECK, LEDGER = "check", 1  # how the incident of a ledger that does not tie is known
MOST = 100


@dataclass(frozen=True, slots=True)
class Difference:
    """A kept balance that is not the sum of its entries: of an item (`what`), or of what is left of a receipt."""

    what: str  # item or receipt
    id: int
    number: str  # an item's own number, a receipt's reference
    customer: str
    currency: str
    kept: Decimal
    last_on: date
    entries: Decimal | None  # None: there is no entry at all
    last_entry_on: date | None

    def __str__(self) -> str:
        """The sentence an operator reads."""
        name = f"{self.what.capitalize()} {self.id} ({self.number or 'no number'}, customer {self.customer})"
        if self.entries is None:
            return f"{name}: {self.kept} {self.currency} is kept, but it has no entries."
        if self.entries != self.kept:
            return f"{name}: {self.kept} {self.currency} is kept, its entries come to {self.entries} {self.currency}."
        return f"{name}: {self.last_on} is kept as the day of the last entry, it is of {self.last_entry_on}."


_DIFFERENT = text(f"""
    SELECT 'item' AS what, b.item_id AS id, i.number, c.number AS customer, b.currency, b.open_amount AS kept,
        b.last_on, e.amount AS entries, e.last_on AS last_entry_on
    FROM item_balance b JOIN receivable_item i ON i.id = b.item_id JOIN customer c ON c.id = b.customer_id
    LEFT JOIN (
        SELECT item_id, sum(amount) AS amount, max(on_date) AS last_on FROM item_entry GROUP BY item_id
    ) e ON e.item_id = b.item_id
    WHERE e.amount IS DISTINCT FROM b.open_amount OR e.last_on IS DISTINCT FROM b.last_on
    UNION ALL
    SELECT 'receipt', b.receipt_id, r.reference, c.number, b.currency, b.unallocated, b.last_on, e.amount, b.last_on
    FROM receipt_balance b JOIN receipt r ON r.id = b.receipt_id JOIN customer c ON c.id = b.customer_id
    LEFT JOIN (
        SELECT receipt_id, sum(amount) AS amount FROM receipt_entry GROUP BY receipt_id
    ) e ON e.receipt_id = b.receipt_id
    WHERE e.amount IS DISTINCT FROM b.unallocated
    LIMIT {MOST}
""")  # noqa: S608


def balances_that_do_not_tie(session: Session) -> list[Difference]:
    """Items and receipts whose kept balance is not the sum of their entries, at most a hundred; none, ever."""
    return [Difference(*row) for row in session.execute(_DIFFERENT)]


def report(session: Session) -> list[Difference]:
    """Check, and open an incident while something does not tie; one that is open ends when all ties again.

    The caller commits.
    """
    found = balances_that_do_not_tie(session)
    if found:
        told = " ".join(map(str, found[:3]))
        incidents.open_incident(
            session, CHECK, LEDGER, 1, f"Balances that do not tie with their entries: {len(found)}. {told}"
        )
    else:
        incidents.close(session, CHECK, LEDGER)
    return found
