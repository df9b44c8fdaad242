"""Collection agencies through the screens: the register, and placements from the choice to what came back."""

import io
import zipfile
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from credit_app import jobs, starting
from credit_app.models import CollectionCase, Customer, ItemMark, ReceivableItem
from credit_app.models.agencies import Agency, AgencyFee, AgencyPlacement
from tests.factories import TODAY, allocate, make_customer, make_invoice, make_receipt
from tests.screens.desk import Desk
from tests.screens.flows import covers
from tests.screens.pages import File, Page
from tests.screens.test_holds import PDF, late_payer, pay
from workflows.outbox import Posted
from workflows.tables import Outbox

HANDED = {"handed_on": TODAY.isoformat(), "handed_to": "Ms Collect", "what": "Statement, invoices, contract"}


def agency(desk: Desk, **values: Any) -> Agency:
    """An agency for Germany that asks 10 % up to 60 days and 25 % for older debts."""
    row = Agency(**{"name": "Fair Collect", "countries": "DE", "score": 80} | values)
    row.fees = [AgencyFee(place=0, up_to_days=60, percent=10), AgencyFee(place=1, percent=25)]
    desk.session.add(row)
    desk.session.commit()
    return row


def newest(desk: Desk) -> AgencyPlacement:
    desk.fresh()
    return desk.session.scalars(select(AgencyPlacement).order_by(AgencyPlacement.id.desc())).first()  # type: ignore[return-value]


def wanted(desk: Desk, customer: Customer) -> AgencyPlacement:
    """The worker begins the placement that a stage of collection asks for."""
    given = {"customer_id": customer.id, "case_id": 1}
    asked = Posted(1, "k", None, "process", "agency_placement", "start", given, 0)
    with desk.app.test_request_context():
        first = starting.start(desk.session, desk.app.extensions["engine"], asked)
        desk.session.commit()
        assert starting.start(desk.session, desk.app.extensions["engine"], asked) == first
    desk.session.commit()
    return newest(desk)


def work(desk: Desk, person: Any, *, file: File | None = None, forge: dict[str, str] | None = None,
         **values: str | None) -> Page:  # fmt: skip
    """The person opens the open task of the newest placement and answers it."""
    (number,) = desk.task_ids(newest(desk))  # type: ignore[arg-type]
    form = desk.get(person, f"/tasks/{number}").form(f"/tasks/{number}").fill(**values).forge(**(forge or {}))
    return (form.attach("file", file) if file else form).send()


def choose(desk: Desk, found: Agency | None, *items: ReceivableItem) -> Page:
    (number,) = desk.task_ids(newest(desk))  # type: ignore[arg-type]
    form = desk.get(desk.cast.cole, f"/tasks/{number}").form_named("choice-form").fill(choice="place")
    form.fill(agency=str(found.id) if found else "").without("items")
    for item in items:
        form.forge(items=str(item.id))
    return form.send()


def item_of(desk: Desk, customer: Customer) -> ReceivableItem:
    return desk.session.scalars(
        select(ReceivableItem).where(ReceivableItem.customer_id == customer.id).order_by(ReceivableItem.id)
    ).first()  # type: ignore[return-value]


def placed(desk: Desk, **values: Any) -> Customer:
    """A customer whose debt is with the agency."""
    customer, found = late_payer(desk, **values), agency(desk)
    wanted(desk, customer)
    choose(desk, found, item_of(desk, customer))
    work(desk, desk.cast.carla, choice="approve")
    work(desk, desk.cast.cole, file=File("receipt.pdf", PDF), **HANDED)
    assert newest(desk).status == "running"
    return customer


def page_of(desk: Desk, person: Any) -> Page:
    return desk.get(person, f"/collection/placements/{newest(desk).number}")


def recover(desk: Desk, amount: str, fee: str = "0", **values: str | None) -> Page:
    given = {"recovered_on": TODAY.isoformat(), "paid_to": "agency"}
    return (
        page_of(desk, desk.cast.cole)
        .form_named("recovery")
        .fill(amount=amount, fee=fee, **given | values)
        .send()
    )


@covers("agency_placement/place", "agency_placement/send_back", "agency_placement/approve",
        "agency_placement/not_paid")  # fmt: skip
