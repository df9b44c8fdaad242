"""Disputes through the screens: opened over parts, investigated, credited, rejected, paid meanwhile, late."""

import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from credit_app import disputes as starting
from credit_app import jobs
from credit_app.facts.dispute_investigation import Found
from credit_app.facts.dispute_opening import Claim, Part
from credit_app.facts.ledger_check import balances_that_do_not_tie
from credit_app.facts.ledger_items import live_marks
from credit_app.facts.ledger_receipts import reverse_receipt
from credit_app.models import (
    Adjustment,
    CollectionContact,
    Contact,
    Customer,
    CustomerDocument,
    ItemBalance,
    ItemMark,
    Receipt,
    ReceivableItem,
)
from credit_app.models.disputes import Dispute, DisputeItem, ImportedDisputeEnd
from credit_app.models.ledger_queries import open_items
from credit_app.steps.dispute_handling import investigate_dispute
from tests.factories import TODAY, allocate, make_customer, make_invoice, make_person, make_receipt
from tests.screens.desk import Desk
from tests.screens.flows import covers
from tests.screens.pages import File, Page
from workflows import Actor, Refused, clock

PDF = b"%PDF-1.4\n%%EOF\n"
FOUND = {"cause": "wrong_price", "finding": "The old price list was used"}


def debtor(desk: Desk, country: str = "DE", amount: str = "100.00") -> Customer:
    """Owes A-1 (100.00, ten days overdue) and A-2 (40.00); C-9 is paid."""
    customer = make_customer(desk.session, "Nordwind AG", branch_id=desk.cast.north.id, country=country)
    for number, value in (("A-1", amount), ("A-2", "40.00")):
        make_invoice(
            desk.session, customer, value, TODAY - timedelta(days=10), number=number, external_id=number
        )
    due = TODAY - timedelta(days=40)
    make_invoice(desk.session, customer, "70.00", due, paid_on=due, number="C-9", external_id="C-9")
    desk.session.add(Contact(customer_id=customer.id, name="Ada Post", email="ap@nordwind.example"))
    desk.session.commit()
    return customer


def ask(desk: Desk, customer: Customer, by: Any = None, file: File | None = None, **values: str) -> Page:
    """Somebody takes a dispute down; 60 of A-1 unless something else is typed."""
    given = {
        "reason": "amount", "claimed_by": "Ada Post", "channel": "call", "claim": "The price is too high",
        "rows-0-item": "A-1", "rows-0-amount": "60",
    }  # fmt: skip
    page = desk.get(by or desk.cast.cole, f"/collection/disputes/new?customer={customer.number}")
    form = page.form_named("asked").fill(**given | values)
    return (form.attach("files", file) if file else form).send()


def newest(desk: Desk) -> Dispute:
    desk.fresh()
    return desk.session.scalars(select(Dispute).order_by(Dispute.id.desc())).first()  # type: ignore[return-value]


def task(desk: Desk, by: Any, node: str = "") -> Page:
    (number,) = desk.task_ids(newest(desk), node or None)  # type: ignore[arg-type]
    return desk.get(by, f"/tasks/{number}")


def answer(page: Page, **values: str | None) -> Page:
    """The task is opened anew and answered."""
    return page.browser.get(page.path).form_named("answer").fill(**values).send()


def live(desk: Desk) -> list[Decimal]:
    """What is marked as disputed now."""
    rows = desk.session.scalars(select(ItemMark).order_by(ItemMark.id)).all()
    ended = {row.ends_id for row in rows}
    return [row.amount for row in rows if row.ends_id is None and row.id not in ended]


def open_of(desk: Desk, number: str = "A-1") -> Decimal:
    desk.fresh()
    query = select(ItemBalance.open_amount).join(ReceivableItem, ReceivableItem.id == ItemBalance.item_id)
    return desk.session.scalars(query.where(ReceivableItem.number == number)).one()


