"""What other systems write: judged as files are, all or nothing, known again when it comes twice."""

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.facts.ledger_check import balances_that_do_not_tie
from credit_app.importers import ImportReport, import_file
from credit_app.models import (
    Adjustment,
    Allocation,
    Customer,
    ImportBatch,
    ReceiptReversal,
    ReceivableItem,
    open_items,
    unallocated_receipts,
)
from tests.api.conftest import Caller, invoice, receipt, token_of
from tests.factories import TODAY, make_branch, make_customer, make_invoice
from tests.importers.test_ubl import document, packed


def still_open(session: Session) -> dict[str, str]:
    session.rollback()
    ids = list(session.scalars(select(Customer.id)))
    names = {item.id: item.external_id for item in session.scalars(select(ReceivableItem))}
    assert balances_that_do_not_tie(session) == []
    return {names[item.item_id]: str(item.open_amount) for item in open_items(session, ids, TODAY)}


def on_account(session: Session) -> list[Decimal]:
    ids = list(session.scalars(select(Customer.id)))
    return [one.amount for one in unallocated_receipts(session, ids, TODAY)]


def words(answer: Any) -> list[str]:
    return [row["result"] for row in answer["rows"]]


def test_invoices_are_new_then_the_same_and_never_changed(erp: Caller, session: Session) -> None:
    rows = [
        invoice("R1", reference="PO-7"),
        invoice("R2", due_date=None, terms="EOM+15", amount=250.5),
        invoice("Z1", kind="interest", amount="7.10"),
        invoice("G1", kind="credit_note", due_date="2026-02-02"),
    ]
    first = erp.rows("/invoices", *rows)
    assert (words(first), first["new"], first["same"]) == (["new"] * 4, 4, 0)
    again = erp.rows("/invoices", *rows)
    assert (words(again), again["new"]) == (["same"] * 4, 0)
    items = {item.external_id: item for item in session.scalars(select(ReceivableItem))}
    assert (items["R2"].due_date.isoformat(), items["R2"].terms, items["R2"].instalment) == (
        "2026-03-15",
        "EOM+15",
        None,
    )
    assert (items["R1"].source, items["R1"].reference, items["Z1"].kind) == ("erp", "PO-7", "interest")
    [batch] = session.scalars(select(ImportBatch))  # a request that changes nothing leaves none
    assert (batch.mapping, batch.rows_new, items["R1"].batch_id) == ("api ERP", 4, batch.id)
    refused = erp.rows("/invoices", invoice("R3"), invoice("R1", amount="100.01"), status=422)
    assert words(refused) == ["not written", "refused"]
    assert refused["errors"] == [
        {
            "row": 2,
            "field": "amount",
            "value": "100.01",
            "reason": "differs from the books, which are never changed; correct it with a credit note",
        }
    ]
    assert refused["detail"].startswith("Nothing was written; row 2, amount: differs from the books")
    assert set(still_open(session)) == {"R1", "R2", "Z1", "G1"}


def test_instalments_are_an_item_each_and_come_back_the_same(erp: Caller, session: Session) -> None:
    whole = invoice("R1", due_date=None, terms="30%@30, 30%@60, 40%@90", amount="100.01")
    answer = erp.rows("/invoices", whole)
    assert answer["rows"] == [{"row": 1, "result": "new", "external_ids": ["R1#1", "R1#2", "R1#3"]}]
    assert words(erp.rows("/invoices", whole)) == ["same"]
    parts = session.scalars(select(ReceivableItem).order_by(ReceivableItem.id)).all()
    assert [(p.instalment, str(p.amount), p.due_date.isoformat(), p.number) for p in parts] == [
        (1, "30.00", "2026-03-04", "R1"),
        (2, "30.00", "2026-04-03", "R1"),
        (3, "40.01", "2026-05-03", "R1"),
    ]
    # Whole, in fewer or in more parts it would be the same debt twice.
    for changed in (
        {"terms": "30"},
        {"terms": "50%@30, 50%@60"},
        {"terms": "30%@30, 30%@60, 20%@90, 20%@120"},
        {"amount": "200.00"},
    ):
        assert words(erp.rows("/invoices", whole | changed, status=422)) == ["refused"], changed
    erp.rows("/invoices", invoice("R2"))
    assert words(erp.rows("/invoices", invoice("R2", due_date=None, terms="50%@0, 50%@30"), status=422)) == [
        "refused"
    ]
    twice = [invoice("R3", due_date=None, terms=terms) for terms in ("30", "50%@0, 50%@30")]
    assert "refused" in words(erp.rows("/invoices", *twice, status=422))
    assert still_open(session) == {"R1#1": "30.00", "R1#2": "30.00", "R1#3": "40.01", "R2": "100.00"}