def test_a_placement_runs_from_the_choice_to_reports_recoveries_and_the_recall(desk: Desk) -> AgencyPlacement:
    cast, customer = desk.cast, late_payer(desk)
    found, elsewhere = agency(desk), agency(desk, name="Sino Collect", countries="CN")
    over = agency(desk, name="Old Collect", contract_ends_on=TODAY - timedelta(days=1))
    old = make_invoice(desk.session, customer, 1000, TODAY - timedelta(days=70), number="OLD")
    disputed = make_invoice(desk.session, customer, 50, TODAY - timedelta(days=9), number="DISPUTED")
    foreign = make_invoice(desk.session, customer, 70, TODAY - timedelta(days=9), currency="USD")
    paid = make_invoice(desk.session, customer, 30, TODAY - timedelta(days=9), paid_on=TODAY)
    mark = ItemMark(item_id=disputed.id, kind="disputed", amount=50, marked_on=TODAY, reason="Broken")
    desk.session.add(mark)
    desk.session.commit()
    wanted(desk, customer)
    item = item_of(desk, customer)
    (number,) = desk.task_ids(newest(desk))  # type: ignore[arg-type]
    assert "340.00" in desk.get(cast.cole, f"/tasks/{number}").text, "10 % of 900 and 25 % of 1000"
    for wrong in (None, elsewhere, over):
        form = desk.get(cast.cole, f"/tasks/{number}").form_named("choice-form").fill(choice="place")
        sent = form.forge(agency=str(wrong.id) if wrong else "", items=str(item.id)).send()
        assert "agencies that work in this country" in sent.problems[0]
    assert "at least one debt" in choose(desk, found).problems[0]
    assert "open and overdue" in choose(desk, found, paid).problems[0]
    assert "DISPUTED is disputed" in choose(desk, found, item, disputed).problems[0]
    assert "one currency" in choose(desk, found, item, foreign).problems[0]
    choose(desk, found, item)
    (number,) = desk.task_ids(newest(desk))  # type: ignore[arg-type]
    desk.get(cast.felix, f"/tasks/{number}", 403)
    assert "why" in work(desk, cast.carla, choice="send_back").problems[0]
    work(desk, cast.carla, choice="send_back", reason="Place the old one too")
    choose(desk, found, item, old)
    placement = newest(desk)
    assert (placement.amount, placement.fee_estimate, placement.level) == (1900, 340, "credit_manager")
    work(desk, cast.carla, choice="approve")
    for field, sentence in (
        ("handed_to", "who took"),
        ("what", "List the documents"),
        ("handed_on", "the approval"),
    ):
        assert sentence in work(desk, cast.cole, **HANDED | {field: ""}).problems[0]
    assert "proves the handing over" in work(desk, cast.cole, **HANDED).problems[0]
    pack = desk.browser(cast.cole).client.get(f"/collection/placements/{placement.number}/documents.zip")
    with zipfile.ZipFile(io.BytesIO(pack.data)) as opened:
        assert opened.read("statement.pdf").startswith(b"%PDF")
        assert b"OLD" in opened.read("invoices.csv")
    work(desk, cast.cole, file=File("receipt.pdf", PDF), **HANDED)

    before = (TODAY - timedelta(days=1)).isoformat()
    assert "handed over, to today" in recover(desk, "100", recovered_on=before).problems[0]
    assert "above zero" in recover(desk, "").problems[0]
    assert "Only EUR 1,900.00 is left" in recover(desk, "1900.01").problems[0]
    assert "0 to 100 per cent" in recover(desk, "100", "100.01").problems[0]
    assert recover(desk, "100", "10").messages == ["The recovery is recorded."]
    receipt = make_receipt(desk.session, customer, 200, TODAY)
    desk.session.commit()
    assert "The receipt is of 200.00" in recover(desk, "201", receipt=str(receipt.id)).problems[0]
    recover(desk, "200", "50", receipt=str(receipt.id), paid_to="us", chargeable="y")
    cost = desk.session.scalars(select(ReceivableItem).where(ReceivableItem.kind == "cost")).one()
    assert (cost.amount, cost.customer_id, cost.due_date) == (Decimal(50), customer.id, TODAY)
    assert [row.receipt_id for row in newest(desk).recoveries] == [None, receipt.id]
    assert not page_of(desk, cast.otto).has_form("/recoveries")

    assert desk.timers(29) == 0
    assert desk.timers(31) == 1
    with desk.later(31):
        assert "what the agency reports" in work(desk, cast.cole, choice="received").problems[0]
        work(desk, cast.cole, choice="late", note="Called: it comes this week")
        assert newest(desk).report_due_on == TODAY + timedelta(days=31 + 7)
    assert desk.timers(39) == 1
    with desk.later(39):
        work(desk, cast.cole, choice="received", note="Two letters, a visit, 300 recovered")
        page = page_of(desk, cast.carla)
        ending = page.form_named("ending").fill(reason="They do too little", days="13")
        recall = f"/collection/placements/{placement.number}/recall"
        assert "from 14 days" in ending.send(to=recall).problems[0]
        assert "why" in ending.fill(reason="", days="14").send(to=recall).problems[0]
        ending.fill(reason="They do too little", days="14")
        assert ending.send(to=recall).messages == ["The debts are recalled."]
        again = ending.send(to=recall)
        assert (again.status, again.problems) == (409, ["These debts were recalled already."])
        back = {"choice": "legal_action", "note": "All documents are back"}
        early = work(desk, cast.cole, **back, back_on=(TODAY + timedelta(days=39)).isoformat())
        assert "when the notice is over" in early.problems[0]
    with desk.later(54):
        work(desk, cast.cole, **back, back_on=(TODAY + timedelta(days=53)).isoformat())
    placement = newest(desk)
    assert (placement.status, placement.over, placement.next_step) == ("back", "recalled", "legal_action")
    begun = desk.session.scalars(select(Outbox).where(Outbox.channel == "process")).all()
    assert [row.recipient for row in begun if row.instance_id == placement.instance_id] == ["legal_action"]
    assert "Fair Collect" in desk.get(cast.otto, "/collection/placements?status=back").text
    return placement