@covers("dispute_handling/propose_credit", "dispute_handling/approve", "dispute/credited")
def test_a_wrong_price_is_credited_by_another_than_who_proposed_it(desk: Desk) -> Any:
    customer = debtor(desk)
    opened = ask(desk, customer, file=File("mail.pdf", PDF))
    assert opened.messages == ["The dispute is opened; what is disputed pauses collection."]
    found = newest(desk)
    assert (found.status, found.owner_role, found.amount) == ("investigating", "receivables", 60)
    assert live(desk) == [60]
    assert desk.session.scalars(select(CustomerDocument)).one().customer_id == customer.id
    contact = desk.session.scalars(select(CollectionContact)).one()
    assert (contact.outcome, contact.direction, contact.reached) == ("dispute", "in", "Ada Post")
    page = task(desk, desk.cast.rita)
    assert "disputes 60.00 EUR" in page.heading
    assert page.browser.get(page.path).form_named("answer").send().problems == ["Choose what you propose."]
    assert answer(page, choice="credited").problems == ["Choose the root cause."]
    assert "what was found" in answer(page, choice="credited", cause="wrong_price").problems[0]
    done = answer(page, choice="credited", **FOUND)
    assert done.messages == ["Recorded. Next: Decide credit, Credit manager."]
    page = task(desk, desk.cast.carla)
    assert "Credit Nordwind AG 60.00 EUR?" in page.heading
    assert page.form_named("answer").send().problems == ["Choose approve, refuse or send back."]
    desk.mails()
    done = answer(page, choice="approve")
    assert done.messages == ["Recorded. Result: Dispute credited."]
    found = newest(desk)
    assert (found.status, found.credited, found.decided_by) == ("credited", 60, desk.cast.carla.id)
    entry = desk.session.scalars(select(Adjustment)).one()
    assert (entry.amount, entry.external_id) == (-60, f"dispute:{found.id}:{found.items[0].id}")
    assert (open_of(desk), live(desk)) == (40, [])
    assert balances_that_do_not_tie(desk.session) == []
    (mail,) = desk.mails()
    assert (mail.to, mail.template) == ("ap@nordwind.example", "dispute_credited")
    assert "A-1: EUR 60.00" in mail.body
    # Somebody who decided in another window comes too late.
    assert page.form_named("answer").fill(choice="refuse", note="I see it otherwise").send().status == 409
    report = desk.get(desk.cast.otto, "/collection/disputes/causes?by=cause")
    assert "wrong price or discount 1 0 60.00 60.00" in report.text
    table = desk.browser(desk.cast.otto).client.get("/collection/disputes/causes.csv?by=owner")
    assert b"Receivables,1,0,60.00,60.00" in table.data
    return found


@covers("dispute_handling/propose_rejection", "dispute/rejected")
def test_a_rejected_part_counts_again_and_the_customer_reads_why_in_its_language(desk: Desk) -> Any:
    customer = debtor(desk, country="CN")
    ask(desk, customer)
    page = task(desk, desk.cast.rita)
    assert answer(page, choice="rejected", **FOUND).problems == ["Give the ground; the customer reads it."]
    desk.mails()
    done = answer(page, choice="rejected", **FOUND, ground="Price list of May, signed by you")
    assert done.messages == ["Recorded. Result: Dispute rejected."]
    found = newest(desk)
    assert (found.status, live(desk), open_of(desk)) == ("rejected", [], 100)
    (mail,) = desk.mails()
    assert (mail.to, mail.template) == ("ap@nordwind.example", "dispute_rejected")
    assert "您的争议" in mail.subject
    assert "Price list of May, signed by you" in mail.body
    assert "counts again" in done.text
    return found


