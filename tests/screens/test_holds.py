"""Holds of customers through the screens: harm, approval, notice with proof, the stop, and its release."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from credit_app import jobs, starting
from credit_app.models import CollectionCase, Contact, Customer, ItemBalance, ReceivableItem
from credit_app.models.holds import CustomerHold
from tests.factories import TODAY, allocate, make_customer, make_invoice, make_receipt
from tests.screens.desk import Desk
from tests.screens.flows import covers
from tests.screens.pages import File, Page
from tests.screens.shelf import kept
from workflows.outbox import Posted

PDF = b"%PDF-1.4\n%%EOF\n"
HARM = {
    "choice": "stop",
    "harm_note": "Their line stands still after two days",
    "sales_view": "They will take prepayment, says Sara",
    "alternative": "Prepayment of every order",
}


@kept
def late_payer(desk: Desk, email: str = "ap@late.example", **values: Any) -> Customer:
    """A customer in Germany whose 900.00 are twenty days overdue, with a case of collection."""
    cast = desk.cast
    given = {"branch_id": cast.north.id, "country": "DE", "sales_rep_id": cast.sara.id}
    customer = make_customer(desk.session, "Late & Sons", **given | values)
    make_invoice(desk.session, customer, 900, TODAY - timedelta(days=20))
    if email:
        desk.session.add(Contact(customer_id=customer.id, name="Ada Post", email=email, role="Accounts"))
    desk.session.commit()
    jobs.run_collection(desk.app)
    jobs.move_cases(desk.app)
    return customer


def propose(desk: Desk, customer: Customer, person: Any = None, **values: str) -> Page:
    page = desk.get(person or desk.cast.cole, f"/collection/customers/{customer.number}/hold")
    given = {"scope": "all", "ground": "No answer to two letters"}
    return page.form("/hold").fill(**given | values).send()


def newest(desk: Desk) -> CustomerHold:
    desk.fresh()
    return desk.session.scalars(select(CustomerHold).order_by(CustomerHold.id.desc())).first()  # type: ignore[return-value]


def work(desk: Desk, person: Any, *, to: str = "", file: File | None = None, **values: str | None) -> Page:
    """The person opens the open task of the newest hold and answers it."""
    (number,) = desk.task_ids(newest(desk), to or None)  # type: ignore[arg-type]
    form = desk.get(person, f"/tasks/{number}").form(f"/tasks/{number}").fill(**values)
    return (form.attach("file", file) if file else form).send()


def pay(desk: Desk, customer: Customer) -> None:
    """Everything that is open is paid, and the worker closes the case."""
    for row in desk.session.scalars(select(ItemBalance).where(ItemBalance.customer_id == customer.id)):
        item = desk.session.get_one(ReceivableItem, row.item_id)
        receipt = make_receipt(desk.session, customer, row.open_amount, TODAY)
        allocate(desk.session, receipt, item, row.open_amount, TODAY)
    desk.session.commit()
    jobs.move_cases(desk.app)


def steps(desk: Desk) -> list[str]:
    return [step.kind for step in newest(desk).steps]


@covers("customer_hold/stop", "customer_hold/send_back", "customer_hold/approve", "customer_hold/not_delivered",
        "customer_hold/delivered", "customer_hold/keep", "customer_hold/release")  # fmt: skip
def test_a_hold_goes_from_harm_to_notice_proof_stop_and_release(desk: Desk) -> CustomerHold:
    cast, customer = desk.cast, late_payer(desk)
    page = propose(desk, customer, ground="")
    assert "why deliveries are to stop" in page.problems[0]
    assert "from which orders stop" in propose(desk, customer, scope="above").problems[0]
    page = propose(desk, customer, scope="above", from_amount="500")
    assert page.messages == ["The hold is proposed; its harm is assessed next."]
    assert "under way already" in propose(desk, customer).problems[0], "a second one while one runs"
    case = desk.session.scalars(select(CollectionCase)).one()
    assert newest(desk).case_id == case.id
    assert desk.get(cast.cole, f"/collection/cases/{case.number}").links(f"/customers/{customer.number}/hold")
    refused = work(desk, cast.cole, **HARM | {"sales_view": ""})
    assert "whoever approves decides by it" in refused.problems[0]
    assert work(desk, cast.cole, harm_life="y").status == 422, "nothing is preselected"
    work(desk, cast.cole, **HARM)
    refused = work(desk, cast.carla, choice="approve", notice_days="6")
    assert "Give from 7 days, which law and contract ask here" in refused.problems[0]
    assert "why" in work(desk, cast.carla, choice="send_back").problems[0]
    work(desk, cast.carla, choice="send_back", reason="What does the contract say?")
    (number,) = desk.task_ids(newest(desk))  # type: ignore[arg-type]
    assert "What does the contract say?" in desk.get(cast.cole, f"/tasks/{number}").text
    work(desk, cast.cole, **HARM | {"harm_contract": "y"})
    desk.mails()
    work(desk, cast.carla, choice="approve")
    (mail,) = desk.mails()
    assert (mail.to, mail.template) == ("ap@late.example", "hold_notice")
    assert "7 days after you have received it" in mail.body
    assert f"[{newest(desk).number}.pdf]" in mail.body
    assert newest(desk).customer.status == "active", "nothing stops before the proof"

    assert "what happened" in work(desk, cast.cole, choice="not_delivered").problems[0]
    work(desk, cast.cole, choice="not_delivered", note="The mail came back")
    assert [mail.template for mail in desk.mails()] == ["hold_notice"]
    day = {"choice": "delivered", "delivered_on": TODAY.isoformat(), "received_by": "Mr Late"}
    assert "proves the delivery" in work(desk, cast.cole, **day).problems[0]
    early = day | {"delivered_on": (TODAY - timedelta(days=1)).isoformat()}
    assert "when the notice was sent" in work(desk, cast.cole, **early).problems[0]
    assert "who received" in work(desk, cast.cole, **day | {"received_by": ""}).problems[0]
    assert work(desk, cast.cole, file=File("receipt.pdf", b"no paper"), **day).status == 422
    work(desk, cast.cole, file=File("receipt.pdf", PDF), **day)
    found = newest(desk)
    assert (found.status, found.stop_on) == ("announced", TODAY + timedelta(days=7))
    assert {(mail.to, mail.template) for mail in desk.mails()} == {
        ("Sara Lind", "hold_announced"), ("Mona Keller", "hold_announced"),
    }  # fmt: skip
    assert desk.timers(6) == 0
    assert newest(desk).customer.status == "active"
    assert desk.timers(8) == 1
    found = newest(desk)
    assert (found.status, found.customer.status) == ("active", "on_hold")
    assert found.held_from
    assert found.held_from >= TODAY + timedelta(days=7)
    application = desk.draft(cast.sara)
    assert "on hold" not in application.text
    desk.done(desk.filled(application, customer))
    entered = desk.get(cast.alma, "/applications/CA-2026-00001").text
    assert "on hold" in entered, "an application for credit shows it"

    address = f"/collection/holds/{found.number}"
    assert "why deliveries are to go on" in desk.get(cast.mona, address).form("/release").send().problems[0]
    page = desk.get(cast.mona, address).form("/release").fill(ground="They pay in advance now").send()
    assert page.messages == ["The release is proposed; a credit manager decides."]
    assert "why" in work(desk, cast.chen, choice="keep").problems[0]
    work(desk, cast.chen, choice="keep", reason="Nothing was paid yet")
    assert (newest(desk).status, newest(desk).customer.status) == ("active", "on_hold")
    assert jobs.follow_holds(desk.app) == 0, "the case is open"
    pay(desk, customer)
    assert jobs.follow_holds(desk.app) == 1
    assert jobs.follow_holds(desk.app) == 0
    desk.mails()
    work(desk, cast.carla, choice="release")
    found = newest(desk)
    assert (found.status, found.customer.status, found.held_until) == ("released", "active", TODAY)
    assert {mail.to for mail in desk.mails()} == {"Sara Lind", "Mona Keller", "Cole Baxter"}
    assert steps(desk) == [
        "proposed", "assessed", "sent_back", "assessed", "approved", "noticed", "not_delivered", "noticed",
        "delivered", "sales_told", "begun", "release_asked", "kept", "release_asked", "released",
    ]  # fmt: skip
    return found


def to_approval(desk: Desk, customer: Customer, person: Any = None) -> None:
    propose(desk, customer, person)
    work(desk, desk.cast.cole, **HARM)


def to_proof(desk: Desk, customer: Customer) -> None:
    to_approval(desk, customer)
    work(desk, desk.cast.carla, choice="approve", notice_days="14")


@covers("customer_hold/to_assessment_dropped")
def test_a_stage_asks_for_one_hold_and_a_payment_drops_it(desk: Desk) -> CustomerHold:
    customer = late_payer(desk)
    (case,) = desk.session.scalars(select(CollectionCase))
    asked = Posted(
        1, "k", None, "process", "customer_hold", "start", {"customer_id": customer.id, "case_id": case.id}, 0
    )  # fmt: skip
    engine = desk.app.extensions["engine"]
    with desk.app.test_request_context():
        first = starting.start(desk.session, engine, asked)
        desk.session.commit()
        assert starting.start(desk.session, engine, asked) == first, "asked twice, begun once"
    desk.session.commit()
    assert newest(desk).made_by is None
    assert jobs.follow_holds(desk.app) == 0
    pay(desk, customer)
    assert jobs.follow_holds(desk.app) == 1
    assert (newest(desk).status, desk.task_ids(newest(desk)), steps(desk)) == (  # type: ignore[arg-type]
        "dropped", set(), ["proposed", "dropped"],
    )  # fmt: skip
    with desk.app.test_request_context():
        late = starting.start(desk.session, engine, asked)
        desk.session.commit()
    assert late.text == "", "the case has ended before the worker came to it"
    assert newest(desk).status == "dropped"
    return newest(desk)


@covers("customer_hold/to_approval_dropped")
def test_a_payment_during_approval_ends_the_proposal(desk: Desk) -> CustomerHold:
    customer = late_payer(desk)
    to_approval(desk, customer)
    pay(desk, customer)
    assert jobs.follow_holds(desk.app) == 1
    assert newest(desk).status == "dropped"
    return newest(desk)


@covers("customer_hold/to_notice_dropped")
def test_a_payment_before_the_delivery_ends_the_proposal(desk: Desk) -> CustomerHold:
    customer = late_payer(desk, email="", country="FR")
    to_proof(desk, customer)
    assert [mail.template for mail in desk.mails()][-1:] != ["hold_notice"], "nobody can be written to"
    (number,) = desk.task_ids(newest(desk))  # type: ignore[arg-type]
    page = desk.get(desk.cast.cole, f"/tasks/{number}")
    assert "print the notice and send it" in page.text
    (link,) = page.links("/notice.zh_Hans_CN.pdf")
    assert desk.browser(desk.cast.cole).client.get(link).data.startswith(b"%PDF")
    pay(desk, customer)
    assert jobs.follow_holds(desk.app) == 1
    assert newest(desk).status == "dropped"
    return newest(desk)


def test_a_payment_within_the_notice_averts_the_stop(desk: Desk) -> None:
    customer = late_payer(desk)
    to_proof(desk, customer)
    proof = {"choice": "delivered", "delivered_on": TODAY.isoformat(), "received_by": "Mr Late"}
    work(desk, desk.cast.cole, file=File("receipt.pdf", PDF), **proof)
    assert newest(desk).stop_on == TODAY + timedelta(days=14), "the notice may be longer than policy asks"
    pay(desk, customer)
    assert jobs.follow_holds(desk.app) == 1
    assert desk.timers(30) == 0
    assert (newest(desk).status, newest(desk).customer.status) == ("dropped", "active")


@covers("customer_hold/withdraw")
def test_the_collector_withdraws_what_would_do_more_harm_than_good(desk: Desk) -> CustomerHold:
    propose(desk, late_payer(desk))
    assert "why deliveries go on" in work(desk, desk.cast.cole, choice="withdraw").problems[0]
    work(desk, desk.cast.cole, choice="withdraw", reason="A hospital: patients would suffer")
    assert newest(desk).status == "withdrawn"
    return newest(desk)


@covers("customer_hold/refuse")
def test_whoever_proposed_neither_approves_nor_releases(desk: Desk) -> CustomerHold:
    cast, customer = desk.cast, late_payer(desk)
    to_approval(desk, customer, cast.carla)
    (number,) = desk.task_ids(newest(desk))  # type: ignore[arg-type]
    assert "somebody else" in desk.get(cast.carla, f"/tasks/{number}", 403).text
    work(desk, cast.chen, choice="approve")
    proof = {"choice": "delivered", "delivered_on": TODAY.isoformat(), "received_by": "Mr Late"}
    work(desk, cast.cole, file=File("receipt.pdf", PDF), **proof)
    desk.timers(10)
    number_of = newest(desk).number
    for person in (cast.otto, cast.sara):
        assert not desk.get(person, f"/collection/holds/{number_of}").has_form("/release")
        desk.get(person, f"/collection/customers/{customer.number}/hold", 403)
    page = desk.get(cast.cole, f"/collection/holds/{number_of}")
    page.form("/release").fill(ground="They pay in advance now").send()
    assert page.form("/release").fill(ground="They pay in advance now").send().status == 409
    (number,) = desk.task_ids(newest(desk))  # type: ignore[arg-type]
    assert "somebody else" in desk.get(cast.carla, f"/tasks/{number}", 403).text
    work(desk, cast.chen, choice="release")
    assert newest(desk).status == "released"
    listed = desk.get(cast.otto, "/collection/holds?status=released")
    assert customer.name in listed.text
    desk.get(cast.ada, "/collection/holds", 403)
    to_approval(desk, customer)
    assert "why" in work(desk, cast.chen, choice="refuse").problems[0]
    work(desk, cast.chen, choice="refuse", reason="They are paying already")
    assert newest(desk).status == "refused"
    return newest(desk)
