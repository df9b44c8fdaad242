"""The items of the ledger that belong to a contract: by its number or by hand, read against its terms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from credit_app.domain.contract_performance import RetentionTerm, days_off, held_back
from credit_app.domain.errors import DomainError
from credit_app.domain.payment_terms import instalments
from credit_app.facts.contracts import note_event
from credit_app.facts.retention import due_after_invoice, retention_of
from credit_app.i18n import _
from credit_app.models import MissingRate, convert_all, the_company
from credit_app.models.contract import Contract, ContractVersion
from credit_app.models.ledger import ItemBalance, ReceivableItem, plain_key
from credit_app.models.performance import ContractItem
from workflows import InvalidAnswer, NotFound, clock

# How far back the job looks: several times the pause between two runs, should the worker have stood still.
LOOK_BACK = timedelta(days=7)
ZERO = Decimal(0)
MOST_SHOWN = 50
LEAST_WORDS = 5

# The number stands in the reference, and no digit follows it: CTR-2026-00001 is not in CTR-2026-000012.
LINK = f"""
INSERT INTO contract_item (item_id, contract_id, linked_at, retention_due_on)
SELECT DISTINCT ON (i.id) i.id, c.id, CAST(:now AS timestamptz),
    CASE WHEN i.kind = 'invoice' AND v.retention_share > 0 AND v.retention_from = 'invoice'
        THEN i.document_date + coalesce(v.retention_days, 0) END
FROM receivable_item i
JOIN contract c ON c.customer_id = i.customer_id AND c.filed_on IS NOT NULL
LEFT JOIN contract_version v ON v.id = c.version_id
WHERE i.created_at >= :since AND i.reference <> ''
  AND position({plain_key("c.number")} IN {plain_key("i.reference")}) > 0
  AND substr({plain_key("i.reference")}, length({plain_key("c.number")})
             + position({plain_key("c.number")} IN {plain_key("i.reference")}), 1) !~ '[0-9]'
  AND NOT EXISTS (SELECT FROM contract_item k WHERE k.item_id = i.id)
ORDER BY i.id, c.id
ON CONFLICT (item_id) DO NOTHING
"""  # noqa: S608 (column names, not input)


def link_new(session: Session, now: datetime) -> int:
    """Link the newer items whose reference holds the number of a contract of the same customer; returns how many.

    What was linked or taken out before stays as it is. The caller commits.
    """
    found = session.execute(text(LINK), {"now": now, "since": now - LOOK_BACK})
    return int(cast(Any, found).rowcount)


def link(session: Session, contract: Contract, number: str, day: date, by: int) -> ContractItem:
    """Link an item by its number; one that belongs to another contract moves over. Flushed. Raises InvalidAnswer."""
    key = text(f"{plain_key('receivable_item.number')} = {plain_key(':number')}").bindparams(number=number)
    query = select(ReceivableItem).where(ReceivableItem.customer_id == contract.customer_id, key)
    found = session.scalars(query.limit(2)).all() if number and contract.customer_id is not None else []
    if len(found) != 1 or contract.filed_on is None:
        raise InvalidAnswer("number", _("This customer has no invoice with this number."))
    item = found[0]
    row = session.get(ContractItem, item.id, with_for_update=True)
    if row is not None and row.contract_id == contract.id:
        raise InvalidAnswer("number", _("This invoice belongs to the contract already."))
    if row is None:
        row = ContractItem(item_id=item.id, contract_id=contract.id, linked_by=by, linked_at=clock.now())
        session.add(row)
    else:
        if row.contract_id is not None:
            before = session.get_one(Contract, row.contract_id)
            note_event(session, before, "item_moved", day, item.number, by)
        row.contract_id, row.linked_by, row.linked_at = contract.id, by, clock.now()
    row.retention_due_on = due_after_invoice(contract.current, item)
    session.flush()
    note_event(session, contract, "item_linked", day, item.number, by)
    return row


def linked_item(session: Session, contract: Contract, item_id: int) -> ReceivableItem:
    """An item that belongs to the contract. Raises NotFound."""
    row = session.get(ContractItem, item_id)
    if row is None or row.contract_id != contract.id:
        raise NotFound(_("This invoice does not belong to the contract (any more)."))
    return row.item


def unlink(session: Session, contract: Contract, item_id: int, why: str, day: date, by: int) -> None:
    """Take an item out: it belongs to no contract until somebody links it again, whatever its reference says. Flushed.

    Raises InvalidAnswer, NotFound when it was taken out or moved meanwhile.
    """
    if len(why) < LEAST_WORDS:
        raise InvalidAnswer("why", _("Say in a few words why."))
    row = session.get(ContractItem, item_id, with_for_update=True, populate_existing=True)
    if row is None or row.contract_id != contract.id:
        raise NotFound(_("This invoice does not belong to the contract (any more)."))
    row.contract_id, row.linked_by, row.linked_at, row.retention_due_on = None, by, clock.now(), None
    session.flush()
    note_event(session, contract, "item_unlinked", day, f"{row.item.number}. {why}", by)


# --- against the terms --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """An item of a contract. `paid` and `open` of it; `off` days between its due date and the agreed one (below zero:
    earlier); `held` is open retention, until `held_until` (None: no acceptance is known from which it would count);
    `retained` whether there is any, `overdue` what else is open after its due date."""

    item: ReceivableItem
    open: Decimal
    paid: Decimal
    off: int
    held: Decimal
    held_until: date | None
    retained: bool
    overdue: Decimal
    by_hand: bool


@dataclass(frozen=True, slots=True)
class Sums:
    """Figures of an item in the currency of its contract, at the rate of the item's day."""

    amount: Decimal
    paid: Decimal
    overdue: Decimal
    held: Decimal