@covers("agency_placement/paid")
def test_a_placement_ends_when_its_debts_are_paid(desk: Desk) -> AgencyPlacement:
    customer = placed(desk)
    assert jobs.follow_placements(desk.app) == 0
    pay(desk, customer)
    assert jobs.follow_placements(desk.app) == 1
    assert (newest(desk).status, newest(desk).over) == ("paid", "paid")
    assert "does not work on these debts" in recover_by_force(desk).problems[0]
    return newest(desk)


def recover_by_force(desk: Desk) -> Page:
    """A recovery sent from a page that was opened before the placement ended."""
    number = newest(desk).number
    page = desk.get(desk.cast.cole, "/collection")
    form = page.form("/sign-out").forge(
        recovered_on=TODAY.isoformat(), amount="10", fee="0", paid_to="agency"
    )
    return form.send(to=f"/collection/placements/{number}/recoveries")


@covers("agency_placement/to_placement_ends")
def test_an_agency_gives_debts_back_while_a_report_is_open(desk: Desk) -> AgencyPlacement:
    cast = desk.cast
    placed(desk)
    assert desk.timers(31) == 1
    ending = page_of(desk, cast.cole).form_named("ending")
    assert "why" in ending.send().problems[0]
    assert ending.fill(reason="The debtor has moved away").send().messages == [
        "The agency has given the debts back."
    ]
    work(desk, cast.cole, choice="none", note="All documents are back", back_on=TODAY.isoformat())
    assert (newest(desk).over, newest(desk).next_step) == ("returned", "none")
    begun = desk.session.scalars(select(Outbox.recipient).where(Outbox.channel == "process")).all()
    assert "none" not in begun
    return newest(desk)