@covers(
    "dispute_handling/send_back", "dispute/partly", "dispute_handling/to_remind_owner",
    "dispute_handling/to_escalate_dispute",
)  # fmt: skip
def test_a_late_dispute_is_escalated_sent_back_and_credited_in_part(desk: Desk) -> Any:
    customer = debtor(desk)
    carrier = make_person(desk.session, "delivery", name="Dora Diaz", branch=desk.cast.north)
    desk.session.commit()
    desk.names[carrier.id], desk.emails[carrier.id] = carrier.name, carrier.email
    ask(desk, customer, desk.cast.sara, reason="delivery", **{"rows-1-item": "A-2", "rows-1-amount": "40"})
    assert newest(desk).owner_role == "delivery"
    desk.mails()
    assert desk.timers(4) == 1
    with desk.later(4):
        assert [(mail.to, mail.template) for mail in desk.mails()] == [("Dora Diaz", "dispute_reminder")]
    assert desk.timers(8) == 1
    with desk.later(8):
        told = {(mail.to, mail.template) for mail in desk.mails()}
        assert told == {("Dora Diaz", "dispute_escalated"), ("Mona Keller", "dispute_escalated")}
        assert newest(desk).escalated_on == TODAY + timedelta(days=8)
        desk.browsers.clear()
        page = task(desk, carrier)
        part = {
            "choice": "partly",
            "cause": "wrong_delivery",
            "finding": "One box was missing",
            "ground": "The rest came",
        }
        assert "at least one invoice" in answer(page, **part).problems[0]
        assert answer(page, **part, **{"rows-0-amount": "60.01"}).problems == [
            "60.00 of A-1 is disputed; no more than that can be credited."
        ]
        assert (
            "That is all of it"
            in answer(page, **part, **{"rows-0-amount": "60", "rows-1-amount": "40"}).problems[0]
        )
        assert answer(page, **part, **{"rows-0-amount": "50"}).status == 200
        page = task(desk, desk.cast.carla)
        assert answer(page, choice="send_back").problems == ["Say why."]
        assert answer(page, choice="send_back", note="Was it only one box?").status == 200
        page = task(desk, carrier)
        assert "Was it only one box?" in page.text
        assert newest(desk).answer_by > TODAY + timedelta(days=8)  # its days begin anew
        assert answer(page, **part, **{"rows-0-amount": "25"}).status == 200
        desk.mails()
        done = answer(task(desk, desk.cast.carla), choice="approve")
        assert done.messages == ["Recorded. Result: Credited in part."]
        found = newest(desk)
        assert (found.status, found.credited) == ("partly", 25)
        assert (open_of(desk), open_of(desk, "A-2"), live(desk)) == (75, 40, [])
        (mail,) = desk.mails()
        assert "A-1: EUR 25.00" in mail.body
        assert "The rest came" in mail.body
    return found


@covers("dispute_handling/refuse")
def test_a_large_credit_goes_to_a_higher_level_and_never_to_who_took_part(desk: Desk) -> Any:
    customer = debtor(desk, amount="20000.00")
    ask(desk, customer, **{"rows-0-amount": "15000"})
    page = task(desk, desk.cast.rita)
    desk.done(page.form_named("answer").fill(choice="credited", **FOUND))
    assert desk.get(desk.cast.carla, task_path(desk), 403).status == 403
    page = task(desk, desk.cast.felix)
    done = answer(page, choice="refuse", note="The price was agreed in May")
    assert done.messages == ["Recorded. Result: Dispute rejected."]
    found = newest(desk)
    assert (found.status, found.level, found.ground) == (
        "rejected", "finance_director", "The price was agreed in May",
    )  # fmt: skip
    assert (open_of(desk), live(desk)) == (20000, [])
    # Who investigated never decides, also not where they hold the level.
    found.decided_by = found.investigated_by
    with pytest.raises(DBAPIError):
        desk.session.flush()
    desk.session.rollback()
    return newest(desk)


def task_path(desk: Desk) -> str:
    (number,) = desk.task_ids(newest(desk))  # type: ignore[arg-type]
    return f"/tasks/{number}"