def test_files_requests_and_documents_know_the_same_invoice_again(erp: Caller, session: Session) -> None:
    """One source, three ways in: the items have the same ids, and what differs is refused by the same sentence."""
    same = Caller(erp.client, token_of(session, source="credit_desk"))
    row = invoice("R1", due_date=None, terms="40%@30, 60%@60", document_date="2026-03-02")
    assert same.rows("/invoices", row)["rows"][0]["external_ids"] == ["R1#1", "R1#2"]
    heading = "invoice_number,customer_id,document_date,terms,amount,currency"

    def file(terms: str) -> ImportReport:
        data = f'{heading}\nR1,K1,2026-03-02,"{terms}",100.00,EUR\n'
        return import_file(session, "invoices", "r.csv", BytesIO(data.encode()), "invoices")

    assert (file("40%@30, 60%@60").rows_same, file("60").problems[0].reason) == (
        1,
        "is in the books with other instalments",
    )
    session.commit()

    def sent(*parts: tuple[str, str]) -> bytes:
        due = "".join(
            f"<cac:PaymentTerms><cbc:Amount>{amount}</cbc:Amount><cbc:InstallmentDueDate>{day}</cbc:InstallmentDueDate>"
            "</cac:PaymentTerms>"
            for amount, day in parts
        )
        return document(due="", after=due, amount=str(sum(Decimal(amount) for amount, _day in parts)))

    first, second = ("40.00", "2026-04-01"), ("60.00", "2026-05-01")
    known = same.post("/ubl", sent(first, second), content_type="application/xml")
    assert (words(known), known["rows"][0]["external_ids"]) == (["same"], ["R1#1", "R1#2"])
    more = same.post("/ubl", sent(first, second, ("1.00", "2026-06-01")), 422, content_type="application/xml")
    assert more["errors"][0]["reason"] == "is in the books with other instalments"
    three = [("10.00", f"2026-0{month}-01") for month in (4, 5, 6)]
    same.post("/ubl", sent(*three).replace(b"<cbc:ID>R1<", b"<cbc:ID>R2<"), content_type="application/xml")
    fewer = same.post(
        "/ubl", sent(*three[:2]).replace(b"<cbc:ID>R1<", b"<cbc:ID>R2<"), 422, content_type="application/xml"
    )
    assert fewer["errors"][0]["reason"] == "is in the books with other instalments"


def test_a_field_that_is_needed_is_missed_when_no_row_has_it(erp: Caller) -> None:
    refused = erp.rows("/customers", {"external_id": "K7", "city": "Ulm"}, status=422)
    assert [(one["field"], one["reason"]) for one in refused["errors"]] == [("name", "is empty")]


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"amount": 0.1 + 0.2}, "amount", "has more than two decimals"),
        ({"amount": "1e3"}, "amount", "is not an amount with “.” before the decimals"),
        ({"amount": 1e22}, "amount", "is not an amount with “.” before the decimals"),
        ({"amount": 10**40}, "amount", "has more than 15 digits"),
        ({"amount": "-5"}, "amount", "is negative"),
        ({"amount": 0}, "amount", "is zero"),
        ({"amount": True}, "amount", "is not text in quotes"),
        ({"amount": ["1"]}, "amount", "is not text in quotes"),
        ({"currency": "XXX"}, "currency", "is not a currency in use here"),
        ({"external_id": 5}, "external_id", "is not text in quotes"),
        ({"external_id": ""}, "external_id", "is empty"),
        ({"external_id": "x" * 101}, "external_id", "is longer than 100 characters"),
        ({"document_date": "02.02.2026"}, "document_date", "is not a date written YYYY-MM-DD"),
        ({"due_date": "2026-01-01"}, "due_date", "is before the document date 2026-02-02"),
        ({"due_date": None}, "due_date", "is empty, and no terms say when it is due"),
        (
            {"terms": "50%@0, 50%@30"},
            "due_date",
            "is given, but the terms have a due date for each instalment",
        ),
        (
            {"due_date": None, "terms": "soon"},
            "terms",
            "“soon” are no payment terms; write 30, EOM+15, 30 EOM or 40%@30, 60%@90.",
        ),
        (
            {"due_date": None, "terms": "50%@0, 40%@30"},
            "terms",
            "The instalments of “50%@0, 40%@30” come to 90 %, not to 100 %.",
        ),
        ({"kind": "order"}, "kind", "is none of invoice, credit_note, interest, cost"),
        ({"disputed": "yes"}, "disputed", "is neither true nor false"),
        (
            {"customer_external_id": "K9"},
            "customer_external_id",
            "is no customer; import the customers first",
        ),
        ({"number": "a\x07"}, "number", "contains a control character"),
    ],
)
def test_a_field_that_cannot_be_taken_is_named(
    erp: Caller, session: Session, changes: dict[str, Any], field: str, reason: str
) -> None:
    refused = erp.rows("/invoices", invoice("R9"), invoice(**changes), status=422)
    assert [(one["row"], one["field"], one["reason"]) for one in refused["errors"]] == [(2, field, reason)]
    assert words(refused) == ["not written", "refused"]
    assert still_open(session) == {}


