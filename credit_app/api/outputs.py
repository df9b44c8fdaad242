"""What answers hold: tables of fields, from which answers are made and the OpenAPI document is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import LazyString

from credit_app.i18n import _l


@dataclass(frozen=True, slots=True)
class Output:
    """A field of an answer: text, amount, date, whole, yes_no or rows; `none` where it may be null."""

    type: str
    about: LazyString
    none: bool = False
    rows: "Mapping[str, Output] | None" = None


Outputs = Mapping[str, Output]

_TAKEN_ROW: dict[str, Output] = {
    "row": Output("whole", _l("Its place in the request, from 1")),
    "result": Output("text", _l("new, changed or same; after a refusal refused or not written")),
}
TAKEN: dict[str, Output] = {
    "new": Output("whole", _l("How many rows were written")),
    "changed": Output("whole", _l("How many were there and changed: customers, and invoices now settled")),
    "same": Output("whole", _l("How many were there already")),
    "rows": Output("rows", _l("What became of each row"), rows=_TAKEN_ROW),
}
TAKEN_IDS: Outputs = TAKEN | {
    "rows": Output(
        "rows",
        _l("What became of each row"),
        rows=_TAKEN_ROW
        | {
            "external_ids": Output(
                "texts", _l("Ids under which it is kept: X#1, X#2 and so on for instalments")
            )
        },
    )
}
REVERSED: Outputs = {
    "result": Output("text", _l("new, or same when it was reversed so before")),
    "external_id": Output("text", _l("External id of the receipt")),
}
SMS_REPORTED: Outputs = {
    "new": Output("whole", _l("How many reports were written down")),
    "same": Output("whole", _l("How many said what is known already")),
    "unknown": Output("whole", _l("How many are about no short message of ours")),
    "rows": Output(
        "rows",
        _l("What became of each row"),
        rows={
            "row": Output("whole", _l("Its place in the request, from 1")),
            "result": Output("text", _l("new, same or unknown")),
        },
    ),
}
CUSTOMER: Outputs = {
    "number": Output("text", _l("Our number of the customer")),
    "external_id": Output("text", _l("The customer's id in your system"), True),
    "name": Output("text", _l("Name of the customer")),
    "registration_number": Output("text", _l("Number in the commercial register"), True),
    "country": Output("text", _l("Country, two letters of ISO 3166"), True),
    "region": Output("text", _l("Region"), True),
    "industry": Output("text", _l("Industry"), True),
    "city": Output("text", _l("City"), True),
    "address": Output("text", _l("Street and number"), True),
    "branch_code": Output("text", _l("Code of the branch that looks after the customer"), True),
    "status": Output("text", _l("State of the customer")),
}
_OPEN_ITEM: Outputs = {
    "source": Output("text", _l("System that it came from")),
    "external_id": Output("text", _l("Its id in that system")),
    "kind": Output("text", _l("invoice, credit_note, interest or cost")),
    "number": Output("text", _l("Number that people read")),
    "document_date": Output("date", _l("Date of the document")),
    "due_date": Output("date", _l("Due date")),
    "amount": Output("amount", _l("Amount of the document; below zero for a credit note")),
    "open_amount": Output("amount", _l("What was open of it at the end of the day")),
    "currency": Output("text", _l("Currency")),
    "disputed": Output("yes_no", _l("Whether the customer disputes it")),
    "days_overdue": Output("whole", _l("Days past the due date; below zero before it")),
}
_NEXT = Output("text", _l("Give it as after to get the next page; null on the last one"), True)
OPEN_ITEMS: Outputs = {
    "customer": Output("text", _l("Our number of the customer")),
    "as_of": Output("date", _l("Day at whose end the items were open")),
    "items": Output("rows", _l("Items by due date"), rows=_OPEN_ITEM),
    "next": _NEXT,
}
_BALANCE: Outputs = {
    "currency": Output("text", _l("Currency")),
    "opening": Output("amount", _l("Balance at the beginning of the first day")),
    "closing": Output("amount", _l("Balance at the end of the last day")),
}
_ENTRY: Outputs = {
    "on": Output("date", _l("Day from which it counts")),
    "kind": Output(
        "text", _l("invoice, credit_note, interest, cost, adjustment, receipt, bounced or reversed")
    ),
    "source": Output("text", _l("System that it came from")),
    "external_id": Output("text", _l("Its id in that system")),
    "text": Output("text", _l("Number, reference or reason")),
    "amount": Output("amount", _l("Above zero the customer owes more, below it less")),
    "currency": Output("text", _l("Currency")),
}
STATEMENT: Outputs = {
    "customer": Output("text", _l("Our number of the customer")),
    "from": Output("date", _l("First day")),
    "to": Output("date", _l("Last day")),
    "balances": Output("rows", _l("Opening and closing balance of each currency"), rows=_BALANCE),
    "entries": Output("rows", _l("Entries in the order of days"), rows=_ENTRY),
    "next": _NEXT,
}

_BUCKET: Outputs = {
    "from": Output("whole", _l("First day past due, or since the document; null: not due yet"), True),
    "to": Output("whole", _l("Last day; null: no end"), True),
}
_AGEING_ROW: Outputs = {
    "key": Output(
        "text", _l("Our number of the customer, the currency or the grade; all for the total"), True
    ),
    "external_id": Output("text", _l("The customer's id in your system"), True),
    "buckets": Output("amounts", _l("Debts by age, in the order of the buckets")),
    "credits": Output("amount", _l("Credit notes, which the buckets do not hold")),
    "unallocated": Output("amount", _l("Money that pays nothing yet")),
    "net": Output("amount", _l("What is owed after them")),
}
AGEING: Outputs = {
    "as_of": Output("date", _l("Day at whose end the items were open")),
    "currency": Output("text", _l("Currency of all amounts: the company's own")),
    "basis": Output("text", _l("due or document: by which date debts age")),
    "buckets": Output("rows", _l("Buckets, as policy has them on that day"), rows=_BUCKET),
    "rows": Output("rows", _l("Customers by number, else what was asked for"), rows=_AGEING_ROW),
    "missing": Output("texts", _l("Rates that are missing; what is in these currencies is left out")),
    "next": _NEXT,
}

_FINDING: Outputs = {
    "rule": Output("text", _l("Name of the rule")),
    "severity": Output("text", _l("warn or hold")),
    "released": Output("yes_no", _l("Whether a release covers it, so that it does not hold")),
    "text": Output("text", _l("Why it fired, with the figures, in English")),
    "remedy": Output("text", _l("What would release the order, in English"), True),
}
_OUTCOME: dict[str, Output] = {
    "outcome": Output("text", _l("pass, warn or hold: of what is not delivered yet")),
    "currency": Output("text", _l("Currency of the figures: the company's own")),
    "exposure_before": Output(
        "amount", _l("Exposure without the order, of whom the limit that binds belongs to")
    ),
    "exposure_after": Output("amount", _l("Exposure with what is not delivered of it")),
    "limit": Output("amount", _l("The limit that binds first, the group's before the customer's own"), True),
    "limit_of": Output("text", _l("Whose limit that is"), True),
    "available_before": Output("amount", _l("What was free of it; below zero is over the limit")),
    "overdue": Output("amount", _l("What is overdue, without what is disputed or promised")),
    "oldest_overdue_days": Output("whole", _l("Days by which the oldest of it is overdue")),
    "findings": Output("rows", _l("Every rule that fired"), rows=_FINDING),
}
ORDER_ANSWER: Outputs = {
    "customer": Output("text", _l("Our number of the customer")),
    "as_of": Output("date", _l("Day whose ledger, limits and policy counted")),
    **_OUTCOME,
}
ORDERS_TAKEN: Outputs = {
    "new": Output("whole", _l("How many orders were entered")),
    "changed": Output("whole", _l("How many were there and changed")),
    "same": Output("whole", _l("How many messages were there already")),
    "older": Output("whole", _l("How many came after a later message and changed nothing")),
    "rows": Output(
        "rows",
        _l("What became of each row"),
        rows={
            "row": Output("whole", _l("Its place in the request, from 1")),
            "result": Output(
                "text", _l("new, changed, same or older; after a refusal refused or not written")
            ),
            "external_id": Output("text", _l("Its id in your system")),
            "checked_on": Output("date", _l("Day of the check that is answered")),
            **_OUTCOME,
        },
    ),
}
ORDER: Outputs = {
    "external_id": Output("text", _l("Its id in your system")),
    "customer": Output("text", _l("Our number of the customer")),
    "customer_external_id": Output("text", _l("The customer's id in your system"), True),
    "amount": Output("amount", _l("Amount of the order")),
    "order_currency": Output("text", _l("Currency of the order")),
    "delivered_amount": Output("amount", _l("What of it is delivered")),
    "invoiced_amount": Output("amount", _l("What of it is invoiced")),
    "payment_days": Output("whole", _l("Days to pay")),
    "payment_method": Output("text", _l("How it is paid")),
    "ordered_on": Output("date", _l("Day of the order")),
    "deliver_on": Output("date", _l("Day of delivery"), True),
    "status": Output("text", _l("open, cancelled or closed")),
    "sequence": Output("whole", _l("Number of the last message")),
    "release": Output("text", _l("Number of the release under which it is delivered"), True),
    "checked_on": Output("date", _l("Day of the last check")),
    **_OUTCOME,
}


def shaped(values: Mapping[str, Any], outputs: Outputs) -> dict[str, Any]:
    """The values as JSON has them, all fields of the table and no other; amounts are exact texts."""
    return {name: _shape(values[name], one) for name, one in outputs.items()}


def _shape(value: Any, one: Output) -> Any:
    if one.rows is not None:
        return [shaped(row, one.rows) for row in value]
    if isinstance(value, list):
        return [f"{each:.2f}" if isinstance(each, Decimal) else each for each in value]
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value.isoformat() if isinstance(value, date) else value
