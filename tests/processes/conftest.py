"""The real processes on a database, without screens: a desk at which people act through the engine."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.forms.investigation import FindingEntry, Investigated
from credit_app.forms.proposal import ProposalAnswer
from credit_app.forms.rating import Confirmation
from credit_app.forms.report import ReportAnswer
from credit_app.forms.statements import Statements
from credit_app.models import CHANNELS, CreditApplication, Customer, Person
from credit_app.steps.approval.decide_limit import Decision
from credit_app.steps.credit_application.enter_application import Entered
from tests.factories import (
    TODAY,
    Cast,
    make_application,
    make_customer,
    make_invoice,
)
from tests.processes.kit import platform  # noqa: F401 (a fixture)
from workflows import Actor, Engine, Rest, clock, history
from workflows.tables import OpenTask, Outbox

INFORMATION = {"record_report", "investigate_customer", "enter_statements"}


def investigated(**values: Any) -> Investigated:
    """An investigation in which every channel speaks for the customer."""
    findings = tuple(
        FindingEntry(f"findings-{number}", channel, "its office", TODAY, "Nothing against it", "positive")
        for number, channel in enumerate(CHANNELS)
    )
    given = {
        "findings": findings,
        "nothing_on_record": True,
        "record_source": "court register",
        "summary": "A sound company that pays in time",
    }
    return Investigated(**given | values)


@dataclass
class Desk:
    """Acts as people do: every call is one action and one commit."""

    session: Session
    engine: Engine
    cast: Cast

    def open(
        self, customer: Customer | None, limit: int = 40_000, rep: Person | None = None, **values: Any
    ) -> CreditApplication:
        """A sales rep opens an application; the draft is their own task."""
        rep = rep or self.cast.sara
        application = make_application(self.session, customer, rep, limit, **values)
        rest = self.engine.start(
            self.session, "credit_application", application.id, {"application_id": application.id},
            Actor(rep.id), "test",
        )  # fmt: skip
        application.instance_id = rest.instance_id
        self.session.commit()
        return application

    def task(self, application: CreditApplication, node: str | None = None) -> OpenTask:
        """The one open task of the application, or the one of that node."""
        query = select(OpenTask).where(OpenTask.instance_id == application.instance_id)
        if node is not None:
            query = query.where(OpenTask.node == node)
        return self.session.scalars(query.execution_options(populate_existing=True)).one()

    def nodes(self, application: CreditApplication) -> set[str]:
        """The nodes that wait for somebody."""
        query = select(OpenTask.node).where(OpenTask.instance_id == application.instance_id)
        return set(self.session.scalars(query))

    def complete(
        self, application: CreditApplication, actor: Actor, answer: Any, node: str | None = None
    ) -> Rest:
        """The actor answers the application's open task."""
        task = self.task(application, node)
        step = self.engine.handlers.step(task.process, task.node)
        rest = self.engine.complete(
            self.session, task.id, actor, "test", lambda action: step.complete(action, answer)
        )
        self.session.commit()
        return rest

    def submit(self, application: CreditApplication, by: Person | None = None, **changes: Any) -> Rest:
        """The rep submits the draft as it stands, with changes."""
        entered = {
            "version": application.version,
            "customer_id": application.customer_id,
            "new_customer": application.new_customer,
            "requested_limit": application.requested_limit,
            "currency": application.currency,
            "terms_days": application.terms_days,
            "payment_method": application.payment_method,
            "yearly_purchases": application.yearly_purchases,
            "purpose": application.purpose,
        }
        actor = Actor(by.id if by else application.requested_by)
        return self.complete(application, actor, Entered(**entered | changes))

    def analyst(self, application: CreditApplication) -> Person:
        """Who assesses in the application's branch."""
        return self.cast.aldo if application.branch_id == self.cast.south.id else self.cast.alma

    def gather(self, application: CreditApplication, by: Person | None = None) -> Rest:
        """An analyst answers what is open of report, investigation and statements, with the least that is owed."""
        actor, rest = Actor((by or self.analyst(application)).id), None
        answers = {
            "record_report": ReportAnswer("not_needed", note="We know the customer well"),
            "investigate_customer": investigated(
                parent_id=application.customer.parent_id if application.customer else None
            ),
            "enter_statements": Statements("none", reason="The company publishes none"),
        }
        for node in answers.keys() & self.nodes(application):
            rest = self.complete(application, actor, answers[node], node)
        assert rest is not None, "nothing is asked about this customer"
        return rest

    def assess(self, application: CreditApplication, by: Person | None = None, **values: Any) -> Rest:
        """An analyst gathers what is asked for, confirms the rating and proposes what was asked for."""
        actor = Actor((by or self.analyst(application)).id)
        if self.nodes(application) & INFORMATION:
            self.gather(application, by)
        if "confirm_rating" in self.nodes(application):
            self.complete(application, actor, Confirmation("confirm"), "confirm_rating")
        self.session.refresh(application)
        given = {
            "choice": "propose",
            "version": application.version,
            "limit": application.requested_limit,
            "terms_days": application.terms_days,
            "payment_method": application.payment_method,
            "reason": "As the customer needs it",
        }
        return self.complete(application, actor, ProposalAnswer(**given | values), "set_proposal")

    def in_approval(self, customer: Customer | None, limit: int = 40_000, **values: Any) -> CreditApplication:
        """An application that was opened, submitted and assessed: the levels decide now."""
        application = self.open(customer, limit, **values)
        self.submit(application)
        self.assess(application)
        return application

    def decide(self, application: CreditApplication, by: Person, decision: str, **values: Any) -> Rest:
        """A person decides the open level."""
        self.session.refresh(application)
        behalf = values.pop("on_behalf_of", None)
        answer = Decision(**{"version": application.version, "decision": decision} | values)
        return self.complete(application, Actor(by.id, behalf.id if behalf else None), answer)

    def customer(self, name: str = "", days_late: int = 0, **values: Any) -> Customer:
        """A customer of the north branch with a year of invoices, each paid so many days late."""
        made = make_customer(self.session, name, **{"branch_id": self.cast.north.id} | values)
        for month in range(1, 13):
            due = TODAY - timedelta(days=30 * month + 10)
            make_invoice(self.session, made, 25_000, due, paid_on=due + timedelta(days=days_late))
        self.session.commit()
        return made

    def mails(self, template: str) -> set[str]:
        """Who was sent a mail of that kind."""
        query = select(Outbox.recipient).where(Outbox.template == template)
        names = {f"person:{person.id}": person.name for person in self.cast.everyone()}
        return {names[recipient] for recipient in self.session.scalars(query)}

    def kinds(self, application: CreditApplication) -> list[str]:
        """The history of the application: kind and node of each event."""
        events = history.timeline(self.session, application.instance_id or 0)
        return [f"{event['kind']} {event['node'] or ''}".strip() for event in events]

    def pass_time(self, days: int) -> int:
        """So many days later the worker fires what is due; returns how many timers."""
        with clock.at(clock.now() + timedelta(days=days)):
            fired = 0
            while self.engine.fire_timer(self.session) is not None:
                self.session.commit()
                fired += 1
            self.session.commit()
        return fired


@pytest.fixture
def desk(app: Flask, session: Session, cast: Cast) -> Iterator[Desk]:
    """A company with its cast and the application's own engine, which has read the diagrams once for all tests."""
    with app.test_request_context():
        yield Desk(session, app.extensions["engine"], cast)
