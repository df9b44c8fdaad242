"""Legal action of the demo: four claims at law, one to assess, one to decide, one in court, one to enforce."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from types import ModuleType
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from credit_app import legal, resources
from credit_app.demo.file_papers import paper
from credit_app.facts.legal_preparation import Arrangement, Assessment
from credit_app.facts.legal_proceedings import Filed, Hearing
from credit_app.facts.legal_title import Followed, Title
from credit_app.models import Allocation, Customer, CustomerDocument, ItemBalance, Person
from credit_app.models.legal import LegalCase, LegalCounsel, LegalDocument
from credit_app.processes import registry_of
from credit_app.steps.legal_preparation import assess_case, choose_counsel, decide_action
from credit_app.steps.legal_proceedings import file_claim, follow_title, record_hearing, record_title
from workflows import Actor, Engine, clock
from workflows.tables import OpenTask

SMALLEST = 200
BEGUN, ASSESSED, FILED, HEARD, FINAL = (timedelta(days=days) for days in (40, 37, 30, 12, 3))
WARNED = timedelta(days=60)
FIRM = "Lindner & Partner"


def add_legal(session: Session, people: dict[str, Person], now: datetime) -> None:
    """The register of counsel, and the cases of the customers with the largest overdue debts but the very largest."""
    own, collector, manager = (
        people[name] for name in ("friederike.vogel", "amira.haddad", "michael.okafor")
    )
    counsel = [
        LegalCounsel(kind="in_house", name=own.name, person_id=own.id, country="DE", email=own.email),
        LegalCounsel(
            kind="law_firm", name=FIRM, country="DE", email="office@lindner.example", phone="+49 40 5550 120"
        ),
        LegalCounsel(kind="law_firm", name="Zhonglun Shanghai", country="CN", email="legal@zhonglun.example"),
    ]
    session.add_all(counsel)
    session.flush()
    desk = _Desk(session, Engine(registry_of(resources.bpmn())), own, manager)
    for place, customer_id in enumerate(_owing(session, now)):
        with clock.at(now - BEGUN):
            case = legal.start(session, desk.engine, customer_id, Actor(collector.id), "demo")
        if place > 0:
            desk.assess(case, now - ASSESSED)
        if place > 1:
            desk.go_to_court(case, counsel[1], now)
        if place > 2:
            desk.win(case, now)


class _Desk:
    """Counsel and the credit manager at work."""

    def __init__(self, session: Session, engine: Engine, counsel: Person, manager: Person) -> None:
        self.session, self.engine, self.counsel, self.manager = session, engine, counsel, manager

    def do(
        self, case: LegalCase, step: ModuleType, answer: Any, at: datetime, by: Person | None = None
    ) -> None:
        """Somebody (counsel, unless said) answers the case's open task."""
        query = select(OpenTask.id).where(OpenTask.instance_id == case.instance_id)
        task, actor = self.session.scalars(query).one(), Actor((by or self.counsel).id)
        with clock.at(at):
            self.engine.complete(
                self.session, task, actor, "demo", lambda action: step.complete(action, answer)
            )

    def assess(self, case: LegalCase, at: datetime) -> None:
        """It is worth it."""
        said = "Delivered and accepted, no complaint; four reminders and the final demand brought no answer."
        answer = Assessment(
            "proposed", case.amount, ("contract", "invoices", "delivery"), "good", "doubtful", Decimal(900),
            said,
        )  # fmt: skip
        self.do(case, assess_case, answer, at)

    def go_to_court(self, case: LegalCase, firm: LegalCounsel, now: datetime) -> None:
        """Approved, filed, and a hearing lies ahead."""
        self.do(case, decide_action, ("approved", ""), now - ASSESSED, self.manager)
        self.do(case, choose_counsel, Arrangement(firm.id, "suit", "no", ""), now - ASSESSED)
        self.hand_in_demand(case, now)
        day, hearing = (now - FILED).date(), (now + FINAL + HEARD).date()
        self.do(
            case,
            file_claim,
            Filed("Hamburg regional court", "318 O 112/26", day, hearing, None, ""),
            now - FILED,
        )

    def hand_in_demand(self, case: LegalCase, now: datetime) -> None:
        """The final demand with its receipt: the law asks for days of notice before the suit."""
        content, at = paper("Final demand, received (demonstration)"), now - ASSESSED
        document = CustomerDocument(
            customer_id=case.customer_id, kind="other", filename="Final demand, received.pdf",
            content_type="application/pdf", size=len(content), sha256=sha256(content).hexdigest(), content=content,
            uploaded_by=self.counsel.id, uploaded_at=at,
        )  # fmt: skip
        self.session.add(document)
        self.session.flush()
        self.session.add(
            LegalDocument(
                case_id=case.id, piece="demands", document_id=document.id, received_on=(now - WARNED).date(),
                made_by=self.counsel.id, created_at=at,
            )
        )  # fmt: skip

    def win(self, case: LegalCase, now: datetime) -> None:
        """The judgment is final."""
        heard, final = (now - HEARD).date(), (now - FINAL).date()
        self.do(
            case, record_hearing, Hearing("judgment", heard, None, "The debtor did not appear"), now - HEARD
        )
        self.do(case, record_title, Title(heard, case.amount, final, None, ""), now - HEARD)
        self.do(case, follow_title, Followed("enforce", final, None, "No appeal was lodged"), now - FINAL)


def _owing(session: Session, now: datetime) -> Iterable[int]:
    """Four active customers with overdue debts that a credit manager decides on, and that paid nothing of them since: a
    case claims what is open on its day."""
    begun = (now - BEGUN).date()
    overdue, paid = func.sum(ItemBalance.open_amount), aliased(ItemBalance)
    lately = (
        select(Allocation.id)
        .join(paid, paid.item_id == Allocation.item_id)
        .where(
            paid.customer_id == Customer.id,
            paid.open_amount > 0,
            paid.due_date < begun,
            Allocation.allocated_on >= begun,
        )
    )
    query = (
        select(ItemBalance.customer_id)
        .join(Customer, Customer.id == ItemBalance.customer_id)
        .where(
            Customer.status == "active",
            ItemBalance.kind == "invoice",
            ItemBalance.open_amount > 0,
            ItemBalance.due_date < begun,
            ~lately.exists(),
        )
        .group_by(ItemBalance.customer_id)
        .having(overdue > SMALLEST, overdue < 50_000)
        .order_by(overdue.desc(), ItemBalance.customer_id)
        .limit(4)
    )
    return list(session.scalars(query))
