"""Performing contracts through the screens: milestones with warnings, breaches, and invoices against the terms."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from credit_app import jobs
from credit_app.facts.contracts import draft_version, freeze, take_over
from credit_app.facts.performance import plan
from credit_app.models.contract import Contract, ContractDocument, ContractEvent
from credit_app.models.party import Party
from credit_app.models.performance import ContractBreach, ContractItem, ContractMilestone, ContractWarning
from tests.factories import TODAY, allocate, make_customer, make_invoice, make_rate, make_receipt
from tests.screens.desk import Desk
from tests.screens.drawn_up import contract_with, in_force
from tests.screens.pages import File, Page
from workflows import clock

PDF = File("acceptance.pdf", b"%PDF-1.4\n%%EOF\n")
DAY = timedelta(days=1)


def milestone(desk: Desk, kind: str) -> ContractMilestone:
    desk.fresh()
    return desk.session.scalars(select(ContractMilestone).where(ContractMilestone.kind == kind)).one()


def act(desk: Desk, row: ContractMilestone, choice: str, file: File | None = None, **values: str) -> Page:
    page = desk.get(desk.cast.sara, f"/contracts/{row.contract.number}/milestones/{row.id}")
    form = page.form_named("milestone-form").fill(choice=choice, **values)
    return (form.attach("file", file) if file else form).send()


def test_a_milestone_is_planned_moved_warned_of_and_done_with_its_paper(desk: Desk) -> None:
    cast, contract = desk.cast, in_force(desk, ends_on=None, warranty_months=None, renewal_notice_days=None)
    path = f"/contracts/{contract.number}/milestones/new"
    assert not desk.get(cast.cole, f"/contracts/{contract.number}").links("milestones/new")
    desk.get(cast.cole, path, status=403)

    def plan(**values: str) -> Page:
        given = {"kind": "acceptance", "title": "Pumps accepted", "due_on": (TODAY + 20 * DAY).isoformat()}
        form = desk.get(cast.sara, path).form_named("milestone-form")
        return form.fill(owner=str(cast.rita.id), **given | values).send()

    assert "today or later" in plan(due_on=(TODAY - DAY).isoformat()).error_at("due_on")
    assert "is planned" in " ".join(plan().messages)
    row = milestone(desk, "acceptance")
    # Within thirty days: told once, to whoever sees to it; the delivery in forty days to its own owner.
    assert jobs.warn_of_contract_dates(desk.app) == 2
    assert jobs.warn_of_contract_dates(desk.app) == 0
    told = {mail.to: mail.body for mail in desk.mails() if mail.template == "contract_dates"}
    assert set(told) == {cast.rita.name, cast.sara.name}
    assert "Pumps accepted" in told[cast.rita.name]
    assert "few words" in act(desk, row, "move", due_on=(TODAY + 60 * DAY).isoformat()).error_at("why")
    assert "Nothing would change" in act(desk, row, "move", why="Nothing at all").error_at("due_on")
    moved = act(
        desk,
        row,
        "move",
        due_on=(TODAY + 60 * DAY).isoformat(),
        owner=str(cast.sara.id),
        why="Hall not ready",
    )
    assert "up to date" in " ".join(moved.messages)
    # On its new day it is warned of anew, and once more when it has passed.
    with desk.later(61):
        assert jobs.warn_of_contract_dates(desk.app) == 2
        assert "overdue" in desk.get(cast.sara, f"/contracts/{contract.number}").text
    with desk.later(65):
        assert jobs.warn_of_contract_dates(desk.app) == 0
    assert set(desk.session.scalars(select(ContractWarning.days))) == {30, 90, -1}
    # Two people at the page: the second one's answer is about what is no more.
    old = desk.get(cast.mona, f"/contracts/{contract.number}/milestones/{row.id}").form_named(
        "milestone-form"
    )
    today = TODAY.isoformat()
    assert "Say how it is known" in act(desk, row, "done", done_on=today).error_at("evidence")
    assert "today at the latest" in act(desk, row, "done", done_on=(TODAY + DAY).isoformat()).error_at(
        "done_on"
    )
    assert "up to date" in " ".join(act(desk, row, "done", PDF, done_on=today).messages)
    assert "meanwhile" in " ".join(old.fill(choice="cancel", why="Not needed any more").send().problems)
    done = milestone(desk, "acceptance")
    assert (done.status, done.done_on, done.evidence) == ("done", TODAY, "[acceptance.pdf]")
    assert desk.session.scalars(select(ContractDocument)).one().kind == "acceptance"
    assert "Choose what became" in act(desk, milestone(desk, "delivery"), "done").form_named(
        "milestone-form"
    ).forge(choice="").send().error_at("choice")
    assert "up to date" in " ".join(
        act(desk, milestone(desk, "delivery"), "cancel", why="Delivered by them").messages
    )
    kinds = set(desk.session.scalars(select(ContractEvent.kind)))
    assert {"milestone_planned", "milestone_moved", "milestone_done", "milestone_cancelled"} <= kinds


def test_nothing_is_performed_of_what_is_not_in_force(desk: Desk) -> None:
    customer = make_customer(desk.session, "Late & Sons", branch_id=desk.cast.north.id)
    contract = contract_with(desk, customer)
    desk.session.commit()
    page = desk.get(desk.cast.sara, f"/contracts/{contract.number}/milestones/new")
    values = {"title": "Pumps", "due_on": TODAY.isoformat()}
    sent = page.form_named("milestone-form").fill(**values).send()
    assert "not in force" in " ".join(sent.problems)
    page = desk.get(desk.cast.sara, f"/contracts/{contract.number}/breaches/new")
    broken = {"occurred_on": TODAY.isoformat(), "description": "Nothing came"}
    assert "not come into force" in " ".join(page.form_named("breach-form").fill(**broken).send().problems)
    far = make_customer(desk.session, "Far GmbH", branch_id=desk.cast.south.id)
    elsewhere = in_force(desk, far, desk.cast.samir)
    desk.get(desk.cast.sara, f"/contracts/{elsewhere.number}/milestones/new", status=404)


def test_a_breach_leads_to_collection_and_is_ended(desk: Desk) -> None:
    cast, contract = desk.cast, in_force(desk)
    customer = contract.customer
    assert customer is not None
    make_invoice(desk.session, customer, 900, TODAY - 40 * DAY)
    desk.session.commit()
    jobs.run_collection(desk.app)
    jobs.move_cases(desk.app)
    path = f"/contracts/{contract.number}/breaches/new"

    def record(**values: str) -> Page:
        given = {
            "by_side": "them", "kind": "late_payment", "occurred_on": TODAY.isoformat(), "consequence": "penalty",
            "description": "Forty days late", "amount": "90",
        }  # fmt: skip
        return desk.get(cast.sara, path).form_named("breach-form").fill(**given | values).send()

    assert "penalty or of the damages" in record(amount="").error_at("amount")
    assert "begin of the contract" in record(occurred_on=(TODAY - DAY).isoformat()).error_at("occurred_on")
    page = record()
    assert "The breach is recorded" in " ".join(page.messages)
    assert not page.has_form("/terminate")
    (case,) = {link.rpartition("/")[2] for link in desk.get(cast.cole, page.path).links("/collection/cases/")}
    assert "Paid late" in desk.get(cast.cole, f"/collection/cases/{case}").text
    assert "Paid late" in desk.get(cast.sara, f"/customers/{customer.number}").text
    assert desk.get(cast.cole, f"/contracts/{contract.number}").links("/collection/cases/")
    # Nobody ends a contract for what has no such consequence.
    breach = desk.session.scalars(select(ContractBreach)).one()
    forged = page.form("/breaches/").forge(ends_on=TODAY.isoformat())
    assert "No termination follows" in " ".join(forged.send(f"{page.path}/terminate").problems)
    end = page.form(f"/breaches/{breach.id}").fill(status="settled", closed_on=TODAY.isoformat())
    assert "how it ended" in end.send().error_at("note")
    assert "is ended" in " ".join(end.fill(note="They paid the penalty").send().messages)
    desk.fresh()
    assert desk.session.scalars(select(ContractBreach)).one().status == "settled"
    assert "Paid late" not in desk.get(cast.sara, f"/customers/{customer.number}").text
    assert "ended already" in " ".join(end.fill(note="They paid it twice").send().problems)


def figure(page: Page, term: str) -> str:
    return page.facts()[term]


def test_invoices_are_linked_by_the_contracts_number_and_read_against_the_terms(desk: Desk) -> None:
    cast = desk.cast
    contract = in_force(desk, retention_share=Decimal("0.10"), retention_days=365)
    session, number, customer = desk.session, contract.number, contract.customer
    assert customer is not None
    other = make_customer(session, "Other AG", branch_id=cast.north.id)

    def invoice(amount: int, due: Any, reference: str, **values: Any) -> Any:
        return make_invoice(
            session, values.pop("whose", customer), amount, due, reference=reference, **values
        )

    agreed = invoice(10000, TODAY - DAY, f"Order 7 / {number.replace('-', ' ').lower()}")
    late = invoice(8000, TODAY + 30 * DAY, number, document_date=TODAY - 30 * DAY)
    credit = invoice(500, TODAY, number, kind="credit_note")
    abroad = invoice(300, TODAY, number, currency="USD")
    make_rate(session, "EUR", "CHF", "0.8", TODAY - 3 * DAY)
    make_rate(session, "EUR", "CHF", "0.5", TODAY - DAY)
    swiss = invoice(800, TODAY - DAY, number, currency="CHF", document_date=TODAY - 2 * DAY)
    invoice(1, TODAY, f"{number}9")  # the number of another contract
    invoice(1, TODAY, number, whose=other)
    by_hand = invoice(200, TODAY + 5 * DAY, "")
    paid = make_receipt(session, customer, 4000, TODAY - DAY)
    allocate(session, paid, agreed, "4000")
    session.commit()
    assert jobs.link_contract_items(desk.app) == 5
    assert jobs.link_contract_items(desk.app) == 0
    linked = set(session.scalars(select(ContractItem.item_id)))
    assert linked == {agreed.id, late.id, credit.id, abroad.id, swiss.id}
    page = desk.get(cast.sara, f"/contracts/{number}/invoices/link")
    assert "no invoice with this number" in page.form_named("link-form").fill(number="X-1").send().error_at(
        "number"
    )
    page = page.form_named("link-form").fill(number=by_hand.number.lower()).send()
    assert "belongs to the contract" in " ".join(page.messages)
    # 10,000 + 8,000 + 200 - 500 of 40,000; 6,000 open of the first, of which 1,000 is retention and not overdue.
    # The francs count at the rate of the invoice's day, 1,000, of which 100 is retention; dollars have no rate.
    assert figure(page, "Invoiced").startswith("EUR 18,700.00")
    assert "47" in figure(page, "Invoiced")
    assert (figure(page, "Paid"), figure(page, "Overdue")) == ("EUR 4,000.00", "EUR 5,900.00")
    assert figure(page, "Retention still held") == "EUR 1,920.00"
    assert "CHF 800.00 EUR 1,000.00" in page.text
    assert "USD 300.00 not in the sums: no rate" in page.text
    assert "1 item in another currency is counted at the rate of its day" in page.text
    assert "30 days later than agreed" in page.text
    assert "1 item in another currency is in no sum" in page.text
    again = desk.get(cast.sara, f"/contracts/{number}/invoices/link").form_named("link-form")
    assert "already" in again.fill(number=by_hand.number).send().error_at("number")
    # What belongs to another contract moves over, and both timelines say so.
    second = in_force(desk, desk.session.get_one(type(customer), customer.id))
    form = desk.get(cast.sara, f"/contracts/{second.number}/invoices/link").form_named("link-form")
    assert "belongs to the contract" in " ".join(form.fill(number=late.number).send().messages)
    desk.fresh()
    assert desk.session.get_one(ContractItem, late.id).contract_id == second.id
    moved = select(Contract.number).join(ContractEvent).where(ContractEvent.kind == "item_moved")
    assert desk.session.scalars(moved).all() == [number]
    # Taken out, it belongs to no contract, also when the job runs again; linked by hand it is back.
    path = f"/contracts/{number}/invoices/{agreed.id}/unlink"
    desk.get(cast.cole, path, 403)
    desk.get(cast.samir, path, 404)
    desk.get(cast.sara, f"/contracts/{second.number}/invoices/{agreed.id}/unlink", 404)
    assert desk.get(cast.sara, f"/contracts/{number}").links(path) == [path]
    assert not desk.get(cast.cole, f"/contracts/{number}").links("/unlink")
    page = desk.get(cast.sara, path)
    late_page = desk.get(cast.mona, path)
    assert "few words" in page.form_named("unlink-form").fill(why="No").send().error_at("why")
    done = page.form_named("unlink-form").fill(why="Of the order before").send()
    assert done.messages == ["The invoice is taken out of the contract."]
    assert late_page.form_named("unlink-form").fill(why="Another order").send().status == 404
    assert figure(done, "Paid") == "EUR 0.00"
    assert f"{agreed.number}. Of the order before" in done.text
    assert jobs.link_contract_items(desk.app) == 0
    form = desk.get(cast.sara, f"/contracts/{number}/invoices/link").form_named("link-form")
    assert "belongs to the contract" in " ".join(form.fill(number=agreed.number).send().messages)
    with desk.later(400):
        assert "retention due since" in desk.get(cast.sara, f"/contracts/{number}").text


def calendar(desk: Desk, span: str = "180") -> list[str]:
    """The rows of the calendar of contracts."""
    page = desk.get(desk.cast.sara, f"/contracts/calendar?span={span}")
    return [" ".join(row.text_content().split()) for row in page.all("//tbody/tr")]


def test_retention_counts_from_acceptance_where_the_terms_say_so(desk: Desk) -> None:
    cast, session = desk.cast, desk.session
    contract = in_force(
        desk, retention_share=Decimal("0.10"), retention_days=100, retention_from="acceptance",
        warranty_months=None, renewal_notice_days=None,
    )  # fmt: skip
    customer, path = contract.customer, f"/contracts/{contract.number}"
    assert customer is not None
    make_invoice(
        session, customer, 10000, TODAY - DAY, reference=contract.number, document_date=TODAY - 31 * DAY
    )
    session.commit()
    jobs.link_contract_items(desk.app)
    # The acceptance is planned with the delivery; retention is expected so many days later.
    accepted, due = milestone(desk, "acceptance"), milestone(desk, "retention")
    assert (accepted.due_on, due.due_on) == (TODAY + 40 * DAY, TODAY + 140 * DAY)
    assert (due.amount, due.owner_id) == (Decimal(4000), cast.sara.id)
    page = desk.get(cast.sara, path)
    assert figure(page, "Retention falls due") == "expected on 28 Jul 2026, 100 days after acceptance"
    assert "EUR 1,000.00 held, expected until 28 Jul 2026" in page.text
    assert figure(page, "Overdue") == "EUR 9,000.00"
    (row,) = [one for one in calendar(desk) if "Retention falls due" in one]
    assert row.startswith("28 Jul 2026")
    assert row.endswith("EUR 4,000.00 Sara Lind")
    # It moves with the acceptance, also with a second one; as long as one is missing nothing is due.
    act(desk, accepted, "move", due_on=(TODAY + 50 * DAY).isoformat(), why="Hall not ready")
    assert milestone(desk, "retention").due_on == TODAY + 150 * DAY
    form = desk.get(cast.sara, f"{path}/milestones/new").form_named("milestone-form")
    second = {"kind": "acceptance", "title": "Second hall", "due_on": (TODAY + 70 * DAY).isoformat()}
    form.fill(owner=str(cast.sara.id), **second).send()
    assert milestone(desk, "retention").due_on == TODAY + 170 * DAY
    act(desk, accepted, "done", done_on=TODAY.isoformat(), evidence="Record of acceptance")
    with desk.later(200):
        page = desk.get(cast.sara, path)
        assert "EUR 1,000.00 held, expected until 27 Aug 2026" in page.text
        assert figure(page, "Overdue") == "EUR 9,000.00"
    desk.fresh()
    other = session.scalars(select(ContractMilestone).where(ContractMilestone.title == "Second hall")).one()
    act(desk, other, "cancel", why="There is one hall only")
    # Accepted: the day is certain, and once it is over what is open of it is overdue like the rest.
    assert milestone(desk, "retention").due_on == TODAY + 100 * DAY
    page = desk.get(cast.sara, path)
    assert figure(page, "Retention falls due") == "18 Jun 2026"
    assert "EUR 1,000.00 held until 18 Jun 2026" in page.text
    with desk.later(101):
        page = desk.get(cast.sara, path)
        assert "retention due since 18 Jun 2026" in page.text
        assert figure(page, "Overdue") == "EUR 10,000.00"
        act(desk, milestone(desk, "retention"), "done", done_on=TODAY.isoformat(), evidence="Paid today")
    # What was done does not come again, and a purchase has its day as well.
    assert milestone(desk, "retention").status == "done"
    supplier = Party(number="P-1", kind="supplier", name="Steel AG", branch_id=cast.north.id)
    session.add(supplier)
    session.flush()
    bought = in_force(
        desk, supplier, retention_share=Decimal("0.05"), retention_days=30, retention_from="acceptance",
        delivery_on=None,
    )  # fmt: skip
    assert "Retention falls due" not in desk.get(cast.sara, f"/contracts/{bought.number}").text
    form = desk.get(cast.sara, f"/contracts/{bought.number}/milestones/new").form_named("milestone-form")
    form.fill(owner=str(cast.sara.id), **second).send()
    assert any("Retention falls due" in one and "EUR 2,000.00" in one for one in calendar(desk))


def test_retention_that_counts_from_invoices_stands_in_the_calendar(desk: Desk) -> None:
    cast, session = desk.cast, desk.session
    contract = in_force(desk, retention_share=Decimal("0.10"), retention_days=60)
    customer = contract.customer
    assert customer is not None
    for amount, ago in ((10000, 30), (5000, 30), (2000, 10), (700, 90)):
        make_invoice(
            session, customer, amount, TODAY + 30 * DAY, reference=contract.number,
            document_date=TODAY - ago * DAY,
        )  # fmt: skip
    settled = make_invoice(
        session, customer, 900, TODAY, reference=contract.number, document_date=TODAY - 30 * DAY
    )
    allocate(session, make_receipt(session, customer, 900, TODAY), settled, "900")
    session.commit()
    jobs.link_contract_items(desk.app)
    rows = [one for one in calendar(desk, "90") if "Retention falls due" in one]
    assert [row[:11] for row in rows] == ["9 Apr 2026 ", "29 Apr 2026"]
    assert ["EUR 1,500.00" in rows[0], "EUR 200.00" in rows[1]] == [True, True]
    (late,) = [one for one in calendar(desk, "overdue") if "Retention falls due" in one]
    assert "EUR 70.00" in late
    page = desk.get(cast.sara, f"/contracts/{contract.number}")
    assert figure(page, "Retention falls due") == "EUR 1,500.00 on 9 Apr 2026"
    assert not session.scalars(select(ContractMilestone).where(ContractMilestone.kind == "retention")).all()
    assert not desk.get(cast.samir, "/contracts/calendar?span=90").all("//tbody/tr")
    # The terms in force count: with other days the invoices have other days too.
    version = draft_version(session, contract, {"retention_days": 25}, TODAY, contract.owner_id)
    freeze(session, version)
    take_over(contract, version)
    plan(session, contract, version, clock.now())
    session.commit()
    (row,) = [one for one in calendar(desk, "90") if "Retention falls due" in one]
    assert row.startswith("25 Mar 2026")
    assert "EUR 200.00" in row
