"""Write-offs through the screens: proposed with evidence, decided by authority, recovered later."""

import hashlib
import re
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from credit_app import starting, write_offs
from credit_app.facts import recovery
from credit_app.facts.ledger_allocations import allocate_chosen, undo_allocation
from credit_app.facts.ledger_check import balances_that_do_not_tie
from credit_app.facts.ledger_items import mark_item
from credit_app.facts.ledger_receipts import reverse_receipt
from credit_app.facts.statement import statement_of
from credit_app.facts.statement_snapshot import frozen, thawed
from credit_app.models import (
    Adjustment,
    Allocation,
    CollectionSignal,
    Customer,
    CustomerDocument,
    ItemBalance,
    Person,
    PersonRole,
    Receipt,
    ReceivableItem,
)
from credit_app.models.write_off import Recovery, WriteOff, WriteOffItem
from credit_app.screens.acting import engine
from tests.factories import (
    TODAY,
    make_customer,
    make_invoice,
    make_policy,
    make_receipt,
    make_substitution,
)
from tests.screens.desk import Desk
from tests.screens.flows import covers
from tests.screens.pages import Page
from workflows import InvalidAnswer
from workflows.outbox import Posted

NOTE = "Insolvency closed for want of assets"


def debtor(
    desk: Desk, name: str = "Nordwind AG", *amounts: str, days: int = 400
) -> tuple[Customer, list[int]]:
    """A customer of the north with old debts and a document in its file; the ids of its debts."""
    customer = make_customer(desk.session, name, branch_id=desk.cast.north.id, country="DE")
    items = [
        make_invoice(
            desk.session, customer, amount, TODAY - timedelta(days=days), number=f"{name[:3]}-{place}"
        ).id
        for place, amount in enumerate(amounts or ("5000", "300"), 1)
    ]
    content = b"%PDF-1.4 court"
    desk.session.add(
        CustomerDocument(
            customer_id=customer.id, kind="other", filename="court.pdf", content_type="application/pdf",
            size=len(content), sha256=hashlib.sha256(content).hexdigest(), content=content,
        )
    )  # fmt: skip
    desk.session.commit()
    return customer, items


def begin(desk: Desk, customer: Customer, by: Person | None = None) -> tuple[WriteOff, Page]:
    """Cole presses the button on the account: the task of proposing is open."""
    page = desk.get(by or desk.cast.cole, f"/receivables/customers/{customer.number}")
    page = page.form("/write-off").send()
    return newest(desk), page


def newest(desk: Desk) -> WriteOff:
    desk.fresh()
    return desk.session.scalars(select(WriteOff).order_by(WriteOff.id.desc())).first()  # type: ignore[return-value]


def propose(desk: Desk, found: WriteOff, items: list[int], by: Person | None = None, **values: Any) -> Page:
    """The task is opened and answered."""
    page = desk.at_task(by or desk.cast.cole, found, "propose_write_off")  # type: ignore[arg-type]
    document = desk.session.scalars(
        select(CustomerDocument.id).where(CustomerDocument.customer_id == found.customer_id)
    ).first()
    given = {"choice": "proposed", "ground": "insolvency", "note": NOTE} | values
    sent = dict.fromkeys(("documents",), str(document)) if given.pop("document", True) else {}
    form = page.form_named("answer").without("items", "documents")
    form.fill(**{name: value for name, value in given.items() if name in ("choice", "note")})
    for item in items:
        form.forged.add("items", str(item))
    return form.forge(ground=given["ground"], **sent).send()


def decide(desk: Desk, by: Person, found: WriteOff, choice: str, reason: str = "") -> Page:
    page = desk.at_task(by, found, "decide_write_off")  # type: ignore[arg-type]
    return page.form("/tasks/").fill(choice=choice, reason=reason).send()