def test_customers_are_entered_and_only_what_is_sent_changes(erp: Caller, session: Session) -> None:
    make_branch(session, "N")
    session.commit()
    full = {"external_id": "K2", "name": "Südwind", "country": "DE", "city": "Ulm", "branch_code": "N"}
    assert words(erp.rows("/customers", full)) == ["new"]
    changed = erp.rows("/customers", {"external_id": "K2", "name": "Südwind AG", "city": None})
    assert (words(changed), changed["changed"]) == (["changed"], 1)
    found = erp.get("/customers/K2")
    assert (found["name"], found["city"], found["branch_code"]) == ("Südwind AG", None, "N")
    assert erp.get(f"/customers/{found['number']}") == found
    uneven = erp.rows(
        "/customers",
        {"external_id": "K3", "name": "A", "city": "X"},
        {"external_id": "K4", "name": "B"},
        status=422,
    )
    assert "do not have the same fields (“city”)" in uneven["detail"]
    registered = {"name": "X", "country": "DE", "registration_number": "HRB 1"}
    both = erp.rows(
        "/customers", {"external_id": "K5"} | registered, {"external_id": "K6"} | registered, status=422
    )
    assert both["errors"][0]["reason"] == "is the registration number of another customer"


def test_a_receipt_pays_what_it_names_else_the_oldest_or_stays_on_account(
    erp: Caller, session: Session
) -> None:
    erp.rows(
        "/invoices",
        invoice("R1"),
        invoice("R2", due_date="2026-03-20"),
        invoice("C1", kind="cost", amount="40.00", due_date="2026-04-01"),
        invoice("P", due_date=None, terms="50%@30, 50%@60", amount="60.00"),
    )
    rows = [
        receipt("B1", "20.00", allocations=[{"item": "R2"}]),
        receipt("B2", "45.00", allocations=[{"item": "P", "amount": "35.00"}]),
        receipt("B3", "90.00"),  # cost before principal, then the oldest
        receipt("B4", "5.00", allocate="none"),
    ]
    assert words(erp.rows("/receipts", *rows)) == ["new"] * 4
    assert still_open(session) == {"R1": "50.00", "R2": "80.00", "P#2": "25.00"}
    assert on_account(session) == [Decimal("10.00"), Decimal("5.00")]
    assert words(erp.rows("/receipts", *rows)) == ["same"] * 4
    assert still_open(session) == {"R1": "50.00", "R2": "80.00", "P#2": "25.00"}
    otherwise = receipt("B1", "20.00", allocations=[{"item": "R1"}])
    assert "pays; use /allocations" in erp.rows("/receipts", otherwise, status=422)["detail"]


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"allocations": [{"item": "R9"}]}, "allocations.item", "is not open, or is of another"),
        ({"allocations": [{"item": "T1"}]}, "allocations.item", "is not open, or is of another"),
        ({"allocations": [{"item": "R1", "amount": "100.01"}]}, "allocations.amount", "more than the 100.00"),
        ({"allocations": [{"item": "R1", "amount": "x"}]}, "allocations[1].amount", "is not an amount"),
        (
            {"allocations": [{"item": "R1", "amount": "9"}, {"item": "R1", "amount": "9"}]},
            "allocations.item",
            "stands twice",
        ),
        ({"allocations": [{"items": "R1"}]}, "allocations[1].items", "is no field here"),
        ({"allocations": "R1"}, "allocations", "is not a list"),
        ({"allocations": [{"item": "R1"}], "allocate": "none"}, "allocate", "is given beside allocations"),
        ({"allocate": "newest"}, "allocate", "is none of oldest, none"),
        ({"received_on": "2026-01-05"}, "received_on", "is closed, what was reported of it stays"),
        ({"received_on": "2026-03-11"}, "received_on", "has not come yet"),
        ({"amount": "-1"}, "amount", "is negative"),
    ],
)
def test_a_receipt_that_does_not_fit_stops_its_request(
    erp: Caller, session: Session, changes: dict[str, Any], field: str, reason: str
) -> None:
    make_invoice(session, make_customer(session, external_id="K2"), external_id="T1", source="erp")
    session.commit()
    erp.rows("/invoices", invoice("R1"))
    refused = erp.rows("/receipts", receipt("B0", "1.00", allocate="none"), receipt(**changes), status=422)
    assert refused["errors"][0]["field"] == field
    assert reason in refused["errors"][0]["reason"]
    assert still_open(session) == {"R1": "100.00", "T1": "1000.00"}
    assert on_account(session) == []


