"""The operations of the interface: enter with the token, read, call, answer."""

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

from flask import Response, g

from credit_app.api import asking, body, entries, messages, ordering, payments, taking
from credit_app.api.inputs import CUSTOMER_ROW, INVOICE_ROW, rows_of
from credit_app.api.problems import dumped
from credit_app.api.repeats import once
from credit_app.db import db
from credit_app.facts.api_tokens import Caller
from credit_app.importers import ubl
from credit_app.importers.rows import RowReader
from credit_app.reports.ubl import ubl_of

JSON = ("application/json",)
XML = ("application/xml", "text/xml", "application/zip")


def token() -> Caller:
    """The token of this request; it has the scope of the operation."""
    found: Caller = g.api_caller
    return found


def take_rows(write: Callable[[Any, Caller, Sequence[dict[str, Any]]], dict[str, Any]]) -> Response:
    """Read `rows`, write them once, answer."""
    data = body.read_bytes(JSON, body.LARGEST_JSON)
    rows = rows_of(body.read_json(data))
    return once(db.session(), token(), data, lambda: write(db.session(), token(), rows))


def customers() -> Response:
    """New and changed customers."""

    def write(session: Any, by: Caller, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        given = taking.same_fields(rows)
        reader = taking.reader_of(by, "customers", CUSTOMER_ROW, given)
        readings = [taking.read_row(reader, at, row, CUSTOMER_ROW) for at, row in enumerate(rows, 1)]
        return taking.take(session, by, "customers", reader, readings, rows)

    return take_rows(write)


def invoices() -> Response:
    """New invoices, credit notes, interest and cost."""

    def write(session: Any, by: Caller, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        reader = taking.reader_of(by, "invoices", INVOICE_ROW)
        readings = [taking.read_row(reader, at, row, INVOICE_ROW) for at, row in enumerate(rows, 1)]
        return taking.take(session, by, "invoices", reader, readings, rows)

    return take_rows(write)


def receipts() -> Response:
    """New receipts and what they pay."""
    return take_rows(payments.take_receipts)


def adjustments() -> Response:
    """Corrections of items."""
    return take_rows(entries.take_adjustments)


def allocations() -> Response:
    """Receipts and credit notes that pay items."""
    return take_rows(entries.take_allocations)


def reversal(receipt: str) -> Response:
    """A receipt that is gone."""
    data = body.read_bytes(JSON, body.LARGEST_JSON)
    given = body.read_json(data)
    return once(db.session(), token(), data, lambda: entries.reverse(db.session(), token(), receipt, given))


def documents() -> Response:
    """Documents of UBL, one or a ZIP of many."""
    data = body.read_bytes(XML, body.LARGEST_DOCUMENT)

    def write() -> dict[str, Any]:
        session = db.session()
        mapping = ubl.mapping_of(token().source)
        with ubl.open_documents(BytesIO(data)) as table:
            reader = RowReader(mapping, table, token().currencies)
            readings = ubl.readings(session, table, reader)
        return taking.take(session, token(), "ubl", reader, readings)

    return once(db.session(), token(), data, write)


def orders() -> Response:
    """Messages about orders, each checked."""
    return take_rows(ordering.take_orders)


def order_check() -> Response:
    """What the order check says of an order that is not there."""
    given = body.read_json(body.read_bytes(JSON, body.LARGEST_JSON))
    return answered(ordering.question_answer(db.session(), token(), given))


def order(order: str) -> Response:
    """One order with its last check."""
    asking.known_parameters()
    return answered(ordering.order_answer(db.session(), token(), order))


def sms_reports() -> Response:
    """What became of short messages."""
    return take_rows(messages.take_reports)


def customer(customer: str) -> Response:
    """Master data of one customer."""
    asking.known_parameters()
    return answered(asking.customer_answer(db.session(), token(), customer))


def open_items(customer: str) -> Response:
    """What is open."""
    return answered(asking.open_items_answer(db.session(), token(), customer))


def statement(customer: str) -> Response:
    """The account between two days."""
    return answered(asking.statement_answer(db.session(), token(), customer))


def ageing() -> Response:
    """What is open by age."""
    return answered(asking.ageing_answer(db.session()))


def item_ubl(item: str) -> Response:
    """A document of the ledger as UBL."""
    asking.known_parameters()
    session = db.session()
    named = asking.item_named(session, token(), item)
    found = ubl_of(session, named)
    asking.read(session, token(), named.customer_id, "account")
    db.session.commit()
    return Response(found, content_type="application/xml")


def answered(values: dict[str, Any]) -> Response:
    """An answer to a question; what is committed is when the token was used."""
    db.session.commit()
    return Response(dumped(values), content_type="application/json")
