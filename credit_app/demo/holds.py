"""Holds, visits and placements of the demo, each at another step, so that boards and tasks have something to show."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app import agencies, holds, resources, visits
from credit_app.demo.file_papers import paper
from credit_app.facts.agencies import agencies_for, overdue_of
from credit_app.forms.agencies import Chosen, HandedOver
from credit_app.forms.holds import Approved, Assessed, Delivered
from credit_app.forms.uploads import Upload
from credit_app.forms.visits import Planned, Reported
from credit_app.models import CollectionCase, Customer, Person
from credit_app.models.agencies import Agency, AgencyFee
from credit_app.processes import registry_of
from workflows import SYSTEM, Actor, Engine, clock
from workflows.tables import OpenTask, Timer

FEES = (("Hanse Inkasso GmbH", "DE", 85, (15, 25)), ("Collecte France SARL", "FR", 70, (18, 28)), (
    "Atlantic Recovery Ltd.", "", 60, (20, 35),
))  # fmt: skip


def add_holds(session: Session, people: Mapping[str, Person], now: datetime) -> None:
    """Three agencies; of the oldest cases one customer is on hold, one hold waits for approval, an agency works on one,
    one is to be visited and one was."""
    _add_agencies(session, now)
    query = (
        select(CollectionCase)
        .join(Customer, Customer.id == CollectionCase.customer_id)
        .where(CollectionCase.status == "open", Customer.status == "active")
        .order_by(CollectionCase.oldest_due)
    )
    cases = list(
        session.scalars(query.where(CollectionCase.oldest_due < now.date() - timedelta(days=40)).limit(5))
    )
    desk = _Desk(session, Engine(registry_of(resources.bpmn())), now, people)
    acts = (desk.on_hold, desk.hold_in_approval, desk.placed, desk.visit_planned, desk.visited)
    for act, case in zip(acts, cases, strict=False):
        act(case)


class _Desk:
    """Acts as people did in the last weeks."""

    def __init__(self, session: Session, engine: Engine, now: datetime, people: Mapping[str, Person]) -> None:
        self.session, self.engine, self.now = session, engine, now
        self.collector, self.manager = people["amira.haddad"].id, people["ines.moreau"].id

    def on_hold(self, case: CollectionCase) -> None:
        """Proposed, approved, announced with proof, and active since some days."""
        row = self._hold(case, 25)
        self._do(
            row, self.manager, 24, lambda step, action: step.complete(action, Approved("approve", None, ""))
        )
        day = self._day(22)
        proof = Delivered("delivered", day, "Head of purchasing", _paper("Receipt of the notice"), "")
        self._do(row, self.collector, 22, lambda step, action: step.complete(action, proof))
        due = select(Timer.id).where(Timer.instance_id == row.instance_id)
        with clock.at(self.now - timedelta(days=8)):
            for number in self.session.scalars(due).all():
                self.engine.fire_timer(self.session, number)

    def hold_in_approval(self, case: CollectionCase) -> None:
        """Assessed by the collector."""
        self._hold(case, 2)

    def visit_planned(self, case: CollectionCase) -> None:
        """Somebody goes in some days."""
        self._visit(case, 1, -6)

    def visited(self, case: CollectionCase) -> None:
        """The visit is reported; the statement waits for its signature."""
        row = self._visit(case, 9, 3)
        seen = Reported(
            "visited", self._day(3), "met", "The owner", "Workshop in use, six people at work",
            "Half the racks are empty", "hesitant", "Waits for a payment of its own", (), (), None, False, "",
        )  # fmt: skip
        self._do(row, self.collector, 3, lambda step, action: step.complete(action, seen))

    def placed(self, case: CollectionCase) -> None:
        """An agency works on everything overdue in the currency of the oldest debt."""
        with clock.at(self.now - timedelta(days=12)):
            row = agencies.start(self.session, self.engine, case.customer_id, SYSTEM, "process:collection")
        day = self._day(12)
        items = [one for one in overdue_of(self.session, case.customer_id, day) if not one.disputed]
        items = [one for one in items if one.currency == items[0].currency]
        offered = agencies_for(self.session, case.customer.country, day)
        if not items or not offered:
            return
        chosen = Chosen("place", offered[0].id, tuple(one.item_id for one in items), "")
        self._do(row, self.collector, 12, lambda step, action: step.complete(action, chosen))
        if row.level != "credit_manager":
            return
        self._do(row, self.manager, 11, lambda step, action: step.complete(action, ("approve", "")))
        handed = HandedOver(
            self._day(10), "Case desk", "Statement, invoices, letters", _paper("Receipt of the papers")
        )
        self._do(row, self.collector, 10, lambda step, action: step.complete(action, handed))

    def _hold(self, case: CollectionCase, days: int) -> Any:
        with clock.at(self.now - timedelta(days=days)):
            row = holds.start(self.session, self.engine, case.customer_id, SYSTEM, "process:collection")
        harm = Assessed(
            "stop", "all", None, False, False, False, "Other suppliers can deliver within days",
            "Does not expect them to leave; prepayment was offered", "Prepayment, which they declined", "",
        )  # fmt: skip
        self._do(row, self.collector, days, lambda step, action: step.complete(action, harm))
        return row

    def _visit(self, case: CollectionCase, days: int, planned: int) -> Any:
        with clock.at(self.now - timedelta(days=days)):
            row = visits.start(self.session, self.engine, case.customer_id, SYSTEM, "process:collection")
        plan = Planned(
            "planned", self.collector, self._day(planned), row.address or "Head office",
            "Statement signed, a date for the rest", "Statement to sign, copies of the invoices", True, "",
        )  # fmt: skip
        self._do(row, self.collector, days, lambda step, action: step.complete(action, plan))
        return row

    def _do(self, row: Any, person: int, days: int, answer: Callable[[Any, Any], Mapping[str, Any]]) -> None:
        """Answer the open task of a case, so many days ago."""
        task = self.session.scalars(select(OpenTask).where(OpenTask.instance_id == row.instance_id)).one()
        step = self.engine.handlers.step(task.process, task.node)  # type: ignore[attr-defined]
        with clock.at(self.now - timedelta(days=days)):
            self.engine.complete(
                self.session, task.id, Actor(person), "demo", lambda action: answer(step, action)
            )

    def _day(self, days: int) -> date:
        return (self.now - timedelta(days=days)).date()


def _add_agencies(session: Session, now: datetime) -> None:
    for name, countries, score, (young, old) in FEES:
        row = Agency(
            name=name, countries=countries, score=score, email="", created_at=now,
            contract_ends_on=now.date() + timedelta(days=300),
        )  # fmt: skip
        row.fees = [
            AgencyFee(place=0, up_to_days=90, percent=young),
            AgencyFee(place=1, percent=old),
        ]
        session.add(row)
    session.flush()


def _paper(text: str) -> Upload:
    content = paper(text)
    return Upload(f"{text}.pdf", "application/pdf", content, sha256(content).hexdigest())