def test_adjustments_allocations_and_reversals_are_entries_known_again(erp: Caller, session: Session) -> None:
    erp.rows("/invoices", invoice("R1"), invoice("G1", kind="credit_note", amount="30.00"))
    erp.rows("/receipts", receipt("B1", "50.00", allocate="none"))
    correction = {
        "external_id": "A1",
        "item": "R1",
        "amount": "-10.00",
        "currency": "EUR",
        "adjusted_on": "2026-03-06",
        "reason": "discount",
        "note": "Agreed",
    }
    assert words(erp.rows("/adjustments", correction)) == ["new"]
    assert words(erp.rows("/adjustments", correction)) == ["same"]
    for changes, field in (
        ({"amount": "-11.00"}, "amount"),
        ({"note": "Other"}, "note"),
        ({"item": "G1"}, "item"),
    ):
        refused = erp.rows("/adjustments", correction | changes, status=422)
        assert (refused["errors"][0]["field"], "never changed" in refused["detail"]) == (field, True)
    too_much = erp.rows("/adjustments", correction | {"external_id": "A2", "amount": "-95.00"}, status=422)
    assert (
        too_much["detail"]
        == "Nothing was written; row 1: Only 90.00 is open of R1; correct it by that or less."
    )
    pays = {"item": "R1", "amount": "50.00", "currency": "EUR", "allocated_on": "2026-03-07"}
    both = [pays | {"receipt": "B1"}, pays | {"credit_note": "G1", "amount": "30.00"}]
    assert words(erp.rows("/allocations", *both)) == ["new", "new"]
    assert words(erp.rows("/allocations", *both)) == ["same", "same"]
    assert still_open(session) == {"R1": "10.00"}
    for wrong in (
        pays,
        both[0] | {"credit_note": "G1"},
        both[0] | {"receipt": "B9"},
        both[0] | {"currency": "USD"},
    ):
        assert words(erp.rows("/allocations", wrong, status=422)) == ["refused"]
    gone = {"kind": "bounced", "reversed_on": "2026-03-09", "reason": "Account closed"}
    assert erp.post("/receipts/B1/reversal", gone)["result"] == "new"
    assert erp.post("/receipts/B1/reversal", gone)["result"] == "same"
    assert (
        "was reversed already, as bounced on 2026-03-09"
        in erp.post("/receipts/B1/reversal", gone | {"kind": "reversed"}, 409)["detail"]
    )
    assert erp.post("/receipts/B9/reversal", gone, 404)["status"] == 404
    assert erp.post("/receipts/B1/reversal", gone | {"kind": "lost"}, 422)["detail"] == (
        "The field kind is none of bounced, reversed (“lost”)."
    )
    assert still_open(session) == {"R1": "60.00"}
    counts = [
        len(session.scalars(select(table)).all()) for table in (Adjustment, Allocation, ReceiptReversal)
    ]
    assert counts == [1, 3, 1]


def test_more_allocations_than_a_request_may_have_are_refused(erp: Caller) -> None:
    many = [receipt(f"B{n}", "5.00", allocations=[{"item": f"R{m}"} for m in range(200)]) for n in range(11)]
    assert "more than 2000 allocations" in erp.rows("/receipts", *many, status=422)["detail"]
    few = erp.rows("/receipts", *many[:2], status=422)
    assert [one["field"] for one in few["errors"]] == ["allocations.item"] * 2


def test_each_source_has_ids_of_its_own(erp: Caller, session: Session) -> None:
    other = Caller(erp.client, token_of(session, source="shop"))
    erp.rows("/invoices", invoice("R1"))
    assert words(other.rows("/invoices", invoice("R1", amount="7.00"))) == ["new"]
    mine = other.rows("/receipts", receipt("B1", "7.00", allocations=[{"item": "R1"}]))
    assert words(mine) == ["new"]
    open_by_source = [
        (item.source, item.amount)
        for item in session.scalars(select(ReceivableItem).order_by(ReceivableItem.id))
    ]
    assert open_by_source == [("erp", Decimal("100.00")), ("shop", Decimal("7.00"))]
    assert other.post("/receipts/B2/reversal", {}, 404)


