"""The receivables board, a customer's account, and what is booked by hand, through the screens."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader

from credit_app.facts.ledger_check import balances_that_do_not_tie
from credit_app.models import AccessLog, Allocation, Customer, Receipt, ReceivableItem, open_items
from tests.factories import TODAY, make_invoice, make_rate, make_receipt
from tests.screens.desk import Desk
from tests.screens.pages import Page


@pytest.fixture
def customer(desk: Desk) -> Customer:
    """Three debts of one customer, two of them overdue, and a credit note."""
    found = desk.customer("Nordwind AG")
    make_invoice(desk.session, found, "100.00", due=TODAY - timedelta(days=40), number="OLD")
    make_invoice(desk.session, found, "250.00", due=TODAY - timedelta(days=10), number="LATE")
    make_invoice(desk.session, found, "80.00", due=TODAY + timedelta(days=10), number="SOON")
    make_invoice(desk.session, found, "30.00", due=TODAY, kind="credit_note", number="CREDIT")
    desk.session.commit()
    return found


def account(desk: Desk, customer: Customer, rest: str = "") -> Page:
    return desk.get(desk.cast.rita, f"/receivables/customers/{customer.number}{rest}")


def open_of(desk: Desk, customer: Customer) -> dict[str, Decimal]:
    desk.fresh()
    return {item.number: item.open_amount for item in open_items(desk.session, [customer.id], TODAY)}


def item_of(desk: Desk, number: str) -> ReceivableItem:
    found: ReceivableItem = desk.session.query(ReceivableItem).filter_by(number=number).one()
    return found


def test_board_ages_everything_and_ties_with_all_entries(desk: Desk, customer: Customer) -> None:
    other = desk.customer("Südwind AG", branch_id=desk.cast.north.id)
    make_rate(desk.session, "USD", "EUR", "0.90", TODAY)
    make_invoice(
        desk.session, other, "100000.00", due=TODAY - timedelta(days=70), currency="USD", number="BIG"
    )
    make_receipt(desk.session, other, "15.00")
    desk.session.commit()
    page = desk.get(desk.cast.rita, "/receivables")
    assert "Owed EUR 90,430" in page.text
    assert "Overdue EUR 90,350" in page.text
    assert "Net EUR 90,385 ties with all entries" in page.text
    assert page.links(f"/receivables/customers/{customer.number}")
    assert "61–90 days orders on hold" not in page.text
    assert "61–90 days final demand" in page.text
    for by, words in (
        ("branch", "North"),
        ("rating", "not rated"),
        ("currency", "USD"),
        ("rep", "no sales rep"),
        ("group", "Südwind AG"),
    ):
        assert words in desk.get(desk.cast.rita, f"/receivables?by={by}").text
    assert "BIG" in desk.get(desk.cast.rita, "/receivables?view=large").text
    assert "OLD" not in desk.get(desk.cast.rita, "/receivables?view=large").text
    assert "EUR 15.00" in desk.get(desk.cast.rita, "/receivables?view=money").text
    assert (
        "the 2 that owe most; they owe 100 % of all" in desk.get(desk.cast.rita, "/receivables?view=key").text
    )
    earlier = (TODAY - timedelta(days=75)).isoformat()
    then = desk.get(desk.cast.rita, f"/receivables?as_of={earlier}").text
    assert "There is no exchange rate from USD to EUR" in then
    assert "Owed EUR 50,000" in then  # both had bought before


def test_each_age_opens_its_items(desk: Desk, customer: Customer) -> None:
    other = desk.customer("Südwind AG", branch_id=desk.cast.north.id)
    make_invoice(desk.session, other, "70.00", due=TODAY - timedelta(days=41), number="THEIRS")
    desk.session.commit()
    page = desk.get(desk.cast.rita, "/receivables")
    shown = {
        age: [one.text_content() for one in desk.get(desk.cast.rita, href).all("//tbody[@data-rows]//td[1]")]
        for age, href in (
            (href.rpartition("age=")[2], href) for href in page.links("view=items") if "customer=" not in href
        )
    }
    assert shown == {"0": ["SOON"], "1": ["LATE"], "2": ["OLD", "THEIRS"]}
    (own,) = [href for href in page.links(f"customer={customer.number}") if "age=2" in href]
    mine = desk.get(desk.cast.rita, own)
    assert "OLD" in mine.text
    assert "THEIRS" not in mine.text
    assert "Open items: 31–60 days EUR 100" in mine.text
    by_rating = desk.get(desk.cast.rita, "/receivables?by=currency")
    assert by_rating.links("currency=EUR")
    for query in ("view=items", "view=items&age=99", "view=items&age=x", "view=items&age=1&customer=NONE"):
        desk.get(desk.cast.rita, f"/receivables?{query}", status=400)


def test_ageing_is_handed_out_as_a_table(desk: Desk, customer: Customer) -> None:
    desk.get(desk.cast.rita, "/receivables")
    client = desk.browser(desk.cast.rita).client
    answer = client.get("/receivables/ageing.csv?currency=EUR")
    head, row, *more = answer.get_data(as_text=True).lstrip("\ufeff").splitlines()
    assert head.split(",")[:5] == ["Number", "customer", "Owed", "Overdue", "not due"]
    assert row.split(",")[:5] == [customer.number, "Nordwind AG", "430.00", "350.00", "80.00"]
    assert more == []
    assert client.get("/receivables/ageing.xlsx").data[:2] == b"PK"


def test_board_refuses_what_it_does_not_know(desk: Desk) -> None:
    for query in (
        "by=colour",
        "view=x",
        "as_of=2026-02-31",
        "as_of=2031-01-01",
        "branch=x",
        "currency=XXX",
        "grade=Z",
    ):
        desk.get(desk.cast.rita, f"/receivables?{query}", status=400)


def test_receipt_pays_the_oldest_and_what_is_left_stays_on_account(desk: Desk, customer: Customer) -> None:
    form = account(desk, customer, "/receipts/new").form("/receipts/new")
    page = form.fill(amount="450", currency="EUR", reference="Invoices of spring", how="oldest").send()
    assert page.messages == ["The receipt is entered."]
    assert "Left EUR 20.00" in page.text
    assert open_of(desk, customer) == {"CREDIT": Decimal(-30)}
    shown = account(desk, customer)
    assert "EUR 20.00" in shown.text
    booked = desk.session.query(Allocation).join(Receipt).filter(Receipt.reference == "Invoices of spring")
    assert {row.made_by for row in booked} == {desk.cast.rita.id}
    form = account(desk, customer, "/receipts/new").form("/receipts/new")
    asked = form.fill(amount="450", currency="EUR", how="account").send()
    assert "A receipt of EUR 450.00 of 10 Mar 2026 was entered" in asked.error_at("again")
    assert desk.session.query(Receipt).filter(Receipt.amount == 450).count() == 1
    asked.form("/receipts/new").fill(again="y").send()
    assert desk.session.query(Receipt).filter(Receipt.amount == 450).count() == 2


def test_chosen_amounts_pay_and_are_taken_back(desk: Desk, customer: Customer) -> None:
    late = item_of(desk, "LATE")
    form = account(desk, customer, "/receipts/new").form("/receipts/new")
    refused = form.fill(amount="100", currency="EUR", how="chosen", **{f"part-{late.id}": "250.01"}).send()
    assert "more than the 250 that is open" in refused.error_at("amount")
    assert desk.session.query(Receipt).filter(Receipt.made_by.is_not(None)).count() == 0
    page = refused.form("/receipts/new").fill(**{f"part-{late.id}": "60"}).send()
    assert open_of(desk, customer)["LATE"] == 190
    back = page.form("/undo").send()
    assert back.messages == ["The allocation is taken back."]
    assert open_of(desk, customer)["LATE"] == 250
    again = back.form("/allocate").fill(how="oldest").send()
    assert again.messages == ["The items are paid as far as it goes."]
    assert "OLD" not in open_of(desk, customer)
    bounced = again.form("/reverse").fill(kind="bounced", reason="Insufficient funds").send()
    assert bounced.messages == ["The receipt is reversed; what it paid is open again."]
    assert "Insufficient funds" in bounced.text
    assert not bounced.has_form("/reverse")
    assert open_of(desk, customer) == {"OLD": 100, "LATE": 250, "SOON": 80, "CREDIT": -30}
    assert balances_that_do_not_tie(desk.session) == []


def test_item_is_corrected_disputed_and_set_off(desk: Desk, customer: Customer) -> None:
    path = f"/receivables/items/{item_of(desk, 'LATE').id}"
    page = desk.get(desk.cast.rita, path)
    wrong = (
        page.form("/adjust")
        .fill(
            **{
                "adjust-direction": "less",
                "adjust-amount": "251",
                "adjust-reason": "price",
                "adjust-note": "Price list",
            }
        )
        .send()
    )
    assert "Only 250.00 is open of LATE" in wrong.error_at("adjust-amount")
    done = wrong.form("/adjust").fill(**{"adjust-amount": "50"}).send()
    assert done.messages == ["The correction is entered."]
    marked = (
        done.form("/mark")
        .fill(**{"mark-kind": "disputed", "mark-amount": "75", "mark-reason": "Wrong colour"})
        .send()
    )
    assert marked.messages == ["The mark is set."]
    assert "disputed EUR 75.00" in account(desk, customer).text
    ended = marked.form("/end").fill(**{"end-reason": "Accepted"}).send()
    assert ended.messages == ["The mark has ended."]
    credit = desk.get(desk.cast.rita, f"/receivables/items/{item_of(desk, 'CREDIT').id}")
    old = item_of(desk, "OLD")
    off = credit.form("/set-off").fill(**{f"part-{old.id}": "30"}).send()
    assert off.messages == ["The credit note is set off."]
    assert open_of(desk, customer) == {"OLD": 70, "LATE": 200, "SOON": 80}
    assert "adjustment Price list" in desk.get(desk.cast.rita, path).text
    document = desk.browser(desk.cast.rita).client.get(f"{path}/ubl.xml")
    assert document.mimetype == "application/xml"
    assert b"<cbc:ID>LATE</cbc:ID>" in document.data
    exported = desk.session.query(AccessLog).filter_by(customer_id=customer.id, kind="export")
    assert exported.count() == 1


def test_statement_ties_and_is_printed_in_both_languages(desk: Desk, customer: Customer) -> None:
    make_receipt(desk.session, customer, "20.00", TODAY - timedelta(days=3), reference="On account")
    desk.session.commit()
    page = account(desk, customer, "/statement")
    assert "Balance on 10 Mar 2026 EUR 380.00" in page.text
    assert "Received and not allocated EUR 20.00" in page.text
    for language, words in (
        ("en", ("Statement of account as of 10 Mar 2026", "380.00", "invoice")),
        ("zh_Hans_CN", ("对账单", "380.00", "发票")),
    ):
        answer = desk.browser(desk.cast.rita).client.get(
            f"/receivables/customers/{customer.number}/statement.{language}.pdf"
        )
        assert answer.mimetype == "application/pdf"
        text = "\n".join(one.extract_text() for one in PdfReader(BytesIO(answer.data)).pages)
        assert [word for word in words if word not in text] == []
    desk.get(desk.cast.rita, f"/receivables/customers/{customer.number}/statement.xx.pdf", status=404)


def test_only_the_receivables_desk_of_the_branch_posts(desk: Desk, customer: Customer) -> None:
    for who in (desk.cast.carla, desk.cast.sara, desk.cast.otto):
        page = desk.get(who, f"/receivables/customers/{customer.number}")
        assert "Enter a receipt" not in page.text
        desk.get(who, f"/receivables/customers/{customer.number}/receipts/new", status=403)
    desk.get(desk.cast.sara, "/receivables", status=403)
    desk.get(desk.cast.rita, "/receivables/receipts/999999", status=404)
    desk.get(desk.cast.rita, "/receivables/items/999999", status=404)
    assert desk.session.query(Receipt).filter(Receipt.made_by.is_not(None)).count() == 0


def test_item_says_what_is_disputed_and_never_more_than_is_open(desk: Desk, customer: Customer) -> None:
    make_invoice(desk.session, customer, "60.00", due=TODAY, number="IMPORTED", disputed=True)
    desk.session.commit()
    imported = desk.get(desk.cast.rita, f"/receivables/items/{item_of(desk, 'IMPORTED').id}")
    assert "Invoice IMPORTED disputed" in imported.text
    assert "disputed EUR 60.00" in imported.text
    path = f"/receivables/items/{item_of(desk, 'LATE').id}"
    fields = {"mark-kind": "disputed", "mark-amount": "75", "mark-reason": "Wrong colour"}
    marked = desk.get(desk.cast.rita, path).form("/mark").fill(**fields).send()
    less = {
        "adjust-direction": "less",
        "adjust-amount": "240",
        "adjust-reason": "price",
        "adjust-note": "List",
    }
    corrected = marked.form("/adjust").fill(**less).send()
    assert "still open of it: EUR 10.00" in corrected.text
    assert desk.cast.rita.name in corrected.text.split("Every entry")[1]  # who corrected
    assert "disputed EUR 10.00" in account(desk, customer).text


def test_a_closed_day_is_told_at_the_day(desk: Desk, customer: Customer) -> None:
    closed = (TODAY - timedelta(days=1_000)).isoformat()
    new = account(desk, customer, "/receipts/new").form("/receipts/new")
    refused = new.fill(amount="60", currency="EUR", received_on=closed, how="account").send()
    assert "is closed" in refused.error_at("received_on")
    assert refused.error_at("amount") == ""
    late = desk.get(desk.cast.rita, f"/receivables/items/{item_of(desk, 'LATE').id}")
    given = {"direction": "less", "amount": "5", "reason": "price", "note": "List", "on": closed}
    corrected = late.form("/adjust").fill(**{f"adjust-{name}": one for name, one in given.items()}).send()
    assert "is closed" in corrected.error_at("adjust-on")
    assert corrected.error_at("adjust-amount") == ""
    given = {"kind": "promised", "amount": "5", "reason": "Said so", "on": closed}
    marked = late.form("/mark").fill(**{f"mark-{name}": one for name, one in given.items()}).send()
    assert "is closed" in marked.error_at("mark-on")
    open_day = marked.form("/mark").fill(**{"mark-on": TODAY.isoformat()}).send()
    assert "day for which payment is promised" in open_day.error_at("mark-due_on")
    entered = new.fill(amount="60", currency="EUR", received_on=TODAY.isoformat(), how="account").send()
    paying = entered.form("/allocate").fill(on=closed, how="oldest").send()
    assert "is closed" in paying.error_at("on")


def test_amounts_beside_items_are_never_passed_over(desk: Desk, customer: Customer) -> None:
    late = item_of(desk, "LATE")
    form = account(desk, customer, "/receipts/new").form("/receipts/new")
    refused = form.fill(amount="60", currency="EUR", how="oldest", **{f"part-{late.id}": "60"}).send()
    assert "choose to pay these" in refused.error_at("how")
    kept = refused.form("/receipts/new").fill(how="account", **{f"part-{late.id}": ""}).send()
    again = kept.form("/allocate").fill(how="oldest", **{f"part-{late.id}": "60"}).send()
    assert "choose to pay these" in again.text
    assert open_of(desk, customer)["OLD"] == 100


def test_account_ties_with_the_board_and_the_statement(desk: Desk, customer: Customer) -> None:
    make_receipt(desk.session, customer, "20.00", TODAY - timedelta(days=3))
    desk.session.commit()
    shown = account(desk, customer).text
    assert "Money on account EUR 20" in shown
    assert "Net EUR 380" in shown
    statement = account(desk, customer, f"/statement?from={TODAY - timedelta(days=3)}").text
    assert "Balance before 7 Mar 2026 EUR 400.00" in statement
    assert "7 Mar 2026 balance before 400.00 7 Mar 2026 receipt – -20.00 380.00" in statement
