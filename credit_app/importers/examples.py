"""An example of the file that a mapping expects: its columns, written as it declares, with rows that it takes."""

from collections.abc import Mapping as Values
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from credit_app.importers.fields import FIELDS, Format
from credit_app.importers.mapping import Mapping, Source

# Days count back from today.
_CUSTOMERS: tuple[dict[str, Any], ...] = (
    {"external_id": "K-1001", "name": "Nordwind GmbH", "registration_number": "HRB 12345", "country": "DE",
     "industry": "Wholesale", "city": "Hamburg", "address": "Hafenstrasse 1, 20457 Hamburg"},
    {"external_id": "K-1002", "name": "Atelier Lumière SARL", "registration_number": "552 100 554", "country": "FR",
     "industry": "Lighting", "city": "Lyon", "address": "12 rue de la République, 69002 Lyon"},
)  # fmt: skip
_INVOICES: tuple[dict[str, Any], ...] = (
    {"external_id": "INV-5001", "customer_external_id": "K-1001", "kind": "invoice", "document_date": 40,
     "due_date": 10, "amount": Decimal("1200.00"), "reference": "PO 77-1"},
    {"external_id": "INV-5002", "customer_external_id": "K-1001", "kind": "invoice", "document_date": 35,
     "terms": "40%@30, 60%@60", "amount": Decimal("5000.00"), "reference": "PO 77-2"},
    {"external_id": "INV-5003", "customer_external_id": "K-1002", "kind": "invoice", "document_date": 30,
     "terms": "EOM+15", "amount": Decimal("980.50"), "disputed": True},
    {"external_id": "INV-5004", "customer_external_id": "K-1002", "kind": "invoice", "document_date": 60,
     "due_date": 30, "amount": Decimal("450.00"), "settled_on": 28},
    {"external_id": "CN-9001", "customer_external_id": "K-1001", "kind": "credit_note", "document_date": 20,
     "due_date": 20, "amount": Decimal("200.00"), "item_external_id": "INV-5001"},
)  # fmt: skip
_RECEIPTS: tuple[dict[str, Any], ...] = (
    {"external_id": "R-3001", "customer_external_id": "K-1001", "received_on": 5, "amount": Decimal("1000.00"),
     "reference": "INV-5001", "item_external_id": "INV-5001"},
    {"external_id": "R-3002", "customer_external_id": "K-1002", "received_on": 3, "amount": Decimal("300.00"),
     "reference": "on account"},
)  # fmt: skip
_ROWS = {"customers": _CUSTOMERS, "invoices": _INVOICES, "receipts": _RECEIPTS}


def example(mapping: Mapping, today: date) -> tuple[list[str], list[list[Any]]]:
    """The heading and the rows; amounts are Decimal where the mapping writes them plainly."""
    heading = list(dict.fromkeys(column for source in mapping.fields.values() for column in source.columns))
    return heading, [_row(mapping, heading, values, today) for values in _ROWS[mapping.kind]]


def _row(mapping: Mapping, heading: list[str], values: Values[str, Any], today: date) -> list[Any]:
    cells: dict[str, Any] = {}
    values = _fitting(mapping, values)
    for name, source in mapping.fields.items():
        if source.column and cells.get(source.column) is None:
            cells[source.column] = _written(mapping, name, source, values.get(name), today)
    return [
        cells[column] if cells.get(column) is not None else "1" if column not in cells else ""
        for column in heading
    ]


def _fitting(mapping: Mapping, values: Values[str, Any]) -> Values[str, Any]:
    """The values as this mapping can say them: a due date without terms, no credit note without a word for it."""
    found: dict[str, Any] = {"currency": "EUR", "disputed": False} | dict(values)
    if "terms" not in mapping.fields and "terms" in found:
        found["due_date"] = found["document_date"] - 30
    if "kind" not in mapping.fields and found.get("kind") == "credit_note":
        found["kind"] = "invoice"
    return found


def _written(mapping: Mapping, name: str, source: Source, value: Any, today: date) -> Any:
    form, kind = mapping.form, FIELDS[mapping.kind][name].type
    if value is None:
        return None
    if kind == "date":
        return _day(today - timedelta(days=value), form)
    if kind == "amount":
        plain = form.decimal_mark == "." and not form.grouping_mark
        return value if plain else f"{value:.2f}".replace(".", form.decimal_mark)
    if kind == "yes_no":
        return (form.yes if value else form.no)[0]
    theirs = {ours: word for word, ours in source.values}
    return theirs.get(value, value)


def _day(day: date, form: Format) -> str:
    written = form.date
    for part, value in (("YYYY", f"{day:%Y}"), ("MM", f"{day:%m}"), ("DD", f"{day:%d}")):
        written = written.replace(part, value)
    return written.replace("M", str(day.month)).replace("D", str(day.day))
