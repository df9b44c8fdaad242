"""Every operation of the interface, in the order in which a system begins; the examples work one after the other."""

from flask_babel import LazyString

from credit_app.api import views
from credit_app.api.asking import AGEING_BY
from credit_app.api.inputs import (
    ADJUSTMENT_ROW,
    ALLOCATION_ROW,
    CUSTOMER_ROW,
    INVOICE_ROW,
    ORDER_QUESTION,
    ORDER_ROW,
    RECEIPT_ROW,
    REVERSAL,
    SMS_REPORT_ROW,
)
from credit_app.api.operations import Operation, Parameter
from credit_app.api.outputs import (
    AGEING,
    CUSTOMER,
    OPEN_ITEMS,
    ORDER,
    ORDER_ANSWER,
    ORDERS_TAKEN,
    REVERSED,
    SMS_REPORTED,
    STATEMENT,
    TAKEN,
    TAKEN_IDS,
)
from credit_app.i18n import _l

READ, WRITE = "ledger.read", "ledger.write"
_CUSTOMER = Parameter("customer", _l("External id of the customer, else our number"), example="10077")
_PAGE = (
    Parameter("after", _l("The value of next of the page before"), example=""),
    Parameter("limit", _l("Rows of a page, 1 to 1000; else 100"), "whole", "50"),
)
ALL_OR_NOTHING: LazyString = _l("One row that cannot be taken stops all; the answer names every one of them.")
SAME_AGAIN: LazyString = _l(
    "A row that is there already changes nothing; one that says otherwise is refused."
)
_UBL = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
    xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
    xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:UBLVersionID>2.1</cbc:UBLVersionID>
  <cbc:ID>R-1003</cbc:ID>
  <cbc:IssueDate>2026-03-02</cbc:IssueDate>
  <cbc:DueDate>2026-04-01</cbc:DueDate>
  <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
  <cac:OrderReference><cbc:ID>PO-78</cbc:ID></cac:OrderReference>
  <cac:AccountingCustomerParty><cac:Party>
    <cac:PartyIdentification><cbc:ID>10077</cbc:ID></cac:PartyIdentification>
  </cac:Party></cac:AccountingCustomerParty>
  <cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="EUR">480.00</cbc:PayableAmount></cac:LegalMonetaryTotal>
