"""The collection case of a customer: the open one, who works it, what was said, and what may move it."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from credit_app.i18n import _
from credit_app.models import (
    CollectionCase,
    CollectionContact,
    CollectionMove,
    CollectionSignal,
    Customer,
    Person,
    PersonRole,
)
from credit_app.models.once import once
from credit_app.models.together import add_row
from workflows import Action, NotFound, clock

ROLE = "collector"


@once
def open_case(session: Session, customer_id: int) -> CollectionCase | None:
    """The customer's open case."""
    query = select(CollectionCase).where(
        CollectionCase.customer_id == customer_id, CollectionCase.status == "open"
    )
    return session.scalar(query)


def open_cases(session: Session, customer_ids: Iterable[int]) -> dict[int, CollectionCase]:
    """The open cases of these customers as they stand now, by customer."""
    query = select(CollectionCase).where(
        CollectionCase.customer_id.in_(list(customer_ids)), CollectionCase.status == "open"
    )
    found = session.scalars(query.execution_options(populate_existing=True))
    return {case.customer_id: case for case in found}


def is_over(session: Session, case_id: int | None) -> bool:
    """Whether the case that asks for something has ended meanwhile."""
    case = session.get(CollectionCase, case_id) if case_id is not None else None
    return case is not None and case.status != "open"


def case_of(action: Action) -> CollectionCase:
    """The case that a process of collection is about. Raises NotFound."""
    found = action.session.get(CollectionCase, action.subject_id)
    if found is None:
        raise NotFound(_("There is no such case, or it is not yours to see."))
    return found


def signal(session: Session, customer_id: int, cause: str) -> None:
    """Have the customer's case looked at by the worker, at once; `cause` is one of MOVE_CAUSES."""
    session.add(CollectionSignal(customer_id=customer_id, cause=cause))
    session.flush()


def move_of(
    case: CollectionCase,
    target: str | None,
    cause: str,
    day: date,
    note: str = "",
    made_by: int | None = None,
    *,
    first: bool = False,
    proposed: bool = False,
) -> CollectionMove:
    """The move of a case to `target` (None: it ends), to be added before the case itself is changed."""
    days = (day - case.oldest_due).days if case.oldest_due is not None else None
    return CollectionMove(
        case_id=case.id,
        from_stage=None if first else case.stage,
        to_stage=target,
        proposed=proposed,
        moved_on=day,
        cause=cause,
        days_overdue=days,
        amount=case.amount or Decimal(0),
        note=note,
        made_by=made_by,
        created_at=clock.now(),
    )


def log_contact(
    session: Session,
    customer_id: int,
    channel: str,
    outcome: str,
    *,
    direction: str = "out",
    reason_code: str | None = None,
    reached: str = "",
    note: str = "",
    follow_up_on: date | None = None,
    document_id: int | None = None,
    made_by: int | None = None,
    outbox_key: str | None = None,
) -> CollectionContact:
    """Add what was tried or said to the customer's log; None as `made_by` is the system. The caller commits.

    `outbox_key` names what was queued in the outbox: it is `sent` only once that has left.
    """
    case = open_case(session, customer_id)
    now = clock.now()
    row = CollectionContact(
        customer_id=customer_id,
        case_id=case.id if case is not None else None,
        made_at=now,
        channel=channel,
        direction=direction,
        outcome=outcome,
        reason_code=reason_code,
        reached=reached,
        note=note,
        follow_up_on=follow_up_on,
        document_id=document_id,
        outbox_key=outbox_key,
        made_by=made_by,
        created_at=now,
    )
    add_row(session, row)
    return row


class Collectors:
    """Who works new cases: whoever worked the customer's last one, else the collector of its branch with the fewest
    open cases. Reads what it needs once, and counts what it gives out."""

    def __init__(self, session: Session, customer_ids: Iterable[int]) -> None:
        people = (
            select(Person.id, PersonRole.branch_id)
            .join(PersonRole, PersonRole.person_id == Person.id)
            .where(Person.active, PersonRole.role == ROLE)
        )
        self.branches: dict[int, set[int | None]] = {}
        for person_id, branch_id in session.execute(people):
            self.branches.setdefault(person_id, set()).add(branch_id)
        load = (
            select(CollectionCase.collector_id, func.count())
            .where(CollectionCase.status == "open", CollectionCase.collector_id.is_not(None))
            .group_by(CollectionCase.collector_id)
        )
        self.cases: Counter[int | None] = Counter({row[0]: row[1] for row in session.execute(load)})
        last = (
            select(CollectionCase.customer_id, CollectionCase.collector_id)
            .where(CollectionCase.customer_id.in_(list(customer_ids)))
            .order_by(CollectionCase.id)
        )
        self.last: dict[int, int | None] = {row[0]: row[1] for row in session.execute(last)}

    def give(self, customer: Customer) -> int | None:
        """The collector of a new case of the customer. None when its branch has none."""
        people = [
            one
            for one, branches in self.branches.items()
            if None in branches or customer.branch_id in branches
        ]
        before = self.last.get(customer.id)
        given = (
            before if before in people else min(people, key=lambda one: (self.cases[one], one), default=None)
        )
        if given is not None:
            self.cases[given] += 1
        return given
