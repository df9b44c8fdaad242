"""Letters through their pages: reviewed, taken out, released, printed, proven; their texts; reminders before due."""

import io
import zipfile
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from credit_app import jobs
from credit_app.facts import interest_claims
from credit_app.facts.dunning import compose
from credit_app.facts.interest_claims import claims_of
from credit_app.facts.ledger_items import mark_item
from credit_app.models import (
    AccessLog,
    CollectionContact,
    Contact,
    Customer,
    CustomerDocument,
    LimitationInterruption,
    ReceivableItem,
)
from credit_app.models.dunning import DunningItem, DunningLetter, DunningRun
from tests.factories import NOW, TODAY, allocate, make_customer, make_invoice, make_policy, make_receipt
from tests.screens.desk import Desk
from tests.screens.pages import File
from workflows import clock

PDF = b"%PDF-1.4\n%%EOF\n"
REVIEW, PRINTING = "/collection/letters/review", "/collection/letters/printing"


def debtor(
    desk: Desk, name: str, country: str = "DE", email: str = "ap@debtor.example", **values: Any
) -> Customer:
    """A customer of the north with one debt of 100.00, 20 days past due."""
    given = {"branch_id": desk.cast.north.id, "country": country, "sales_rep": desk.cast.sara}
    customer = make_customer(desk.session, name, **given | values)
    if email:
        customer.contacts.append(Contact(name="Ada Post", role="Accounts", email=email))
    make_invoice(desk.session, customer, "100.00", TODAY - timedelta(days=20), number=f"{customer.number}-1")
    return customer


def proposed(desk: Desk, customer: Customer, level: str = "letter_1") -> str:
    """The number of a letter that waits for release."""
    letter = compose(desk.session, customer, level, TODAY, NOW, TODAY)
    assert letter is not None
    desk.session.commit()
    return letter.number


def again(desk: Desk, number: str) -> DunningLetter:
    desk.fresh()
    return desk.session.scalars(select(DunningLetter).where(DunningLetter.number == number)).one()


def path(number: str) -> str:
    return f"/collection/letters/{number}"


def test_a_run_is_reviewed_released_and_sent_once(desk: Desk) -> None:
    cast = desk.cast
    customers = [debtor(desk, name) for name in ("Nordwind AG", "Südwind AG", "Westwind AG", "Ostwind AG")]
    north, out, paid, late_out = (proposed(desk, one) for one in customers)
    south = proposed(
        desk, debtor(desk, "Paper AG", email="", branch_id=cast.south.id, address="Ring 1", city="Kiel")
    )
    page = desk.get(cast.cole, REVIEW)
    assert not page.has_form("/collection/letters/release")  # a collector reviews, a credit manager releases
    refused = page.form(f"{out}/exclude").fill(reason="no").send()
    assert (refused.status, refused.problems) == (
        422, ["Reason : Say in a few words why this letter is taken out."],
    )  # fmt: skip
    taken = page.form(f"{out}/exclude").fill(reason="Visit agreed for Friday").send()
    assert taken.messages == ["The letter is taken out; it is not sent."]
    assert "Taken out: Visit agreed for Friday (Cole Baxter)" in taken.text
    assert desk.get(cast.otto, REVIEW).status == 200
    assert not desk.get(cast.otto, REVIEW).has_form("/exclude")
    page = desk.get(cast.carla, REVIEW)
    form = page.form("/collection/letters/release")
    stale = desk.get(cast.chen, REVIEW).form("/collection/letters/release")
    progress = form.send()
    assert progress.messages == ["4 letters are released."]
    assert "0 of 4 letters are dealt with" in progress.text
    desk.get(cast.cole, path(late_out)).form("/exclude").fill(reason="Called, pays today").send()
    assert stale.send().messages == ["None of these letters waits for release any more."]
    # One is paid before the worker comes to it.
    item = desk.session.scalars(
        select(DunningItem).where(DunningItem.letter_id == again(desk, paid).id)
    ).one()
    receipt = make_receipt(desk.session, customers[2], "100.00", TODAY)
    allocate(desk.session, receipt, desk.session.get_one(ReceivableItem, item.item_id))
    desk.session.commit()
    assert jobs.send_letters(desk.app) == 3
    assert jobs.send_letters(desk.app) == 0
    states = {number: again(desk, number).status for number in (north, out, paid, late_out, south)}
    assert states == {
        north: "queued", out: "excluded", paid: "excluded", late_out: "excluded", south: "to_print",
    }  # fmt: skip
    assert "Nothing of it is owed any more." in desk.get(cast.carla, path(paid)).text
    [run] = desk.session.scalars(select(DunningRun))
    assert (run.letters, run.done, run.ended_at) == (4, 4, NOW)
    assert "All letters are dealt with." in desk.get(cast.carla, f"/collection/letters/runs/{run.id}").text
    mails = desk.mails()
    assert [(mail.to, mail.template) for mail in mails] == [
        ("ap@debtor.example", "dunning_letter"),
        ("Sara Lind", "dunning_sales_told"),
        ("Sara Lind", "dunning_sales_told"),
    ]
    assert mails[0].subject == f"First reminder {north}"
    number = customers[0].number
    assert f"  {number}-1, due 18 Feb 2026, 20 days overdue: EUR 100.00" in mails[0].body
    assert again(desk, north).status == "held"  # no mail server is set here
    assert "so nothing was sent" in desk.get(cast.cole, path(north)).text
    logged = desk.session.scalars(select(CollectionContact)).all()
    assert [(row.outcome, row.note, row.made_by) for row in logged] == [("sent", north, cast.carla.id)]
    listed = desk.get(cast.sara, "/collection/letters?status=excluded&level=letter_1")
    assert len(listed.links("/collection/letters/DUN-")) == 3
    assert desk.get(cast.samir, "/collection/letters").links("/collection/letters/DUN-") == [path(south)]
    desk.get(cast.ada, "/collection/letters", 403)