@covers("dispute/paid")
def test_a_payment_ends_the_part_that_it_pays_and_at_last_the_dispute(desk: Desk) -> Any:
    customer = debtor(desk)
    ask(desk, customer)
    pay(desk, customer, "40.00", "A-1")
    assert jobs.settle_disputes(desk.app) == 0
    assert live(desk) == [60]  # what is not disputed was paid
    page = task(desk, desk.cast.rita)
    desk.done(page.form_named("answer").fill(choice="credited", **FOUND))
    page = task(desk, desk.cast.carla)
    pay(desk, customer, "45.00", "A-1")
    assert jobs.settle_disputes(desk.app) == 0
    assert live(desk) == [15]
    late = page.form_named("answer").fill(choice="approve").send()
    assert late.problems == [
        "Meanwhile something was paid: 15.00 EUR can be credited now. Look again and decide."
    ]
    item = newest(desk).items[0]
    assert (item.paid, item.credit, item.live) == (45, 15, True)
    held = desk.get(desk.cast.cole, f"/receivables/items/{item.item_id}")
    assert not held.has_form("/marks/")
    pay(desk, customer, "15.00", "A-1")
    assert "All of it was paid meanwhile" in task(desk, desk.cast.carla).text
    assert answer(task(desk, desk.cast.carla), choice="approve").problems == [
        "Nothing of it is open any more; refuse it."
    ]
    assert jobs.settle_disputes(desk.app) == 1
    found = newest(desk)
    assert (found.status, live(desk), found.items[0].paid) == ("paid", [], 60)
    assert desk.session.scalars(select(Adjustment)).all() == []
    return found


def test_a_dispute_that_ended_as_paid_goes_on_when_the_payment_is_taken_back(desk: Desk) -> None:
    customer = debtor(desk)
    ask(desk, customer)
    pay(desk, customer, "40.00", "A-1")
    pay(desk, customer, "60.00", "A-1")
    assert (jobs.settle_disputes(desk.app), newest(desk).status) == (1, "paid")
    assert jobs.settle_disputes(desk.app) == 0
    first = newest(desk).instance_id
    receipt = desk.session.scalars(select(Receipt).order_by(Receipt.id.desc())).first()
    assert receipt is not None
    reverse_receipt(desk.session, receipt, TODAY, "bounced", "No cover", TODAY, desk.cast.rita.id)
    desk.session.commit()
    assert jobs.settle_disputes(desk.app) == 1
    found = newest(desk)
    assert (found.status, found.reopened_on, live(desk)) == ("investigating", TODAY, [60])
    assert (found.items[0].paid, found.instance_id != first) == (0, True)
    assert jobs.settle_disputes(desk.app) == 0, "it goes on once"
    page = task(desk, desk.cast.rita)
    desk.done(page.form_named("answer").fill(choice="rejected", ground="The price was agreed", **FOUND))
    assert (newest(desk).status, live(desk)) == ("rejected", [])
    assert jobs.settle_disputes(desk.app) == 0


def pay(desk: Desk, customer: Customer, amount: str, number: str) -> None:
    item = desk.session.scalars(select(ReceivableItem).where(ReceivableItem.number == number)).one()
    allocate(desk.session, make_receipt(desk.session, customer, amount), item, amount)
    desk.session.commit()


def test_what_cannot_be_disputed_is_refused_with_one_sentence(desk: Desk) -> None:
    customer = debtor(desk)

    def refused(**values: str) -> str:
        page = ask(desk, customer, **values)
        assert page.status == 422
        (problem,) = page.problems
        return problem

    assert (
        refused(**{"rows-0-amount": "100.01"})
        == "Only 100.00 is open of A-1; no more than that can be disputed."
    )
    assert refused(**{"rows-0-item": "C-9"}) == "C-9 is paid; nothing of it can be disputed."
    assert refused(**{"rows-0-item": "X <b>"}) == "“X <b>” is no invoice of this customer."
    assert refused(**{"rows-0-amount": ""}) == "Give the disputed amount, above zero."
    assert refused(**{"rows-0-item": "", "rows-0-amount": ""}).startswith("Name at least one invoice")
    assert refused(**{"rows-1-item": "A-1", "rows-1-amount": "5"}) == "A-1 stands here twice; name it once."
    assert refused(answer_by=(TODAY - timedelta(days=1)).isoformat()).endswith(
        "is over; give today or a later day."
    )
    assert newest(desk) is None
    assert ask(desk, customer).status == 200
    assert refused(**{"rows-0-amount": "40.01"}) == "60.00 of A-1 is disputed already; 40.00 more can be."
    # Whoever decides on credit opens no dispute.
    desk.get(desk.cast.carla, f"/collection/disputes/new?customer={customer.number}", 403)


