"""How the demo's analysts assess an application: report, investigation, statements, rating, proposal."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.facts.application import proposals_of, rating_of
from credit_app.facts.rating_confirming import grades_to_choose
from credit_app.facts.securities import unconfirmed
from credit_app.forms.conditions import ConditionsAnswer, SecurityGiven
from credit_app.forms.investigation import FindingEntry, Investigated
from credit_app.forms.proposal import ProposalAnswer, SecurityEntry
from credit_app.forms.rating import Confirmation
from credit_app.forms.report import ReportAnswer
from credit_app.forms.statements import Statements
from credit_app.forms.uploads import Upload
from credit_app.models import CHANNELS, CreditApplication, Person, Security
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
    gather(desk, application, number)
    rate(desk, application, number)
    propose(desk, application, number)


def gather(desk: AtWork, application: CreditApplication, number: int, only: str = "") -> None:
    """Report, investigation and statements, or only the one that is named."""
    for node, answer in gathered(application):
        if node in waiting(desk.session, application) and only in ("", node):
            desk.complete(application, analyst(desk, application, node, number), answer, node)


def rate(desk: AtWork, application: CreditApplication, number: int, said: str = "") -> None:
    """Confirm the rating, or override it by a step down: `lower because reason`."""
    node = "confirm_rating"
    reason = said.removeprefix("lower because ")
    answer = (
        Confirmation("override", step_down(desk, application), reason=reason)
        if said
        else Confirmation("confirm")
    )
    desk.complete(application, analyst(desk, application, node, number), answer, node)


def step_down(desk: AtWork, application: CreditApplication) -> str:
    """The worst grade that policy lets an analyst give."""
    rating = rating_of(desk.session, application)
    return grades_to_choose(desk.session, rating, clock.now().date())[-1]


def propose(desk: AtWork, application: CreditApplication, number: int, said: str = "") -> None:
    """Propose what was asked for; `guarantee 15000 Name` makes it depend on that security."""
    node = "set_proposal"
    desk.session.refresh(application)
    person = analyst(desk, application, node, number)
    desk.complete(application, person, proposal(desk.session, application, said), node)


def confirm(desk: AtWork, application: CreditApplication, number: int, said: str = "") -> None:
    """The securities are there; with a reason given they are not."""
    node = "confirm_conditions"
    rows = tuple(
        SecurityGiven(
            f"rows-{place}",
            row.id,
            "not_given" if said else "confirmed",
            row.amount,
            row.provider,
            f"{row.kind[:3].upper()}-{row.id:04d}",
            None,
            row.expires_on,
            said,
            None if said else deed(row),
        )
        for place, row in enumerate(unconfirmed(desk.session, application))
    )
    person = analyst(desk, application, node, number)
    desk.complete(application, person, ConditionsAnswer(rows), node)


def deed(row: Security) -> Upload:
    """A small document that stands for the deed."""
    content = f"%PDF-1.4\n% {row.kind} of {row.provider} over {row.currency} {row.amount}\n%%EOF\n".encode()
    return Upload(f"{row.kind}.pdf", "application/pdf", content, hashlib.sha256(content).hexdigest())


# The acts of a story that belong here, by their names.
ASSESSING = {"gather": gather, "rate": rate, "propose": propose, "confirm_conditions": confirm}


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


def proposal(session: Session, application: CreditApplication, secured: str = "") -> ProposalAnswer:
    """What was asked for, argued where the methods say less, with a warning line."""
    computed = next(row.amount for row in proposals_of(session, application) if row.method == "proposed")
    asked = application.requested_limit
    above = asked is not None and computed is not None and asked > computed
    return ProposalAnswer(
        "propose",
        application.version,
        asked,
        application.terms_days,
        application.payment_method or "",
        reason="The order book carries the figure." if above else "Within what every method gives.",
        warning_utilisation=Decimal("0.9"),
        warning_measures="Tell the sales rep, look at open orders, review within two weeks.",
        securities=(security(secured),) if secured else (),
    )


def security(said: str) -> SecurityEntry:
    """Kind, amount and provider, as a story names them."""
    kind, amount, provider = said.split(" ", 2)
    until = clock.now().date() + timedelta(days=540)
    return SecurityEntry("securities-0", kind, Decimal(amount), provider=provider, expires_on=until)


def analyst(desk: AtWork, application: CreditApplication, node: str, number: int) -> Person:
    """Whoever comes second at the level, so that the first one decides."""
    return desk.decider(desk.task(application, node), number + 1)


def waiting(session: Session, application: CreditApplication) -> set[str]:
    """The nodes that wait for somebody."""
    query = select(OpenTask.node).where(OpenTask.instance_id == application.instance_id)
    return set(session.scalars(query))