@covers("agency_placement/refuse")
def test_a_large_placement_is_decided_by_the_finance_director_and_by_nobody_who_took_part(
    desk: Desk,
) -> AgencyPlacement:
    cast, customer, found = desk.cast, late_payer(desk), agency(desk)
    large = make_invoice(desk.session, customer, 30_000, TODAY - timedelta(days=20))
    desk.session.commit()
    (case,) = desk.session.scalars(select(CollectionCase))
    asked = desk.get(cast.carla, f"/collection/cases/{case.number}").form("/placement").send()
    assert asked.messages == ["A placement is begun; the agency is chosen next."]
    again = desk.get(cast.carla, f"/collection/cases/{case.number}").form("/placement").send()
    assert "under way already" in again.messages[0]
    choose(desk, found, item_of(desk, customer))
    (number,) = desk.task_ids(newest(desk))  # type: ignore[arg-type]
    assert "somebody else" in desk.get(cast.carla, f"/tasks/{number}", 403).text
    work(desk, cast.chen, choice="send_back", reason="Place the large one too")
    choose(desk, found, item_of(desk, customer), large)
    (number,) = desk.task_ids(newest(desk))  # type: ignore[arg-type]
    desk.get(cast.chen, f"/tasks/{number}", 403)
    page = f"/collection/placements/{newest(desk).number}"
    assert "Open the task" not in desk.get(cast.chen, page).text, "no button to a page that would refuse"
    assert "Open the task" in desk.get(cast.felix, page).text
    assert case.number in "".join(desk.get(cast.felix, page).all("//a/@href"))
    assert "why" in work(desk, cast.felix, choice="refuse").problems[0]
    work(desk, cast.felix, choice="refuse", reason="We go to court at once")
    assert newest(desk).status == "refused"
    return newest(desk)


@covers("agency_placement/withdraw")
def test_a_placement_is_withdrawn_with_a_reason(desk: Desk) -> AgencyPlacement:
    wanted(desk, late_payer(desk))
    assert "why" in work(desk, desk.cast.cole, choice="withdraw").problems[0]
    work(desk, desk.cast.cole, choice="withdraw", reason="They pay in instalments now")
    assert newest(desk).status == "withdrawn"
    return newest(desk)


@covers("agency_placement/to_choice_dropped")
def test_a_payment_while_the_agency_is_chosen_ends_the_placement(desk: Desk) -> AgencyPlacement:
    customer = late_payer(desk)
    wanted(desk, customer)
    assert jobs.follow_placements(desk.app) == 0
    pay(desk, customer)
    assert jobs.follow_placements(desk.app) == 1
    assert newest(desk).status == "dropped"
    return newest(desk)


@covers("agency_placement/to_approval_overtaken")
def test_a_payment_during_the_approval_ends_the_placement(desk: Desk) -> AgencyPlacement:
    customer, found = late_payer(desk), agency(desk)
    wanted(desk, customer)
    choose(desk, found, item_of(desk, customer))
    pay(desk, customer)
    assert jobs.follow_placements(desk.app) == 1
    assert newest(desk).status == "dropped"
    return newest(desk)


def pay_part(desk: Desk, customer: Customer, item: ReceivableItem, amount: int) -> None:
    allocate(desk.session, make_receipt(desk.session, customer, amount, TODAY), item, amount, TODAY)
    desk.session.commit()


@covers("agency_placement/to_handing_dropped")
def test_what_is_paid_before_the_documents_go_over_is_not_handed_over(desk: Desk) -> AgencyPlacement:
    cast, customer = desk.cast, late_payer(desk)
    first, found = item_of(desk, customer), agency(desk)
    second = make_invoice(desk.session, customer, 1000, TODAY - timedelta(days=70), number="OLD")
    desk.session.commit()
    wanted(desk, customer)
    choose(desk, found, first, second)
    pay_part(desk, customer, second, 400)
    (number,) = desk.task_ids(newest(desk))  # type: ignore[arg-type]
    row = "".join(desk.get(cast.carla, f"/tasks/{number}").all("//tr[th/a[text()='OLD']]//text()"))
    assert [amount in row for amount in ("1,000.00", "600.00")] == [True, True], "placed, and open now"
    work(desk, cast.carla, choice="approve")
    assert (newest(desk).amount, newest(desk).fee_estimate) == (1500, 240), "10 % of 900 and 25 % of 600"
    pay_part(desk, customer, first, 900)
    pay_part(desk, customer, second, 100)
    pack = desk.browser(cast.cole).client.get(f"/collection/placements/{newest(desk).number}/documents.zip")
    with zipfile.ZipFile(io.BytesIO(pack.data)) as opened:
        lines = opened.read("invoices.csv").decode("utf-8-sig").splitlines()[1:]
    assert [("OLD" in line, "500" in line) for line in lines] == [(True, True)], lines
    assert jobs.follow_placements(desk.app) == 0
    pay_part(desk, customer, second, 500)
    late = work(desk, cast.cole, file=File("receipt.pdf", PDF), **HANDED)
    assert (late.status, "are paid" in late.problems[0]) == (409, True)
    assert jobs.follow_placements(desk.app) == 1
    assert (newest(desk).status, newest(desk).over) == ("dropped", "paid")
    assert desk.task_ids(newest(desk)) == set()  # type: ignore[arg-type]
    return newest(desk)