@covers("write_off/proposed", "write_off/approve")
def test_debts_are_written_off_and_the_claim_is_recovered_later(desk: Desk) -> WriteOff:
    cast = desk.cast
    customer, items = debtor(desk)
    found, page = begin(desk, customer)
    assert "Which debts of Nordwind AG cannot be collected any more?" in page.heading
    assert "at least 1095 days past due" in page.text
    again = desk.get(cast.cole, f"/receivables/customers/{customer.number}").form("/write-off").send()
    assert again.messages == ["A write-off of this customer is already under way."]
    # What cannot be written off is named.
    _other, others = debtor(desk, "Other GmbH", "10")
    assert propose(desk, found, []).problems == ["Choose at least one debt."]
    assert "another customer" in propose(desk, found, others).problems[0]
    assert "needs evidence" in propose(desk, found, items, document=False).problems[0]
    assert "at least 1095 days past due" in propose(desk, found, items, ground="age").problems[0]
    assert "a total of 200" in propose(desk, found, items, ground="small_amount").problems[0]
    assert "Choose why" in propose(desk, found, items, ground="bad luck").problems[0]
    assert "Say what was tried" in propose(desk, found, items, note="x").problems[0]
    assert "how it goes on" in propose(desk, found, items, choice=None).problems[0]
    paid = make_invoice(desk.session, customer, 10, TODAY, paid_on=TODAY, number="PAID").id
    item = desk.session.get_one(ReceivableItem, items[1])
    mark = mark_item(desk.session, item, "disputed", Decimal(50), TODAY, "Price", TODAY)
    desk.session.commit()
    assert "PAID is paid; nothing is left" in propose(desk, found, [paid]).problems[0]
    assert "Nor-2 is disputed; settle the dispute first." in propose(desk, found, items).problems[0]
    assert newest(desk).status == "proposing"
    # Cole also stands in for Carla, who may decide; neither of them may on what he proposed.
    make_substitution(desk.session, cast.carla, cast.cole)
    desk.session.commit()
    assert propose(desk, found, items[:1]).messages == ["Recorded. Next: Decide write-off, Credit manager."]
    found = newest(desk)
    assert (found.status, found.amount, found.currency, found.proposed_by) == (
        "in_approval", Decimal(5000), "EUR", cast.cole.id,
    )  # fmt: skip
    assert {mail.to for mail in desk.mails()} == {cast.carla.name, cast.chen.name}
    (task,) = desk.task_ids(found)  # type: ignore[arg-type]
    for person in (cast.cole, cast.felix, cast.rita, cast.sara):
        desk.get(person, f"/tasks/{task}", 403)
    assert "Nobody" in desk.get(cast.cole, f"/tasks/{task}", 403).text
    page = desk.at_task(cast.carla, found, "decide_write_off")  # type: ignore[arg-type]
    assert page.links("/documents/")
    # A payment arrives while it is decided: what was proposed is not what is open any more.
    receipt = make_receipt(desk.session, customer, 100, TODAY)
    write = desk.session.get_one(ReceivableItem, items[0])
    allocated = pay(desk, receipt, write, "100")
    refused = decide(desk, cast.carla, found, "approve")
    assert refused.problems == ["4900.00 is open of Nor-1 now, proposed was 5000.00; send the proposal back."]
    undo(desk, allocated)
    assert decide(desk, cast.carla, found, "approve").messages == ["Recorded. Result: Debts written off."]
    found = newest(desk)
    (row,) = found.items
    assert (found.status, found.written_on, row.written, row.claim) == (
        "written_off", TODAY, Decimal(5000), Decimal(5000),
    )  # fmt: skip
    entry = desk.session.get_one(Adjustment, row.adjustment_id)
    assert (entry.amount, entry.reason, entry.made_by) == (Decimal(-5000), "written_off", cast.carla.id)
    assert desk.session.get_one(ItemBalance, items[0]).open_amount == 0
    causes = desk.session.scalars(
        select(CollectionSignal.cause).where(CollectionSignal.customer_id == customer.id)
    )
    assert "written_off" in set(causes)
    assert [(mail.to, mail.template) for mail in desk.mails()] == [(cast.cole.name, "write_off_decided")]
    assert mark.id
    # The claim is alive: the debtor reads a debt as before and nothing of our books.
    make_policy(
        desk.session, "dunning.bank_accounts", {"EUR": "Credit Desk, DE02 1203 0000, BIC BYLADEM1001"}
    )
    desk.session.commit()

    def statement() -> tuple[str, str]:
        path = f"/receivables/customers/{customer.number}/statement"
        paper = desk.browser(cast.rita).client.get(f"{path}.en.pdf").data
        words = " ".join(page.extract_text() for page in PdfReader(BytesIO(paper)).pages)
        return desk.get(cast.rita, path).text, " ".join(words.split())

    shown, paper = statement()
    assert "EUR 5,000.00 is written off in our books" in shown
    assert re.search(r"Nor-1 invoice .* 5,000\.00 5,000\.00", shown)
    assert "written off" not in paper
    assert "adjustment" not in paper
    assert "5,000.00" in paper
    assert "Please pay EUR to: Credit Desk, DE02 1203 0000, BIC BYLADEM1001" in paper
    assert "Please pay EUR to: Credit Desk" in shown
    # The receipt is a recovery now.
    address = f"/collection/write-offs/{found.number}"
    assert not desk.get(cast.cole, address).has_form("/recover")
    form = desk.get(cast.rita, address).form("/recover")
    claim, receipt_id = str(row.id), str(receipt.id)
    assert "up to that" in form.fill(claim=claim, receipt=receipt_id, amount="5001").send().text
    page = desk.get(cast.rita, address).form("/recover")
    refused = page.fill(claim=claim, receipt=receipt_id, amount="100.01").send()
    assert refused.status == 422
    assert desk.session.get_one(ItemBalance, items[0]).open_amount == 0, "nothing is half booked"
    page = (
        desk.get(cast.rita, address)
        .form("/recover")
        .fill(claim=claim, receipt=receipt_id, amount="100")
        .send()
    )
    assert page.messages == ["EUR 100.00 is booked as a recovery."]
    desk.fresh()
    (recovered,) = desk.session.scalars(select(Recovery))
    assert (recovered.amount, recovered.claim.claim) == (Decimal(100), Decimal(4900))
    assert desk.session.get_one(ItemBalance, items[0]).open_amount == 0
    assert balances_that_do_not_tie(desk.session) == []
    assert "EUR 4,900.00" in page.text
    shown, paper = statement()
    assert "EUR 4,900.00 is written off in our books" in shown
    assert "4,900.00" in paper
    assert "adjustment" not in paper
    kept = statement_of(desk.session, customer.id, TODAY, TODAY - timedelta(days=900))
    (own,) = kept.accounts
    assert (
        own.closing
        == own.open_amount - own.unallocated
        == own.opening + sum(one.amount for one in own.movements)
    )
    again = thawed(frozen(kept))
    assert (again.accounts, tuple(again.pay_to)) == (kept.accounts, kept.pay_to)
    with pytest.raises(DBAPIError, match="only added"):
        desk.session.query(Recovery).update({"amount": 1})
    desk.session.rollback()
    # Money of somebody else pays no claim.
    wrong = make_receipt(desk.session, _other, 5, TODAY)
    with pytest.raises(InvalidAnswer, match="receipt of this customer"):
        recovery.recover(
            desk.session, desk.session.get_one(WriteOffItem, row.id), wrong, Decimal(5), TODAY, cast.rita.id
        )
    desk.session.rollback()
    # When the bank takes the receipt back, what it paid is open again.
    reverse_receipt(
        desk.session, desk.session.get_one(Receipt, receipt.id), TODAY, "bounced", "No funds", TODAY
    )
    desk.session.commit()
    assert desk.session.get_one(ItemBalance, items[0], populate_existing=True).open_amount == 100
    assert [one.number for one in desk.session.scalars(select(WriteOff))] == [found.number]
    listed = desk.get(cast.otto, "/collection/write-offs?status=written_off")
    assert len(listed.all("//tbody[@data-rows]/tr")) == 1
    return newest(desk)


