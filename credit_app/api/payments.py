"""Receipts as requests: judged and written as those of files, then allocated as the row says or oldest first."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from credit_app.api.clock import today
from credit_app.api.entries import BadField
from credit_app.api.inputs import RECEIPT_ROW, Inputs
from credit_app.api.problems import ApiProblem
from credit_app.api.taking import read_row, reader_of, refused, take
from credit_app.domain.allocation import oldest_first
from credit_app.domain.payment_terms import MOST_INSTALMENTS
from credit_app.facts import ledger_allocations
from credit_app.facts.api_tokens import Caller
from credit_app.facts.ledger import LedgerRefused
from credit_app.i18n import said
from credit_app.importers.checks import Values
from credit_app.importers.judging import Reading
from credit_app.importers.report import Problem, plainly
from credit_app.models import Allocation, Receipt, ReceivableItem
from credit_app.models.ledger import INSTALMENT_MARK

MOST_PARTS_OF_ALL = 2000
_PART: Inputs = RECEIPT_ROW["allocations"].rows or {}


def take_receipts(session: Session, token: Caller, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Write receipts and what they pay; the answer with what became of each row. Raises ApiProblem."""
    reader = reader_of(token, "receipts", RECEIPT_ROW)
    parts = reader_of(token, "entries", _PART, own=True)
    readings: list[Reading] = []
    wanted: dict[int, list[Values]] = {}
    for number, row in enumerate(rows, 1):
        reading = read_row(reader, number, row, RECEIPT_ROW)
        wanted[number], problems = _parts(parts, number, row) if reading[1] else ([], [])
        readings.append((number, [], problems) if problems else reading)
    if sum(map(len, wanted.values())) > MOST_PARTS_OF_ALL:
        raise ApiProblem(
            422, f"The rows have more than {MOST_PARTS_OF_ALL} allocations; send fewer at a time."
        )
    answer = take(session, token, "receipts", reader, readings, rows)
    receipts = _receipts(session, token, readings)
    items = wholes_named(session, token, {part["item"] for parts in wanted.values() for part in parts})
    problems = []
    for result, reading, row in zip(answer["rows"], readings, rows, strict=True):
        number, (values, *_), _problems = reading
        allocate = row.get("allocate") or "oldest"
        paid = Paid(receipts[values["external_id"]], wanted[number], allocate, items)
        try:
            _pay(session, paid, is_new=result["result"] == "new")
        except BadField as error:
            problems.append(Problem(number, error.column, error.value, error.sentence))
        except LedgerRefused as error:
            problems.append(Problem(number, "", "", plainly(said(error))))
    if problems:
        raise refused(answer["rows"], problems)
    return answer


@dataclass(frozen=True, slots=True)
class Paid:
    """A receipt and what its row says that it pays; `items` is all that the request names."""

    receipt: Receipt
    parts: Sequence[Values]
    allocate: str
    items: Mapping[str, Sequence[ReceivableItem]]

    def of(self, part: Values) -> Sequence[ReceivableItem]:
        """The items that a part names."""
        return self.items.get(part["item"], ())


def _receipts(session: Session, token: Caller, readings: Sequence[Reading]) -> dict[str, Receipt]:
    """The receipts of all rows by external id; after the rows were written each is there."""
    ids = [values["external_id"] for _number, rows, _problems in readings for values in rows]
    query = select(Receipt).where(Receipt.source == token.source, Receipt.external_id.in_(ids))
    return {receipt.external_id: receipt for receipt in session.scalars(query)}


def _parts(reader: Any, number: int, row: Mapping[str, Any]) -> tuple[list[Values], list[Problem]]:
    """What the row says the money pays."""
    given = row.get("allocations") or []
    if given and row.get("allocate"):
        return [], [
            Problem(number, "allocate", "", plainly("is given beside allocations; give one of the two"))
        ]
    found: list[Values] = []
    problems: list[Problem] = []
    for place, part in enumerate(given, 1):
        _number, values, wrong = read_row(reader, number, part, _PART)
        found += values
        problems += [
            Problem(number, f"allocations[{place}].{one.column}", one.value, one.sentence) for one in wrong
        ]
    return found, problems


def _pay(session: Session, paid: Paid, *, is_new: bool) -> None:
    """Allocate a receipt that is new; of one that was there see that what the row says is there too.

    Raises BadField or LedgerRefused.
    """
    if not is_new:
        _see_that_paid(session, paid)
        return
    receipt = paid.receipt
    if paid.parts:
        ledger_allocations.allocate_chosen(
            session, receipt, _chosen(session, paid), receipt.received_on, today()
        )
    elif paid.allocate == "oldest":
        ledger_allocations.allocate_oldest(session, receipt, receipt.received_on, today())


def _chosen(session: Session, paid: Paid) -> dict[int, Decimal]:
    """Item id -> amount; an invoice in parts is paid part after part. Raises BadField."""
    receipt = paid.receipt
    ids = [item.id for part in paid.parts for item in paid.of(part)]
    debts = {
        debt.item_id: debt
        for debt in ledger_allocations.debts_of(
            session, receipt.customer_id, receipt.currency, lock=True, only=ids
        )
    }
    left, chosen = receipt.amount, dict[int, Decimal]()
    for part in paid.parts:
        mine = [debts[item.id] for item in paid.of(part) if item.id in debts]
        if not mine:
            reason = "is not open, or is of another customer, currency or source"
            raise BadField("allocations.item", part["item"], reason)
        there = sum((debt.open_amount for debt in mine), Decimal(0))
        amount = part["amount"] or min(left, there)
        if amount > there:
            raise BadField(
                "allocations.amount", amount, f"is more than the {there} that is open of {part['item']}"
            )
        if amount <= 0 or amount > left:
            raise BadField("allocations.amount", amount, "is more than what is left of the receipt")
        for share in oldest_first(amount, mine):
            if share.item_id in chosen:
                raise BadField("allocations.item", part["item"], "stands twice")
            chosen[share.item_id] = share.amount
        left -= amount
    return chosen


def wholes_named(session: Session, token: Caller, names: Collection[str]) -> dict[str, list[ReceivableItem]]:
    """Name -> the item with this external id, or all parts of the invoice in instalments, in their order."""
    mine = select(ReceivableItem).where(ReceivableItem.source == token.source)
    query = mine.where(ReceivableItem.external_id == func.any(list(names)))
    found = {item.external_id: [item] for item in session.scalars(query)}
    others = [name for name in names if name not in found]
    ids = {
        f"{name}{INSTALMENT_MARK}{place}": name for name in others for place in range(1, MOST_INSTALMENTS + 1)
    }
    parts = mine.where(
        ReceivableItem.external_id == func.any(list(ids)), ReceivableItem.instalment.is_not(None)
    )
    for item in session.scalars(parts.order_by(ReceivableItem.instalment)) if ids else ():
        found.setdefault(ids[item.external_id], []).append(item)
    return found


def _see_that_paid(session: Session, paid: Paid) -> None:
    """Raises BadField when the row says that the receipt, which was there before, pays what it did not pay."""
    for part in paid.parts:
        amount = session.scalar(
            select(func.sum(Allocation.amount)).where(
                Allocation.receipt_id == paid.receipt.id,
                Allocation.item_id.in_([item.id for item in paid.of(part)]),
                Allocation.reverses_id.is_(None),
            )
        )
        if amount is None or (part["amount"] or amount) != amount:
            reason = "is not what this receipt, which is there already, pays; use /allocations"
            raise BadField("allocations.item", part["item"], reason)
