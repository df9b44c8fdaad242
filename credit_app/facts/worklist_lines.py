"""What the worklist shows of each case besides its score: tags, the last contact, and what to do next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, joinedload

from credit_app.domain.worklist import next_action
from credit_app.facts.contact_outcomes import outcomes_of
from credit_app.facts.contacts import settled
from credit_app.facts.watch_tags import tags_of
from credit_app.models import CollectionCase, CollectionContact, unallocated_amounts
from credit_app.models.worklist import CollectionScore, WatchTag
from workflows import inbox
from workflows.inbox import InboxRow


@dataclass(frozen=True, slots=True)
class Line:
    """A case of the worklist. `score` is None for the moment before a new case is scored; `said` is what came of the
    `last` contact; `action` is a code of domain.worklist.next_action, `task` the open one where that is "task"."""

    case: CollectionCase
    score: CollectionScore | None
    last: CollectionContact | None
    said: str | None
    tags: Sequence[WatchTag]
    action: str
    task: InboxRow | None


def lines(
    session: Session, rows: Sequence[tuple[CollectionCase, CollectionScore | None]], day: date
) -> list[Line]:
    """The lines of these cases, in their order."""
    customers = [case.customer_id for case, _score in rows]
    tasks = _tasks(session, [case for case, _score in rows])
    last, tags = last_contacts(session, customers), tags_of(session, customers)
    said, done = outcomes_of(session, last.values()), settled(session, last.values())
    free = {row[0] for row in unallocated_amounts(session, customers, day)} if customers else set()
    return [
        _line(case, score, last.get(case.customer_id), said, case.customer_id in done, tags.get(case.customer_id, []),
              tasks.get(case.instance_id or 0), case.customer_id in free, day)
        for case, score in rows
    ]  # fmt: skip


def line_of(session: Session, case: CollectionCase, day: date) -> Line:
    """The line of one case."""
    return lines(session, [(case, session.get(CollectionScore, case.id))], day)[0]


def last_contacts(session: Session, customer_ids: Sequence[int]) -> dict[int, CollectionContact]:
    """The newest contact with each customer that a person had."""
    query = (
        select(CollectionContact)
        .where(CollectionContact.customer_id.in_(customer_ids), CollectionContact.made_by.is_not(None))
        .ext(distinct_on(CollectionContact.customer_id))
        .order_by(
            CollectionContact.customer_id, CollectionContact.made_at.desc(), CollectionContact.id.desc()
        )
        .options(joinedload(CollectionContact.maker))
    )
    return {row.customer_id: row for row in session.scalars(query)}


def _tasks(session: Session, cases: Sequence[CollectionCase]) -> dict[int, InboxRow]:
    """The open task of each case's process, the oldest where there are several."""
    instances = [case.instance_id for case in cases if case.instance_id is not None]
    found: dict[int, InboxRow] = {}
    for task in inbox.of_instances(session, instances):
        found.setdefault(task.instance_id, task)
    return found


def _line(
    case: CollectionCase,
    score: CollectionScore | None,
    last: CollectionContact | None,
    said: Mapping[int, str],
    is_settled: bool,
    tags: Sequence[WatchTag],
    task: InboxRow | None,
    on_account: bool,
    day: date,
) -> Line:
    action = next_action(
        task=task is not None,
        stage=case.stage,
        last_outcome=last.outcome if last is not None and not is_settled else None,
        follow_up_on=case.follow_up_on,
        on_account=on_account,
        today=day,
    )
    came = said[last.id] if last is not None else None
    return Line(case, score, last, came, tags, action, task)