@covers("write_off/send_back", "write_off/refuse", "write_off/to_remind_approver")
def test_a_proposal_is_sent_back_changed_and_refused(desk: Desk) -> WriteOff:
    cast = desk.cast
    customer, items = debtor(desk, "Large SE", "20000", "5000")
    found, _page = begin(desk, customer, cast.rita)
    assert propose(desk, found, items, cast.rita).messages == [
        "Recorded. Next: Decide write-off, Finance director."
    ]
    assert desk.timers(9) == 1
    reminded = [mail.to for mail in desk.mails() if mail.template == "write_off_reminder"]
    assert reminded == [cast.felix.name, cast.fatima.name]
    assert "Give a reason" in decide(desk, cast.felix, found, "send_back").problems[0]
    page = desk.at_task(cast.felix, found, "decide_write_off")  # type: ignore[arg-type]
    assert "Choose what you decide" in page.form("/tasks/").send().problems[0]
    page = decide(desk, cast.felix, found, "send_back", "Where is the list of the administrator?")
    assert page.messages == ["Recorded. Next: Propose write-off, Receivables."]
    page = desk.at_task(cast.rita, found, "propose_write_off")  # type: ignore[arg-type]
    assert "Where is the list of the administrator?" in page.text
    # Smaller now: it belongs to the level below.
    assert propose(desk, found, items[1:], cast.rita).messages == [
        "Recorded. Next: Decide write-off, Credit manager."
    ]
    assert decide(desk, cast.chen, found, "refuse", "The guarantor pays").messages == [
        "Recorded. Result: Write-off refused."
    ]
    found = newest(desk)
    assert (found.status, found.round, [row.decision for row in found.decisions]) == (
        "refused", 2, ["send_back", "refuse"],
    )  # fmt: skip
    assert all(desk.session.get_one(ItemBalance, item).open_amount > 0 for item in items)
    return found


