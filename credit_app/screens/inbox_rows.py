"""Open tasks as lists show them: what is asked, about whom, how much, since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flask import current_app
from sqlalchemy import ColumnElement, select

from credit_app.db import db
from credit_app.facts.bulk import bulk_policy
from credit_app.models import CreditApplication, Person
from credit_app.screens import visible
from credit_app.screens.access import person
from credit_app.screens.acting import own_lanes
from credit_app.screens.clock import today
from credit_app.screens.customers import grades
from credit_app.screens.process_words import node_name
from credit_app.screens.subjects import Subject, key_of, subjects_of
from credit_app.screens.task_access import is_personal
from workflows import inbox
from workflows.inbox import InboxRow

MOST_ON_START = 8


@dataclass(frozen=True)
class Row:
    """One task as a list shows it."""

    id: int
    process: str
    node: str
    what: str
    subject: Subject | None
    grade: str | None
    role: str
    opened_at: datetime
    due_at: datetime | None
    claimed_by: int | None
    is_personal: bool = False

    @property
    def application(self) -> CreditApplication | None:
        """The credit application, where the task is about one."""
        return self.subject.application if self.subject else None

    @property
    def number(self) -> str:
        """The number of what it is about."""
        return self.subject.number if self.subject else ""

    @property
    def name(self) -> str:
        """About whom."""
        return self.subject.name if self.subject else ""

    @property
    def amount(self) -> Decimal | None:
        """The amount in question."""
        return self.subject.amount if self.subject else None

    @property
    def currency(self) -> str | None:
        """The currency of the amount."""
        return self.subject.currency if self.subject else None

    @property
    def asked_by(self) -> str:
        """Who asked for it."""
        return self.subject.asked_by if self.subject else "–"


def applications_of(
    ids: Sequence[int], condition: ColumnElement[bool] | None = None
) -> dict[int, CreditApplication]:
    """Return the applications behind tasks, by id; only those under a condition when one is given."""
    query = select(CreditApplication).where(CreditApplication.id.in_(set(ids))).options(*visible.WITH_NAMES)
    if condition is not None:
        query = query.where(condition)
    return {row.id: row for row in db.session.scalars(query)}


def decorated(rows: Sequence[InboxRow]) -> list[Row]:
    """Return the rows with customer, grade, amount and name of the task."""
    subjects = subjects_of(db.session(), rows)
    applications = [one.application for one in subjects.values() if one.application is not None]
    letters = grades([one.customer_id for one in applications if one.customer_id])
    return [one_row(row, subjects.get(key_of(row)), letters) for row in rows]


def one_row(row: InboxRow, subject: Subject | None, letters: dict[int, str]) -> Row:
    """Return one row."""
    application = subject.application if subject else None
    return Row(
        id=row.id,
        process=row.process,
        node=row.node,
        what=node_name(row.process, row.node),
        subject=subject,
        grade=letters.get(application.customer_id) if application and application.customer_id else None,
        role=row.role,
        opened_at=row.opened_at,
        due_at=row.due_at,
        claimed_by=row.claimed_by,
        is_personal=is_personal(row.process, row.node),
    )


def tickable(rows: Sequence[Row]) -> set[int]:
    """Return the ids of the rows that policy lets decide several at a time, as far as the list can tell."""
    registry = current_app.extensions["registry"]
    kinds = [row for row in rows if hasattr(registry.step(row.process, row.node), "bulk")]
    levels = bulk_policy(db.session(), today()).levels if kinds else frozenset()
    return {row.id for row in kinds if row.role in levels}


def first_tasks(me: Person) -> list[Row]:
    """Return the first tasks for the start page: own ones, then the groups'."""
    session = db.session()
    own = inbox.mine(session, me.id, "due", None, MOST_ON_START)
    left = MOST_ON_START - len(own)
    lanes = own_lanes(me) if left else []
    others = inbox.of_groups(session, me.id, lanes, "oldest", None, left) if left else []
    return decorated([*own, *others])


def preview_rows(task_id: int) -> list[Row]:
    """Return a task that stands in one of the person's lists, then the other open tasks of the same case.

    Empty when it is gone or not in their lists.
    """
    session, me = db.session(), person()
    task = inbox.task(session, task_id)
    if task is None or me.id in task.excluded:
        return []
    if task.claimed_by != me.id and (task.role, task.scope or 0) not in own_lanes(me):
        return []
    others = [row for row in inbox.of_instance(session, task.instance_id) if row.id != task_id]
    return decorated([task, *others])
