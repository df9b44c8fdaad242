"""Promises to pay, through the screens: taken down, kept, kept in part, broken, and those that are not accepted."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from credit_app import jobs
from credit_app import promises as starting
from credit_app.facts import promises as facts_of
from credit_app.facts.ledger_receipts import reverse_receipt
from credit_app.facts.promises import Given
from credit_app.models import CollectionContact, Customer, LimitationInterruption, Receipt
from credit_app.models.promises import PromisedItem, PromiseToPay
from tests.factories import TODAY, make_invoice
from tests.screens.agreed import (
    debtor,
    due_of,
    item,
    marks,
    moved_up,
    newest,
    pay,
    recognised,
    take_back,
    task,
    tick,
)
from tests.screens.desk import Desk
from tests.screens.flows import covers
from tests.screens.pages import File, Form, Page
from workflows import Actor, InvalidAnswer, clock

PDF = b"%PDF-1.4\n%%EOF\n"
DUE = TODAY + timedelta(days=3)  # a Friday: with a day of grace it is looked at on Monday evening
LOOKED_AT = 7


def new(desk: Desk, customer: Customer, **values: str) -> Form:
    page = desk.get(desk.cast.cole, f"/collection/promises/new?customer={customer.number}")
    typed = {"amount": "100", "due_on": DUE.isoformat(), "promised_by": "Ada Post", "channel": "call"}
    return page.form_named("asked").fill(**typed | values)


def take(desk: Desk, customer: Customer, **values: str) -> PromiseToPay:
    page = new(desk, customer, **values).send()
    assert page.messages == ["The promise is taken down."]
    return newest(desk, PromiseToPay)


@covers("promise_to_pay/kept")
def test_a_written_promise_is_kept_as_soon_as_the_payment_comes(desk: Desk) -> PromiseToPay:
    customer = debtor(desk)
    account = desk.get(desk.cast.cole, f"/receivables/customers/{customer.number}")
    assert account.links(f"/collection/promises/new?customer={customer.number}")
    page = new(desk, customer, amount="120").attach("file", File("promise.pdf", PDF)).send()
    assert page.messages == ["The promise is taken down."]
    promise = newest(desk, PromiseToPay)
    assert [(row.item.number, row.amount) for row in promise.items] == [("A-1", 100), ("A-2", 20)]
    assert marks(desk) == [("A-1", Decimal(100)), ("A-2", Decimal(20))]
    assert due_of(desk) == {TODAY + timedelta(days=5)}  # with the day of grace it holds until it is looked at
    contact = newest(desk, CollectionContact)
    assert (contact.outcome, contact.channel, contact.made_by) == ("promise", "call", desk.cast.cole.id)
    rows = desk.session.scalars(select(LimitationInterruption)).all()
    assert {(row.ground, row.document_id, row.evidence) for row in rows} == {
        ("promise", promise.document_id, f"promise_to_pay:{promise.id}")
    }
    assert "runs anew for 2 debts" in page.text
    receipt = pay(desk, customer, "100", item(desk, "A-1"))
    assert recognised(desk) == 0  # 20 are still to come
    pay(desk, customer, "20", item(desk, "A-2"))
    (waiting,) = starting.paid_now(desk.session)
    with desk.app.test_request_context():  # taken back before the worker tells it: it goes on waiting
        reverse_receipt(
            desk.session, desk.session.get_one(Receipt, receipt), TODAY, "bounced", "No funds", TODAY
        )
        desk.session.commit()
        assert not starting.tell(desk.session, desk.app.extensions["engine"], waiting)
        desk.session.rollback()
    assert recognised(desk) == 0
    pay(desk, customer, "100", item(desk, "A-1"))
    assert (recognised(desk), recognised(desk)) == (1, 0)
    promise = newest(desk, PromiseToPay)
    assert (promise.status, promise.closed_on, promise.paid, marks(desk)) == ("kept", TODAY, 120, [])
    assert moved_up(desk, customer) == (None, None, False)
    listed = desk.get(desk.cast.otto, "/collection/promises?status=kept")
    assert promise.number in listed.text
    assert "100 % (1 kept, 0 broken)" in listed.text.replace("%", " %").replace("  ", " ")
    return promise


@covers("promise_to_pay/not_kept")
def test_a_broken_promise_moves_the_case_up(desk: Desk) -> PromiseToPay:
    customer = debtor(desk, country="FR")
    promise = take(desk, customer)
    assert newest(desk, LimitationInterruption) is None  # only what is written restarts it
    assert desk.timers(LOOKED_AT - 2) == 0
    with desk.later(LOOKED_AT):
        assert desk.timers(0) == 1
        promise = newest(desk, PromiseToPay)
        assert (promise.status, promise.paid, marks(desk)) == ("broken", 0, [])
        assert moved_up(desk, customer) == ("letter_2", TODAY - timedelta(days=20), True)
        (mail,) = desk.mails()
        assert (mail.to, mail.template) == ("Cole Baxter", "promise_broken")
        assert promise.number in mail.subject
        assert newest(desk, CollectionContact).note == f"Promise {promise.number} was broken."
        assert facts_of.record_of_customer(desk.session, customer.id, TODAY).rate == 0
        assert facts_of.record_of_collector(desk.session, desk.cast.cole.id, TODAY).broken == 1
    return promise


@covers("promise_to_pay/partly", "promise_to_pay/new_day", "promise_to_pay/judged_broken")
def test_what_was_kept_in_part_gets_a_new_day_once(desk: Desk) -> PromiseToPay:
    customer = debtor(desk)
    take(desk, customer)
    pay(desk, customer, "30", item(desk, "A-1"))
    with desk.later(LOOKED_AT):
        assert desk.timers(0) == 1
        promise = newest(desk, PromiseToPay)
        page = task(desk, desk.cast.cole, promise)
        assert page.facts()["Paid of it"] == "EUR 30.00"
        assert "It is paid by now" not in page.text
        assert page.form("/tasks/").forge(choice="kept").send().problems == [
            "It is not paid yet: 30.00 has come."
        ]
        assert page.form("/tasks/").fill(choice="new_day", note="Short of cash").send().status == 422
        late = (TODAY + timedelta(days=40)).isoformat()
        refused = page.form("/tasks/").fill(choice="new_day", note="Short of cash", new_day=late).send()
        assert "too far ahead" in refused.problems[0]
        over = page.form("/tasks/").fill(choice="new_day", note="Short", new_day=TODAY.isoformat()).send()
        assert "is over" in over.problems[0]
        assert "Say why" in page.form("/tasks/").fill(choice="broken", note="").send().problems[0]
        day = (TODAY + timedelta(days=14)).isoformat()
        done = page.form("/tasks/").fill(choice="new_day", note="Short of cash", new_day=day).send()
        assert done.status == 200
        promise = newest(desk, PromiseToPay)
        assert (promise.status, promise.first_due_on, promise.due_on.isoformat()) == ("open", DUE, day)
        assert marks(desk) == [("A-1", Decimal(70))]
    with desk.later(16):
        assert desk.timers(0) == 1
        page = task(desk, desk.cast.cole, promise)
        assert "Accept a new day" not in page.text
        forged = page.form("/tasks/").forge(choice="new_day", note="x", new_day="2026-04-01").send()
        assert "once already" in forged.problems[0]
        done = page.form("/tasks/").fill(choice="broken", note="Keeps nothing").send()
        assert done.messages == ["Recorded. Result: Promise broken."]
    promise = newest(desk, PromiseToPay)
    assert (promise.status, promise.paid, promise.note, marks(desk)) == ("broken", 30, "Keeps nothing", [])
    assert moved_up(desk, customer)[0] == "letter_2"
    return promise


@covers("promise_to_pay/partly", "promise_to_pay/paid_after_all")
def test_money_on_account_is_looked_at_by_a_person(desk: Desk) -> PromiseToPay:
    customer = debtor(desk)
    take(desk, customer)
    pay(desk, customer, "100")  # it pays nothing yet
    with desk.later(LOOKED_AT):
        assert desk.timers(0) == 1
        promise = newest(desk, PromiseToPay)
        page = task(desk, desk.cast.cole, promise)
        assert page.facts()["Received since and not allocated"] == "EUR 100.00"
        pay(desk, customer, "100", item(desk, "A-1"))
        page = desk.get(desk.cast.cole, page.path)
        done = page.form("/tasks/").fill(choice="kept").send()
        assert done.messages == ["Recorded. Result: Promise kept."]
    assert moved_up(desk, customer) == (None, None, False)
    return newest(desk, PromiseToPay)


def test_a_kept_promise_goes_on_when_its_payment_is_taken_back_and_breaks_once_its_day_is_over(
    desk: Desk,
) -> None:
    customer = debtor(desk)
    take(desk, customer, amount="120")
    first, second = (
        pay(desk, customer, amount, item(desk, number)) for amount, number in (("100", "A-1"), ("20", "A-2"))
    )
    assert (recognised(desk), marks(desk)) == (1, [])
    assert (take_back(desk, first), jobs.follow_taken_back(desk.app)) == (1, 0)  # its day lies ahead
    promise = newest(desk, PromiseToPay)
    assert (promise.status, promise.paid, marks(desk)) == ("open", 20, [("A-1", Decimal(100))])
    assert due_of(desk) == {TODAY + timedelta(days=5)}
    shown = desk.get(desk.cast.otto, f"/collection/promises/{promise.number}")
    assert shown.facts()["Payment taken back"] == "10 Mar 2026"
    assert "EUR 20.00" in shown.text
    notes = list(desk.session.scalars(select(CollectionContact.note).order_by(CollectionContact.id)))
    assert notes[-1] == f"{promise.number} goes on: a payment of it was taken back."
    assert len(notes) == 2
    assert take_back(desk, second) == 0  # it runs; what is marked grows
    assert marks(desk) == [("A-1", Decimal(100)), ("A-2", Decimal(20))]
    last = pay(desk, customer, "120", item(desk, "A-1"), item(desk, "A-2"))
    assert (recognised(desk), newest(desk, PromiseToPay).status) == (1, "kept")
    with desk.later(LOOKED_AT + 10):
        assert take_back(desk, last) == 1
        promise = newest(desk, PromiseToPay)
        assert (promise.status, promise.paid, marks(desk)) == ("broken", 0, [])
        assert moved_up(desk, customer)[0::2] == ("letter_2", True)
        assert [mail.template for mail in desk.mails()] == ["promise_broken"]


def test_what_was_promised_anew_meanwhile_stays_with_the_new_promise(desk: Desk) -> None:
    customer = debtor(desk)
    old = take(desk, customer)
    receipt = pay(desk, customer, "100", item(desk, "A-1"))
    recognised(desk)
    with desk.app.test_request_context():
        found = desk.session.get_one(Receipt, receipt)
        reverse_receipt(desk.session, found, TODAY, "bounced", "No funds", TODAY)
        desk.session.commit()
    take(desk, customer)
    assert jobs.follow_taken_back(desk.app) == 1
    desk.fresh()
    old = desk.session.get_one(PromiseToPay, old.id)
    assert (old.status, [row.live for row in old.items]) == ("open", [False])
    assert marks(desk) == [("A-1", Decimal(100))]
    assert newest(desk, PromiseToPay).items[0].live


def test_what_cannot_be_promised_is_said_in_one_sentence(desk: Desk) -> None:
    customer, other = debtor(desk), debtor(desk, "Südwind AG")
    make_invoice(
        desk.session, customer, "70", TODAY - timedelta(days=50), TODAY - timedelta(days=9), number="PAID"
    )
    make_invoice(desk.session, customer, "5", TODAY, number="USD-1", currency="USD")
    desk.session.commit()
    one = item(desk, "A-1", customer)

    def problem(**values: str) -> str:
        page = new(desk, customer, currency="EUR", **values).send()
        return page.error_at("due_on" if "due_on" in values else "amount")

    far, past = (TODAY + timedelta(days=15)).isoformat(), TODAY.isoformat()
    assert problem(due_on=far).endswith("is too far ahead; by policy it is 24 Mar 2026 at the latest.")
    assert "is over; give a day after today" in problem(due_on=past)
    assert problem(amount="200.01") == (
        "Only 200.00 can be promised of these items; a promise of 200.01 is more than that."
    )
    assert "by policy promise at least 14 of the 140 overdue" in problem(amount="13.99")
    assert "Enter the amount" in problem(amount="")
    forms = {
        item(desk, "PAID").id: "PAID has nothing open any more.",
        item(desk, "A-1", other).id: "Choose items of this customer.",
        item(desk, "USD-1").id: "Choose items in EUR.",
        0: "Choose items of this customer.",
    }
    for number, sentence in forms.items():
        refused = new(desk, customer, currency="EUR").without("items").forge(items=str(number)).send()
        assert refused.error_at("items") == sentence
    assert tick(new(desk, customer, currency="EUR", amount="100.01"), one).send().status == 422
    assert desk.session.scalars(select(PromiseToPay)).all() == []
    assert tick(new(desk, customer, currency="EUR"), one).send().status == 200
    number = newest(desk, PromiseToPay).number
    again = new(desk, customer, currency="EUR", amount="20").without("items").forge(items=str(one.id)).send()
    assert again.error_at("items") == f"A-1 stands in {number} already."
    assert "Only 100.00 can be promised" in problem(amount="101")  # the oldest that are free
    for person, status in ((desk.cast.sara, 403), (desk.cast.otto, 403), (desk.cast.samir, 404)):
        desk.get(person, f"/collection/promises/new?customer={customer.number}", status)


def test_after_too_many_broken_ones_only_a_credit_manager_accepts_another(desk: Desk) -> None:
    customer = debtor(desk)
    for number in ("PTP-1", "PTP-2"):
        desk.session.add(
            PromiseToPay(
                number=number, customer_id=customer.id, status="broken", amount=Decimal(10), currency="EUR",
                promised_on=TODAY - timedelta(days=9), due_on=TODAY - timedelta(days=5), promised_by="Ada",
                channel="call", closed_on=TODAY - timedelta(days=4),
            )
        )  # fmt: skip
    desk.session.commit()
    refused: Page = new(desk, customer).send()
    assert "only a credit manager accepts another one" in refused.problems[0]
    page = desk.get(desk.cast.carla, f"/collection/promises/new?customer={customer.number}")
    typed = {"amount": "100", "due_on": DUE.isoformat(), "promised_by": "Ada Post", "channel": "call"}
    done = page.form_named("asked").fill(**typed).send()
    assert "accepted it although too many had been broken" in done.text
    assert newest(desk, PromiseToPay).beyond


def test_of_two_collectors_the_second_waits_and_reads_that_it_is_taken(desk: Desk) -> None:
    customer, engine = debtor(desk), desk.app.extensions["engine"]
    one, cole = item(desk, "A-1").id, Actor(desk.cast.cole.id)
    given = Given(Decimal(50), "EUR", DUE, (one,), "Ada", "call")

    def take_in(session: Session) -> PromiseToPay:
        return starting.take_promise(
            session, engine, session.get_one(Customer, customer.id), given, cole, "test", clock.now()
        )

    with desk.app.test_request_context():
        first = take_in(desk.session)
        with Session(desk.session.get_bind()) as other:
            other.connection().exec_driver_sql("SET lock_timeout = '200ms'")
            with pytest.raises(DBAPIError, match="lock timeout"):
                take_in(other)
        number = first.number
        desk.session.commit()
        with (
            Session(desk.session.get_bind()) as other,
            pytest.raises(InvalidAnswer, match=f"A-1 stands in {number}"),
        ):
            take_in(other)
        desk.session.add(
            PromisedItem(promise_id=first.id, item_id=one, amount=Decimal(1), open_before=Decimal(1))
        )
        with pytest.raises(DBAPIError, match="uq_promised_item_live"):
            desk.session.flush()
        desk.session.rollback()