def test_paper_is_printed_posted_and_proven_and_restarts_limitation(desk: Desk) -> None:
    cast = desk.cast
    customer = debtor(desk, "北风有限公司", "CN", email="")
    make_policy(desk.session, "dunning.sender", ["Nordlicht GmbH", "Am Kai 1"])
    make_policy(desk.session, "dunning.bank_accounts", {"EUR": "DE02 1203 0000"})
    number = proposed(desk, customer, "final_demand")
    early = desk.get(cast.cole, path(number))
    assert not early.has_form("/proof")
    assert "The customer has no address on file" in early.text
    desk.get(cast.carla, REVIEW).form("/release").send()
    jobs.send_letters(desk.app)
    page = desk.get(cast.cole, PRINTING)
    answer = desk.browser(cast.cole).client.get("/collection/letters/print.zip")
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as archive:
        assert archive.namelist() == [f"{number}.pdf"]
        content = archive.read(f"{number}.pdf")
    single = desk.browser(cast.cole).client.get(f"{path(number)}.pdf").get_data()
    assert single == content  # the same letter, the same bytes
    text = "".join("".join(one.extract_text() for one in PdfReader(io.BytesIO(content)).pages).split())
    for said in (
        number,
        "最后催告",
        "Nordlicht",
        "AmKai1",
        "北风有限公司",
        f"{customer.number}-1",
        "EUR100.00",
        "DE0212030000",
    ):
        assert said in text
    assert page.form("/posted").send().messages == ["1 letter is noted as posted today."]
    assert again(desk, number).status == "sent"
    page = desk.get(cast.cole, path(number))
    day = (TODAY - timedelta(days=1)).isoformat()
    wrong = page.form("/proof").fill(kind="delivered", happened_on=day, received_by="Wang").send()
    assert wrong.error_at("happened_on") == "Give a day from 10 Mar 2026, when the letter went out, to today."
    today = TODAY.isoformat()
    wrong = page.form("/proof").fill(kind="delivered", happened_on=today, received_by="Wang").send()
    assert wrong.error_at("file") == "Hand in the document that shows the delivery, such as the receipt."
    wrong = (
        page.form("/proof")
        .fill(kind="delivered", happened_on=today, received_by="")
        .attach("file", File("r.pdf", PDF))
        .send()
    )
    assert wrong.error_at("received_by") == "Say who received the letter."
    assert again(desk, number).status == "sent"
    failed = page.form("/proof").fill(kind="failed", happened_on=today, note="Moved").send()
    assert failed.messages == ["The proof is kept."]
    form = page.form("/proof").fill(
        kind="delivered", happened_on=today, received_by="Wang Li", reference="RR1CN"
    )
    kept = form.attach("file", File("r.pdf", PDF)).send()
    assert "Limitation of 1 debt runs anew from 10 Mar 2026." in kept.text
    letter = again(desk, number)
    assert (letter.status, letter.delivered_on) == ("delivered", TODAY)
    [row] = desk.session.scalars(select(LimitationInterruption))
    document = desk.session.scalars(select(CustomerDocument)).one()
    assert (row.ground, row.interrupted_on, row.document_id, row.evidence) == (
        "demand_delivered", TODAY, document.id, f"dunning_proof:{letter.proofs[-1].id}",
    )  # fmt: skip
    assert page.form("/proof").fill(kind="failed", happened_on=today).send().status == 422
    outcomes = desk.session.scalars(select(CollectionContact.outcome).order_by(CollectionContact.id)).all()
    assert outcomes == ["sent", "failed", "delivered"]
    kinds = desk.session.execute(
        select(AccessLog.kind, AccessLog.area).where(AccessLog.customer_id == customer.id)
    )
    assert {("change", "documents"), ("print", "account")} <= {tuple(one) for one in kinds}
    desk.get(cast.samir, path(number), 404)


