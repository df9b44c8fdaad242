"""Legal dates of every kind in one list, whoever they belong to, and the warnings ahead of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from credit_app.facts import limitation
from credit_app.facts.people import people_with, plain
from credit_app.models import CollectionCase, Customer, ItemBalance, Security
from credit_app.models.legal import LegalCase, LegalCounsel, LegalDate, LegalNotice
from workflows import clock, outbox

ROLE = "counsel"
AGO = timedelta(days=3_650)  # what passed earlier is no work any more


@dataclass(frozen=True, slots=True)
class LegalDay:
    """A legal date. `subject` names its row, table:id; `people` are the ids of the collector and counsel in charge."""

    kind: str
    due_on: date
    customer_id: int
    customer_name: str
    customer_number: str
    branch_id: int | None
    subject: str
    label: str
    amount: Decimal | None
    currency: str | None
    case_id: int | None = None
    case_number: str | None = None
    item_id: int | None = None
    people: tuple[int, ...] = ()

    def days_left(self, today: date) -> int:
        """Below zero: it has passed."""
        return (self.due_on - today).days


def legal_days(
    session: Session, day: date, until: date, customers: ColumnElement[bool] | None = None
) -> list[LegalDay]:
    """The dates on or before `until` that are not settled, also those that have passed; the first one first.

    `customers`: a condition on Customer.
    """
    where = true() if customers is None else customers
    found = [
        *_of_cases(session, until, where), *_limitations(session, day, until, where),
        *_guarantees(session, day, until, where),
    ]  # fmt: skip
    charge = in_charge(session, {one.customer_id for one in found})
    told = [_with_people(one, charge) for one in found if one.due_on >= day - AGO]
    return sorted(told, key=lambda one: (one.due_on, one.kind, one.subject))


def in_charge(session: Session, customer_ids: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """Customer id -> the collector of its open case, and who runs its open legal case: our own
    counsel, with a law firm whoever assessed it."""
    ids = list(customer_ids)
    found: dict[int, list[int]] = defaultdict(list)
    collectors = select(CollectionCase.customer_id, CollectionCase.collector_id).where(
        CollectionCase.customer_id.in_(ids),
        CollectionCase.status == "open",
        CollectionCase.collector_id.is_not(None),
    )
    person = func.coalesce(LegalCounsel.person_id, LegalCase.proposed_by)
    counsel = (
        select(LegalCase.customer_id, person)
        .outerjoin(LegalCounsel, LegalCounsel.id == LegalCase.counsel_id)
        .where(LegalCase.customer_id.in_(ids), LegalCase.ended_on.is_(None), person.is_not(None))
    )
    for query in (collectors, counsel):
        for customer_id, person_id in session.execute(query):
            found[customer_id].append(int(person_id or 0))
    return {customer_id: tuple(dict.fromkeys(people)) for customer_id, people in found.items()}


# --- warnings -----------------------------------------------------------------------------------------------------


def warn(session: Session, day: date) -> int:
    """Queue the warnings that `day` owes, one for each date and step; returns of how many dates. Run twice, it queues
    nothing the second time. The caller commits.

    Whoever is in charge gets one mail for each customer, kind and step; where nobody is, all counsel of the branch.
    """
    policy = limitation.legal_policy(session, day)
    owed: dict[tuple[int, str, int], list[int]] = defaultdict(list)
    known: dict[int, LegalDay] = {}
    warned = 0
    for one in legal_days(session, day, day + timedelta(days=policy.warnings[0])):
        step = policy.step(one.due_on, day)
        notice = _noted(session, one, step) if step is not None else None
        if notice is not None and step is not None:
            owed[one.customer_id, one.kind, step].append(notice)
            known[one.customer_id] = one
            warned += 1
    for (customer_id, kind, step), notices in owed.items():
        for person_id in _readers(session, known[customer_id]):
            key = f"legal:{day.isoformat()}:{customer_id}:{kind}:{step}:{person_id}"
            facts = {"legal_notices": notices, "step": step}
            outbox.queue(session, key, "mail", f"person:{person_id}", "legal_dates", facts)
    return warned


def warned_of(session: Session, notices: Sequence[int]) -> list[LegalNotice]:
    """The warnings with these ids, the first date first."""
    query = select(LegalNotice).where(LegalNotice.id.in_(notices)).options(joinedload(LegalNotice.customer))
    return list(session.scalars(query.order_by(LegalNotice.due_on, LegalNotice.id)))


def _noted(session: Session, one: LegalDay, step: int) -> int | None:
    """The id of the new notice; None: people were warned at this step already."""
    row = insert(LegalNotice).values(
        kind=one.kind, subject=one.subject, customer_id=one.customer_id, case_id=one.case_id, due_on=one.due_on,
        step=step, created_at=clock.now(),
    )  # fmt: skip
    return session.scalar(row.on_conflict_do_nothing(constraint="uq_legal_notice").returning(LegalNotice.id))


def _readers(session: Session, one: LegalDay) -> Sequence[int]:
    if one.people:
        return one.people
    counsel = [plain(person) for person in people_with(session, [ROLE])]
    return [
        person.person_id
        for person in counsel
        if one.branch_id is None or person.has_role(ROLE, one.branch_id)
    ]


# --- where they come from -----------------------------------------------------------------------------------------


def _of_cases(session: Session, until: date, customers: ColumnElement[bool]) -> list[LegalDay]:
    query = (
        select(LegalDate, LegalCase, Customer)
        .join(LegalCase, LegalCase.id == LegalDate.case_id)
        .join(Customer, Customer.id == LegalCase.customer_id)
        .where(LegalDate.settled_on.is_(None), LegalDate.due_on <= until, customers)
    )
    return [
        LegalDay(
            row.kind, row.due_on, customer.id, customer.name, customer.number, customer.branch_id,
            f"legal_date:{row.id}", row.note, case.amount, case.currency, case.id, case.number,
        )
        for row, case, customer in session.execute(query)
    ]  # fmt: skip


def _limitations(session: Session, day: date, until: date, customers: ColumnElement[bool]) -> list[LegalDay]:
    found = limitation.ending(session, day, until, customers)
    ids = {one.customer_id for one in found}
    rows = session.execute(select(Customer.id, Customer.branch_id).where(Customer.id.in_(ids)))
    branches = {row[0]: row[1] for row in rows}
    return [
        LegalDay(
            "limitation", one.chain.ends_on, one.customer_id, one.customer_name, one.customer_number,
            branches[one.customer_id], f"receivable_item:{one.item_id}", one.number, one.open_amount, one.currency,
            item_id=one.item_id,
        )
        for one in found
    ]  # fmt: skip


def _guarantees(session: Session, day: date, until: date, customers: ColumnElement[bool]) -> list[LegalDay]:
    """Guarantees behind debts that are overdue: the period that was agreed, else that of the law from the oldest debt
    on. A guarantor who is asked later owes nothing any more."""
    policy = limitation.legal_policy(session, day)
    oldest = (
        select(ItemBalance.customer_id, func.min(ItemBalance.due_date).label("due"))
        .where(ItemBalance.open_amount > 0, ItemBalance.kind != "credit_note", ItemBalance.due_date < day)
        .group_by(ItemBalance.customer_id)
        .subquery()
    )
    query = (
        select(Security, Customer, oldest.c.due)
        .join(Customer, Customer.id == Security.customer_id)
        .join(oldest, oldest.c.customer_id == Customer.id)
        .where(Security.kind == "guarantee", Security.status == "confirmed", customers)
    )
    found = []
    for security, customer, due in session.execute(query):
        ends = security.expires_on or policy.of(customer.country).guaranteed_until(due)
        if ends <= until:
            found.append(
                LegalDay(
                    "guarantee", ends, customer.id, customer.name, customer.number, customer.branch_id,
                    f"security:{security.id}", security.provider, security.amount, security.currency,
                )
            )  # fmt: skip
    return found


def _with_people(one: LegalDay, charge: dict[int, tuple[int, ...]]) -> LegalDay:
    people = charge.get(one.customer_id, ())
    return LegalDay(
        one.kind, one.due_on, one.customer_id, one.customer_name, one.customer_number, one.branch_id, one.subject,
        one.label, one.amount, one.currency, one.case_id, one.case_number, one.item_id, people,
    )  # fmt: skip