def test_open_items_and_statement_are_read_page_by_page(erp: Caller) -> None:
    erp.rows("/invoices", *(invoice(f"R{n}", amount=f"{n}.00") for n in range(1, 8)))
    erp.rows("/receipts", receipt("B1", "3.00"))
    seen: list[str] = []
    query = {"limit": "3"}
    while True:
        page = erp.get("/customers/K1/open-items", **query)
        seen += [f"{item['external_id']} {item['open_amount']}" for item in page["items"]]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert seen == ["R3 3.00", "R4 4.00", "R5 5.00", "R6 6.00", "R7 7.00"]
    before = erp.get("/customers/K1/open-items", as_of="2026-03-04")
    assert sum(Decimal(item["open_amount"]) for item in before["items"]) == 28
    statement = erp.get("/customers/K1/statement", **{"from": "2026-03-01", "to": "2026-03-10"})
    assert statement["balances"] == [{"currency": "EUR", "opening": "28.00", "closing": "25.00"}]
    assert [(one["kind"], one["amount"]) for one in statement["entries"]] == [("receipt", "-3.00")]
    aged = erp.get("/ageing", as_of="2026-03-05", by="customer")
    owed = [sum(map(Decimal, row["buckets"])) for row in aged["rows"]]
    assert (aged["rows"][0]["external_id"], owed, aged["next"]) == ("K1", [Decimal(25)], None)
    assert aged["rows"][0]["buckets"][:2] == ["0.00", "25.00"]
    assert aged["buckets"][0] == {"from": None, "to": 0}
    assert [row["net"] for row in erp.get("/ageing")["rows"]] == ["25.00"]
    entries = []
    query = {"limit": "3", "from": "2026-01-01"}
    while True:
        page = erp.get("/customers/K1/statement", **query)
        entries += page["entries"]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert sum(Decimal(one["amount"]) for one in entries) == Decimal(page["balances"][0]["closing"]) == 25
    for path, wrong in (
        ("open-items", {"as_of": "10.03.2026"}),
        ("open-items", {"as_of": "2026-02-30"}),
        ("open-items", {"asof": "2026-02-28"}),
        ("open-items", {"limit": "1001"}),
        ("open-items", {"after": "x"}),
        ("open-items", {"after": "2026-01-01_9_9"}),
        ("statement", {"from": "2026-03-02", "to": "2026-03-01"}),
    ):
        assert erp.get(f"/customers/K1/{path}", 422, **wrong)["detail"].startswith(
            ("The parameter", "“asof”")
        )
    assert erp.get("/ageing", 422, by="person")["detail"].startswith("The parameter by")
    assert erp.get("/customers/K9/statement", 404)["detail"] == (
        "There is no customer with this external id or number."
    )


def test_documents_of_ubl_are_taken_under_the_source_of_the_token(erp: Caller, session: Session) -> None:
    one = document("U1").replace(b">K9<", b">K1<")
    sent = erp.post("/ubl", one, content_type="application/xml")
    assert sent["rows"] == [{"row": 1, "result": "new", "external_ids": ["U1"]}]
    assert words(erp.post("/ubl", packed(one, document("U2")), content_type="application/zip")) == [
        "same",
        "new",
    ]
    assert {item.source for item in session.scalars(select(ReceivableItem))} == {"erp"}
    assert words(erp.rows("/invoices", invoice("U1"), status=422)) == ["refused"]
    refused = erp.post("/ubl", packed(document("U3"), b"<no/>"), 422, content_type="application/zip")
    assert (words(refused), refused["errors"][0]["field"]) == (["not written", "refused"], "2.xml")
    for data, says in (
        (document("U3", head='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'), "declares a DOCTYPE"),
        (document("U3", version="2.0"), "is of UBL version 2.0; version 2.1 is accepted"),
        (packed(b"\0" * (20 << 20)), "would unpack into too much data"),
    ):
        assert says in erp.post("/ubl", data, 422, content_type="application/xml")["detail"]
    assert "10 MB" in erp.post("/ubl", b" " * ((10 << 20) + 1), 413, content_type="text/xml")["detail"]
    erp.post("/ubl", one, 415)
    written = erp.client.get("/api/v1/items/U1/ubl", headers=erp._headers())
    assert (written.status_code, written.content_type) == (200, "application/xml")
    assert words(erp.post("/ubl", written.data, content_type="application/xml")) == ["same"]
    assert erp.get("/items/U9/ubl", 404)["status"] == 404
