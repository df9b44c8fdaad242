"""The day's digest of a person: open tasks, what is overdue, mentions, follow-ups, and mails left for it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, BigInteger, cast, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from credit_app.domain.dates import BusinessCalendar
from credit_app.domain.notices import BOTH, DIGEST
from credit_app.domain.policy_values import time_of
from credit_app.facts import following
from credit_app.facts.people import lanes_of
from credit_app.facts.subjects import APPLICATION, application_ids_in, kind_of
from credit_app.models import (
    Comment,
    Company,
    CreditApplication,
    DigestSent,
    FollowUp,
    Person,
    holidays,
    policy_values,
)
from workflows import inbox, outbox
from workflows.inbox import InboxRow
from workflows.tables import Outbox

MOST = 20
FIRST_LOOK_BACK = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Digest:
    """What the mail lists; tasks with their applications, `left` the subjects of mails that did not leave at once."""

    mine: list[tuple[InboxRow, CreditApplication | None]]
    groups: list[tuple[InboxRow, CreditApplication | None]]
    mine_count: int
    groups_count: int
    overdue: int
    follow_ups: list[tuple[FollowUp, CreditApplication, str | None]]
    mentions: list[Comment]
    left: list[str]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.mine or self.groups or self.follow_ups or self.mentions or self.left)


def people_due(session: Session, now: datetime) -> tuple[date, list[int]]:
    """The company's day, and who still gets its digest: on a working day from the policy's hour on, once a person."""
    company = session.get(Company, 1)
    if company is None:
        return now.date(), []
    local = now.astimezone(ZoneInfo(company.time_zone))
    day, values = local.date(), policy_values(session, local.date())
    calendar = BusinessCalendar.from_policy(values, holidays(session))
    if not calendar.is_business_day(day) or local.time() < time_of(values, "notices.digest_at"):
        return day, []
    told = select(DigestSent.person_id).where(DigestSent.day == day)
    query = select(Person.id).where(Person.active, Person.notices.in_((DIGEST, BOTH)), Person.id.not_in(told))
    return day, list(session.scalars(query.order_by(Person.id)))


def post(session: Session, person_id: int, day: date, now: datetime) -> bool:
    """Queue the day's digest for a person; False when another worker has, or there is nothing to tell."""
    since = session.scalar(
        select(DigestSent.created_at)
        .where(DigestSent.person_id == person_id)
        .order_by(DigestSent.day.desc())
        .limit(1)
    )
    row = insert(DigestSent).values(person_id=person_id, day=day, created_at=now).on_conflict_do_nothing()
    if session.execute(row.returning(DigestSent.person_id)).first() is None:
        return False
    person = session.get_one(Person, person_id)
    since = since or now - FIRST_LOOK_BACK
    if digest_of(session, person, day, since, now).empty:
        return False
    facts = {"digest_day": day.isoformat(), "digest_since": since.isoformat()}
    outbox.queue(session, f"digest:{person_id}:{day}", "mail", f"person:{person_id}", "digest", facts)
    return True


def digest_of(session: Session, person: Person, day: date, since: datetime, now: datetime) -> Digest:
    """What stands in a person's digest as of `now`: what is open, and what came since the last one."""
    lanes = lanes_of(session, person, day)
    mine = inbox.mine(session, person.id, "due", limit=MOST)
    groups = inbox.of_groups(session, person.id, lanes, "due", limit=MOST)
    late = inbox.Filters(overdue_at=now)
    overdue = inbox.mine(session, person.id, "due", limit=inbox.COUNT_CAP, filters=late)
    overdue += inbox.of_groups(session, person.id, lanes, "due", limit=inbox.COUNT_CAP, filters=late)
    known = applications(session, application_ids_in((*mine, *groups)))
    return Digest(
        [(row, about(row, known)) for row in mine],
        [(row, about(row, known)) for row in groups],
        inbox.count_mine(session, person.id),
        inbox.count_groups(session, person.id, lanes),
        len(overdue),
        following.follow_ups_due(session, person.id, day, MOST),
        mentions(session, person.id, since),
        left(session, person.id, since),
    )


def about(row: InboxRow, known: dict[int, CreditApplication]) -> CreditApplication | None:
    """The application that a task is about; None when it is about something else."""
    return known.get(row.subject_id) if kind_of(row.process) == APPLICATION else None


def applications(session: Session, ids: set[int]) -> dict[int, CreditApplication]:
    """Applications by id, with their customers."""
    query = select(CreditApplication).where(CreditApplication.id.in_(ids))
    return {row.id: row for row in session.scalars(query.options(joinedload(CreditApplication.customer)))}


def mentions(session: Session, person_id: int, since: datetime) -> list[Comment]:
    """The newest comments that told the person since then."""
    query = (
        select(Comment)
        .where(Comment.mentions.op("@>")(cast([person_id], ARRAY(BigInteger))), Comment.created_at > since)
        .options(joinedload(Comment.author))
        .order_by(Comment.id.desc())
        .limit(MOST)
    )
    return list(session.scalars(query))


def left(session: Session, person_id: int, since: datetime) -> list[str]:
    """The subjects of the mails that waited for the digest since then; mentions stand by themselves."""
    query = (
        select(Outbox.sent_text)
        .where(
            Outbox.recipient == f"person:{person_id}",
            Outbox.state == "digest",
            Outbox.created_at > since.astimezone(UTC),
            Outbox.template != "mentioned",
        )
        .order_by(Outbox.id.desc())
        .limit(MOST)
    )
    return [(words or "").partition("\n")[0] for words in session.scalars(query)]