@dataclass(frozen=True, slots=True)
class Payments:
    """What was invoiced under a contract and how it was paid, in the contract's currency (the company's own where the
    contract names none); credit notes are taken off.

    `worth` is what an item of another currency comes to in the sums, by its id, at the rate of its day; None: there is
    no rate and it is in no sum. `other` counts those that are converted, `without_rate` those that are not.
    `share` of the value, None where none is agreed.
    `released_next` is what of the retention held falls due on the next day on which any does.
    """

    lines: Sequence[Line]
    invoiced: Decimal
    paid: Decimal
    overdue: Decimal
    held: Decimal
    off: int
    worth: Mapping[int, Decimal | None]
    other: int
    without_rate: int
    value: Decimal | None
    currency: str
    retention: RetentionTerm | None
    released_next: tuple[date, Decimal] | None

    @property
    def share(self) -> Decimal | None:
        """Invoiced of the agreed value."""
        return self.invoiced / self.value if self.value else None


def payments_of(session: Session, contract: Contract, day: date) -> Payments | None:
    """How a contract is paid as of today; None where it has no ledger: with a supplier or partner."""
    if contract.customer_id is None:
        return None
    query = (
        select(ReceivableItem, ItemBalance.open_amount, ContractItem.linked_by)
        .join(ContractItem, ContractItem.item_id == ReceivableItem.id)
        .join(ItemBalance, ItemBalance.item_id == ReceivableItem.id)
        .where(ContractItem.contract_id == contract.id)
        .order_by(ReceivableItem.document_date.desc(), ReceivableItem.id.desc())
    )
    term = retention_of(session, contract, contract.current)
    lines = [_line(contract.current, term, item, left, by, day) for item, left, by in session.execute(query)]
    currency = contract.currency or the_company(session).base_currency
    sums = _in_currency(session, lines, currency)
    signed = [
        (-1 if one.item.kind == "credit_note" else 1, one, found)
        for one in lines
        if (found := sums[one.item.id]) is not None
    ]
    invoices = [(one, found) for sign, one, found in signed if sign > 0]
    worth = {
        one.item.id: found.amount if (found := sums[one.item.id]) is not None else None
        for one in lines
        if one.item.currency != currency
    }
    return Payments(
        lines=lines[:MOST_SHOWN],
        invoiced=sum((sign * found.amount for sign, _one, found in signed), ZERO),
        paid=sum((found.paid for _one, found in invoices), ZERO),
        overdue=sum((found.overdue for _one, found in invoices), ZERO),
        held=sum((found.held for _one, found in invoices), ZERO),
        off=sum(1 for one in lines if one.off),
        worth=worth,
        other=sum(1 for amount in worth.values() if amount is not None),
        without_rate=sum(1 for amount in worth.values() if amount is None),
        value=contract.amount,
        currency=currency,
        retention=term,
        released_next=_released_next(invoices),
    )


def _in_currency(session: Session, lines: Sequence[Line], currency: str) -> dict[int, Sums | None]:
    """The figures of each item in `currency`, by its id; None where there is no rate of its day."""
    found: dict[int, Sums | None] = {}
    by_rate: dict[tuple[str, date], list[Line]] = {}
    for one in lines:
        by_rate.setdefault((one.item.currency, one.item.document_date), []).append(one)
    for (source, day), group in by_rate.items():
        plain = [
            (figure, source) for one in group for figure in (one.item.amount, one.paid, one.overdue, one.held)
        ]
        try:
            converted = convert_all(session, plain, currency, day)
        except MissingRate:
            found |= dict.fromkeys((one.item.id for one in group), None)
            continue
        for place, one in enumerate(group):
            found[one.item.id] = Sums(*converted[4 * place : 4 * place + 4])
    return found


def _released_next(invoices: Sequence[tuple[Line, Sums]]) -> tuple[date, Decimal] | None:
    days = [one.held_until for one, _found in invoices if one.held and one.held_until is not None]
    if not days:
        return None
    return min(days), sum((found.held for one, found in invoices if one.held_until == min(days)), ZERO)


def _line(
    terms: ContractVersion | None, term: RetentionTerm | None, item: ReceivableItem, left: Decimal, by: int | None,
    day: date,
) -> Line:  # fmt: skip
    invoice = item.kind == "invoice"
    retained = held_back(item.amount, term.share, left) if invoice and term is not None else ZERO
    until = term.falls_due(item.document_date) if retained and term is not None else None
    held = retained if term is not None and term.is_held(item.document_date, day) else ZERO
    overdue = left - held if item.due_date < day and item.kind != "credit_note" else ZERO
    off = days_off(_agreed(terms, item), item.due_date) if invoice and terms is not None else 0
    return Line(
        item, left, item.amount - left, off, held, until, bool(retained), overdue, by is not None
    )  # fmt: skip


def _agreed(terms: ContractVersion, item: ReceivableItem) -> list[date]:
    """The days on which an invoice of this day is due by the terms; none where they say nothing that can be read."""
    if terms.payment_terms:
        try:
            return [one.due_date for one in instalments(terms.payment_terms, item.document_date, item.amount)]
        except DomainError:
            return []
    if terms.payment_days is None:
        return []
    return [item.document_date + timedelta(days=terms.payment_days)]
