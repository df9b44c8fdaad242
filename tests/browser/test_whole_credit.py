"""A new customer from entry through investigation, rating, levels, committee and a guarantee to an open limit, and its
review a year later; in English on a wide screen and in Chinese on a telephone. Nothing here looks for words."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app import jobs
from credit_app.db import make_engine
from credit_app.models import (
    ApprovalDecision,
    CommitteeMeeting,
    CreditApplication,
    CreditLimit,
    Customer,
    Security,
)
from credit_app.models import Person as DemoPerson
from tests.browser.answers import ANSWERS
from tests.browser.live import NARROW, WIDE, Person, number_in
from workflows import clock, history
from workflows.tables import OpenTask

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DOMAIN = "demo.creditdesk.example"
# Who of the demo does a task that nobody has claimed, by its role; the two analysts keep rating and deciding apart.
BY_ROLE = {
    "sales_rep": "sara.lind",
    "credit_analyst": "zhang.min",
    "credit_manager": "ines.moreau",
    "finance_director": "katarina.novak",
    "cfo": "helena.brandt",
}
DECIDING_ANALYST = "anna.petrova"


class Company:
    """The demo company behind the server, and everybody's browser."""

    def __init__(
        self, app: Flask, address: str, browser: Browser, size: dict[str, int], language: str
    ) -> None:
        self.app, self.address, self.browser = app, address, browser
        self.size, self.language = size, language
        self.people: dict[str, Person] = {}
        self.seen: set[str] = set()

    @contextmanager
    def books(self) -> Iterator[Session]:
        engine = make_engine(self.app.extensions["config"].database_url, pooled=False)
        with Session(engine, expire_on_commit=False) as session:
            yield session
        engine.dispose()

    def speak(self) -> None:
        """Everybody reads the language of this journey."""
        with self.books() as session:
            for one in session.scalars(select(DemoPerson)):
                one.locale = self.language
            session.commit()

    def at_desk(self, name: str) -> Person:
        """Somebody of the demo, signed in since their first task."""
        if name not in self.people:
            email = f"{name}@{DOMAIN}"
            self.people[name] = Person(self.browser, self.address, email, self.size, at_once=True)
        return self.people[name]

    def go_home(self) -> None:
        """Everybody leaves; no browser has complained of anything."""
        for person in self.people.values():
            assert person.complaints == []
            person.leave()
        self.people.clear()

    def application(self, number: str) -> CreditApplication:
        with self.books() as session:
            return session.scalars(select(CreditApplication).where(CreditApplication.number == number)).one()

    def waiting(self, number: str) -> list[tuple[OpenTask, str]]:
        """The open tasks of an application, each with who does it."""
        instance = self.application(number).instance_id
        with self.books() as session:
            tasks = session.scalars(
                select(OpenTask).where(OpenTask.instance_id == instance).order_by(OpenTask.id)
            ).all()
            return [(task, self._who(session, task)) for task in tasks]

    def _who(self, session: Session, task: OpenTask) -> str:
        if task.claimed_by is not None:
            return session.get_one(DemoPerson, task.claimed_by).email.partition("@")[0]
        if task.node == "decide_limit" and task.role == "credit_analyst":
            return DECIDING_ANALYST
        return BY_ROLE[task.role]

    def look(self, person: Person, name: str) -> None:
        """Closely in the first language; in the other the same pages are measured, which axe has seen."""
        person.look(name, axe=self.language == "en")

    def keep(self, person: Person, name: str) -> None:
        """A picture for the README, when asked for."""
        if (self.size, self.language) == (WIDE, "en"):
            person.keep(name)

    def work_through(self, number: str) -> list[str]:
        """Do task after task until the application is decided; the nodes in order."""
        done: list[str] = []
        while waiting := self.waiting(number):
            task, name = waiting[0]
            person = self.at_desk(name)
            person.page.goto(f"/tasks/{task.id}")
            if task.node not in self.seen:  # each kind of page is looked at closely once
                self.seen.add(task.node)
                self.look(person, task.node)
            person.page.evaluate(
                "document.querySelectorAll('main form details').forEach(one => one.open = true)"
            )
            ANSWERS[task.node](person)
            if task.node == "decide_limit" and task.node not in done:
                person.page.evaluate("scrollTo(0, 0)")
                self.keep(person, "decide-limit")
            send(person, task.node)
            done.append(task.node)
            assert len(done) < 40, done
        return done


def send(person: Person, node: str) -> None:
    """Send the answer; the page that follows is the application's, or says what was wrong."""
    with person.page.expect_navigation(wait_until="commit"):
        person.page.locator("main form[action^='/tasks/'] button.btn-primary").first.click()
    if "/applications/" not in person.page.url:
        person.page.wait_for_load_state()
        pytest.fail(f"{node}: {person.page.locator('#errors').inner_text()}")


