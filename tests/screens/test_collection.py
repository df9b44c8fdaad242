"""The collector's day through the screens: worklist, call page, team, and who may do what."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from credit_app import jobs
from credit_app.domain.worklist import CHOICES
from credit_app.facts.dunning import compose
from credit_app.facts.limitation import interrupt
from credit_app.facts.worklist import rescore
from credit_app.models import CollectionCase, CollectionContact, Contact, Customer, Person
from credit_app.models.promises import PaymentPlan, PromiseToPay
from credit_app.models.worklist import CollectionScore, WatchTag
from credit_app.models.write_off import WriteOff
from credit_app.steps.early_collection import call_customer
from tests.factories import (
    TODAY,
    make_customer,
    make_invoice,
    make_person,
    make_policy,
    make_rating,
    make_receipt,
)
from tests.screens.desk import Desk
from tests.screens.pages import Page, plain
from workflows import clock, inbox
from workflows.tables import OpenTask

MORNING = datetime(TODAY.year, TODAY.month, TODAY.day, 7, tzinfo=UTC)
OWING = (
    ("Late & Sons", 4_000, 5, "CCC"),
    ("Small Ltd", 300, 20, "AAA"),
    ("Large AG", 250_000, 100, None),
)


@pytest.fixture
def morning(desk: Desk) -> Iterator[Desk]:
    """Cole has four cases since this morning, South GmbH is the one in the south."""
    make_policy(desk.session, "ledger.key_customers", 0)
    for name, amount, days, grade in OWING:
        country = "CN" if name == "Small Ltd" else "DE"
        made = make_customer(desk.session, name, branch_id=desk.cast.north.id, country=country)
        make_invoice(desk.session, made, amount, TODAY - timedelta(days=days))
        if grade:
            make_rating(desk.session, made, grade)
        desk.session.add(Contact(customer_id=made.id, name="Ada Post", phone="+49 40 123"))
    south = make_customer(desk.session, "South GmbH", branch_id=desk.cast.south.id)
    make_invoice(desk.session, south, 8_000, TODAY - timedelta(days=8))
    desk.session.commit()
    with clock.at(MORNING):
        worker(desk)
        yield desk


def worker(desk: Desk) -> None:
    jobs.run_collection(desk.app)
    jobs.move_cases(desk.app)


def case_of(desk: Desk, name: str) -> CollectionCase:
    desk.fresh()
    query = select(CollectionCase).join(Customer, Customer.id == CollectionCase.customer_id)
    return desk.session.scalars(query.where(Customer.name == name)).one()


def page_of(desk: Desk, person: Person, name: str, status: int = 200) -> Page:
    return desk.get(person, f"/collection/cases/{case_of(desk, name).number}", status)


def names(page: Page) -> list[str]:
    return [one.text_content() for one in page.all("//tbody[@data-rows]//a[@class='cd-rowlink']")]


def points(desk: Desk, name: str) -> dict[str, int]:
    score = desk.session.get_one(CollectionScore, case_of(desk, name).id, populate_existing=True)
    assert score.score == sum(given for _factor, given in score.points)
    return dict(score.points)


def claimed_by(desk: Desk, name: str) -> int | None:
    case = case_of(desk, name)
    return desk.session.scalars(
        select(OpenTask.claimed_by).where(OpenTask.instance_id == case.instance_id)
    ).one()


def collector(desk: Desk, name: str, **values: Any) -> Person:
    made = make_person(desk.session, "collector", name=name, **values)
    desk.session.commit()
    desk.names[made.id], desk.emails[made.id] = made.name, made.email
    return made


def test_a_collector_works_down_the_list(morning: Desk) -> None:
    desk, cole = morning, morning.cast.cole
    page = desk.get(cole, "/collection")
    assert names(page) == ["Large AG", "South GmbH", "Late & Sons", "Small Ltd"]
    (late,) = [row.text_content() for row in page.all("//tbody/tr") if "Late & Sons" in row.text_content()]
    for said in ("high risk", "+12", "5 days past due", "4,000 overdue", "Call customer"):
        assert said in late
    assert names(desk.get(cole, "/collection?sort=age")) == [
        "Large AG",
        "Small Ltd",
        "South GmbH",
        "Late & Sons",
    ]
    assert names(desk.get(cole, "/collection?stage=call&sort=-overdue")) == [
        "South GmbH",
        "Late & Sons",
        "Small Ltd",
    ]
    desk.get(cole, "/collection?sort=name", 400)
    desk.get(cole, "/collection?collector=x", 400)

    page = page_of(desk, cole, "Small Ltd")
    assert "Tue 15:00 there now" in page.text, "07:00 UTC in China"
    assert "Ask" in page.text
    assert page.all("//input[@name='choice'][@data-shortcut='4']/@value") == ["not_reached"]
    form = page.form_named("contact")
    refused = form.fill(choice="refused", reached="Ms Wang").send()
    assert refused.problems == ["Write down what was said: it is read by whoever acts next."]
    assert refused.form_named("contact").value("reached") == "Ms Wang"
    for wrong, said in (
        ({"choice": None}, "Choose what came of it."),
        ({"reached": ""}, "Say whom you spoke with."),
        ({"direction": "in", "choice": "not_reached"}, "Whoever turned to us was reached"),
        ({"follow_up_on": TODAY.isoformat()}, "Give a day from tomorrow up to 60 days ahead."),
    ):
        given = {"choice": "cannot_pay", "reached": "Ms Wang"} | wrong
        fresh = page_of(desk, cole, "Small Ltd").form_named("contact")
        filled = fresh.fill(**{name: value for name, value in given.items() if value is not None})
        assert said in str(filled.send().problems)
    again = TODAY + timedelta(days=6)
    done = page_of(desk, cole, "Small Ltd").form_named("contact")
    sent = done.fill(
        choice="cannot_pay", reached="Ms Wang", channel="email", follow_up_on=again.isoformat()
    ).send()
    assert sent.messages == ["The contact is on record."]
    (row,) = desk.session.scalars(select(CollectionContact).where(CollectionContact.made_by == cole.id))
    assert (row.channel, row.outcome, row.reason_code, row.reached) == (
        "email",
        "reached",
        "cannot_pay",
        "Ms Wang",
    )
    case = case_of(desk, "Small Ltd")
    assert (case.reason_code, case.follow_up_on) == ("cannot_pay", again)
    assert points(desk, "Small Ltd") == {}, "it waits until the day agreed"
    assert "Nothing asks for attention now." in sent.text

    assert desk.get(cole, "/collection/next").heading == "Large AG"
    number = case_of(desk, "Large AG").number
    assert desk.get(cole, f"/collection/next?case={number}").heading == "South GmbH", "only looked at"
    page_of(desk, cole, "South GmbH").form_named("contact").fill(choice="not_reached").send()
    number = case_of(desk, "South GmbH").number
    assert desk.get(cole, f"/collection/next?case={number}").heading == "Large AG", "on top again"
    page_of(desk, cole, "Large AG").form_named("contact").fill(
        choice="noted", note="Counsel has the file"
    ).send()
    page = desk.get(cole, f"/collection/next?case={case_of(desk, 'Large AG').number}")
    assert page.heading == "Late & Sons"

    task = desk.session.scalars(
        select(OpenTask.id).where(OpenTask.instance_id == case_of(desk, "Late & Sons").instance_id)
    ).one()
    call = desk.get(cole, f"/tasks/{task}").form("/tasks/")
    call.fill(choice="cannot_pay", reached="Mr Late", reason_code="", note="Next month").send()
    last = desk.session.scalars(
        select(CollectionContact).order_by(CollectionContact.id.desc()).limit(1)
    ).one()
    assert (last.channel, last.outcome, last.reason_code) == ("call", "reached", "cannot_pay")
    page = desk.get(cole, "/collection/next")
    assert page.messages == ["Everybody in your worklist was spoken with today."]

    with clock.at(MORNING + timedelta(days=6)):
        worker(desk)
        assert points(desk, "Small Ltd")["follow_up"] == 25
        assert "Small Ltd" in names(desk.get(cole, "/collection?due=today&reason=cannot_pay"))
        make_receipt(desk.session, case_of(desk, "Small Ltd").customer, 100, TODAY)
        desk.session.commit()
        sent = desk.get(cole, "/collection/worklist.csv?sort=age").raw.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(sent)))
        assert [row["Customer"] for row in rows] == ["Large AG", "Small Ltd", "South GmbH", "Late & Sons"]
        assert rows[1]["What to do next"] == "Have the money on account allocated"
        assert "26 days past due (8)" in rows[1]["Why"]


def test_what_a_contact_brought_is_asked_for_until_it_is_entered(morning: Desk) -> None:
    desk, cole = morning, morning.cast.cole
    customer = case_of(desk, "Large AG").customer
    make_invoice(desk.session, customer, 150, TODAY - timedelta(days=2), kind="credit_note")
    desk.session.commit()
    page = page_of(desk, cole, "Large AG")
    (total,) = [plain(row) for row in page.all("//tbody[@class='cd-totals']/tr")]
    assert "249,850.00" in total, "what the collector names is the sum, credit notes taken off"
    assert [plain(cell) for cell in page.all("//tr[contains(., 'credit note')]/td[2]")] == ["–"]
    page = page.form_named("contact").fill(choice="promise", reached="Ms Large").send()
    assert "nobody has taken it down" in page.text
    (address,) = page.all("//a[strong[text()='Take the promise down']]/@href")
    desk.get(cole, address).form_named("asked").fill(
        amount="249850",
        due_on=(TODAY + timedelta(days=3)).isoformat(),
        promised_by="Ms Large",
        channel="call",
    ).send()
    assert "nobody has taken it down" not in page_of(desk, cole, "Large AG").text
    page = page_of(desk, cole, "Large AG").form_named("contact").fill(choice="dispute", reached="Ms S").send()
    assert "nobody has opened the dispute" in page.text


def test_what_is_agreed_is_not_followed_up_any_more(morning: Desk) -> None:
    desk, cast, session = morning, morning.cast, morning.session
    page_of(desk, cast.cole, "Small Ltd").form_named("contact").fill(choice="plan", reached="Mr Small").send()

    def next_step() -> str:
        with clock.at(MORNING + timedelta(days=6)):  # the day on which to look again
            worker(desk)
            text = page_of(desk, cast.cole, "Small Ltd").all("//p[strong[contains(., 'What to do next')]]")
            return plain(text[0]).partition(":")[2].strip()

    assert next_step() == "Follow up the request for instalments"
    asked = {
        "customer_id": case_of(desk, "Small Ltd").customer_id,
        "amount": 100,
        "currency": "EUR",
        "made_by": cast.cole.id,
    }
    session.add(
        PaymentPlan(
            number="PLN-1",
            status="in_approval",
            requested_on=TODAY,
            ground="Season",
            with_interest=True,
            **asked,
        )
    )
    session.commit()
    assert next_step() == "Follow up the request for instalments", "it is asked for"
    session.execute(update(PaymentPlan).values(status="running", decided_by=cast.carla.id))
    session.commit()
    assert next_step() == "Call", "the plan runs; something else is overdue"
    session.execute(update(CollectionCase).values(stage="paused"))
    session.commit()
    assert next_step() == "Leave it: paused"


def test_every_outcome_of_a_call_is_offered_and_kept() -> None:
    assert set(call_customer.CHOSEN) == set(CHOICES) - {"noted"}


def test_who_leads_gives_cases_to_others_pauses_and_gives_up(morning: Desk) -> None:
    desk, carla, cole = morning, morning.cast.carla, morning.cast.cole
    dora = collector(desk, "Dora North", branch=desk.cast.north)
    rows = {
        row.xpath(".//th")[0].text_content(): row.text_content()
        for row in desk.get(carla, "/collection/team").all("//tbody/tr")
    }
    assert set(rows) == {"Cole Baxter", "Dora North"}
    assert "262,300" in rows["Cole Baxter"]
    assert claimed_by(desk, "Late & Sons") == cole.id
    ids = {name: str(case_of(desk, name).id) for name in ("Late & Sons", "Small Ltd", "South GmbH")}

    def give(to: Person | str, reason: str, *cases: str) -> Page:
        form = desk.get(carla, "/collection?scope=all").form_named("reassign")
        for name in cases:
            form.forge(case_id=ids[name])
        return form.fill(collector_id=str(to.id) if isinstance(to, Person) else to, reason=reason).send()

    assert give(dora, "no", "Late & Sons").messages == [
        "Say in a few words why the case goes to somebody else."
    ]
    assert give(dora, "Knows the north", "Late & Sons", "South GmbH").messages == [
        "Dora North does not collect in the branch of this customer."
    ]
    assert case_of(desk, "Late & Sons").collector_id == cole.id, "all of them or none"
    assert give(dora, "Knows the north").status == 400
    given = give(dora, "Knows the north", "Late & Sons", "Small Ltd")
    assert given.messages == ["2 cases are with Dora North now."]
    assert {case_of(desk, name).collector_id for name in ("Late & Sons", "Small Ltd")} == {dora.id}
    assert claimed_by(desk, "Late & Sons") == dora.id, "the open task went along"
    assert give(dora, "Knows the north", "Small Ltd").messages == [
        "Dora North has the case of Small Ltd already; take it out of your choice."
    ]
    history = desk.get(carla, f"/history/{case_of(desk, 'Late & Sons').instance_id}")
    assert "Given to another collector" in history.text
    assert "Cole Baxter → Dora North" in history.text
    assert "Knows the north" in history.text

    page = page_of(desk, cole, "Late & Sons")
    assert "Dora North has this case." in page.text
    form = page.form_named("contact")
    assert form.value("direction") == "in", "what the debtor says may be taken down by whoever hears it"
    refused = form.fill(choice="not_reached", direction="out").send()
    assert (refused.status, refused.problems) == (409, ["Dora North has this case."])
    taken = page_of(desk, cole, "Late & Sons").form_named("contact")
    said = taken.fill(choice="reached", direction="in", reached="Ms Late", note="Asks for Dora").send()
    assert said.messages == ["The contact is on record."], (
        "what the debtor says is taken down by whoever hears it"
    )

    def lead(form: str, **values: str) -> Page:
        return page_of(desk, carla, "Late & Sons").form_named(form).fill(**values).send()

    until = TODAY + timedelta(days=10)
    assert lead("pausing", until=TODAY.isoformat(), ground="Talks are held").problems == [
        "Give a day from tomorrow up to 90 days ahead."
    ]
    assert lead("pausing", until=until.isoformat(), ground="").problems == [
        "Say in a few words why the case is paused."
    ]
    lead("pausing", until=until.isoformat(), ground="Talks are held")
    jobs.move_cases(desk.app)
    assert case_of(desk, "Late & Sons").stage == "paused"
    assert "age" not in points(desk, "Late & Sons")
    lead("end-pause")
    jobs.move_cases(desk.app)
    assert (case_of(desk, "Late & Sons").stage, case_of(desk, "Late & Sons").paused_until) == ("call", None)
    assert lead("giving-up", close_note=" ").problems == ["Say in a few words why the case is given up."]
    assert lead("giving-up", close_note="Too small to go on").status == 200
    case = case_of(desk, "Late & Sons")
    assert (case.status, case.close_note) == ("given_up", "Too small to go on")
    closed = page_of(desk, dora, "Late & Sons")
    assert not closed.has_form("/contacts")


def test_roles_and_branches_decide_who_does_what(morning: Desk) -> None:
    desk, cast = morning, morning.cast
    dora = collector(desk, "Dora North", branch=cast.north)
    lead = make_person(desk.session, "credit_manager", name="Lea South", branch=cast.south)
    desk.session.commit()
    case = case_of(desk, "Late & Sons")
    case.collector_id = None
    desk.session.commit()
    desk.names[lead.id], desk.emails[lead.id] = lead.name, lead.email

    assert names(desk.get(dora, "/collection")) == []
    assert "South GmbH" not in names(desk.get(dora, "/collection?scope=all"))
    assert names(desk.get(dora, "/collection?scope=branch&collector=none")) == ["Late & Sons"]
    assert names(desk.get(cast.sara, "/collection")) == ["Large AG", "Late & Sons", "Small Ltd"]
    desk.get(cast.sara, "/collection?scope=mine", 400)
    desk.get(cast.rita, "/collection/next", 403)
    desk.get(dora, "/collection/team", 403)
    desk.get(cast.ada, "/collection", 403)
    for person in (cast.sara, cast.rita):
        page = page_of(desk, person, "Small Ltd")
        assert not any(
            page.has_form(part) for part in ("/contacts", "/pause", "/give-up", "/tags", "/reassign")
        )
    mine = page_of(desk, dora, "Late & Sons")
    stolen = mine.form("/take")
    assert stolen.send().messages == ["The case is yours now."]
    assert case_of(desk, "Late & Sons").collector_id == dora.id
    again = mine.form("/take").send()
    assert again.status == 409
    assert "Dora North has this case." in again.text

    contact = mine.form_named("contact").fill(choice="not_reached")
    south = case_of(desk, "South GmbH").number
    assert contact.send(to=f"/collection/cases/{south}/contacts").status == 403
    tags = mine.form_named("tagging").fill(tag="mobile", reason="Third address this year")
    assert tags.send(to=f"/collection/cases/{south}/tags").status == 403
    giving = page_of(desk, cast.carla, "Late & Sons")
    assert desk.browser(lead).get("/collection/team").status == 200
    moved = desk.browser(lead).get("/collection?scope=all").form_named("reassign")
    moved.forge(case_id=str(case.id)).fill(collector_id=str(cast.cole.id), reason="Knows them better")
    assert moved.send().status == 403, "not of the branch that she leads"
    assert giving.status == 200

    fresh = page_of(desk, dora, "Late & Sons")
    assert fresh.form_named("tagging").send().problems == ["Choose one of the tags."]
    assert tags.send().messages == ["The customer is watched."]
    assert tags.send().problems == ["This tag is set already."]
    assert names(desk.get(dora, "/collection?tag=mobile")) == ["Late & Sons"]
    assert "Third address this year" in page_of(desk, cast.sara, "Late & Sons").text
    page_of(desk, dora, "Late & Sons").form("/end").send()
    assert names(desk.get(dora, "/collection?tag=mobile")) == []
    (row,) = desk.session.scalars(select(WatchTag))
    assert (row.made_by, row.ended_by) == (dora.id, dora.id)


def test_the_nearest_limitation_date_counts_and_a_restart_takes_it_away(morning: Desk) -> None:
    desk, cole = morning, morning.cast.cole
    small = desk.session.scalars(select(Customer).where(Customer.name == "Small Ltd")).one()
    # China: three years. One debt has 80 days left, the other is barred.
    old = make_invoice(desk.session, small, 100, TODAY - timedelta(days=3 * 365 + 1 - 80))
    make_invoice(desk.session, small, 50, TODAY - timedelta(days=4 * 365))
    desk.session.commit()
    with clock.at(MORNING + timedelta(days=1)):
        worker(desk)
        assert points(desk, "Small Ltd")["limitation"] == 20
        until = TODAY + timedelta(days=80)
        assert f"limitation date {until.day} {until:%b %Y}" in page_of(desk, cole, "Small Ltd").text
        interrupt(desk.session, [old.id], TODAY, "balance_confirmed", MORNING, evidence="balance:1")
        desk.session.commit()
        jobs.move_cases(desk.app)
        assert "limitation" not in points(desk, "Small Ltd")


def test_a_known_insolvency_pauses_a_case_by_itself_until_it_has_ended(morning: Desk) -> None:
    desk, cole, anna = morning, morning.cast.cole, morning.cast.anna
    case = case_of(desk, "Late & Sons")
    number = case.customer.number
    make_invoice(desk.session, case.customer, 900, TODAY + timedelta(days=5))
    for contact in desk.session.scalars(select(Contact).where(Contact.customer_id == case.customer_id)):
        contact.email = "ada@late.example"
    desk.session.commit()
    assert case.stage == "call"
    page = desk.get(anna, f"/customers/{number}?tab=investigations")
    page.form("/legal-records").fill(
        **{
            "legal-kind": "insolvency", "legal-opened_on": TODAY.isoformat(), "legal-authority": "Hamburg court",
            "legal-subject": "Proceedings opened", "legal-source": "Insolvency register",
        }
    ).send()  # fmt: skip
    jobs.move_cases(desk.app)
    case = case_of(desk, "Late & Sons")
    assert (case.stage, case.moves[-1].cause) == ("paused", "insolvency")
    assert case.instance_id is not None
    assert inbox.of_instance(desk.session, case.instance_id) == [], "nobody is asked to call"
    text = page_of(desk, cole, "Late & Sons").text
    assert "Insolvent since 10 Mar 2026, Hamburg court: no letters and no calls." in text
    desk.mails()
    assert jobs.remind_before_due(desk.app) == 0
    with clock.at(MORNING + timedelta(days=40)):
        worker(desk)
        assert case_of(desk, "Late & Sons").stage == "paused"
        assert compose(desk.session, case.customer, "letter_1", TODAY, MORNING, TODAY) is None
        desk.session.rollback()  # the customer is held no longer
        page = desk.get(anna, f"/customers/{number}?tab=investigations")
        early = page.form("/close").fill(closed_on=(TODAY - timedelta(days=1)).isoformat()).send()
        assert "Give a day from the one on which it began" in early.text
        page.form("/close").fill(closed_on=TODAY.isoformat()).send()
        jobs.move_cases(desk.app)
        assert case_of(desk, "Late & Sons").stage not in ("paused", "call")
        assert "Insolvent since" not in page_of(desk, cole, "Late & Sons").text


def test_broken_and_kept_promises_count(morning: Desk) -> None:
    desk, cole = morning, morning.cast.cole
    case = case_of(desk, "Late & Sons")
    for number, (status, ended) in enumerate((("broken", 30), ("kept", 20), ("kept", 10), ("broken", 400))):
        desk.session.add(
            PromiseToPay(
                number=f"P-{number}", customer_id=case.customer_id, status=status, amount=100, currency="EUR",
                promised_on=TODAY - timedelta(days=ended + 5), due_on=TODAY - timedelta(days=ended + 1),
                closed_on=TODAY - timedelta(days=ended), promised_by="Ms Late", channel="call", made_by=cole.id,
            )
        )  # fmt: skip
    rescore(desk.session, TODAY, [case.customer_id])
    desk.session.commit()
    assert points(desk, "Late & Sons")["broken_promises"] == 8
    page = page_of(desk, cole, "Late & Sons")
    assert "of the promises of a year: 2 kept, 1 broken" in page.text
    assert "1 broken promise +8" in page.text
    assert "67 %" in desk.get(desk.cast.carla, "/collection/team").text


def test_the_page_of_a_case_leads_to_what_else_was_begun(morning: Desk) -> None:
    desk, case = morning, case_of(morning, "Large AG")
    desk.session.get_one(Customer, case.customer_id).sales_rep_id = desk.cast.sara.id
    desk.session.add(
        PromiseToPay(
            number="PTP-1", customer_id=case.customer_id, status="broken", amount=10, currency="EUR",
            promised_on=TODAY - timedelta(days=9), due_on=TODAY - timedelta(days=5), promised_by="Ada",
            channel="call", closed_on=TODAY - timedelta(days=4),
        )
    )  # fmt: skip
    desk.session.add(WriteOff(number="WOF-1", customer_id=case.customer_id, status="proposing"))
    desk.session.commit()
    begun = {"/collection/promises/PTP-1", "/collection/write-offs/WOF-1"}
    for person, seen in ((desk.cast.cole, begun), (desk.cast.sara, {"/collection/promises/PTP-1"})):
        page = page_of(desk, person, "Large AG")
        assert {link for link in begun if page.links(link)} == seen, person.name
