"""Balances that customers are asked to confirm, through the screens: agreed, named otherwise, or no answer at all."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from credit_app import confirmations, jobs
from credit_app.confirmations import due_today
from credit_app.facts.ledger_check import balances_that_do_not_tie
from credit_app.facts.ledger_items import adjust_item
from credit_app.facts.statement import statement_of
from credit_app.facts.statement_snapshot import frozen, thawed
from credit_app.models import (
    AccessLog,
    Adjustment,
    BalanceConfirmation,
    Contact,
    Customer,
    CustomerDocument,
    ItemMark,
    LimitationInterruption,
    Policy,
    ReceivableItem,
)
from credit_app.models.disputes import Dispute
from credit_app.models.write_off import WriteOff, WriteOffItem
from tests.factories import TODAY, make_customer, make_invoice
from tests.screens.desk import Desk
from tests.screens.flows import covers
from tests.screens.pages import File, Page
from workflows import SYSTEM, Conflict, clock

PDF = b"%PDF-1.4\n%%EOF\n"


def with_debts(
    desk: Desk,
    name: str = "Nordwind AG",
    country: str = "DE",
    email: str = "ap@nordwind.example",
    **values: Any,
) -> Customer:
    """A customer who owes 100.00 (A-1) and 40.00 (A-2) in euro, with a contact for its accounts."""
    customer = make_customer(desk.session, name, branch_id=desk.cast.north.id, country=country, **values)
    for place, amount in enumerate(("100.00", "40.00"), 1):
        number = f"{customer.number}-A-{place}"
        make_invoice(
            desk.session,
            customer,
            amount,
            TODAY - timedelta(days=9 - place),
            number=number,
            external_id=number,
        )
    if email:
        desk.session.add(
            Contact(customer_id=customer.id, name="Ada Post", email=email, role="Accounts payable")
        )
    desk.session.commit()
    return customer


def ask(desk: Desk, customer: Customer) -> BalanceConfirmation:
    """Rita presses the button on the account page."""
    page = desk.get(desk.cast.rita, f"/receivables/customers/{customer.number}").form("/confirm").send()
    assert page.messages == ["The customer is asked to confirm the balance."]
    return newest(desk)


def newest(desk: Desk) -> BalanceConfirmation:
    desk.fresh()
    return desk.session.scalars(select(BalanceConfirmation).order_by(BalanceConfirmation.id.desc())).first()  # type: ignore[return-value]


def task(desk: Desk, found: BalanceConfirmation) -> Page:
    (number,) = desk.task_ids(found)  # type: ignore[arg-type]
    return desk.get(desk.cast.rita, f"/tasks/{number}")


def answer(page: Page, choice: str, document: File | None = None, **values: Any) -> Page:
    """The task is opened anew and answered."""
    given = {"answered_on": TODAY.isoformat(), "answered_by": "Ada Post, accounting"}
    form = page.browser.get(page.path).form_named("answer").fill(choice=choice, **given | values)
    return (form.attach("file", document) if document else form).send()


def marks(desk: Desk) -> list[tuple[str, Decimal, str]]:
    return [(row.kind, row.amount, row.reason) for row in desk.session.scalars(select(ItemMark))]


@covers("balance_confirmation/agreed")
def test_an_agreed_balance_with_a_signature_restarts_limitation(desk: Desk) -> BalanceConfirmation:
    customer = with_debts(desk)
    found = ask(desk, customer)
    assert (found.status, found.sendings, found.as_of) == ("sent", 1, TODAY)
    (mail,) = desk.mails()
    assert (mail.to, mail.template) == ("ap@nordwind.example", "balance_confirmation")
    assert "Balance in EUR: 140.00" in mail.body
    assert f"{customer.number}-A-2" in mail.body
    assert "24 Mar 2026" in mail.body  # ten business days
    looks = select(AccessLog).where(
        AccessLog.customer_id == customer.id, AccessLog.kind == "view", AccessLog.area == "account"
    )
    before = len(desk.session.scalars(looks).all())
    page = task(desk, found)
    assert "What does Nordwind AG say to the balance" in page.heading
    desk.fresh()
    assert [row.person_id for row in desk.session.scalars(looks)][before:] == [desk.cast.rita.id]
    assert page.facts()["Sent to"] == "Ada Post, ap@nordwind.example"
    refused = answer(page, "agreed", signed="y")
    assert "Hand in the document that bears the signature" in refused.problems[0]
    refused = answer(page, "agreed", signed="y", document=File("answer.pdf", b"not a pdf"))
    assert refused.status == 422
    refused = answer(page, "agreed", answered_on=(TODAY - timedelta(days=1)).isoformat())
    assert "the day of the statement, to today" in refused.problems[0]
    refused = page.form_named("answer").fill(choice="agreed", answered_by="").send()
    assert refused.status == 422
    refused = (
        page.form_named("answer")
        .forge(choice="settled", answered_on=TODAY.isoformat(), answered_by="A")
        .send()
    )
    assert refused.status == 422
    assert newest(desk).status == "sent"
    page = answer(page, "agreed", signed="y", document=File("answer.pdf", PDF))
    assert page.messages == ["Recorded. Result: Balance confirmed."]
    assert page.path == f"/receivables/confirmations/{found.id}"
    found = newest(desk)
    assert (found.status, found.answered_by, found.signed) == ("agreed", "Ada Post, accounting", True)
    document = desk.session.get_one(CustomerDocument, found.document_id)
    assert (document.customer_id, document.uploaded_by) == (customer.id, desk.cast.rita.id)
    rows = desk.session.scalars(select(LimitationInterruption)).all()
    assert [(row.interrupted_on, row.document_id, row.confirmation_id) for row in rows] == [
        (TODAY, document.id, found.id), (TODAY, document.id, found.id),
    ]  # fmt: skip
    assert "Limitation of 2 debts runs anew" in page.text
    assert page.links(f"/customers/{customer.number}/documents/{document.id}")
    logged = desk.session.scalars(select(AccessLog).where(AccessLog.customer_id == customer.id))
    assert ("change", "documents") in {(row.kind, row.area) for row in logged}
    return found


@pytest.mark.parametrize(
    ("country", "values"),
    [
        ("FR", {"signed": "y", "document": File("answer.pdf", PDF)}),
        ("DE", {"document": File("answer.pdf", PDF)}),
        ("DE", {}),
    ],
)
def test_limitation_goes_on_without_a_signature_or_where_the_policy_says_nothing(
    desk: Desk, country: str, values: dict[str, Any]
) -> None:
    found = ask(desk, with_debts(desk, country=country))
    page = answer(task(desk, found), "agreed", **values)
    assert page.messages == ["Recorded. Result: Balance confirmed."]
    assert "It does not run anew" in page.text
    assert desk.session.scalars(select(LimitationInterruption)).all() == []


@covers("balance_confirmation/differences")
def test_each_difference_becomes_a_dispute_a_correction_or_nothing(desk: Desk) -> BalanceConfirmation:
    customer = with_debts(desk)
    found, one, two = ask(desk, customer), f"{customer.number}-A-1", f"{customer.number}-a-2"
    page = task(desk, found)
    assert "Enter at least one difference" in answer(page, "differences").problems[0]
    named = {"rows-0-item": one, "rows-0-amount": "30", "rows-0-note": "Goods were damaged"}
    assert "choose that differences are named" in answer(page, "agreed", **named).problems[0]
    refused = answer(page, "differences", **named | {"rows-0-amount": "100.01"})
    assert refused.problems == [
        f"The statement has 100.00 open of {one}; a difference of 100.01 is more than that."
    ]
    assert "Goods were damaged" in refused.raw.decode()
    twice = {"rows-1-item": one, "rows-1-amount": "70.01", "rows-1-note": "Price"}
    assert "is more than that" in answer(page, "differences", **named | twice).problems[0]
    unknown = answer(page, "differences", **named | {"rows-0-item": "X-1 <b>"})
    assert unknown.problems == ["“X-1 <b>” is not open in this statement."]
    assert "<b>" not in unknown.raw.decode()
    assert "above zero" in answer(page, "differences", **named | {"rows-0-amount": ""}).problems[0]
    assert "what the customer says" in answer(page, "differences", **named | {"rows-0-note": ""}).problems[0]
    assert newest(desk).status == "sent"
    others = {
        "rows-1-item": two, "rows-1-amount": "15", "rows-1-note": "Price as agreed is 25",
        "rows-2-amount": "12", "rows-2-note": "Paid in cash", "rows-3-amount": "5", "rows-3-note": "Freight",
    }  # fmt: skip
    page = answer(page, "differences", **named | others)
    assert page.messages == ["Recorded. Next: Settle differences, Receivables."]
    page = task(desk, found)
    chosen = {
        "rows-0-outcome": "dispute", "rows-1-outcome": "correction", "rows-1-note": "Price list of January",
        "rows-2-outcome": "none", "rows-2-note": "No receipt was found",
        "rows-3-outcome": "dispute", "rows-3-item": f"{customer.number}-A-2",
    }  # fmt: skip

    def settle(**changes: str) -> Page:
        return page.browser.get(page.path).form("/tasks/").fill(**chosen | changes).send()

    assert "Choose what becomes" in page.form("/tasks/").send().problems[0]
    assert settle(**{"rows-2-note": ""}).problems == ["Say why nothing becomes of it."]
    assert "Name an open item of this customer in EUR" in settle(**{"rows-3-item": "X"}).problems[0]
    assert page.form("/tasks/").fill(**chosen).forge(**{"rows-0-difference": "999"}).send().status == 409
    assert marks(desk) == []
    # Meanwhile most of the first invoice is paid off by a correction: what is left cannot bear the dispute.
    item = f"/receivables/items/{found.statement['accounts'][0]['items'][0]['item_id']}"
    less = {
        "adjust-direction": "less",
        "adjust-amount": "80",
        "adjust-reason": "price",
        "adjust-note": "Agreed",
    }
    desk.get(desk.cast.rita, item).form("/adjust").fill(**less).send()
    assert "can still be marked" in settle().problems[0]
    back = {
        "adjust-direction": "more",
        "adjust-amount": "80",
        "adjust-reason": "price",
        "adjust-note": "Undone",
    }
    desk.get(desk.cast.rita, item).form("/adjust").fill(**back).send()
    done = settle()
    assert done.messages == ["Recorded. Result: Differences settled."]
    found = newest(desk)
    assert found.status == "settled"
    assert [row.outcome for row in found.differences] == ["dispute", "correction", "none", "dispute"]
    assert marks(desk) == [
        ("disputed", Decimal(30), "Goods were damaged"), ("disputed", Decimal(5), "Freight"),
    ]  # fmt: skip
    entry = desk.session.get_one(Adjustment, found.differences[1].adjustment_id)
    assert (entry.amount, entry.reason, entry.note, entry.made_by) == (
        Decimal(-15), "correction", "Price list of January", desk.cast.rita.id,
    )  # fmt: skip
    assert balances_that_do_not_tie(desk.session) == []
    assert desk.session.scalars(select(LimitationInterruption)).all() == []
    assert "became a dispute" in done.text
    # Each dispute is handled by a process of its own, which has taken the mark over.
    desk.mails()
    handled = desk.session.scalars(select(Dispute).order_by(Dispute.id)).all()
    assert [(row.status, row.amount, row.claim, row.items[0].mark_id) for row in handled] == [
        ("investigating", Decimal(30), "Goods were damaged", found.differences[0].mark_id),
        ("investigating", Decimal(5), "Freight", found.differences[3].mark_id),
    ]
    return newest(desk)


def test_a_difference_to_a_debt_that_was_written_off_makes_the_claim_smaller(desk: Desk) -> None:
    customer = with_debts(desk)
    number = f"{customer.number}-A-1"
    item = desk.session.scalars(select(ReceivableItem).where(ReceivableItem.number == number)).one()
    written = WriteOff(
        number="WO-1", customer_id=customer.id, status="written_off", ground="insolvency", written_on=TODAY,
        proposed_by=desk.cast.cole.id, amount=70, currency="EUR", created_at=clock.now(),
    )  # fmt: skip
    desk.session.add(written)
    entry = adjust_item(desk.session, item, Decimal(-70), TODAY, "written_off", "WO-1", TODAY)
    claim = WriteOffItem(item_id=item.id, amount=70, written=70, adjustment_id=entry.id)
    written.items = [claim]
    desk.session.commit()
    found = ask(desk, customer)
    named = {"rows-0-item": number, "rows-0-amount": "45", "rows-0-note": "Goods went back"}
    page = answer(task(desk, found), "differences", **named)
    page = task(desk, found)
    assert (page.facts()["Open now"], page.facts()["Written off, still claimed"]) == (
        "EUR 30.00",
        "EUR 70.00",
    )
    settled = page.form("/tasks/").fill(**{"rows-0-outcome": "correction"}).send()
    assert settled.messages == ["Recorded. Result: Differences settled."]
    desk.fresh()
    assert (claim.corrected, claim.claim) == (15, 55), "what is open goes first"
    statement = statement_of(desk.session, customer.id, TODAY, TODAY - timedelta(days=90))
    assert [(one.number, one.open_amount) for one in statement.accounts[0].items] == [
        (number, 55), (f"{customer.number}-A-2", 40),
    ]  # fmt: skip
    assert balances_that_do_not_tie(desk.session) == []
    assert "55.00" in desk.get(desk.cast.cole, "/collection/write-offs/WO-1").text


@covers(
    "balance_confirmation/to_remind_customer", "balance_confirmation/to_follow_up_silence",
    "balance_confirmation/send_again", "balance_confirmation/closed",
)  # fmt: skip
def test_silence_is_followed_up_and_closed_with_a_reason(desk: Desk) -> BalanceConfirmation:
    found = ask(desk, with_debts(desk))
    days = 0
    for sending in (1, 2, 3):
        with clock.at(clock.now() + timedelta(days=days)):
            desk.mails()
            assert desk.timers(15) == 1
            with desk.later(15):
                assert [(mail.to, mail.template) for mail in desk.mails()] == [
                    ("ap@nordwind.example", "balance_confirmation_reminder")
                ]
            assert desk.timers(29) == 1
        days += 29
        found = newest(desk)
        assert (found.status, found.sendings, found.reminders) == ("silent", sending, sending)
        with clock.at(clock.now() + timedelta(days=days)):
            page = follow(desk, found)
            assert "has not confirmed the balance" in page.heading
            assert ("Send the statement again" in page.text) == (sending < 3)
            if sending < 3:
                assert page.form("/tasks/").fill(choice="send_again").send().status == 200
                assert newest(desk).status == "sent"
    with clock.at(clock.now() + timedelta(days=days)):
        forged = page.form("/tasks/").forge(choice="send_again").send()
        assert forged.problems == ["The statement was sent again twice already; close the matter instead."]
        assert "Say why" in page.form("/tasks/").fill(choice="closed", reason="x").send().problems[0]
        page = page.form("/tasks/").fill(choice="closed", reason="Moved away, nobody answers").send()
    assert page.messages == ["Recorded. Result: No answer."]
    found = newest(desk)
    assert (found.status, found.note) == ("closed", "Moved away, nobody answers")
    return found


def follow(desk: Desk, found: BalanceConfirmation) -> Page:
    """The page of the one open task, for Rita, who has signed in anew after weeks."""
    desk.browsers.clear()
    return task(desk, found)


@covers("balance_confirmation/answered")
def test_an_answer_that_came_late_is_recorded_and_nobody_is_reminded(desk: Desk) -> BalanceConfirmation:
    found = ask(desk, with_debts(desk, email=""))
    assert desk.mails() == []  # nobody to write to: the task says that it must be printed
    page = task(desk, found)
    assert "print the statement and send it" in page.text
    assert desk.timers(29) == 2
    with desk.later(29):
        page = follow(desk, found)
        done = page.form("/tasks/").fill(choice="answered").send()
        assert done.messages == ["Recorded. Next: Record answer, Receivables."]
        assert desk.timers(16) == 1
        assert (newest(desk).reminders, newest(desk).status) == (1, "sent")
        page = answer(task(desk, found), "agreed", answered_on=(TODAY + timedelta(days=28)).isoformat())
    assert page.messages == ["Recorded. Result: Balance confirmed."]
    return newest(desk)


def test_what_was_sent_never_changes(desk: Desk) -> None:
    customer = with_debts(desk)
    taken = frozen(statement_of(desk.session, customer.id, TODAY, TODAY - timedelta(days=90)))
    found = ask(desk, customer)
    make_invoice(desk.session, customer, "999.00", TODAY, number="LATER", external_id="LATER")
    desk.session.commit()
    found = newest(desk)
    assert found.statement == taken
    assert frozen(thawed(taken)) == taken
    page = desk.get(desk.cast.otto, f"/receivables/confirmations/{found.id}")
    assert "LATER" not in page.text
    assert f"{customer.number}-A-1" in page.text
    for language in ("en", "zh_Hans_CN"):
        pdf = desk.browser(desk.cast.otto).client.get(
            f"/receivables/confirmations/{found.id}/statement.{language}.pdf"
        )
        assert (pdf.status_code, pdf.data[:4]) == (200, b"%PDF")
    desk.get(desk.cast.rita, f"/receivables/confirmations/{found.id}/statement.fr.pdf", 404)
    with pytest.raises(DBAPIError, match="never changed"):
        desk.session.execute(update(BalanceConfirmation).values(statement={}))
    desk.session.rollback()


def test_two_starts_at_once_give_one(desk: Desk) -> None:
    customer = with_debts(desk)
    engine = desk.app.extensions["engine"]
    with desk.app.test_request_context():
        begun = confirmations.start(desk.session, engine, customer.id, SYSTEM, "test")
        with Session(desk.session.get_bind()) as other:
            other.connection().exec_driver_sql("SET lock_timeout = '200ms'")
            with pytest.raises(DBAPIError, match="lock timeout"):  # the second waits for the first
                confirmations.start(other, engine, customer.id, SYSTEM, "test")
        desk.session.commit()
        with Session(desk.session.get_bind()) as other, pytest.raises(Conflict, match="under way"):
            confirmations.start(other, engine, customer.id, SYSTEM, "test")
        copy = BalanceConfirmation(customer_id=customer.id, as_of=TODAY - timedelta(days=1), statement={})
        desk.session.add(copy)
        with pytest.raises(DBAPIError, match="uq_balance_confirmation_running"):
            desk.session.flush()
        desk.session.rollback()
    account = f"/receivables/customers/{customer.number}"
    page = desk.get(desk.cast.rita, account)
    assert not page.has_form("/confirm")
    assert page.links(f"/receivables/confirmations/{begun.id}")


def test_the_daily_job_asks_whoever_is_due_key_customers_first_and_so_many_a_day(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, large, paid = (
        with_debts(desk, "Small"),
        with_debts(desk, "Large"),
        make_customer(desk.session, "Paid"),
    )
    make_invoice(desk.session, large, "9000.00", TODAY, number="BIG", external_id="BIG")

    def asked(customer: Customer, day: date) -> None:
        desk.session.add(
            BalanceConfirmation(
                customer_id=customer.id, as_of=day, statement={"accounts": []}, status="agreed"
            )
        )

    asked(small, date(2025, 1, 1))
    asked(large, date(2025, 12, 9))
    desk.session.commit()
    policy = confirmations.policy_of(desk.session, TODAY)
    monkeypatch.setattr(confirmations, "key_customers", lambda _session, found: (list(found.rows)[:1], None))
    assert due_today(desk.session) == [large.id, small.id]
    one = type(policy)(policy.key_months, policy.other_months, 1, policy.interrupting)
    monkeypatch.setattr(confirmations, "policy_of", lambda *_: one)
    assert jobs.start_confirmations(desk.app) == 1
    assert newest(desk).customer_id == large.id
    assert jobs.start_confirmations(desk.app) == 0  # the day's number is reached
    monkeypatch.setattr(confirmations, "policy_of", lambda *_: policy)
    assert jobs.start_confirmations(desk.app) == 1
    assert newest(desk).customer_id == small.id
    assert jobs.start_confirmations(desk.app) == 0
    assert paid.id not in {row.customer_id for row in desk.session.scalars(select(BalanceConfirmation))}
    events = desk.events(newest(desk))  # type: ignore[arg-type]
    assert events[0]["source"] == "job:start_confirmations"


def test_customers_that_were_never_asked_wait_for_their_day_of_the_period(desk: Desk) -> None:
    customers = [with_debts(desk, f"Kunde {number}") for number in range(4)]
    began = datetime.combine(TODAY - timedelta(days=100), time(12), UTC)
    desk.session.execute(update(Customer).values(created_at=began))
    every = {
        "key": "confirmation.every_months",
        "value": {"key": 3, "other": 12},
        "valid_from": date(1970, 1, 1),
    }
    desk.session.add(Policy(**every, changed_at=began))
    desk.session.commit()
    # All are key customers here, with three months: a whole period is over.
    assert sorted(due_today(desk.session)) == [customer.id for customer in customers]
    # As on the day of an upgrade, or of a large import.
    desk.session.execute(update(Customer).values(created_at=clock.now()))
    desk.session.commit()
    policy = confirmations.policy_of(desk.session, TODAY)
    first = {one.id: policy.first_on(one.id, TODAY, is_key=True) for one in customers}
    assert due_today(desk.session) == [number for number, day in first.items() if day == TODAY]


def test_who_sees_confirmations_and_who_begins_one(desk: Desk) -> None:
    cast, customer = desk.cast, with_debts(desk)
    found = ask(desk, customer)
    page = desk.get(cast.rita, "/receivables/confirmations")
    assert len(page.all("//tbody[@data-rows]/tr")) == 1
    assert "waiting for an answer" in page.text
    assert "None of this status" in desk.get(cast.rita, "/receivables/confirmations?status=agreed").text
    desk.get(cast.rita, "/receivables/confirmations?status=nonsense", 400)
    desk.get(cast.rita, "/receivables/confirmations/999999", 404)
    (number,) = desk.task_ids(found)  # type: ignore[arg-type]
    address = f"/receivables/confirmations/{found.id}"
    assert desk.get(cast.rita, address).links(f"/tasks/{number}")
    for person in (cast.carla, cast.cole, cast.otto):
        assert not desk.get(person, address).links("/tasks/")
        desk.get(person, f"/tasks/{number}", 403)
    for person in (cast.sara, cast.ada):
        desk.get(person, "/receivables/confirmations", 403)
        desk.get(person, address, 403)
    for person in (cast.sara, cast.carla, cast.cole):
        assert not desk.get(person, f"/receivables/customers/{customer.number}").has_form("/confirm")
    sign_out = desk.get(cast.carla, address).form("/sign-out")
    assert sign_out.send(to=f"/receivables/customers/{customer.number}/confirm").status == 403
    nothing = make_customer(desk.session, "Nothing open", branch_id=cast.north.id)
    desk.session.commit()
    assert not desk.get(cast.rita, f"/receivables/customers/{nothing.number}").has_form("/confirm")
    listed = desk.get(cast.rita, "/inbox/groups?q=nordwind")
    assert len(listed.all("//tbody[@data-rows]/tr")) == 1
    assert "History of" in desk.get(cast.otto, f"/history/{found.instance_id}").heading