def enter(company: Company, name: str) -> str:
    """Sara enters an application of a company that is not on file yet; its number."""
    sara = company.at_desk("sara.lind")
    sara.open("/")
    company.look(sara, "start")
    company.keep(sara, "start")
    page = sara.page
    page.locator("form[action$='/applications/new'] button").first.click()
    page.wait_for_url("**/tasks/*")
    page.wait_for_load_state("networkidle")
    company.look(sara, "an empty draft")
    number = number_in(sara.text())
    page.locator("label[for='customer_kind-new']").click()
    page.fill("[name=new_name]", name)
    page.fill("[name=new_registration_number]", f"HRB {sum(map(ord, name))}")
    page.fill("[name=new_country]", "DE")
    page.fill("[name=new_city]", "Husum")
    page.fill("[name=new_industry]", "Energy")
    page.fill("[name=requested_limit]", "6 000 000")
    page.select_option("[name=currency]", "EUR")
    page.fill("[name=terms_days]", "30")
    page.select_option("[name=payment_method]", "open_account")
    page.fill("[name=yearly_purchases]", "60 000 000")
    page.fill("[name=purpose]", "Frame contract for two new plants")
    page.fill("[name=security_offered]", "Guarantee of its bank over EUR 400,000")
    company.look(sara, "a filled draft")
    company.keep(sara, "enter-application")
    send(sara, "enter_application")
    company.look(sara, "the application after its submission")
    return number


@pytest.mark.parametrize(
    ("size", "language", "name"),
    [(WIDE, "en", "Nordsee Rotoren GmbH"), (NARROW, "zh_Hans_CN", "Ostsee Flügel GmbH")],
    ids=["1440-en", "390-zh"],
)
def test_a_new_customer_gets_a_limit_that_is_reviewed_a_year_later(
    live: Any, browser: Browser, size: dict[str, int], language: str, name: str
) -> None:
    company = Company(*live, browser, size, language)
    company.speak()
    number = enter(company, name)
    done = company.work_through(number)

    application = company.application(number)
    assert application.status == "granted"
    assert done[:3] == ["record_report", "investigate_customer", "enter_statements"]
    assert done[3:5] == ["confirm_rating", "set_proposal"]
    assert done.count("decide_limit") >= 2
    assert "vote" in done
    assert done[-1] == "confirm_conditions"
    with company.books() as session:
        limit = session.scalars(select(CreditLimit).where(CreditLimit.application_id == application.id)).one()
        guarantee = session.scalars(select(Security).where(Security.application_id == application.id)).one()
        meeting = session.scalars(
            select(CommitteeMeeting).where(CommitteeMeeting.application_id == application.id)
        ).one()
        decisions = session.scalars(
            select(ApprovalDecision).where(ApprovalDecision.application_id == application.id)
        ).all()
        customer = session.get_one(Customer, application.customer_id)
        assert (limit.amount, limit.status, guarantee.status) == (6_000_000, "active", "confirmed")
        assert meeting.result == "approved"
        deciders = [row.person_id for row in decisions if row.person_id is not None]
        assert len(deciders) == len(set(deciders)) >= 2
        assert history.verify(session, application.instance_id)[1] is None

    elif_ = company.at_desk("elif.demir")
    company.look(elif_.open(f"/applications/{number}"), "the granted application")
    receipt = elif_.page.locator("main a[href*='/receipts/']").last.get_attribute("href")
    assert receipt is not None
    company.look(elif_.open(f"/history/{application.instance_id}"), "its history")
    company.look(elif_.open(receipt), "the receipt of the last decision")
    company.look(elif_.open(f"/customers/{customer.number}"), "the customer's file")
    company.go_home()

    assert limit.review_on is not None
    review_day = datetime.combine(limit.review_on, datetime.min.time(), UTC) + timedelta(hours=10)
    with clock.at(review_day):
        review_of(company, limit)


def review_of(company: Company, limit: CreditLimit) -> None:
    """The review starts by itself on its day, is worked through and renews the limit."""
    assert jobs.start_reviews(company.app) >= 1
    assert jobs.start_reviews(company.app) == 0
    with company.books() as session:
        review = session.scalars(
            select(CreditApplication).where(CreditApplication.reviewed_limit_id == limit.id)
        ).one()
    assert review.review_trigger in ("review_date", "expiry")  # both are due on that day
    done = company.work_through(review.number)
    company.go_home()
    assert "propose_action" in done
    assert "decide_limit" in done
    with company.books() as session:
        ended = session.get_one(CreditApplication, review.id)
        renewed = session.scalars(
            select(CreditLimit).where(
                CreditLimit.customer_id == limit.customer_id, CreditLimit.status == "active"
            )
        ).one()
        before = session.get_one(CreditLimit, limit.id)
        assert (ended.status, ended.review_action) == ("granted", "renew")
        assert (renewed.amount, before.status) == (6_000_000, "replaced")
        assert renewed.valid_to > before.valid_to
        assert history.verify(session, review.instance_id)[1] is None