def test_a_dispute_that_came_in_with_an_invoice_can_be_ended(desk: Desk) -> None:
    customer = debtor(desk)
    for number in ("B-1", "B-2"):
        make_invoice(desk.session, customer, "30.00", TODAY - timedelta(days=5), number=number, disputed=True)
    desk.session.commit()
    assert disputed(desk, customer) == {"B-1", "B-2"}
    first, second = (
        desk.session.scalars(select(ReceivableItem.id).where(ReceivableItem.number == number)).one()
        for number in ("B-1", "B-2")
    )
    page = desk.get(desk.cast.cole, f"/receivables/items/{first}")
    assert page.form("/flags/").fill(reason="x").send().messages == [
        "Say in a few words how the dispute was settled."
    ]
    done = page.form("/flags/").fill(reason="Settled by telephone").send()
    assert done.messages == ["The invoice is disputed no longer."]
    assert page.form("/flags/").fill(reason="Settled once more").send().messages == [
        "This dispute was ended already."
    ]
    assert disputed(desk, customer) == {"B-2"}
    # The other one becomes a dispute of our own, which ends it with its result.
    page = desk.get(desk.cast.cole, f"/receivables/items/{second}")
    (link,) = page.links("/collection/disputes/new")[:1]
    form = desk.get(desk.cast.cole, link).form_named("asked")
    assert (form.value("rows-0-item"), form.value("rows-0-amount")) == ("B-2", "30")
    values = {
        "reason": "unclear_clause",
        "claimed_by": "Ada",
        "channel": "letter",
        "claim": "Clause 7 says otherwise",
    }
    assert form.fill(**values).send().status == 200
    found = newest(desk)
    assert (found.contract_review, found.owner_role) == (True, "counsel")
    assert disputed(desk, customer) == {"B-2"}
    listed = desk.get(desk.cast.lena, "/collection/disputes?status=contract")
    assert found.number in listed.text
    given = {
        "choice": "rejected",
        "cause": "unclear_contract",
        "finding": "Clause 7 is clear",
        "ground": "See clause 7",
    }
    assert answer(task(desk, desk.cast.lena), **given).status == 200
    assert disputed(desk, customer) == set()
    ended = desk.session.scalars(select(ImportedDisputeEnd).order_by(ImportedDisputeEnd.id)).all()
    assert [(row.item_id, row.dispute_id) for row in ended] == [(first, None), (second, found.id)]
    # As of the day before they still were disputed.
    yesterday = open_items(desk.session, [customer.id], TODAY - timedelta(days=1))
    assert {row.number for row in yesterday if row.disputed} == {"B-1", "B-2"}


def disputed(desk: Desk, customer: Customer) -> set[str]:
    desk.fresh()
    return {row.number for row in open_items(desk.session, [customer.id], TODAY) if row.disputed}


def bounce(desk: Desk, receipt: Receipt) -> None:
    """The bank takes a payment back; all that it paid is open again."""
    with desk.app.test_request_context():
        reverse_receipt(desk.session, receipt, TODAY, "bounced", "No funds", TODAY)
        desk.session.commit()


