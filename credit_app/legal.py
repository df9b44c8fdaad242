"""Starts legal action, tells legal cases of payments, and warns of legal dates."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from credit_app.domain.dates import day_in_zone
from credit_app.facts.legal import open_legal_case, still_open
from credit_app.facts.legal_dates import warn
from credit_app.facts.legal_enforcement import note_payment
from credit_app.i18n import _
from credit_app.models import Company, Customer, ItemBalance, convert, next_case_number, the_company
from credit_app.models.legal import LegalCase, LegalCaseItem, LegalEvent
from workflows import SYSTEM, Actor, Conflict, Engine, NotFound, NotWaiting, Refused, clock

PROCESS = "legal_action"
MESSAGE = "debt_paid"


class NothingToClaim(Refused):
    """A customer who owes nothing that is overdue, or items that cannot be claimed together."""


def start(
    session: Session,
    engine: Engine,
    customer_id: int,
    actor: Actor,
    source: str,
    items: Collection[int] | None = None,
) -> LegalCase:
    """Open a legal case about these items (None: all that is overdue in the currency in which most is); the caller
    commits. Raises Conflict when one is open for the customer, NothingToClaim, NotFound, MissingRate."""
    # Two starts at once queue up here: the second sees what the first has begun.
    customer = session.scalar(
        select(Customer).where(Customer.id == customer_id).with_for_update(key_share=True)
    )
    if customer is None:
        raise NotFound(_("There is no such customer, or it is not yours to see."))
    known = open_legal_case(session, customer_id)
    if known is not None:
        raise Conflict(_("The legal case %(number)s of this customer is open already.", number=known.number))
    today = today_of(session)
    claimed = _claimable(session, customer_id, today, items)
    amount = sum((row.open_amount for row in claimed), Decimal(0))
    case = LegalCase(
        number=next_case_number(session, PROCESS, today.year), customer_id=customer_id, status="assessment",
        amount=amount, currency=claimed[0].currency, made_by=actor.person_id, created_at=clock.now(),
        started_on=today, country=customer.country or "", seen_open=amount,
    )  # fmt: skip
    case.items = [LegalCaseItem(item_id=row.item_id, amount=row.open_amount) for row in claimed]
    case.events = [
        LegalEvent(
            kind="started", happened_on=today, amount=amount, made_by=actor.person_id, created_at=clock.now()
        )
    ]
    session.add(case)
    session.flush()
    rest = engine.start(session, PROCESS, case.id, {"case_id": case.id}, actor, source)
    case.instance_id = rest.instance_id
    session.flush()
    return case


def start_asked(session: Session, engine: Engine, facts: Mapping[str, Any]) -> str:
    """What another process's step asked for: `customer_id`, and `items` and `actor` (a person's id) where it knows
    them. Asked twice it starts nothing new while a case is open; returns the number of the case."""
    customer_id = int(facts["customer_id"])
    known = open_legal_case(session, customer_id)
    if known is not None:
        return known.number
    actor = Actor(int(facts["actor"])) if facts.get("actor") else SYSTEM
    try:
        return start(
            session, engine, customer_id, actor, str(facts.get("source", "process")), facts.get("items")
        ).number
    except NothingToClaim as nothing:
        return nothing.sentence


def today_of(session: Session) -> date:
    """The company's date."""
    return day_in_zone(clock.now(), the_company(session).time_zone)


# --- jobs ---------------------------------------------------------------------------------------------------------


def paid_cases(session: Session) -> list[int]:
    """The open legal cases of whose claimed items another amount is open than when somebody last decided on it."""
    left = func.sum(ItemBalance.open_amount)
    query = (
        select(LegalCase.id)
        .join(LegalCaseItem, LegalCaseItem.case_id == LegalCase.id)
        .join(ItemBalance, ItemBalance.item_id == LegalCaseItem.item_id)
        .where(LegalCase.ended_on.is_(None), LegalCase.instance_id.is_not(None))
        .group_by(LegalCase.id)
        .having(left != LegalCase.seen_open)
        .order_by(LegalCase.id)
    )
    return list(session.scalars(query))


def tell_of_payment(session: Session, engine: Engine, case_id: int) -> bool:
    """Send a case the message that its debt was paid, wholly or in part; the caller commits. Returns whether it heard:
    one that waits for a decision about an earlier payment is told once that is made.

    What was opened again, as by a receipt that bounced, asks nothing of anybody: the claim stands as it was.
    """
    case = session.get(LegalCase, case_id, with_for_update=True)
    if case is None or case.ended_on is not None or case.instance_id is None:
        return False
    left = still_open(session, case)
    if left >= case.seen_open:
        case.seen_open = left
        return False
    try:
        engine.send(session, case.instance_id, MESSAGE, SYSTEM, "job:tell_legal_cases", before=note_payment)
    except NotWaiting:
        return False
    case.seen_open = left
    return True


def warn_today(session: Session) -> int:
    """Queue the warnings of legal dates that today owes; the caller commits. Returns of how many dates."""
    if session.get(Company, 1) is None:
        return 0
    return warn(session, today_of(session))


# --- inside -------------------------------------------------------------------------------------------------------


def _claimable(
    session: Session, customer_id: int, today: date, items: Collection[int] | None
) -> Sequence[ItemBalance]:
    query = (
        select(ItemBalance)
        .where(
            ItemBalance.customer_id == customer_id,
            ItemBalance.kind != "credit_note",
            ItemBalance.open_amount > 0,
            ItemBalance.due_date < today,
        )
        .order_by(ItemBalance.due_date, ItemBalance.item_id)
    )
    if items is not None:
        query = query.where(ItemBalance.item_id.in_(items))
    rows = session.scalars(query).all()
    if items is not None and {row.item_id for row in rows} != set(items):
        raise NothingToClaim(
            _("Claim debts of this customer that are overdue and still open; one of these is not.")
        )
    sums: dict[str, Decimal] = {}
    for row in rows:
        sums[row.currency] = sums.get(row.currency, Decimal(0)) + row.open_amount
    if not sums:
        raise NothingToClaim(_("Nothing of this customer is overdue; there is no debt to claim at law."))
    if len(sums) > 1 and items is not None:
        raise NothingToClaim(_("A legal case claims debts in one currency; open one for each."))
    base = the_company(session).base_currency
    largest = max(sums, key=lambda code: (convert(session, sums[code], code, base, today), code))
    return [row for row in rows if row.currency == largest]
