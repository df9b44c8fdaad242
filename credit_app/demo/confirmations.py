"""Balance confirmations of the demo: one waits for an answer, one has differences to settle, earlier ones are agreed."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app import confirmations, resources
from credit_app.domain.dates import day_in_zone
from credit_app.facts.statement import statement_of
from credit_app.facts.statement_snapshot import frozen, thawed
from credit_app.models import (
    BalanceConfirmation,
    ConfirmationDifference,
    Customer,
    CustomerDocument,
    ItemBalance,
    Person,
    the_company,
)
from credit_app.processes import registry_of
from workflows import SYSTEM, Actor, Engine, clock

EARLIER = timedelta(days=45)  # none is due again in the first weeks
ASKED = timedelta(days=6)
ANSWERED_BY = "Head of accounting"
PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def add_confirmations(
    session: Session, customers: dict[str, Customer], people: dict[str, Person], now: datetime
) -> None:
    """Everybody agreed some weeks ago, but two who are asked now."""
    today = day_in_zone(now, the_company(session).time_zone)
    owing = [one for one in customers.values() if _debts(session, one) >= MANY and one.branch_id]
    waiting, answering = owing[:2]
    for customer in customers.values():
        if customer not in (waiting, answering):
            _agreed(session, customer, today - EARLIER)
    engine = Engine(registry_of(resources.bpmn()))
    with clock.at(now - ASKED):
        confirmations.start(session, engine, waiting.id, SYSTEM, "job:start_confirmations")
        asked = confirmations.start(session, engine, answering.id, SYSTEM, "job:start_confirmations")
