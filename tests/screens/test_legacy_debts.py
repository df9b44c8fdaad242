"""Old debts through the screens: found, classed by a person, cleaned up in a campaign that counts what came in."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from credit_app.facts.ledger_allocations import undo_allocation
from credit_app.facts.watch_tags import set_tag
from credit_app.models import CollectionCase, Contact, Customer
from credit_app.models.legacy import LegacyCampaign, LegacyDebt
from credit_app.models.worklist import WatchTag
from tests.factories import TODAY, allocate, make_customer, make_invoice, make_receipt
from tests.screens.desk import Desk
from tests.screens.pages import Page
from workflows import clock

OLD = TODAY - timedelta(days=400)


def debtor(desk: Desk, name: str, amount: str, days: int = 400, **values: str) -> Customer:
    given = {"branch_id": desk.cast.north.id} | values
    customer = make_customer(desk.session, name, **given)
    due = TODAY - timedelta(days=days)
    make_invoice(desk.session, customer, amount, due, number=f"O-{name}", external_id=f"O-{name}")
    desk.session.add(Contact(customer_id=customer.id, name="Ada", phone="+49 30 1"))
    desk.session.commit()
    return customer


def look(desk: Desk) -> Page:
    return desk.get(desk.cast.cole, "/collection/legacy").form("/legacy/look").send()


def give(desk: Desk, customer: Customer, **values: str) -> Page:
    page = desk.get(desk.cast.cole, "/collection/legacy")
    return page.form(f"/legacy/{customer.number}/class").fill(**values).send()


def test_old_debts_are_triaged_and_cleaned_up_in_a_campaign(desk: Desk) -> None:
    town = debtor(desk, "Town", "300.00", enterprise_kind="public_body")
    mill = debtor(desk, "Mill", "1000.00", 500)
    debtor(desk, "Young", "50.00", 300)
    assert look(desk).messages == ["2 debtors with old debts."]
    page = desk.get(desk.cast.cole, "/collection/legacy")
    assert "protected by government" in page.text
    assert "500 days past due, and nothing else is known" in page.text
    assert "Young" not in page.text
    # A campaign takes those only whose class somebody has confirmed.
    early = begin(desk)
    assert early.problems == ["North has no old debts whose debtors have a class; triage them first."]
    refused = give(desk, mill, chosen="cannot_pay", reason="")
    assert refused.messages == ["Say why you choose another class than is suggested."]
    assert give(desk, mill, chosen="cannot_pay", reason="Insolvent in all but name").messages == [
        "The class is recorded."
    ]
    assert give(desk, town, chosen="protected").messages == ["The class is recorded."]
    look(desk)  # once more: what a person said stays
    desk.fresh()
    row = desk.session.scalars(select(LegacyDebt).where(LegacyDebt.customer_id == mill.id)).one()
    assert (row.suggested, row.chosen, row.decided_by) == (
        "heavy_old_arrears",
        "cannot_pay",
        desk.cast.cole.id,
    )
    # Money that came before does not count.
    item = make_invoice(desk.session, mill, "200.00", OLD, number="O-2", external_id="O-2")
    allocate(desk.session, make_receipt(desk.session, mill, "80.00"), item, "80.00")
    desk.session.commit()
    desk.get(desk.cast.cole, "/collection/campaigns/new", 403)
    assert begin(desk, name="").problems == ["Give the campaign a name."]
    assert begin(desk, ends_on=(TODAY - timedelta(days=1)).isoformat()).problems == [
        "Give a last day, today or later."
    ]
    assert begin(desk, **{"rows-0-amount": ""}).problems == ["Give at least one branch a target."]
    assert begin(desk, **{"rows-0-amount": "-1"}).status == 422
    late = (TODAY + timedelta(days=99)).isoformat()
    assert (
        begin(desk, **{"rows-0-due_on": late}).problems[0].startswith("Give a day from today to the last day")
    )
    begun = begin(desk)
    assert begun.messages == ["The campaign has begun."]
    path = begun.path
    assert [plain[:4] for plain in names(begun)] == ["Mill", "Town"]  # the oldest first
    receipt = make_receipt(desk.session, mill, "250.00")
    paid = allocate(desk.session, receipt, item, "120.00")
    desk.session.commit()
    page = desk.get(desk.cast.otto, path)
    assert "Recovered EUR 120.00" in page.text
    assert "Open EUR 1,300.00" in page.text
    undo_allocation(desk.session, paid, TODAY, TODAY)
    desk.session.commit()
    assert "Recovered EUR 0.00" in desk.get(desk.cast.otto, path).text
    # What one campaign has, no other takes.
    assert "has no old debts" in begin(desk).problems[0]
    page = desk.get(desk.cast.carla, path)
    assert page.form("/close").fill(result="x").send().messages == [
        "Say in a few words what the campaign has brought."
    ]
    done = page.form("/close").fill(result="Little: the mill is to be written off").send()
    assert done.messages == ["The campaign is closed."]
    assert page.form("/close").fill(result="Once more, for the record").send().messages == [
        "This campaign was closed already."
    ]
    desk.fresh()
    row = desk.session.scalars(select(LegacyCampaign)).one()
    assert (row.status, row.closed_by, row.targets[0].amount) == ("closed", desk.cast.carla.id, Decimal(600))
    assert begin(desk, name="Second").status == 200


def begin(desk: Desk, **values: str) -> Page:
    given = {"name": "Spring", "ends_on": (TODAY + timedelta(days=60)).isoformat(), "rows-0-amount": "600"}
    form = desk.get(desk.cast.carla, "/collection/campaigns/new").form_named("asked")
    return form.fill(**given | values).send()


def names(page: Page) -> list[str]:
    return [" ".join(one.itertext()) for one in page.all("(//table)[2]//tbody//th")]


def test_the_class_of_old_debts_sets_what_is_watched_on_the_case(desk: Desk) -> None:
    town = debtor(desk, "Town", "300.00", enterprise_kind="public_body")
    case = CollectionCase(
        number="COL-1", customer_id=town.id, status="open", amount=Decimal(300), currency="EUR", stage="letter_1",
        stage_on=TODAY, ladder="medium", opened_on=TODAY, seen_on=TODAY, oldest_due=OLD,
        collector_id=desk.cast.cole.id,
    )  # fmt: skip
    desk.session.add(case)
    desk.session.commit()
    look(desk)
    tags = select(WatchTag.tag).where(WatchTag.ended_at.is_(None)).order_by(WatchTag.id)
    give(desk, town, chosen="protected")
    page = desk.get(desk.cast.cole, f"/collection/cases/{case.number}")
    assert "The class of its old debts." in page.text
    assert desk.session.scalars(tags).all() == ["protected"]
    give(desk, town, chosen="protected")
    give(desk, town, chosen="highly_mobile", reason="Moved out of the town hall")
    desk.fresh()
    assert desk.session.scalars(tags).all() == ["mobile"]
    assert "Moved out of the town hall" in desk.get(desk.cast.cole, f"/collection/cases/{case.number}").text
    give(desk, town, chosen="cannot_pay", reason="The budget is spent")
    desk.fresh()
    assert desk.session.scalars(tags).all() == []
    # A tag that somebody set by hand neither hinders a class nor goes with it.
    earlier = clock.now() - timedelta(hours=1)
    set_tag(desk.session, town.id, "heavy_arrears", "Owes since the take-over", desk.cast.carla.id, earlier)
    desk.session.commit()
    give(desk, town, chosen="heavy_old_arrears", reason="Nothing else is known")
    give(desk, town, chosen="will_not_pay", reason="Said so by telephone")
    desk.fresh()
    assert desk.session.scalars(tags).all() == ["heavy_arrears"]
