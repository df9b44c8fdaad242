"""One debtor from the reminder before due to enforcement: every task is done in the browser by whoever has it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app import jobs
from credit_app.db import make_engine
from credit_app.models import Branch, CollectionCase, Contact, Customer, CustomerDocument, ReceivableItem
from credit_app.models import Person as DemoPerson
from credit_app.models.dunning import DunningLetter
from credit_app.models.legal import LegalCase, LegalCounsel, LegalDocument
from tests.browser.live import WIDE, Person
from workflows import clock, history
from workflows.tables import OpenTask

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DOMAIN = "demo.creditdesk.example"
BY_ROLE = {"credit_manager": "michael.okafor", "counsel": "friederike.vogel", "collector": "ben.carter"}
ONE = timedelta(days=1)


def received(office: "Office", legal: LegalCase, day: date) -> None:
    """The file holds a demand that the debtor received on that day."""
    with office.books() as session:
        paper = session.scalars(select(CustomerDocument).order_by(CustomerDocument.id)).first()
        assert paper is not None
        session.add(LegalDocument(case_id=legal.id, piece="demands", document_id=paper.id, received_on=day))
        session.commit()


class Office:
    """The demo company behind the server, its worker, and everybody's browser."""

    def __init__(self, app: Flask, address: str, browser: Browser) -> None:
        self.app, self.address, self.browser = app, address, browser
        self.people: dict[str, Person] = {}

    @contextmanager
    def books(self) -> Iterator[Session]:
        engine = make_engine(self.app.extensions["config"].database_url, pooled=False)
        with Session(engine, expire_on_commit=False) as session:
            yield session
        engine.dispose()

    def work(self) -> None:
        """What the worker does in a day: reminders, the run over all accounts, moves, and what they ask for."""
        jobs.remind_before_due(self.app)
        jobs.run_collection(self.app)
        jobs.move_cases(self.app)
        jobs.send_outbox(self.app)

    def at_desk(self, name: str) -> Person:
        """Somebody of the demo, signed in for this day."""
        if name not in self.people:
            self.people[name] = Person(self.browser, self.address, f"{name}@{DOMAIN}", WIDE, at_once=True)
        return self.people[name]

    def go_home(self) -> None:
        for person in self.people.values():
            assert person.complaints == []
            person.leave()
        self.people.clear()

    def do(self, instance_id: int, node: str, *, look: bool = False, **values: str | list[str]) -> None:
        """Whoever has the open task of that node answers it on its page."""
        with self.books() as session:
            query = select(OpenTask).where(OpenTask.instance_id == instance_id)
            task = session.scalars(query).one()
            assert task.node == node
            name = BY_ROLE[task.role]
            if task.claimed_by is not None:
                name = session.get_one(DemoPerson, task.claimed_by).email.partition("@")[0]
        person = self.at_desk(name)
        person.page.goto(f"/tasks/{task.id}")
        if look:
            person.look(node)
        for field, value in values.items():
            place = person.page.locator(f"main form[action^='/tasks/'] [name={field}]")
            kind = place.first.get_attribute("type")
            if kind == "radio":
                card = person.page.locator(f"label[for='{field}-{value}']")
                plain = person.page.locator(f"main form[action^='/tasks/'] [name={field}][value='{value}']")
                card.click() if card.count() else plain.check()
            elif kind == "checkbox":
                for one in value:
                    person.page.locator(f"main form[action^='/tasks/'] [name={field}][value='{one}']").check()
            elif place.evaluate("one => one.tagName") == "SELECT":
                place.select_option(value)
            else:
                place.fill(str(value))
        with person.page.expect_navigation(wait_until="commit"):
            person.page.locator("main form[action^='/tasks/'] button.btn-primary").first.click()
        if person.page.url.endswith(f"/tasks/{task.id}"):
            person.page.wait_for_load_state()
            pytest.fail(f"{node}: {person.page.locator('#errors').inner_text()}")


@contextmanager
def on(office: Office, day: date) -> Iterator[None]:
    """A day: the worker has looked; in the evening everybody goes home."""
    with clock.at(datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=9)):
        office.work()
        yield
        office.go_home()


def case_of(office: Office, customer_id: int) -> CollectionCase:
    with office.books() as session:
        return session.scalars(
            select(CollectionCase)
            .where(CollectionCase.customer_id == customer_id)
            .order_by(CollectionCase.id.desc())
        ).first()  # type: ignore[return-value]


