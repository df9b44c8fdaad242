"""Receipts as requests: judged and written as those of files, then allocated as the row says or oldest first."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from credit_app.api.clock import today
from credit_app.api.entries import BadField, receipt_named
from credit_app.api.inputs import RECEIPT_ROW, Inputs
from credit_app.api.taking import Reading, read_row, reader_of, refused, take
from credit_app.domain.allocation import oldest_first
from credit_app.facts import ledger
from credit_app.facts.ledger import LedgerRefused
from credit_app.i18n import said
from credit_app.importers.report import Problem
from credit_app.importers.rows import Values
from credit_app.models import Allocation, ApiToken, Receipt, ReceivableItem
from credit_app.models.ledger import INSTALMENT_MARK

_PART: Inputs = RECEIPT_ROW["allocations"].rows or {}


def take_receipts(session: Session, token: ApiToken, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Write receipts and what they pay; the answer with what became of each row. Raises ApiProblem."""
    reader = reader_of(session, "receipts", token.source, RECEIPT_ROW)
    parts = reader_of(session, "entries", token.source, _PART, own=True)
    readings, wanted = [], {}
    for number, row in enumerate(rows, 1):
        reading = read_row(reader, number, row, RECEIPT_ROW)
        wanted[number], problems = _parts(parts, number, row) if reading[1] else ([], [])
        readings.append((number, [], problems) if problems else reading)
    answer = take(session, token, "receipts", reader, readings, rows)
    problems = []
    for result, reading, row in zip(answer["rows"], readings, rows, strict=True):
        problem = _pay(
            session, token, result, reading, wanted[result["row"]], row.get("allocate") or "oldest"
        )
        problems += [problem] if problem else []
    if problems:
        raise refused(answer["rows"], problems)
    return answer


def _parts(reader: Any, number: int, row: Mapping[str, Any]) -> tuple[list[Values], list[Problem]]:
    """What the row says the money pays."""
    given = row.get("allocations") or []
    if given and row.get("allocate"):
        return [], [Problem(number, "allocate", "", "is given beside allocations; give one of the two")]
    found: list[Values] = []
    problems: list[Problem] = []
    for place, part in enumerate(given, 1):
        _number, values, wrong = read_row(reader, number, part, _PART)
        found += values
        problems += [
            Problem(number, f"allocations[{place}].{one.column}", one.value, one.reason) for one in wrong
        ]
    return found, problems


def _pay(
    session: Session,
    token: ApiToken,
    result: Mapping[str, Any],
    reading: Reading,
    parts: Sequence[Values],
    allocate: str,
) -> Problem | None:
    """Allocate a receipt that is new; of one that was there see that what the row says is there too."""
    number = reading[0]
    receipt = receipt_named(session, token, reading[1][0]["external_id"])
    if receipt is None:
        raise AssertionError("a receipt that was judged is not there")
    try:
        if result["result"] == "same":
            _see_that_paid(session, token, receipt, parts)
            return None
        _check_day(session, receipt)
        if parts:
            chosen = _chosen(session, token, receipt, parts)
            ledger.allocate_chosen(session, receipt, chosen, receipt.received_on, today())
        elif allocate == "oldest":
            ledger.allocate_oldest(session, receipt, receipt.received_on, today())
    except BadField as error:
        return Problem(number, error.column, error.value, error.reason)
    except LedgerRefused as error:
        return Problem(number, "", "", said(error))
    return None


def _check_day(session: Session, receipt: Receipt) -> None:
    try:
        ledger.check_day(session, receipt.received_on, today())
    except LedgerRefused as error:
        raise BadField("received_on", "", said(error)) from error


def _chosen(
    session: Session, token: ApiToken, receipt: Receipt, parts: Sequence[Values]
) -> dict[int, Decimal]:
    """Item id -> amount; an invoice in parts is paid part after part. Raises BadField."""
    debts = {
        debt.item_id: debt
        for debt in ledger.debts_of(session, receipt.customer_id, receipt.currency, lock=True)
    }
    left, chosen = receipt.amount, dict[int, Decimal]()
    for part in parts:
        items = whole_named(session, token, part["item"])
        mine = [debts[item.id] for item in items if item.id in debts]
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
        for paid in oldest_first(amount, mine):
            if paid.item_id in chosen:
                raise BadField("allocations.item", part["item"], "stands twice")
            chosen[paid.item_id] = paid.amount
        left -= amount
    return chosen


def whole_named(session: Session, token: ApiToken, name: str) -> list[ReceivableItem]:
    """The item with this external id, or all parts of the invoice in instalments, in their order."""
    found = ReceivableItem.external_id
    part = ReceivableItem.external_id == func.concat(name, INSTALMENT_MARK, ReceivableItem.instalment)
    # The first condition lets the index find the few that can be meant.
    ids = [name, *(f"{name}{INSTALMENT_MARK}{place}" for place in range(1, 61))]
    query = select(ReceivableItem).where(
        ReceivableItem.source == token.source, found.in_(ids), or_(found == name, part)
    )
    return list(session.scalars(query.order_by(ReceivableItem.instalment)))


def _see_that_paid(session: Session, token: ApiToken, receipt: Receipt, parts: Sequence[Values]) -> None:
    """Raises BadField when the row says that the receipt, which was there before, pays what it did not pay."""
    for part in parts:
        ids = [item.id for item in whole_named(session, token, part["item"])]
        paid = session.scalar(
            select(func.sum(Allocation.amount)).where(
                Allocation.receipt_id == receipt.id,
                Allocation.item_id.in_(ids),
                Allocation.reverses_id.is_(None),
            )
        )
        if paid is None or (part["amount"] or paid) != paid:
            raise BadField(
                "item",
                part["item"],
                "is not what this receipt, which is there already, pays; use /allocations",
            )
