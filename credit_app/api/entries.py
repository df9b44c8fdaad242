"""Entries of the ledger as requests: adjustments, allocations, reversals; each row through credit_app.facts.ledger."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from credit_app.api.clock import today
from credit_app.api.inputs import ADJUSTMENT_ROW, ALLOCATION_ROW, REVERSAL, Inputs
from credit_app.api.problems import ApiProblem
from credit_app.api.taking import outcome, read_row, reader_of, refused
from credit_app.facts import ledger_allocations, ledger_items, ledger_receipts
from credit_app.facts.api_tokens import Caller
from credit_app.facts.ledger import LedgerRefused
from credit_app.i18n import said
from credit_app.importers.checks import Values
from credit_app.importers.errors import BadValue
from credit_app.importers.report import Problem, plainly
from credit_app.models import (
    Adjustment,
    Allocation,
    ItemBalance,
    Receipt,
    ReceiptReversal,
    ReceivableItem,
)

NEVER_CHANGED = "differs from the books, which are never changed"


class BadField(BadValue):
    """A field of a row that cannot be taken."""

    def __init__(self, column: str, value: object, reason: str) -> None:
        super().__init__("%(text)s", text=reason)
        self.column = column
        self.value = str(value)


def take_adjustments(session: Session, token: Caller, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Correct items; the answer with what became of each row. Raises ApiProblem."""
    items = items_named(session, token, (row.get("item") for row in rows))
    return _take(token, rows, ADJUSTMENT_ROW, lambda values: _adjust(session, token, values, items))