def working(day: date) -> date:
    """That day, or the Monday after it."""
    return day + timedelta(days=(7 - day.weekday()) if day.weekday() >= 5 else 0)


def test_a_debtor_goes_from_the_reminder_to_enforcement(live: Any, browser: Browser) -> None:
    office = Office(*live, browser)
    due = working(clock.now().date() + timedelta(days=8))
    with office.books() as session:
        branch = session.scalars(select(Branch.id).order_by(Branch.id)).first()
        customer = Customer(number="C-900001", name="Husumer Boote GmbH", country="DE", branch_id=branch)
        session.add(customer)
        session.flush()
        session.add(
            Contact(customer_id=customer.id, name="Inga Boysen", role="Accounting", email="inga@example.com")
        )
        session.add(
            ReceivableItem(
                source="test", external_id="HB-1", number="HB-1", customer_id=customer.id, kind="invoice",
                document_date=clock.now().date(), due_date=due, amount=Decimal(24_000), currency="EUR",
            )
        )  # fmt: skip
        session.add(LegalCounsel(kind="law_firm", name="Storm & Partner"))
        session.commit()
        debtor = customer.id

    def stage() -> str:
        return case_of(office, debtor).stage

    with on(office, working(due - 7 * ONE)), office.books() as session:
        letters = select(DunningLetter.level).where(DunningLetter.customer_id == debtor)
        assert session.scalars(letters).all() == ["reminder"]
    with on(office, working(due + 3 * ONE)):
        assert stage() == "friendly_notice"
    with on(office, working(due + 7 * ONE)):
        case = case_of(office, debtor)
        assert case.instance_id is not None
        office.do(
            case.instance_id, "call_customer", look=True, choice="refused", reached="Inga Boysen",
            reason_code="will_not_pay", note="Says the boats do not sell",
        )  # fmt: skip
    for days, wanted in ((15, "letter_1"), (30, "letter_2"), (45, "visit")):
        with on(office, working(due + days * ONE)):
            assert stage() == wanted
    for days, wanted in ((60, "final_demand"), (75, "lawyer_letter"), (90, "agency"), (120, "legal_action")):
        with on(office, working(due + days * ONE)):
            assert stage() == wanted
            office.do(case.instance_id, "agree_escalation", look=days == 60, choice="escalate")
            if wanted == "lawyer_letter":
                office.do(case.instance_id, "send_lawyers_letter", look=True, note="The file is complete")
            office.work()
    with office.books() as session:
        levels = set(session.scalars(select(DunningLetter.level).where(DunningLetter.customer_id == debtor)))
        assert levels >= {"friendly_notice", "letter_1", "letter_2", "final_demand", "lawyer_letter"}

    day = working(due + 121 * ONE)
    with on(office, day):
        with office.books() as session:
            legal = session.scalars(select(LegalCase).where(LegalCase.customer_id == debtor)).one()
            firm = session.scalars(
                select(LegalCounsel.id).where(LegalCounsel.name == "Storm & Partner")
            ).one()
        number, today = legal.instance_id, day.isoformat()
        assert number is not None
        office.do(
            number, "assess_case", look=True, choice="proposed", amount="24 000", evidence=["contract"],
            prospects="good", solvency="able", cost_estimate="2 400", assessment="Delivered, accepted, and demanded",
        )  # fmt: skip
        office.do(number, "decide_action", look=True, choice="approved")
        office.do(number, "choose_counsel", look=True, counsel_id=str(firm), way="suit", preserve="no")
        received(office, legal, day - 30 * ONE)
        office.do(number, "file_claim", look=True, forum="Flensburg", file_number="3 O 12", filed_on=today)
        office.do(number, "record_hearing", look=True, choice="judgment", held_on=today)
        office.do(number, "record_title", look=True, title_on=today, awarded="24 000")
        office.do(number, "follow_title", look=True, choice="enforce", on=today)
        office.do(number, "apply_enforcement", look=True, forum="Bailiff of Husum", applied_on=today)
        lawyer = office.at_desk("friederike.vogel")
        lawyer.open(f"/legal/cases/{legal.number}").look("the legal case")
        assert "Flensburg" in lawyer.text()
    with office.books() as session:
        legal = session.get_one(LegalCase, legal.id)
        assert (legal.status, legal.amount) == ("enforcement", 24_000)
        for instance in (case.instance_id, number):
            assert history.verify(session, instance)[1] is None
