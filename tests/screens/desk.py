"""The company at work, seen through its screens: people open, enter, find, decide; the worker does its jobs."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from credit_app import jobs
from credit_app.models import CHANNELS, ApprovalDecision, CreditApplication, CreditLimit, Customer, Person
from tests.factories import TODAY, Cast, make_customer, make_invoice
from tests.screens.pages import Browser, File, Form, Page
from tests.screens.shelf import Shelf, Untouched, kept
from workflows import clock, history
from workflows.tables import OpenTask, Outbox

NEW = "/applications/new"
HOLD = timedelta(minutes=16)  # after that a decision stands
DRAFT = {
    "currency": "EUR",
    "terms_days": "30",
    "payment_method": "open_account",
    "yearly_purchases": "240 000",
    "purpose": "Growing business with the new plant",
}


@dataclass(frozen=True)
class Mail:
    """A row of the outbox as its reader gets it."""

    to: str
    template: str
    subject: str
    body: str
    state: str


class Desk:
    """Drives the screens as the cast; `session` only reads, and sets up what a test starts from."""

    def __init__(self, app: Flask, session: Session, cast: Cast, shelf: Shelf | None = None) -> None:
        self.app = app
        self.shelf = shelf
        self.untouched = Untouched(session)
        self.session = session
        self.cast = cast
        self.browsers: dict[int, Browser] = {}
        people = session.execute(select(Person.id, Person.name, Person.email)).all()
        self.names = {number: name for number, name, _email in people}
        self.emails = {number: email for number, _name, email in people}
        self.read_mails = 0
        self.read_events: dict[int, int] = {}

    # --- people and their pages -----------------------------------------------------------------------------------

    def browser(self, person: Person) -> Browser:
        """The person's browser, the same one each time."""
        if person.id not in self.browsers:
            self.browsers[person.id] = Browser(self.app.test_client(), person.email)
        return self.browsers[person.id]

    def get(self, person: Person, path: str, status: int = 200) -> Page:
        return self.browser(person).get(path, status)

    def customer(self, name: str = "", days_late: int = 0, **values: Any) -> Customer:
        """A customer of the north branch with a year of invoices, each paid so many days late."""
        made = make_customer(self.session, name, **{"branch_id": self.cast.north.id} | values)
        for month in range(1, 13):
            due = TODAY - timedelta(days=30 * month + 10)
            make_invoice(self.session, made, 25_000, due, paid_on=due + timedelta(days=days_late))
        self.session.commit()
        return made

    # --- the sales rep --------------------------------------------------------------------------------------------

    def draft(self, rep: Person) -> Page:
        """The rep presses “New application”: the page of the empty draft."""
        page = self.get(rep, "/").form(NEW).send()
        assert page.status == 200, page
        return page

    def filled(self, page: Page, customer: Customer | str, limit: str = "40 000", **changes: Any) -> Form:
        """The form of a draft with everything entered; a text names the customer as typed."""
        typed = customer if isinstance(customer, str) else f"{customer.number} {customer.name}"
        values = DRAFT | {"customer": typed, "requested_limit": limit} | changes
        return page.form("/tasks/").fill(**values)

    def enter(
        self, customer: Customer | str, limit: str = "40 000", rep: Person | None = None, **changes: Any
    ) -> CreditApplication:
        """The rep enters an application and submits it; what is sent goes through the page's own form."""
        page = self.draft(rep or self.cast.sara)
        number = number_on(page)
        sent = self.filled(page, customer, limit, **changes).send()
        assert sent.status == 200, sent
        assert sent.path.startswith("/applications/"), sent
        return self.application(number)

    def withdraw(self, person: Person, application: CreditApplication, reason: str = "Order lost") -> Page:
        """The withdrawal on the application's page."""
        page = self.get(person, f"/applications/{application.number}")
        return page.form("/withdraw").fill(reason=reason).send()

    # --- the inbox ------------------------------------------------------------------------------------------------

    def sees(
        self, person: Person, application: CreditApplication, node: str | None = None
    ) -> tuple[str, str] | None:
        """In which list of the person's inbox the application stands, and the task's address; None: in neither.

        With `node` only that task of it counts.
        """
        number, wanted = application.number, self.task_ids(application, node)
        for tab, path in (("mine", "/inbox"), ("groups", "/inbox/groups")):
            page = self.browser(person).get(path)
            if page.status == 403:
                return None
            assert page.status == 200, page
            for row in page.all("//tbody[@data-rows]/tr"):
                href = str(row.xpath(".//a[@class='cd-rowlink']/@href")[0])
                if number in row.text_content() and int(href.rpartition("/")[2]) in wanted:
                    return tab, href
        return None

    def task_ids(self, application: CreditApplication, node: str | None = None) -> set[int]:
        """The open tasks of the application, or those of one node."""
        self.fresh()
        query = select(OpenTask.id).where(OpenTask.instance_id == application.instance_id)
        return set(self.session.scalars(query if node is None else query.where(OpenTask.node == node)))

    def who_sees(self, application: CreditApplication, among: Iterable[Person] = ()) -> set[str]:
        """The names of those in whose inbox the application stands; of the credit people and the rep, or `among`."""
        cast = self.cast
        usual = (cast.sara, cast.anna, cast.anton, cast.amir, cast.carla, cast.chen, cast.felix, cast.clara)
        return {self.names[one.id] for one in among or usual if self.sees(one, application) is not None}

    def open_task(self, person: Person, application: CreditApplication, node: str | None = None) -> Page:
        """The person finds the task in the inbox, that of the node where there are several, and opens it."""
        found = self.sees(person, application, node)
        assert found is not None, f"{application.number} is not in the inbox of {self.names[person.id]}"
        return self.get(person, found[1])

    def at_task(self, person: Person, application: CreditApplication, node: str) -> Page:
        """The person opens a task by its address: for the way to what a test is about, where no list matters."""
        (number,) = self.task_ids(application, node)
        return self.get(person, f"/tasks/{number}")

    def done(self, form: Form) -> None:
        """Send the form; it has to be taken. Nobody looks at the page that follows."""
        answer = form.post()
        assert answer.status_code == 302, Page(form.page.browser, answer)

    def analyst(self, application: CreditApplication) -> Person:
        """Who assesses in the application's branch."""
        return self.cast.aldo if application.branch_id == self.cast.south.id else self.cast.alma

    def gather(self, application: CreditApplication, by: Person | None = None) -> None:
        """The analyst answers report, investigation and statements with the least that is owed."""
        page = self.at_task(by or self.analyst(application), application, "record_report")
        self.done(page.form("/tasks/").fill(choice="not_needed", note="We know the customer well"))
        self.gather_rest(application, by)

    def gather_rest(self, application: CreditApplication, by: Person | None = None) -> None:
        """Investigation and statements."""
        person = by or self.analyst(application)
        page = self.at_task(person, application, "investigate_customer")
        form = page.form("/tasks/").fill(
            nothing_on_record="y", record_source="court register", summary="A sound company that pays in time"
        )
        self.done(self.with_findings(form))
        page = self.at_task(person, application, "enter_statements")
        self.done(page.form("/tasks/").fill(choice="none", reason="The company publishes none"))

    def with_findings(self, form: Form) -> Form:
        """Every channel speaks for the customer."""
        for number in range(len(CHANNELS)):
            values = {
                "source": "its office",
                "found_on": TODAY.isoformat(),
                "finding": "Nothing against it",
                "assessment": "positive",
            }
            form.fill(**{f"findings-{number}-{name}": value for name, value in values.items()})
        return form

    def assess(
        self, application: CreditApplication, by: Person | None = None, **values: str | None
    ) -> CreditApplication:
        """The analyst gathers what is asked for, confirms the rating and proposes what was asked for."""
        person = by or self.analyst(application)
        if self.task_ids(application, "record_report"):
            self.gather(application, by)
        if self.task_ids(application, "confirm_rating"):
            page = self.at_task(person, application, "confirm_rating")
            self.done(page.form("/tasks/").fill(choice="confirm"))
        page = self.at_task(person, application, "set_proposal")
        given: dict[str, str | None] = {
            "choice": "propose",
            "limit": f"{application.requested_limit:f}",
            "terms_days": str(application.terms_days),
            "reason": "As the customer needs it",
        }
        self.done(page.form("/tasks/").fill(**given | values))
        return self.again(application)

    def in_approval(
        self, customer: Customer | str, limit: str = "40 000", rep: Person | None = None, **changes: Any
    ) -> CreditApplication:
        """An application that was entered and assessed: the levels decide now."""
        return self.assess(self.enter(customer, limit, rep, **changes))

    @kept
    def usual(self, name: str = "Nordwind AG", limit: str = "40 000") -> CreditApplication:
        """A customer asks for a limit: entered by Sara, assessed by Alma, it waits for the level.

        Most tests start there: in a company that nobody has touched yet it is copied from where it was first made.
        """
        return self.in_approval(self.customer(name), limit)

    @staticmethod
    def went_well(page: Page) -> Page:
        assert page.status == 200, page
        assert not page.problems, page
        return page

    def decide(self, person: Person, application: CreditApplication, decision: str, **values: Any) -> Page:
        """The person finds the task, opens it and answers with its form."""
        page = self.open_task(person, application)
        return page.form("/tasks/").fill(decision=decision, **values).send()

    # --- the worker -----------------------------------------------------------------------------------------------

    @contextmanager
    def later(self, days: int) -> Iterator[None]:
        """So many days from now."""
        with clock.at(clock.now() + timedelta(days=days)):
            yield

    @contextmanager
    def later_by(self, span: timedelta) -> Iterator[None]:
        """So long from now."""
        with clock.at(clock.now() + span):
            yield

    def timers(self, days: int) -> int:
        """So many days later the worker's job fires what is due; returns how many."""
        with self.later(days):
            return jobs.fire_timers(self.app)

    def mails(self) -> list[Mail]:
        """What was posted since the last look, sent by the worker's job, in the order of posting.

        What a decision posted leaves when it can no longer be taken back.
        """
        with clock.at(clock.now() + HOLD):
            jobs.send_outbox(self.app)
        self.fresh()
        query = select(Outbox).where(Outbox.id > self.read_mails).order_by(Outbox.id)
        found = []
        for row in self.session.scalars(query):
            subject, _gap, body = (row.sent_text or "").partition("\n\n")
            kind, _colon, number = row.recipient.partition(":")
            name = self.names[int(number)] if kind == "person" else row.sent_to or row.recipient
            found.append(Mail(name, row.template, subject, body, row.state))
            self.read_mails = row.id
        return found

    # --- what is written ------------------------------------------------------------------------------------------

    def fresh(self) -> None:
        """Read everything anew."""
        self.session.rollback()
        self.session.expire_all()

    def application(self, number: str) -> CreditApplication:
        """The credit row as it stands in the database now."""
        self.fresh()
        query = select(CreditApplication).where(CreditApplication.number == number)
        return self.session.scalars(query).one()

    def again(self, application: CreditApplication) -> CreditApplication:
        """The same row, read anew."""
        return self.application(application.number)

    def decisions(self, application: CreditApplication) -> list[ApprovalDecision]:
        self.fresh()
        query = select(ApprovalDecision).where(ApprovalDecision.application_id == application.id)
        return list(self.session.scalars(query.order_by(ApprovalDecision.id)))

    def limits(self, application: CreditApplication) -> list[CreditLimit]:
        self.fresh()
        query = select(CreditLimit).where(CreditLimit.customer_id == application.customer_id)
        return list(self.session.scalars(query.order_by(CreditLimit.id)))

    def events(self, application: CreditApplication) -> list[dict[str, Any]]:
        """The application's history."""
        self.fresh()
        return history.timeline(self.session, application.instance_id or 0)

    def new_events(self, application: CreditApplication) -> list[dict[str, Any]]:
        """What was recorded since the last look; the whole chain must verify."""
        events = self.events(application)
        assert history.verify(self.session) == (self.count("history"), None)
        seen = self.read_events.get(application.id, 0)
        self.read_events[application.id] = len(events)
        return events[seen:]

    def trail(self, application: CreditApplication) -> list[str]:
        """The new events as words: kind, node, by whom."""
        return [
            f"{event['kind']} {event['node'] or '-'} by {self.names.get(event['actor_id'], 'system')}"
            for event in self.new_events(application)
        ]

    def way(self, application: CreditApplication) -> list[str]:
        """Every node passed or waiting, in order, as process/node."""
        passed: list[str] = []
        for event in self.events(application):
            payload = event["payload"] or {}
            passed += payload.get("path", [])
            if event["node"] and event["kind"] not in (*history.HANDINGS, "cancelled"):
                passed.append(f"{event['process']}/{event['node']}")
            passed += payload.get("to", [])
            passed += [f"{task['process']}/{task['node']}" for task in payload.get("opened", [])]
        return passed

    def count(self, table: str) -> int:
        return int(self.session.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one())  # noqa: S608


def number_on(page: Page) -> str:
    """The number of the application that a page is about."""
    found = re.search(r"(CA|LR|TL)-\d{4}-\d{5}", page.text)
    assert found is not None, page
    return found.group()


def snapshot(session: Session) -> bytes:
    """Everything in the database as text, but for what signing in changes: two equal ones mean nothing changed."""
    session.rollback()
    tables = session.execute(
        text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    ).scalars()
    found = {}
    for table in tables:
        row = "t.*" if table != "person" else "t.id, t.name, t.email, t.active, t.locale, t.branch_id"
        query = f'SELECT row({row})::text FROM "{table}" t ORDER BY 1'  # noqa: S608
        found[table] = list(session.execute(text(query)).scalars())
    session.rollback()
    return orjson.dumps(found, option=orjson.OPT_INDENT_2)


__all__ = ["DRAFT", "Browser", "Desk", "File", "Form", "Mail", "Page", "number_on", "snapshot"]