def take_allocations(session: Session, token: Caller, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Pay items with receipts or credit notes; the answer with what became of each row. Raises ApiProblem."""
    names = [row.get(name) for row in rows for name in ("item", "credit_note")]
    items = items_named(session, token, names)
    return _take(token, rows, ALLOCATION_ROW, lambda values: _allocate(session, token, values, items))


def _take(
    token: Caller,
    rows: Sequence[dict[str, Any]],
    inputs: Inputs,
    act: Callable[[Values], str],
) -> dict[str, Any]:
    """`act` on every row in order; refused as a whole when one is."""
    reader = reader_of(token, "entries", inputs, own=True)
    problems: list[Problem] = []
    results: list[dict[str, Any]] = []
    for number, row in enumerate(rows, 1):
        _number, found, wrong = read_row(reader, number, row, inputs)
        result: dict[str, Any] = {"row": number, "result": "same"}
        if "external_id" in inputs:
            result["external_ids"] = [str(row.get("external_id"))[:100]]
        results.append(result)
        problems += wrong
        for values in found:
            try:
                result["result"] = act(values)
            except BadField as error:
                problems.append(Problem(number, error.column, error.value, error.sentence))
            except LedgerRefused as error:
                problems.append(Problem(number, "", "", plainly(said(error))))
    if problems:
        raise refused(results, problems)
    return outcome(results)


def items_named(session: Session, token: Caller, names: Iterable[Any]) -> dict[str, ReceivableItem]:
    """The items of the token's source by their external id, those that there are."""
    wanted = {name for name in names if isinstance(name, str)}
    query = select(ReceivableItem).where(
        ReceivableItem.source == token.source, ReceivableItem.external_id.in_(wanted)
    )
    return {item.external_id: item for item in session.scalars(query)}


def _item(values: Values, items: Mapping[str, ReceivableItem], name: str = "item") -> ReceivableItem:
    item = items.get(values[name])
    if item is None:
        raise BadField(name, values[name], "is no item of this source; of an invoice in parts name one, X#1")
    if item.currency != values["currency"]:
        raise BadField("currency", values["currency"], f"is not that of the item, {item.currency}")
    return item


def _adjust(session: Session, token: Caller, values: Values, items: Mapping[str, ReceivableItem]) -> str:
    item = _item(values, items)
    query = select(Adjustment).where(
        Adjustment.source == token.source, Adjustment.external_id == values["external_id"]
    )
    known = session.scalars(query).one_or_none()
    if known is None:
        ledger_items.adjust_item(
            session,
            item,
            values["amount"],
            values["adjusted_on"],
            values["reason"],
            values["note"],
            today(),
            source=token.source,
            external_id=values["external_id"],
        )
        return "new"
    if known.item_id != item.id:
        raise BadField("item", values["item"], NEVER_CHANGED)
    for name in ("amount", "adjusted_on", "reason", "note"):
        if getattr(known, name) != values[name]:
            raise BadField(name, values[name], NEVER_CHANGED)
    return "same"


def _allocate(session: Session, token: Caller, values: Values, items: Mapping[str, ReceivableItem]) -> str:
    if (values["receipt"] is None) == (values["credit_note"] is None):
        raise BadField("receipt", values["receipt"] or "", "or credit_note has to be given, one of the two")
    item, amount, on = _item(values, items), values["amount"], values["allocated_on"]
    chosen = {item.id: amount}
    if values["receipt"] is not None:
        receipt = receipt_named(session, token, values["receipt"])
        if receipt is None:
            raise BadField("receipt", values["receipt"], "is no receipt of this source")
        counts_on = max(on, item.document_date, receipt.received_on)
        if _is_there(session, item.id, amount, counts_on, Allocation.receipt_id == receipt.id):
            return "same"
        ledger_allocations.allocate_chosen(session, receipt, chosen, on, today())
        return "new"
    credit_note = _item(values, items, "credit_note")
    counts_on = max(on, item.document_date, credit_note.document_date)
    if _is_there(session, item.id, amount, counts_on, Allocation.credit_item_id == credit_note.id):
        return "same"
    ledger_allocations.use_credit_note(session, credit_note, chosen, on, today())
    return "new"


def _is_there(session: Session, item_id: int, amount: Any, on: Any, paid_by: Any) -> bool:
    """Whether the same payer pays the item the same amount from the same day on, and this was not taken back."""
    undone = select(Allocation.reverses_id).where(
        Allocation.item_id == item_id, Allocation.reverses_id.is_not(None)
    )
    query = select(Allocation.id).join(ItemBalance, ItemBalance.item_id == Allocation.item_id)
    query = query.where(
        paid_by,
        Allocation.item_id == item_id,
        Allocation.amount == amount,
        # Of an item that was opened again since, the entry counts from a later day than was asked for.
        or_(Allocation.allocated_on == on, and_(Allocation.allocated_on > on, ItemBalance.reopened)),
        Allocation.id.not_in(undone),
    )
    return session.scalars(query.limit(1)).first() is not None


def receipt_named(session: Session, token: Caller, name: str) -> Receipt | None:
    """The receipt of the token's source with this external id."""
    query = select(Receipt).where(Receipt.source == token.source, Receipt.external_id == name)
    return session.scalars(query).one_or_none()


def reverse(session: Session, token: Caller, name: str, body: dict[str, Any]) -> dict[str, Any]:
    """Take a receipt back: what it paid is open again. Raises ApiProblem."""
    receipt = receipt_named(session, token, name)
    if receipt is None:
        raise ApiProblem(404, "There is no receipt with this external id from this token's source.")
    reader = reader_of(token, "entries", REVERSAL, own=True)
    _number, found, problems = read_row(reader, 1, body, REVERSAL)
    if problems:
        first = problems[0]
        shown = f" (“{first.value}”)" if first.value else ""
        raise ApiProblem(422, f"The field {first.column} {first.reason}{shown}.")
    values = found[0]
    known = session.scalars(
        select(ReceiptReversal).where(ReceiptReversal.receipt_id == receipt.id)
    ).one_or_none()
    given = (values["kind"], values["reversed_on"], values["reason"])
    if known is None:
        ledger_receipts.reverse_receipt(session, receipt, given[1], given[0], given[2], today())
    elif (known.kind, known.reversed_on, known.reason) != given:
        raise ApiProblem(
            409,
            f"This receipt was reversed already, as {known.kind} on {known.reversed_on}: “{known.reason}”.",
        )
    return {"result": "same" if known else "new", "external_id": receipt.external_id}