def test_a_receipt_dated_back_leaves_the_letter_and_the_statement_says_so(desk: Desk) -> None:
    cast, customer = desk.cast, debtor(desk, "Nordwind AG")
    number = proposed(desk, customer)
    desk.get(cast.carla, REVIEW).form("/release").send()
    jobs.send_letters(desk.app)
    assert "the books now show" not in desk.get(cast.cole, path(number)).text
    with clock.at(NOW + timedelta(days=3)):
        item_id = desk.session.scalars(select(DunningItem.item_id)).one()
        receipt = make_receipt(desk.session, customer, "60.00", TODAY - timedelta(days=1))
        allocate(desk.session, receipt, desk.session.get_one(ReceivableItem, item_id), Decimal("60.00"))
        desk.session.commit()
        page = desk.get(cast.cole, path(number))
        assert (
            "On 10 Mar 2026 the books now show EUR 40.00 open of what this letter names with 100.00"
            in page.text
        )
        assert page.status == 200
        statement = f"/receivables/customers/{customer.number}/statement"
        said = f"Our letter {number} of 10 Mar 2026 names EUR 100.00 as open"
        assert said in desk.get(cast.rita, statement).text
        answer = desk.browser(cast.rita).client.get(f"{statement}.en.pdf")
        text = "".join(one.extract_text() for one in PdfReader(io.BytesIO(answer.get_data())).pages)
        assert "".join(said.split()) in "".join(text.split())


