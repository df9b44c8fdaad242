"""The fields of every request: what is read and checked, what the OpenAPI document and the page /api say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString

from credit_app.api.body import Number
from credit_app.api.problems import ApiProblem
from credit_app.i18n import _l
from credit_app.importers.fields import CUSTOMER, FIELDS, Field
from credit_app.importers.report import Problem, plainly
from credit_app.models import PAYMENT_METHODS
from credit_app.models.ledger import GIVEN_REASONS, ITEM_KINDS, REVERSAL_KINDS
from credit_app.models.orders import ORDER_STATUSES

MOST_ROWS = 1000
MOST_PARTS = 200
ALLOCATE = ("oldest", "none")


@dataclass(frozen=True, slots=True)
class Input:
    """A field of a request: type and length as in files, what it is, the words it may have, the rows inside it."""

    field: Field
    about: LazyString
    words: tuple[str, ...] = ()
    rows: "Mapping[str, Input] | None" = None


Inputs = Mapping[str, Input]

_TEXTS: dict[str, LazyString] = {
    "name": _l("Name of the customer"),
    "registration_number": _l("Number in the commercial register; it belongs to a country"),
    "country": _l("Country, two letters of ISO 3166"),
    "region": _l("Region"),
    "industry": _l("Industry"),
    "city": _l("City"),
    "address": _l("Street and number"),
    "branch_code": _l("Code of the branch that looks after the customer"),
    "number": _l("Number that people read; else the external id"),
    "customer_external_id": _l("The customer's id in your system"),
    "document_date": _l("Date of the document"),
    "due_date": _l("Due date; or give terms"),
    "terms": _l("Terms from which the due date follows: 30, EOM+15, 30 EOM, or instalments 40%@30, 60%@90"),
    "amount": _l("Amount above zero, exact; a text such as “1234.50”, or a number"),
    "currency": _l("Currency in use here, three letters of ISO 4217"),
    "disputed": _l("Whether the customer disputes it"),
    "settled_on": _l("Day of full payment; makes the receipt too"),
    "reference": _l("Order, contract or whatever people look for"),
    "kind": _l("What it is; an invoice unless said otherwise"),
    "received_on": _l("Day on which the money came"),
    "external_id": _l("Its id in your system, unique among all that this token's source sends"),
}


def _of(kind: str, *names: str) -> dict[str, Input]:
    words = {"kind": ITEM_KINDS}
    return {name: Input(FIELDS[kind][name], _TEXTS[name], words.get(name, ())) for name in names}


CUSTOMER_ROW: Inputs = {
    "external_id": Input(FIELDS["customers"]["external_id"], _l("The customer's id in your system"))
} | _of("customers", *CUSTOMER)
INVOICE_ROW: Inputs = _of(
    "invoices",
    "external_id",
    "number",
    "customer_external_id",
    "kind",
    "document_date",
    "due_date",
    "terms",
    "amount",
    "currency",
    "disputed",
    "settled_on",
    "reference",
)
_PART: Inputs = {
    "item": Input(
        Field("text", True, 100), _l("External id of the invoice, or of one of its instalments, X#1")
    ),
    "amount": Input(Field("amount"), _l("How much of it is paid; else as much as is open")),
}
RECEIPT_ROW: Inputs = _of(
    "receipts", "external_id", "customer_external_id", "received_on", "amount", "currency", "reference"
) | {
    "allocate": Input(
        Field("text", False, 10),
        _l("oldest pays what is oldest, none leaves the money on account; not beside allocations"),
        ALLOCATE,
    ),
    "allocations": Input(Field("rows"), _l("What the money pays; the rest stays on account"), rows=_PART),
}
ADJUSTMENT_ROW: Inputs = {
    "external_id": Input(Field("text", True, 100), _TEXTS["external_id"]),
    "item": Input(Field("text", True, 100), _l("External id of the item that is corrected")),
    "amount": Input(Field("signed", True), _l("Added to what the item asks; below zero it asks less")),
    "currency": Input(Field("currency", True), _l("Currency of the item")),
    "adjusted_on": Input(Field("date", True), _l("Day from which it counts")),
    "reason": Input(Field("text", True, 30), _l("Why"), GIVEN_REASONS),
    "note": Input(Field("text", True, 500), _l("What was corrected, for people")),
}
ALLOCATION_ROW: Inputs = {
    "receipt": Input(
        Field("text", False, 100), _l("External id of the receipt that pays; or give credit_note")
    ),
    "credit_note": Input(Field("text", False, 100), _l("External id of the credit note that is set off")),
    "item": Input(Field("text", True, 100), _l("External id of the item that is paid")),
    "amount": Input(Field("amount", True), _l("How much of it, in the currency of the item")),
    "currency": Input(Field("currency", True), _l("Currency of the item")),
    "allocated_on": Input(Field("date", True), _l("Day from which it counts")),
}
REVERSAL: Inputs = {
    "kind": Input(
        Field("text", True, 20),
        _l("bounced: the bank took it back; reversed: booked in error"),
        REVERSAL_KINDS,
    ),
    "reversed_on": Input(Field("date", True), _l("Day from which the money is gone")),
    "reason": Input(Field("text", True, 500), _l("Why, for people")),
}
SMS_REPORT_ROW: Inputs = {
    "message": Input(Field("text", True, 30), _l("The reference that was sent with the message")),
    "state": Input(
        Field("text", True, 20),
        _l("delivered: it has reached the telephone; failed: it will not"),
        ("delivered", "failed"),
    ),
    "happened_on": Input(Field("date", False), _l("Day of it; else today")),
    "note": Input(Field("text", False, 500), _l("What the network said")),
}


_TERMS: Inputs = {
    "amount": Input(Field("amount", True), _l("Amount of the order with taxes, above zero, exact")),
    "currency": Input(Field("currency", True), _l("Currency in use here, three letters of ISO 4217")),
    "payment_days": Input(
        Field("whole", True), _l("Days to pay that the order grants, at most 3650; 0 when paid ahead")
    ),
    "payment_method": Input(
        Field("text", False, 20), _l("How it is paid; open_account unless said otherwise"), PAYMENT_METHODS
    ),
}
ORDER_ROW: Inputs = {
    "external_id": Input(Field("text", True, 100), _TEXTS["external_id"]),
    "customer_external_id": Input(
        Field("text", True, 100), _l("External id of the customer, else our number")
    ),
    **_TERMS,
    "ordered_on": Input(Field("date", True), _l("Day of the order")),
    "deliver_on": Input(Field("date"), _l("Day on which it is to be delivered; not known when left out")),
    "delivered_amount": Input(Field("amount"), _l("What of it is delivered, with taxes; 0 when left out")),
    "invoiced_amount": Input(Field("amount"), _l("What of it is invoiced; 0 when left out")),
    "status": Input(
        Field("text", False, 10),
        _l(
            "cancelled: nothing more is delivered; closed: delivered and invoiced; open unless said otherwise"
        ),
        ORDER_STATUSES,
    ),
    "sequence": Input(
        Field("whole", True), _l("Number of your message about this order; a later one has a higher number")
    ),
}
ORDER_QUESTION: Inputs = {
    "customer": Input(Field("text", True, 100), _l("External id of the customer, else our number")),
    **_TERMS,
    "as_of": Input(
        Field("date"), _l("Day whose ledger, limits and policy count, today or before; else today")
    ),
    "deliver_on": Input(
        Field("date"), _l("Day of delivery, whose limits and releases count; else the same day")
    ),
}


def rows_of(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The objects under `rows`, 1 to MOST_ROWS of them. Raises ApiProblem."""
    if set(body) != {"rows"}:
        others = ", ".join(sorted(_plain(name) for name in body if name != "rows"))
        raise ApiProblem(422, f"The body has to have one field, rows; it has {others or 'none'}.")
    rows = body["rows"]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ApiProblem(422, "The field rows has to be a list of objects.")
    if not 1 <= len(rows) <= MOST_ROWS:
        raise ApiProblem(422, f"The field rows has {len(rows)} objects; 1 to {MOST_ROWS} are accepted.")
    return rows