@covers("write_off/given_up")
def test_a_write_off_is_given_up(desk: Desk) -> WriteOff:
    customer, items = debtor(desk)
    found, _page = begin(desk, customer)
    assert propose(desk, found, items, choice="withdrawn").messages == [
        "Recorded. Result: Write-off withdrawn."
    ]
    return newest(desk)


@covers("write_off/to_close_proposal")
def test_a_proposal_is_withdrawn_and_goes_up_where_nobody_may_decide(desk: Desk) -> WriteOff:
    cast = desk.cast
    customer, items = debtor(desk)
    # Nobody is credit manager any more but Chen, who collects too and proposes: the next level decides.
    for person in (cast.carla, cast.chen):
        desk.session.get_one(Person, person.id).roles = [
            PersonRole(role="collector", branch_id=cast.north.id)
        ]
    desk.session.commit()
    with desk.app.test_request_context():
        posted = Posted(1, "k", None, "process", "write_off", "start", {"customer_id": customer.id}, 0)
        assert starting.start(desk.session, engine(), posted).text.startswith("WOF-")
        assert "already under way" in starting.start(desk.session, engine(), posted).text
        nobody = make_customer(desk.session, "Nothing open")
        with pytest.raises(write_offs.NothingToWriteOff):
            write_offs.start(desk.session, engine(), nobody.id, write_offs.SYSTEM, "test")
    desk.session.commit()
    found = newest(desk)
    assert propose(desk, found, items, cast.chen).messages == [
        "Recorded. Next: Decide write-off, Finance director."
    ]
    address = f"/collection/write-offs/{found.number}"
    assert not desk.get(cast.carla, address).has_form("/withdraw")
    page = desk.get(cast.chen, address)
    assert page.form("/sign-out").send(to=f"{address}/recover").status == 403
    assert desk.get(cast.felix, address).form("/sign-out").send(to=f"{address}/withdraw").status == 403
    page = desk.get(cast.chen, address).form("/withdraw").send()
    assert page.messages == ["The write-off is withdrawn."]
    assert newest(desk).status == "withdrawn"
    for person in (cast.sara, cast.ada):
        desk.get(person, "/collection/write-offs", 403)
    return newest(desk)


def pay(desk: Desk, receipt: Receipt, item: ReceivableItem, amount: str) -> int:
    (row,) = allocate_chosen(desk.session, receipt, {item.id: Decimal(amount)}, TODAY, TODAY)
    desk.session.commit()
    return row.id


def undo(desk: Desk, allocation_id: int) -> None:
    undo_allocation(desk.session, desk.session.get_one(Allocation, allocation_id), TODAY, TODAY)
    desk.session.commit()