</Invoice>
"""

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        "/customers",
        "customers.write",
        _l("Enter and change customers"),
        views.customers,
        TAKEN_IDS,
        rows=CUSTOMER_ROW,
        notes=(
            ALL_OR_NOTHING,
            _l(
                "A field that no row has stays as it is; null empties it. All rows of a request have the same fields."
            ),
        ),
        example={
            "rows": [
                {
                    "external_id": "10077",
                    "name": "Nordwind GmbH",
                    "registration_number": "HRB 4711",
                    "country": "DE",
                    "city": "Kiel",
                }
            ]
        },
    ),
    Operation(
        "POST",
        "/invoices",
        WRITE,
        _l("Enter invoices, credit notes, interest and cost"),
        views.invoices,
        TAKEN_IDS,
        rows=INVOICE_ROW,
        notes=(ALL_OR_NOTHING, SAME_AGAIN),
        example={
            "rows": [
                {
                    "external_id": "R-1001",
                    "customer_external_id": "10077",
                    "document_date": "2026-02-02",
                    "due_date": "2026-03-04",
                    "amount": "1190.00",
                    "currency": "EUR",
                    "reference": "PO-77",
                },
                {
                    "external_id": "R-1002",
                    "customer_external_id": "10077",
                    "document_date": "2026-02-10",
                    "terms": "40%@30, 60%@90",
                    "amount": 5000,
                    "currency": "EUR",
                },
                {
                    "external_id": "G-201",
                    "kind": "credit_note",
                    "customer_external_id": "10077",
                    "document_date": "2026-02-20",
                    "due_date": "2026-02-20",
                    "amount": "90.00",
                    "currency": "EUR",
                },
            ]
        },
    ),
    Operation(
        "POST",
        "/receipts",
        WRITE,
        _l("Enter receipts and what they pay"),
        views.receipts,
        TAKEN_IDS,
        rows=RECEIPT_ROW,
        notes=(ALL_OR_NOTHING, SAME_AGAIN),
        example={
            "rows": [
                {
                    "external_id": "B-1",
                    "customer_external_id": "10077",
                    "received_on": "2026-03-04",
                    "amount": "900.00",
                    "currency": "EUR",
                    "reference": "R-1001 less credit note",
                    "allocations": [{"item": "R-1001", "amount": "900.00"}],
                },
                {
                    "external_id": "B-2",
                    "customer_external_id": "10077",
                    "received_on": "2026-03-05",
                    "amount": "250.00",
                    "currency": "EUR",
                    "allocate": "none",
                },
            ]
        },
    ),
    Operation(
        "POST",
        "/adjustments",
        WRITE,
        _l("Correct what items ask"),
        views.adjustments,
        TAKEN_IDS,
        rows=ADJUSTMENT_ROW,
        notes=(ALL_OR_NOTHING, SAME_AGAIN),
        example={
            "rows": [
                {
                    "external_id": "A-1",
                    "item": "R-1001",
                    "amount": "-40.00",
                    "currency": "EUR",
                    "adjusted_on": "2026-03-05",
                    "reason": "discount",
                    "note": "Cash discount agreed by telephone",
                }
            ]
        },
    ),
    Operation(
        "POST",
        "/allocations",
        WRITE,
        _l("Pay items with receipts, or set credit notes off against them"),
        views.allocations,
        TAKEN,
        rows=ALLOCATION_ROW,
        notes=(
            ALL_OR_NOTHING,
            _l("The same payer, item, amount and day is the same allocation, unless it was taken back."),
        ),
        example={
            "rows": [
                {
                    "credit_note": "G-201",
                    "item": "R-1001",
                    "amount": "90.00",
                    "currency": "EUR",
                    "allocated_on": "2026-03-05",
                },
                {
                    "receipt": "B-2",
                    "item": "R-1002#1",
                    "amount": "250.00",
                    "currency": "EUR",
                    "allocated_on": "2026-03-06",
                },
            ]
        },
    ),
    Operation(
        "POST",
        "/receipts/{receipt}/reversal",
        WRITE,
        _l("Take a receipt back: what it paid is open again"),
        views.reversal,
        REVERSED,
        body=REVERSAL,
        place=Parameter("receipt", _l("External id of the receipt"), example="B-2"),
        example={"kind": "bounced", "reversed_on": "2026-03-09", "reason": "Account closed"},
    ),
    Operation(
        "POST",
        "/ubl",
        WRITE,
        _l("Enter UBL 2.1 invoices and credit notes, one XML document or a ZIP of many"),
        views.documents,
        TAKEN_IDS,
        media=views.XML,
        notes=(ALL_OR_NOTHING, SAME_AGAIN),
        example=_UBL,
    ),
    Operation(
        "GET",
        "/customers/{customer}",
        "customers.read",
        _l("Master data of a customer"),
        views.customer,
        CUSTOMER,
        place=_CUSTOMER,
    ),
    Operation(
        "GET",
        "/customers/{customer}/open-items",
        READ,
        _l("What a customer owed at the end of a day"),
        views.open_items,
        OPEN_ITEMS,
        place=_CUSTOMER,
        query=(Parameter("as_of", _l("Day; else today"), "date", "2026-03-09"), *_PAGE),
    ),
    Operation(
        "GET",
        "/customers/{customer}/statement",
        READ,
        _l("Account of a customer between two days"),
        views.statement,
        STATEMENT,
        place=_CUSTOMER,
        query=(
            Parameter("from", _l("First day; else 90 days before the last"), "date", "2026-02-01"),
            Parameter("to", _l("Last day; else today"), "date", "2026-03-09"),
            *_PAGE,
        ),
    ),
    Operation(
        "GET",
        "/ageing",
        READ,
        _l("Everything open at the end of a day, by age"),
        views.ageing,
        AGEING,
        query=(
            Parameter("as_of", _l("Day; else today"), "date", "2026-03-09"),
            Parameter("by", _l("What a row stands for; else total"), example="customer", words=AGEING_BY),
            *_PAGE,
        ),
    ),
    Operation(
        "GET",
        "/items/{item}/ubl",
        READ,
        _l("A document of the ledger as UBL 2.1, with all its instalments"),
        views.item_ubl,
        media=("application/xml",),
        place=Parameter("item", _l("External id of the item"), example="R-1002"),
    ),
    Operation(
        "POST",
        "/orders",
        "orders.write",
        _l("Enter and change orders; each is checked"),
        views.orders,
        ORDERS_TAKEN,
        rows=ORDER_ROW,
        notes=(
            ALL_OR_NOTHING,
            _l(
                "A message says all of an order. One that is there, or older than one that is, changes nothing."
            ),
            _l("No message is refused because of what the check says; what is delivered is never held."),
        ),
        example={
            "rows": [
                {
                    "external_id": "SO-4711",
                    "customer_external_id": "10077",
                    "amount": "2380.00",
                    "currency": "EUR",
                    "payment_days": 30,
                    "payment_method": "open_account",
                    "ordered_on": "2026-03-09",
                    "deliver_on": "2026-03-20",
                    "sequence": 1,
                }
            ]
        },
    ),
    Operation(
        "POST",
        "/order-checks",
        "orders.check",
        _l("Ask what the order check would say"),
        views.order_check,
        ORDER_ANSWER,
        body=ORDER_QUESTION,
        asks_only=True,
        notes=(_l("Nothing is kept of it: it reserves no room under a limit. Send the order for that."),),
        example={
            "customer": "10077",
            "amount": "12000.00",
            "currency": "EUR",
            "payment_days": 30,
            "payment_method": "open_account",
        },
    ),
    Operation(
        "GET",
        "/orders/{order}",
        "orders.check",
        _l("An order of this token's source with its last check"),
        views.order,
        ORDER,
        place=Parameter("order", _l("External id of the order"), example="SO-4711"),
    ),
    Operation(
        "POST",
        "/sms-reports",
        "sms.report",
        _l("Report what became of short messages"),
        views.sms_reports,
        SMS_REPORTED,
        rows=SMS_REPORT_ROW,
        notes=(
            _l("A delivered message is proof of a letter's delivery."),
            _l(
                "The first report of a delivery counts; one about a message that is not ours changes nothing."
            ),
        ),
        example={"rows": [{"message": "DUN-2026-00017", "state": "delivered", "happened_on": "2026-03-09"}]},
    ),
)