def cells_of(
    number: int, row: Mapping[str, Any], inputs: Inputs, path: str = ""
) -> tuple[list[Any], list[Problem]]:
    """A value for each field, None where there is none, as RowReader takes them; or what is wrong with their kind."""
    problems = [
        Problem(number, path + _plain(name), "", plainly(f"is no field here; known are {', '.join(inputs)}"))
        for name in row
        if name not in inputs
    ][:20]
    cells = []
    for name, one in inputs.items():
        value = row.get(name)
        reason = _wrong(value, one)
        if reason:
            problems.append(
                Problem(number, path + name, "" if one.rows else _plain(str(value)), plainly(reason))
            )
        cells.append(("true" if value else "false") if isinstance(value, bool) else value)
    return cells, problems


def _wrong(value: Any, one: Input) -> str:
    """Why the value is not of the kind that the field has; empty when it is."""
    if value is None:
        return ""
    if one.rows is not None:
        right = isinstance(value, list) and all(isinstance(row, dict) for row in value)
        return (
            "" if right and 1 <= len(value) <= MOST_PARTS else f"is not a list of 1 to {MOST_PARTS} objects"
        )
    if one.field.type == "yes_no":
        return "" if isinstance(value, bool) else "is neither true nor false"
    numeric, either = one.field.type == "whole", one.field.type in ("amount", "signed")
    if not isinstance(value, str) or (isinstance(value, Number) is not numeric and not either):
        return "is not a whole number without quotes" if numeric else "is not text in quotes"
    if one.words and value not in one.words:
        return f"is none of {', '.join(one.words)}"
    return ""


def _plain(text: str) -> str:
    """What a caller sent, fit to stand in a sentence."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:60])
