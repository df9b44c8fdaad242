"""How the demo's analysts assess an application: report, investigation, statements, rating, proposal."""

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.facts.application import proposals_of
from credit_app.forms.investigation import FindingEntry, Investigated
from credit_app.forms.proposal import ProposalAnswer
from credit_app.forms.rating import Confirmation
from credit_app.forms.report import ReportAnswer
from credit_app.forms.statements import Statements
from credit_app.models import CHANNELS, CreditApplication, Person
from workflows import Rest, clock
from workflows.tables import OpenTask

SAID: dict[str, tuple[str, str, str]] = {
    "registration": ("Commercial register", "Registered, no change of managers in the last year", "neutral"),
    "industry_association": ("Industry association", "Member for many years, no complaint", "positive"),
    "credit_platform": ("Credit information platform", "Pays within terms as a rule", "positive"),
    "market": ("Our sales manager", "Holds its share of the market", "neutral"),
    "references": ("House bank and two suppliers", "Account in order, terms kept", "positive"),
    "site_visit": ("Visit by the analyst", "Plant in use, stock in order", "positive"),
    "customer_statement": ("Managing director", "Orders cover half a year", "neutral"),
}


class AtWork(Protocol):
    """What acts as the demo's people."""

    session: Session

    def complete(
        self, application: CreditApplication, person: Person, answer: Any, node: str | None = None
    ) -> Rest: ...

    def task(self, application: CreditApplication, node: str | None = None) -> OpenTask: ...

    def decider(self, task: OpenTask, number: int) -> Person: ...


def assess(desk: AtWork, application: CreditApplication, number: int) -> None:
    """One analyst does all of it; the colleague decides later."""
    for node, answer in gathered(application):
        if node in waiting(desk.session, application):
            desk.complete(application, analyst(desk, application, node, number), answer, node)
    desk.complete(
        application,
        analyst(desk, application, "confirm_rating", number),
        Confirmation("confirm"),
        "confirm_rating",
    )
    desk.session.refresh(application)
    person = analyst(desk, application, "set_proposal", number)
    desk.complete(application, person, proposal(desk.session, application), "set_proposal")


def gathered(application: CreditApplication) -> Sequence[tuple[str, Any]]:
    """What the three information tasks are answered with."""
    parent = application.customer.parent_id if application.customer else None
    return (
        ("record_report", ReportAnswer("not_needed", note="Known well enough from our own books.")),
        (
            "investigate_customer",
            Investigated(
                findings(),
                parent_id=parent,
                nothing_on_record=True,
                record_source="Court register",
                summary="Sound, pays as agreed.",
            ),
        ),
        ("enter_statements", Statements("none", reason="Not published; asked for again next year.")),
    )


def findings() -> tuple[FindingEntry, ...]:
    """A finding of each channel, of the day."""
    today = clock.now().date()
    return tuple(
        FindingEntry(f"findings-{place}", channel, source, today, said, assessment)
        for place, (channel, (source, said, assessment)) in enumerate(
            (channel, SAID[channel]) for channel in CHANNELS
        )
    )


def proposal(session: Session, application: CreditApplication) -> ProposalAnswer:
    """What was asked for, argued where the methods say less."""
    computed = next(row.amount for row in proposals_of(session, application) if row.method == "proposed")
    asked = application.requested_limit
    above = asked is not None and computed is not None and asked > computed
    return ProposalAnswer(
        "propose",
        application.version,
        asked,
        application.terms_days,
        application.payment_method or "",
        reason="The order book carries the higher figure." if above else "",
    )


def analyst(desk: AtWork, application: CreditApplication, node: str, number: int) -> Person:
    """Whoever comes second at the level, so that the first one decides."""
    return desk.decider(desk.task(application, node), number + 1)


def waiting(session: Session, application: CreditApplication) -> set[str]:
    """The nodes that wait for somebody."""
    query = select(OpenTask.node).where(OpenTask.instance_id == application.instance_id)
    return set(session.scalars(query))
