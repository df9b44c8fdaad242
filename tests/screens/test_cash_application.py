"""Entries of a bank statement through the screens: booked by themselves, matched by a person, asked about."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from credit_app import jobs
from credit_app.facts import cash_booking, ledger_items
from credit_app.facts.ledger_check import balances_that_do_not_tie
from credit_app.importers import import_file
from credit_app.models import (
    Adjustment,
    Allocation,
    BankEntry,
    Contact,
    Customer,
    ItemBalance,
    PayerAccount,
    Receipt,
    ReceiptReversal,
    ReceivableItem,
)
from tests.factories import TODAY, make_customer, make_invoice
from tests.importers.camt import Line, document, statement
from tests.screens.desk import Desk
from tests.screens.flows import covers
from tests.screens.pages import File, Page

ACCOUNT = "DE89370400440532013000"
YESTERDAY = TODAY - timedelta(days=1)


def with_debts(desk: Desk, name: str = "Nordwind AG", *amounts: str, **values: object) -> Customer:
    """A customer with an open invoice of each amount, numbered RE-1, RE-2 … behind its own number."""
    customer = make_customer(desk.session, name, branch_id=desk.cast.north.id, **values)
    for place, amount in enumerate(amounts or ("100.00",), 1):
        number = f"{customer.number}-RE-{place}"
        make_invoice(
            desk.session,
            customer,
            amount,
            TODAY - timedelta(days=5 - place),
            number=number,
            external_id=number,
        )
    desk.session.commit()
    return customer


def bank_sends(desk: Desk, *lines: Line, number: str = "ST-1") -> list[BankEntry]:
    """A statement is imported and the worker does its jobs; the entries as they stand then."""
    content = BytesIO(document(statement(lines, number=number, day=YESTERDAY)))
    import_file(desk.session, "bank_statement", "bank.xml", content)
    desk.session.commit()
    jobs.match_bank_entries(desk.app)
    jobs.open_matching_cases(desk.app)
    desk.fresh()
    return list(desk.session.scalars(select(BankEntry).order_by(BankEntry.id)))


def task_of(desk: Desk, entry: BankEntry, query: str = "") -> Page:
    (number,) = desk.task_ids(entry)  # type: ignore[arg-type]
    return desk.get(desk.cast.rita, f"/tasks/{number}{query}")


def receipts(desk: Desk) -> list[Receipt]:
    desk.fresh()
    return list(desk.session.scalars(select(Receipt).order_by(Receipt.id)))


def open_of(desk: Desk, customer: Customer) -> list[Decimal]:
    desk.fresh()
    assert balances_that_do_not_tie(desk.session) == []
    query = select(ItemBalance.open_amount).where(ItemBalance.customer_id == customer.id)
    return list(desk.session.scalars(query.order_by(ItemBalance.item_id)))


def test_somebody_of_one_branch_reads_no_names_of_customers_of_others(desk: Desk) -> None:
    here, there = with_debts(desk), with_debts(desk, "Südwind GmbH", "70.00")
    there.branch_id = desk.cast.south.id
    desk.session.commit()
    bank_sends(
        desk,
        Line("100.00", "A1", f"{here.number}-RE-1", "Payer in the north"),
        Line("70.00", "A2", f"{there.number}-RE-1", "Payer in the south", ACCOUNT),
        Line("33.00", "A3", "advance", "Unheard of"),
    )
    names = ("Südwind GmbH", "Payer in the south", ACCOUNT, there.number)
    page = desk.get(desk.cast.rita, "/receivables/bank").text
    assert all(name in page for name in names)
    for role in desk.cast.rita.roles:
        role.branch_id = desk.cast.north.id
    desk.session.commit()
    page = desk.get(desk.cast.rita, "/receivables/bank").text
    assert not any(name in page for name in names)
    assert "70.00" in page  # the statement's sums stay whole
    assert "a customer of another branch" in page
    assert all(name in page for name in (here.name, "Payer in the north", "Unheard of"))
    assert "No entry fits" in desk.get(desk.cast.rita, "/receivables/bank?q=in+the+south").text
    assert "Payer in the north" in desk.get(desk.cast.rita, "/receivables/bank?q=in+the+north").text


def test_what_is_certain_is_booked_by_itself_and_what_is_not_money_of_customers_is_set_aside(
    desk: Desk,
) -> None:
    one, other = with_debts(desk), with_debts(desk, "Südwind GmbH", "70.00", "30.00")
    entries = bank_sends(
        desk,
        Line("100.00", "A1", f"Rechnung {one.number}-RE-1 danke", "Nordwind"),
        Line("100.00", "A2", f"{other.number.lower()} re 1, {other.number}/RE/2", "Suedwind"),
        Line("-9.00", "A3", "Fee", code="PMNT/MDOP/CHRG"),
        Line("-500.00", "A4", "Rent"),
        Line("800.00", "A5", "From our other account", payer_account="DE02120300000000202051"),
    )
    assert [(row.status, row.rule) for row in entries[2:]] == [
        ("set_aside", "fee"), ("set_aside", "outgoing"), ("set_aside", "own_transfer"),
    ]  # fmt: skip
    assert [row.status for row in entries[:2]] == ["matched", "matched"]
    assert entries[0].rule.startswith("reference,amount_named")
    first, second = receipts(desk)
    assert (first.source, first.external_id, first.customer_id) == (
        "bank",
        f"{entries[0].account}:A1",
        one.id,
    )
    assert (first.received_on, first.payer) == (YESTERDAY, "Nordwind")
    assert second.customer_id == other.id
    assert open_of(desk, one) == [0]
    assert open_of(desk, other) == [0, 0]
    assert desk.session.scalars(select(PayerAccount)).all() == []  # only a person teaches
    assert jobs.match_bank_entries(desk.app) == 0


def test_invoice_that_was_opened_again_is_booked_from_that_day_and_holds_up_nobody(desk: Desk) -> None:
    one, other = with_debts(desk), with_debts(desk, "Südwind GmbH", "70.00")
    item = desk.session.scalars(select(ReceivableItem).where(ReceivableItem.customer_id == one.id)).one()
    ledger_items.adjust_item(desk.session, item, Decimal(20), TODAY, "price", "New price list", TODAY)
    desk.session.commit()
    entries = bank_sends(
        desk,
        Line("120.00", "A1", f"{one.number}-RE-1", "Nordwind AG"),
        Line("70.00", "A2", f"{other.number}-RE-1", "Südwind GmbH"),
    )
    assert [row.status for row in entries] == ["matched", "matched"]
    assert (open_of(desk, one), open_of(desk, other)) == ([0], [0])
    days = desk.session.scalars(select(Allocation.allocated_on).order_by(Allocation.item_id))
    assert list(days)[-2:] == [TODAY, YESTERDAY]


def test_entry_that_the_books_refuse_waits_for_a_person_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = with_debts(desk), with_debts(desk, "Südwind GmbH", "70.00")
    write = cash_booking._write

    def refuse(session: Session, rows: Any, fitting: Any, *rest: Any) -> None:
        if any(match.customer_id == one.id for match in fitting.values()):
            raise IntegrityError("INSERT", {}, Exception("does not fit"))
        write(session, rows, fitting, *rest)

    monkeypatch.setattr(cash_booking, "_write", refuse)
    entries = bank_sends(
        desk,
        Line("100.00", "A1", f"{one.number}-RE-1", "Nordwind AG"),
        Line("70.00", "A2", f"{other.number}-RE-1", "Südwind GmbH"),
    )
    assert [row.status for row in entries] == ["matching", "matched"]
    assert (open_of(desk, one), open_of(desk, other)) == ([100], [0])


def test_receipts_of_other_branches_are_not_offered_as_taken_back(desk: Desk) -> None:
    customer = with_debts(desk, "Südwind GmbH", "70.00")
    customer.branch_id = desk.cast.south.id
    role = next(row for row in desk.cast.rita.roles if row.role == "receivables")
    role.branch_id = desk.cast.north.id
    desk.session.commit()
    (paid,) = bank_sends(desk, Line("70.00", "A1", f"{customer.number}-RE-1", "Südwind GmbH"))
    assert paid.status == "matched"
    *_, back = bank_sends(desk, Line("-70.00", "B1", "Return", reversal=True), number="ST-2")
    page = task_of(desk, back)
    assert "Südwind GmbH" not in page.text
    forged = page.form_named("match").fill(choice="returned").forge(receipt=str(paid.receipt_id)).send()
    assert forged.status == 422
    assert open_of(desk, customer) == [0]


def test_two_payments_of_one_invoice_book_once_and_the_second_waits(desk: Desk) -> None:
    customer = with_debts(desk)
    text = f"{customer.number}-RE-1"
    entries = bank_sends(
        desk, Line("100.00", "A1", text, "Nordwind AG"), Line("100.00", "A2", text, "Nordwind AG")
    )
    assert [row.status for row in entries] == ["matched", "matching"]
    assert open_of(desk, customer) == [0]


def decide(page: Page, choice: str, **values: str) -> Page:
    return page.form_named("match").fill(choice=choice, **values).send()


@covers("cash_application/of_customer", "cash_application/matched")
def test_a_person_matches_with_a_small_difference_and_teaches_the_account(desk: Desk) -> BankEntry:
    customer = with_debts(desk, "Nordwind AG", "100.00", "50.00")
    (entry,) = bank_sends(desk, Line("149.40", "A1", "your invoices", "Nordwind", ACCOUNT))
    assert (entry.status, entry.rule) == ("matching", "suggested")
    page = task_of(desk, entry)
    assert "Nordwind" in page.heading
    assert page.facts()["Account of the payer"] == ACCOUNT
    assert "the name is alike" in page.text
    page = desk.get(desk.cast.rita, f"{page.path}?customer={customer.number}")
    amounts = {"rows-0-amount": "100", "rows-1-amount": "49.40"}
    refused = decide(page, "matched", **amounts | {"rows-0-amount": "1,2,3"})
    assert refused.status == 422
    assert "1,2,3" in refused.raw.decode()
    refused = decide(page, "matched", **amounts | {"rows-0-amount": "120"})
    assert refused.problems == ["The amounts come to 169.40, but only 149.40 was paid."]
    refused = decide(page, "matched", **{"rows-0-amount": "20", "rows-0-rest_off": "y"})
    assert refused.problems == ["80.00 would be written off; while matching it is at most 1.00 for an entry."]
    refused = decide(page, "matched", **{"rows-1-amount": "60"})
    assert "more than the 50" in refused.problems[0]
    assert receipts(desk) == []
    page = decide(refused, "matched", **amounts | {"rows-1-rest_off": "y"})
    assert page.messages == ["Recorded. Result: Receipt matched."]
    assert page.path == "/receivables/bank"
    (receipt,) = receipts(desk)
    assert (receipt.customer_id, receipt.made_by, receipt.amount) == (
        customer.id,
        desk.cast.rita.id,
        Decimal("149.40"),
    )
    assert open_of(desk, customer) == [0, 0]
    written = desk.session.scalars(select(Adjustment)).one()
    assert (written.amount, written.reason) == (Decimal("-0.60"), "small_difference")
    known = desk.session.scalars(select(PayerAccount)).one()
    assert (known.account, known.customer_id) == (ACCOUNT, customer.id)
    # The same payer is now known: its account, its name and the amount of one item are certain together.
    with_more = make_invoice(desk.session, customer, "77.00", TODAY)
    desk.session.commit()
    later = bank_sends(desk, Line("77.00", "A2", "thanks", "Nordwind AG", ACCOUNT), number="ST-2")[1]
    assert (later.status, later.rule) == ("matched", "amount_item,account,name")
    assert desk.session.get_one(ItemBalance, with_more.id).open_amount == 0
    return entry


def test_an_item_of_just_this_amount_is_suggested_last_and_left_to_a_person(desk: Desk) -> None:
    debtor = with_debts(desk, "Südwind GmbH", "333.00")
    (entry,) = bank_sends(desk, Line("333.00", "A1", "advance", "Unheard of"))
    assert (entry.status, entry.rule) == ("matching", "unknown")
    page = task_of(desk, entry)
    assert "only the amount fits" in page.text
    assert debtor.name in page.text
    (use,) = page.links("match=0")
    (amount,) = desk.get(desk.cast.rita, use).all("//input[@name='rows-0-amount']/@value")
    assert Decimal(amount) == 333
    for place in range(3):  # now four items have the amount: it tells nothing
        with_debts(desk, f"Kunde {place}", "333.00")
    assert "Nothing fits" in task_of(desk, entry).text


@covers("cash_application/of_customer", "cash_application/on_account")
def test_money_of_a_known_customer_is_booked_on_account(desk: Desk) -> BankEntry:
    customer = with_debts(desk)
    (entry,) = bank_sends(desk, Line("333.00", "A1", "advance", "Unheard of"))
    assert entry.rule == "unknown"
    page = task_of(desk, entry)
    assert "Nothing fits" in page.text
    refused = decide(page, "on_account")
    assert "Name the customer by its number" in refused.problems[0]
    found = desk.get(desk.cast.rita, f"{page.path}?customer=nordw")
    assert found.links(f"customer={customer.number}")
    empty = desk.get(desk.cast.rita, f"{page.path}?customer=%25_zzz")
    assert "No customer fits these words." in empty.text
    page = decide(desk.get(desk.cast.rita, f"{page.path}?customer={customer.number}"), "on_account")
    assert page.messages == ["Recorded. Result: Booked on account."]
    assert open_of(desk, customer) == [Decimal("100.00")]
    assert desk.session.scalars(select(Allocation)).all() == []
    assert receipts(desk)[0].customer_id == customer.id
    return entry


@covers("cash_application/of_nobody")
def test_an_entry_that_is_no_customers_is_set_aside_with_a_reason(desk: Desk) -> BankEntry:
    (entry,) = bank_sends(desk, Line("12.00", "A1", "Refund of the tax office", "Finanzamt"))
    refused = decide(task_of(desk, entry), "set_aside")
    assert refused.problems == ["Note: Say why the entry is no customer's payment."] or refused.status == 422
    page = decide(refused, "set_aside", note="Refund of VAT")
    assert page.messages == ["Recorded. Result: Entry set aside."]
    desk.fresh()
    again = desk.session.get_one(BankEntry, entry.id)
    assert (again.status, again.note, again.decided_by) == ("set_aside", "Refund of VAT", desk.cast.rita.id)
    assert receipts(desk) == []
    return entry


@covers("cash_application/unclear", "cash_application/of_customer", "cash_application/on_account")
def test_the_customer_is_asked_and_the_entry_comes_back(desk: Desk) -> BankEntry:
    customer = with_debts(desk, "上海电缆有限公司", country="CN")
    (entry,) = bank_sends(desk, Line("40.00", "A1", "payment", "Shanghai Cable"))
    page = desk.get(desk.cast.rita, f"{task_of(desk, entry).path}?customer={customer.number}")
    refused = decide(page, "ask")
    assert "has no contact with an e-mail address" in refused.problems[0]
    desk.session.add(
        Contact(customer_id=customer.id, name="Li Na", email="li.na@cable.example", role="Accounts")
    )
    desk.session.commit()
    page = decide(page, "ask", note="Which invoice?")
    assert page.status == 200
    (mail,) = [one for one in desk.mails() if one.template == "payment_question"]
    assert mail.to == "li.na@cable.example"
    assert "40.00" in mail.body
    assert "2026" in mail.subject
    assert desk.task_ids(entry) == set()  # type: ignore[arg-type]
    board = desk.get(desk.cast.rita, "/receivables/bank?status=matching")
    assert board.has_form("/answered")
    page = board.form("/answered").send()
    assert page.path.startswith("/tasks/")
    assert f"{customer.name} was asked what the payment is for." in page.text
    again = desk.browser(desk.cast.rita).post(f"/receivables/bank/{entry.id}/answered", {"csrf_token": "x"})
    assert again.status in (400, 403, 409)
    page = decide(desk.get(desk.cast.rita, f"{page.path}?customer={customer.number}"), "ask")
    assert desk.timers(10) >= 1  # no answer: the clock brings it back
    assert desk.task_ids(entry) != set()  # type: ignore[arg-type]
    page = decide(task_of(desk, entry, f"?customer={customer.number}"), "on_account")
    assert page.messages == ["Recorded. Result: Booked on account."]
    return entry


@covers("cash_application/of_customer", "cash_application/returned", "cash_application/to_send_reminder")
def test_a_person_says_which_receipt_was_taken_back(desk: Desk) -> BankEntry:
    customer = with_debts(desk)
    text = f"{customer.number}-RE-1"
    paid, back = bank_sends(
        desk,
        Line("100.00", "A1", text, "Nordwind AG"),
        Line("-100.00", "A2", "Return", reversal=True, return_reason="AC04"),
    )
    assert (paid.status, back.status, back.rule) == ("matched", "matching", "return")
    assert open_of(desk, customer) == [0]
    assert desk.timers(5) >= 1
    assert {mail.to for mail in desk.mails() if mail.template == "matching_reminder"} == {"Rita Novak"}
    page = task_of(desk, back)
    assert "did the bank take back?" in page.heading
    refused = decide(page, "returned")
    assert "Choose one of the receipts" in refused.problems[0]
    refused = page.form_named("match").fill(choice="returned").forge(receipt="999999").send()
    assert refused.status == 422
    refused = page.form_named("match").forge(choice="matched").send()
    assert refused.status == 422
    page = decide(page, "returned", receipt=str(receipts(desk)[0].id))
    assert page.messages == ["Recorded. Result: Receipt reversed."]
    reversal = desk.session.scalars(select(ReceiptReversal)).one()
    assert (reversal.kind, reversal.reason, reversal.made_by) == ("bounced", "AC04", desk.cast.rita.id)
    assert open_of(desk, customer) == [Decimal("100.00")]
    return back


def test_a_return_that_names_the_payment_reverses_it_by_itself(desk: Desk) -> None:
    customer = with_debts(desk)
    paid, back = bank_sends(
        desk,
        Line("100.00", "A1", f"{customer.number}-RE-1", "Nordwind AG", ACCOUNT, "DD-4711"),
        Line("-100.00", "A2", "", "Nordwind AG", ACCOUNT, "DD-4711", return_reason="MD06"),
    )
    assert (paid.status, back.status, back.rule) == ("matched", "returned", "end_to_end")
    assert back.reversal is not None
    assert back.reversal.receipt_id == paid.receipt_id
    assert open_of(desk, customer) == [Decimal("100.00")]


def test_the_desk_lists_entries_and_shows_who_may_do_what(desk: Desk) -> None:
    customer = with_debts(desk)
    entries = bank_sends(
        desk,
        Line("100.00", "A1", f"{customer.number}-RE-1", "Nordwind AG"),
        Line("5.00", "A2", "?", "Somebody <b>"),
    )
    cast = desk.cast
    page = desk.get(cast.rita, "/receivables/bank")
    assert len(page.all("//tbody[@data-rows]/tr")) == 2
    assert page.links(f"/tasks/{next(iter(desk.task_ids(entries[1])))}")  # type: ignore[arg-type]
    assert len(desk.get(cast.rita, "/receivables/bank?status=matched").all("//tbody[@data-rows]/tr")) == 1
    assert "No entry fits" in desk.get(cast.rita, "/receivables/bank?q=%25zz").text
    assert "Somebody <b>" in desk.get(cast.rita, "/receivables/bank?q=somebody").text
    for address in ("?status=nonsense", "?statement=x", f"?entry={'9' * 30}"):
        desk.get(cast.rita, f"/receivables/bank{address}", 400)
    for person in (cast.carla, cast.otto):
        seen = desk.get(person, "/receivables/bank")
        assert not seen.links("/tasks/")
    for person in (cast.cole, cast.sara, cast.anna, cast.ada):
        desk.get(person, "/receivables/bank", 403)
    (task,) = desk.task_ids(entries[1])  # type: ignore[arg-type]
    for person in (cast.cole, cast.carla, cast.otto):
        desk.get(person, f"/tasks/{task}", 403)
    listed = desk.get(cast.rita, "/inbox/groups?q=somebody")
    assert len(listed.all("//tbody[@data-rows]/tr")) == 1
    assert "Somebody" in listed.text
    assert "No task fits" in desk.get(cast.rita, "/inbox/groups?q=zzz").text
    history = desk.get(cast.otto, f"/history/{entries[1].instance_id}")
    assert "History of A2" in history.heading
    desk.get(cast.sara, f"/history/{entries[1].instance_id}", 404)


def test_a_statement_is_handed_in_at_the_import_centre(desk: Desk) -> None:
    page = desk.get(desk.cast.rita, "/imports")
    content = document(statement([Line("5.00", "A1", "x")], closing="1.00", day=YESTERDAY))
    form = page.form("/imports").fill(mapping="bank_statement/", mode="all_or_nothing")
    report = form.attach("file", File("march.xml", content, "application/xml")).send()
    assert "opens with 1000.00, its entries come to 5.00" in report.text
    form = (
        desk.get(desk.cast.rita, "/imports")
        .form("/imports")
        .fill(mapping="bank_statement/", mode="all_or_nothing")
    )
    report = form.attach(
        "file", File("march.xml", content.replace(b">1.00<", b">1005.00<"), "application/xml")
    ).send()
    assert report.messages == ["Imported."]
    assert report.facts()["New"] == "1"
    hostile = b'<!DOCTYPE x [<!ENTITY a "b">]>' + content
    form = (
        desk.get(desk.cast.rita, "/imports")
        .form("/imports")
        .fill(mapping="bank_statement/", mode="all_or_nothing")
    )
    refused = form.attach("file", File("evil.xml", hostile, "application/xml")).send()
    assert "DOCTYPE" in " ".join(refused.problems)


def test_whoever_sends_twice_books_once(desk: Desk) -> None:
    (entry,) = bank_sends(desk, Line("12.00", "A1", "Refund", "Finanzamt"))
    late = task_of(desk, entry).form_named("match").fill(choice="set_aside", note="Refund of VAT")
    assert late.send().status == 200
    assert late.send().messages == ["This was already recorded; nothing was done twice."]
