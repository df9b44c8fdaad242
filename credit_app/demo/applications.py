"""Credit applications at every stage, made by running the process as each person in turn, at past instants."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from heapq import heappop, heappush
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from credit_app import resources
from credit_app.demo.assessing import ASSESSING, assess
from credit_app.demo.people import PEOPLE
from credit_app.demo.stories import STORIES, Story
from credit_app.forms.credit_application import Entered
from credit_app.forms.limit_decision import Decision
from credit_app.forms.opinion import Ballot
from credit_app.models import CreditApplication, Customer, Person, next_application_number
from credit_app.processes import registry_of
from credit_app.steps.credit_application import enter_application
from workflows import Action, Actor, Engine, Rest, clock, deploy_directory
from workflows.tables import OpenTask, Timer

SOURCE = "demo"
DECIDING = ("decide_limit", "vote")


def add_applications(
    session: Session, customers: dict[str, Customer], people: dict[str, Person], today: date
) -> None:
    """Tells every story, their acts mixed in the order of time; timers that fell due in between fire in between."""
    deploy_directory(session, resources.bpmn())
    desk = Desk(session, Engine(registry_of(resources.bpmn())), people, today)
    waiting: list[tuple[datetime, int, Iterator[datetime]]] = []
    for number, story in enumerate(STORIES):
        told = desk.tell(story, customers.get(story.customer), number)
        heappush(waiting, (next(told), number, told))
    while waiting:
        instant, number, told = heappop(waiting)
        desk.fire_until(instant)
        with clock.at(instant):
            following = next(told, None)
        if following is not None:
            heappush(waiting, (following, number, told))
    desk.fire_until(datetime.combine(today, time(), UTC))


def working_instant(today: date, days_ago: float, number: int) -> datetime:
    """An instant in office hours so many days before `today`; weekends count as the Friday before."""
    day = today - timedelta(days=int(days_ago))
    day -= timedelta(days=max(0, day.weekday() - 4))
    minutes = number * 17 % 240 + (days_ago % 1) * 240
    return datetime.combine(day, time(7), UTC) + timedelta(minutes=minutes)


@dataclass(slots=True)
class Desk:
    """Acts as the demo people do, through the engine."""

    session: Session
    engine: Engine
    people: dict[str, Person]
    today: date

    def tell(self, story: Story, customer: Customer | None, number: int) -> Iterator[datetime]:
        """Acts one after the other; yields the instant of the next act before doing it."""
        yield working_instant(self.today, story.days_ago, number)
        application = self._open(story, customer)
        for place, act in enumerate(story.acts, 1):
            yield working_instant(self.today, max(1, story.days_ago - place * story.gap), number)
            self._act(application, story, act, number)

    def fire_until(self, instant: datetime) -> None:
        """Fires the timers due before `instant`, each at its own instant."""
        due = select(func.min(Timer.due_at)).where(Timer.due_at < instant, ~Timer.held)
        while (earliest := self.session.scalar(due)) is not None:
            with clock.at(earliest):
                self.engine.fire_timer(self.session)

    def _open(self, story: Story, customer: Customer | None) -> CreditApplication:
        rep = self.people[story.rep] if story.rep else None
        if rep is None and customer is not None:
            rep = customer.sales_rep
        assert rep is not None, "a story names a customer or a rep"  # noqa: S101
        application = CreditApplication(
            number=next_application_number(self.session, clock.now().year),
            requested_by=rep.id,
            branch_id=customer.branch_id if customer else rep.branch_id,
            customer_id=customer.id if customer else None,
            created_at=clock.now(),
        )
        self.session.add(application)
        self.session.flush()
        rest = self.engine.start(
            self.session,
            "credit_application",
            application.id,
            {"application_id": application.id},
            Actor(rep.id),
            SOURCE,
        )
        application.instance_id = rest.instance_id
        entered = self._entered(application, story, Decimal(1))
        if "incomplete" in story.acts:
            entered = Entered(1, entered.customer_id, entered.new_customer, entered.requested_limit)
        enter_application.save_draft(self.session, application, entered, rep.id, clock.now())
        self.session.flush()
        return application

    def _entered(self, application: CreditApplication, story: Story, share: Decimal) -> Entered:
        return Entered(
            version=application.version,
            customer_id=application.customer_id,
            new_customer=dict(story.new_customer) or None,
            requested_limit=Decimal(story.limit) * share,
            currency=story.currency,
            terms_days=story.terms_days,
            payment_method=story.payment_method,
            yearly_purchases=Decimal(story.limit) * 6,
            purpose=story.purpose,
            security_offered=story.security,
        )

    def _act(self, application: CreditApplication, story: Story, act: str, number: int) -> None:
        name, _, said = act.partition(":")
        self.session.refresh(application)
        if name in ("submit", "enter"):
            self._enter(application, story, Decimal(said or 1))
            if name == "submit" and application.status == "under_investigation":
                assess(self, application, number)
        elif name in ASSESSING:
            ASSESSING[name](self, application, number, said)
        elif name == "withdraw":
            self._withdraw(application, said)
        elif name == "claim":
            claimed = self.task(application)
            self.engine.claim(self.session, claimed.id, Actor(self.decider(claimed, number).id), SOURCE)
        elif name == "approve_until":
            self.approve_until(application, number, said)
        elif name != "incomplete":
            self._decide(application, self.task(application), number, name, said)

    def approve_until(self, application: CreditApplication, number: int, level: str = "nobody") -> None:
        """Every level approves and every member votes for, until `level` is asked or nobody any more."""
        while (task := self._task_or_none(application)) and task.role != level and task.node in DECIDING:
            if task.node == "vote":
                self._vote(task)
            else:
                self._decide(application, task, number, "approve")

    def _enter(self, application: CreditApplication, story: Story, share: Decimal) -> None:
        entered = self._entered(application, story, share)
        if application.customer_id:
            entered = replace(entered, new_customer=None)
        self.complete(application, self.people_of(application.requested_by), entered)
        self.session.refresh(application)

    def people_of(self, person_id: int) -> Person:
        """The demo person with that id."""
        return next(person for person in self.people.values() if person.id == person_id)

    def _task_or_none(self, application: CreditApplication, node: str | None = None) -> OpenTask | None:
        query = select(OpenTask).where(OpenTask.instance_id == application.instance_id)
        if node is not None:
            query = query.where(OpenTask.node == node)
        query = query.order_by(OpenTask.id).limit(1)
        return self.session.scalars(query.execution_options(populate_existing=True)).first()

    def task(self, application: CreditApplication, node: str | None = None) -> OpenTask:
        task = self._task_or_none(application, node)
        assert task is not None, f"{application.number} waits for nobody"  # noqa: S101
        return task

    def decider(self, task: OpenTask, number: int) -> Person:
        """One of those who may; both colleagues of a level get their share."""
        emails = [demo.email.split("@")[0] for demo in PEOPLE if demo.role == task.role]
        able = [self.people[email] for email in emails if self.people[email].id not in task.excluded]
        return able[number % len(able)]

    def _vote(self, task: OpenTask) -> None:
        """The member whose ballot this is votes for."""
        step = registry_of(resources.bpmn()).step(task.process, task.node)
        ballot, member = Ballot("for"), Actor(task.claimed_by)
        self.engine.complete(
            self.session, task.id, member, SOURCE, lambda action: step.complete(action, ballot)
        )

    def _decide(
        self, application: CreditApplication, task: OpenTask, number: int, decision: str, said: str = ""
    ) -> None:
        self.session.refresh(application)
        share, _, reason = (
            said.rpartition(" because ") if decision == "approve_with_changes" else ("", "", said)
        )
        limit = (application.requested_limit or Decimal(0)) * Decimal(share or 1)
        answer = Decision(application.version, decision, limit, application.terms_days, "", reason)
        self.complete(application, self.decider(task, number), answer)

    def complete(
        self,
        application: CreditApplication,
        person: Person,
        answer: Any,
        node: str | None = None,
    ) -> Rest:
        task = self.task(application, node)
        step = registry_of(resources.bpmn()).step(task.process, task.node)
        return self.engine.complete(
            self.session, task.id, Actor(person.id), SOURCE, lambda action: step.complete(action, answer)
        )

    def _withdraw(self, application: CreditApplication, reason: str) -> None:
        def keep_reason(action: Action) -> None:
            action.session.refresh(application)
            application.outcome_reason = reason

        task = self.task(application)
        level = task.role if task.node == "decide_limit" else None
        self.engine.send(
            self.session,
            application.instance_id or 0,
            "withdrawn",
            Actor(application.requested_by),
            SOURCE,
            {"withdrawn_from": level},
            keep_reason,
        )