def test_a_part_that_was_paid_is_disputed_again_when_the_payment_is_taken_back(desk: Desk) -> None:
    customer = debtor(desk)
    ask(desk, customer, **{"rows-1-item": "A-2", "rows-1-amount": "40"})
    items = {one.number: one for one in desk.session.scalars(select(ReceivableItem))}
    answer(task(desk, desk.cast.rita), choice="credited", **FOUND)
    receipts = []
    for number, amount in (("A-1", "70"), ("A-2", "40")):
        receipts.append(make_receipt(desk.session, customer, amount))
        allocate(desk.session, receipts[-1], items[number], amount)
    desk.session.commit()
    assert (jobs.settle_disputes(desk.app), live(desk)) == (0, [30])
    assert [(part.paid, part.credit, part.live) for part in newest(desk).items] == [
        (30, 30, True),
        (40, 0, False),
    ]
    for receipt in receipts:
        bounce(desk, receipt)
    page = task(desk, desk.cast.carla)  # seen at once, before the job has looked
    assert "100.00" in page.text
    assert (jobs.settle_disputes(desk.app), sorted(live(desk))) == (0, [40, 60])
    assert jobs.settle_disputes(desk.app) == 0
    assert answer(page, choice="approve").messages == ["Recorded. Result: Dispute credited."]
    found = newest(desk)
    assert (found.status, found.credited, live(desk)) == ("credited", 100, [])
    assert (open_of(desk, "A-1"), open_of(desk, "A-2")) == (40, 0)


@pytest.mark.parametrize("seed", range(3))
def test_marks_never_exceed_what_is_open_whatever_is_paid_taken_back_and_settled(
    desk: Desk, seed: int
) -> None:
    chance, customer = random.Random(seed), debtor(desk)  # noqa: S311
    engine, cole, rita = desk.app.extensions["engine"], Actor(desk.cast.cole.id), Actor(desk.cast.rita.id)
    items = {one.number: one for one in desk.session.scalars(select(ReceivableItem)) if one.number != "C-9"}
    receipts: list[Receipt] = []

    def opening() -> None:
        number = chance.choice(sorted(items))
        part = Part("rows-0", number, Decimal(chance.randint(5, 60)))
        claim = Claim("amount", "The price is too high", "Ada", "call", (part,))
        starting.open_dispute(desk.session, engine, customer, claim, cole, "test", clock.now())

    def paying() -> None:
        item = chance.choice(list(items.values()))
        amount = min(Decimal(chance.randint(1, 80)), open_of(desk, item.number))
        if amount:
            receipts.append(make_receipt(desk.session, customer, str(amount)))
            allocate(desk.session, receipts[-1], item, str(amount))

    def bouncing() -> None:
        if receipts:
            receipt = receipts.pop(chance.randrange(len(receipts)))
            reverse_receipt(desk.session, receipt, TODAY, "bounced", "No funds", TODAY)

    def settling() -> None:
        running = desk.session.scalars(select(Dispute).where(Dispute.status == "investigating")).all()
        if not running:
            return
        (number,) = desk.task_ids(chance.choice(running))  # type: ignore[arg-type]
        found = Found("rejected", "wrong_price", "Looked into", "The price list was agreed", {})
        engine.complete(
            desk.session, number, rita, "test", lambda act: investigate_dispute.complete(act, found)
        )

    with desk.app.test_request_context():
        for _step in range(24):
            try:
                chance.choice((opening, opening, paying, paying, bouncing, bouncing, settling))()
                desk.session.commit()
            except Refused:
                desk.session.rollback()
            for _run in range(2):  # the second run takes in what had to wait for another dispute
                jobs.settle_disputes(desk.app)
            desk.fresh()
            marked = live_marks(desk.session, [one.id for one in items.values()], TODAY)
            for item in items.values():
                own = [one for one in marked if one.item_id == item.id]
                assert sum(one.amount for one in own) <= open_of(desk, item.number)
            parts = desk.session.scalars(
                select(DisputeItem).join(Dispute).where(Dispute.status == "investigating")
            )
            held = {part.mark_id: part.amount - part.paid for part in parts if part.live}
            assert held == {one.id: one.amount for one in marked}