def test_the_agency_gets_what_is_open_on_the_day_of_the_handing_over(desk: Desk) -> None:
    customer, found = late_payer(desk), agency(desk)
    wanted(desk, customer)
    choose(desk, found, item_of(desk, customer))
    work(desk, desk.cast.carla, choice="approve")
    pay_part(desk, customer, item_of(desk, customer), 300)
    work(desk, desk.cast.cole, file=File("receipt.pdf", PDF), **HANDED)
    placement = newest(desk)
    assert (placement.status, placement.amount, placement.fee_estimate) == ("running", 600, 60)
    assert [row.amount for row in placement.items] == [600]


@covers("agency_placement/to_placement_paid")
def test_debts_that_are_paid_while_they_come_back_end_the_placement(desk: Desk) -> AgencyPlacement:
    customer = placed(desk)
    ending = page_of(desk, desk.cast.carla).form_named("ending").fill(reason="They do too little", days="14")
    ending.send(to=f"/collection/placements/{newest(desk).number}/recall")
    assert jobs.follow_placements(desk.app) == 0
    pay(desk, customer)
    assert jobs.follow_placements(desk.app) == 1
    placement = newest(desk)
    assert (placement.status, placement.over) == ("paid", "recalled"), "that they were recalled stays"
    assert desk.task_ids(placement) == set()  # type: ignore[arg-type]
    return placement


def test_the_register_refuses_fees_above_the_whole_and_scales_with_gaps(desk: Desk) -> None:
    cast = desk.cast
    desk.get(cast.cole, "/collection/agencies/new", 403)
    form = desk.get(cast.carla, "/collection/agencies/new").form("/agencies/new")
    form.fill(**{"name": "Fair Collect", "countries": "de fr", "fees-0-percent": "100.01"})
    assert "0 to 100 per cent" in form.send().problems[0]
    form.fill(**{"fees-0-percent": "10", "fees-0-up_to_days": "60"})
    assert "every debt finds its fee" in form.send().problems[0]
    form.fill(**{"fees-1-percent": "a lot"})
    assert "a number of per cent" in form.send().problems[0]
    assert "two letters" in form.fill(**{"fees-1-percent": "25", "countries": "Germany"}).send().problems[0]
    assert form.fill(countries="de fr").send().messages == ["The agency is saved."]
    assert "of this name already" in form.send().problems[0]
    row = desk.session.scalars(select(Agency)).one()
    assert (row.countries, [fee.percent for fee in row.fees]) == ("DE FR", [10, 25])
    page = desk.get(cast.carla, f"/collection/agencies/{row.id}")
    assert page.form("/agencies/").value("fees-0-up_to_days") == "60"
    page.form("/agencies/").fill(score="90", active=None).send()
    desk.fresh()
    assert (desk.session.scalars(select(Agency)).one().score, len(row.fees)) == (90, 2)
    assert "Fair Collect" in desk.get(cast.otto, "/collection/agencies").text


def test_the_debtor_owes_the_fee_only_where_the_law_says_so(desk: Desk) -> None:
    customer = make_customer(desk.session, "Elsewhere", branch_id=desk.cast.north.id, country="IT")
    make_invoice(desk.session, customer, 900, TODAY - timedelta(days=20))
    found = agency(desk, countries="")
    wanted(desk, customer)
    choose(desk, found, item_of(desk, customer))
    work(desk, desk.cast.carla, choice="approve")
    work(desk, desk.cast.cole, file=File("receipt.pdf", PDF), **HANDED)
    assert "does not owe the fee" in recover(desk, "100", "10", chargeable="y").problems[0]
    assert recover(desk, "100", "10").messages == ["The recovery is recorded."]
    assert desk.session.scalars(select(ReceivableItem).where(ReceivableItem.kind == "cost")).all() == []