def test_texts_are_tried_on_a_customer_and_published_in_versions(desk: Desk) -> None:
    cast, customer = desk.cast, debtor(desk, "Nordwind {company} AG")
    desk.session.commit()
    address = "/collection/texts/letter_1/en/email"
    assert not desk.get(cast.cole, address).has_form("/texts/")
    page = desk.get(cast.carla, address)
    stale = desk.get(cast.chen, address)
    body = "Dear {contact} of {customer},\n\n{items}\n\nPay {total} by {due_by}."
    wrong = page.form("/texts/").fill(body=body + " {iban}").send(publish="1")
    assert wrong.status == 422
    assert wrong.error_at("body").startswith(
        "“{iban}” is no field here; the fields are {customer}, {customer_number},"
    )
    wrong = page.form("/texts/").fill(subject="{items}").send(publish="1")
    assert wrong.error_at("subject").startswith("“{items}” is no field here")
    wrong = page.form("/texts/").fill(subject="Pay", body=body, customer="C-999999").send(preview="1")
    assert wrong.error_at("customer").startswith("There is no customer C-999999")
    nothing = make_customer(desk.session, "Sound AG", branch_id=cast.north.id)
    desk.session.commit()
    wrong = page.form("/texts/").fill(customer=nothing.number).send(preview="1")
    assert wrong.error_at("customer") == (
        "Sound AG owes nothing now that this letter would name; choose another customer."
    )
    shown = (
        page.form("/texts/")
        .fill(subject="Pay, {customer}", body=body, customer=customer.number)
        .send(preview="1")
    )
    assert "Pay, Nordwind {company} AG" in shown.text
    assert "Dear Ada Post of Nordwind {company} AG," in shown.text
    assert "Pay EUR 100.00 by 20 Mar 2026." in shown.text
    done = shown.form("/texts/").send(publish="1")
    assert done.messages == ["Version 1 is in force for every letter from now on."]
    late = stale.form("/texts/").fill(body=body).send(publish="1")
    assert (
        late.error_at("body")
        == "Somebody has saved a newer version of this text meanwhile; look at it first."
    )
    letter = again(desk, proposed(desk, customer))
    assert letter.subject == "Pay, Nordwind {company} AG"
    assert letter.template is not None
    assert letter.template.version == 1
    assert "Version 1" in desk.get(cast.otto, "/collection/texts").text
    desk.get(cast.carla, "/collection/texts/letter_9/en/email", 404)
    # Somebody who may not is refused, whatever is sent.
    forged = desk.browser(cast.cole).get(address)
    answer = desk.browser(cast.cole).send(
        address,
        {"csrf_token": forged.all("//input[@name='csrf_token']/@value")[0], "publish": "1", "body": body},
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(("missed", "expected"), [(0, 1), (5, 1), (12, 0)])
def test_customers_are_reminded_before_due_once(desk: Desk, missed: int, expected: int) -> None:
    customer = make_customer(desk.session, "Nordwind AG", branch_id=desk.cast.north.id)
    customer.contacts.append(Contact(name="Ada Post", email="ap@nordwind.example"))
    small = make_customer(desk.session, "Small AG")
    small.contacts.append(Contact(name="S", email="s@small.example"))
    nobody = make_customer(desk.session, "Nobody AG")
    for one, amount, days in (
        (customer, "80.00", 5),
        (customer, "120.00", 10),
        (small, "99.00", 4),
        (nobody, "500", 4),
    ):
        make_invoice(desk.session, one, amount, TODAY + timedelta(days=days), number=f"{one.name[:3]}-{days}")
    desk.session.commit()
    assert jobs.remind_before_due(desk.app) == 0  # 80.00 by itself is below what policy reminds of
    with desk.later(3 + missed):
        assert jobs.remind_before_due(desk.app) == expected
        assert jobs.remind_before_due(desk.app) == 0
        mails = desk.mails()
    assert [mail.to for mail in mails] == ["ap@nordwind.example"] * expected
    with desk.later(4 + missed):
        assert jobs.remind_before_due(desk.app) == 0
    if expected:
        letter = desk.session.scalars(select(DunningLetter)).one()
        names = {0: {"Nor-5", "Nor-10"}, 5: {"Nor-10"}}[missed]
        assert {item.number for item in letter.items} == names
        assert (letter.level, letter.pay_by) == ("reminder", None)
        for name in names:
            assert name in mails[0].body


def test_a_receipt_entered_for_a_day_before_a_letter_is_told_on_the_case(desk: Desk) -> None:
    make_policy(desk.session, "ledger.key_customers", 0)
    make_policy(desk.session, "dunning.review_levels", [])
    customer = debtor(desk, "Nordwind AG")
    desk.session.commit()
    with clock.at(NOW):
        jobs.run_collection(desk.app)
        jobs.move_cases(desk.app)
        desk.fresh()
        letter = desk.session.scalars(select(DunningLetter)).one()
        case = f"/collection/cases/{letter.case.number}"  # type: ignore[union-attr]
        assert "was not in the letter" not in desk.get(desk.cast.cole, case).text
    with clock.at(NOW + timedelta(days=2)):
        form = desk.get(desk.cast.rita, f"/receivables/customers/{customer.number}/receipts/new")
        sent = form.form("/receipts/new").fill(
            amount="40", currency="EUR", received_on=(TODAY - timedelta(days=1)).isoformat(), how="oldest"
        )
        assert sent.send().messages == ["The receipt is entered."]
        of_today = form.form("/receipts/new").fill(
            amount="7", received_on=(TODAY + timedelta(days=2)).isoformat(), how="account"
        )
        assert of_today.send().messages == ["The receipt is entered."]
        page = desk.get(desk.cast.cole, case)
        (told,) = [one.text_content() for one in page.all("//div[@data-kind='warning']")]
        assert (
            "A receipt of 9 Mar 2026, entered on 12 Mar 2026, was not in the letter of 10 Mar 2026: EUR 40.00"
            in told
        )
        (statement,) = [href for href in page.links("/statement?") if "from=2026-03-09" in href]
        assert "Our letter" in desk.get(desk.cast.cole, statement).text
    # The next letter says it right; nothing is to be corrected any more.
    with clock.at(NOW + timedelta(days=15)):
        make_invoice(desk.session, customer, "50.00", TODAY - timedelta(days=20), number="NEXT")
        desk.session.commit()
        jobs.run_collection(desk.app)
        jobs.move_cases(desk.app)
        desk.fresh()
        assert desk.session.query(DunningLetter).count() == 2
        assert "was not in the letter" not in desk.get(desk.cast.cole, case).text


def claimed(desk: Desk, customer: Customer) -> list[tuple[str, Decimal, Decimal, Any]]:
    """(invoice, interest, fee, last day) of what was booked."""
    desk.fresh()
    rows = reversed(claims_of(desk.session, customer.id))
    return [(row.item.number, row.amount, row.fee, row.to_on) for row in rows]


def test_interest_that_a_letter_claims_is_owed_once_it_has_gone_out(desk: Desk) -> None:
    cast = desk.cast
    customer, spared = debtor(desk, "Nordwind AG", email=""), debtor(desk, "Spared AG", email="")
    invoice = f"{customer.number}-1"
    due = TODAY - timedelta(days=20)
    part = make_invoice(desk.session, customer, "1000.00", due, number="PART")
    hand = make_invoice(desk.session, customer, "1000.00", due, number="HAND")
    mark_item(desk.session, part, "disputed", Decimal(400), TODAY, "Too few", TODAY)
    number, out = proposed(desk, customer, "letter_2"), proposed(desk, spared, "letter_2")
    written = {item.number: (item.interest, item.fee) for item in again(desk, number).items}
    assert min(amount for amount, _fee in written.values()) > 0
    desk.get(cast.cole, path(out)).form("/exclude").fill(reason="Visit agreed").send()
    desk.get(cast.carla, REVIEW).form("/release").send()
    jobs.send_letters(desk.app)
    assert claimed(desk, customer) == []  # it is still in the house
    with desk.later(1), desk.app.test_request_context():
        interest_claims.claim(desk.session, customer, [hand.id], TODAY + timedelta(days=1), cast.rita.id)
        desk.session.commit()
    with desk.later(2):
        page = desk.get(cast.cole, PRINTING).form("/posted").send()
        assert page.messages == ["1 letter is noted as posted today."]
        account = desk.get(cast.cole, f"/receivables/customers/{customer.number}").text
    assert [one for one in claimed(desk, customer) if one[0] != "HAND"] == [
        (invoice, *written[invoice], TODAY)
    ]
    assert len([one for one in claimed(desk, customer) if one[0] == "HAND"]) == 1
    assert claimed(desk, spared) == []
    assert f"{invoice}/INT-1" in account
    assert f"{invoice}/FEE-1" in account
    # The next letter, and the statement, ask for the days since only.
    with desk.later(10):
        day = TODAY + timedelta(days=10)
        with desk.app.test_request_context():
            letter = compose(desk.session, customer, "final_demand", day, clock.now(), day)
            assert letter is not None
            desk.session.flush()
            [item] = [one for one in letter.items if one.number == invoice]
            left = interest_claims.unclaimed_of(desk.session, [item.item_id], "DE", day)
        assert 0 < item.interest < written[invoice][0]
        assert (item.interest, item.fee, left[item.item_id].amount) == (
            left[item.item_id].amount,
            0,
            item.interest,
        )
