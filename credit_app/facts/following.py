"""Who follows an application: watchers, and the days on which somebody wants to come back to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from credit_app.domain.status import DECIDED
from credit_app.models import CreditApplication, Customer, FollowUp, Watch


@dataclass(frozen=True, slots=True)
class Watched:
    """What narrows the list of watched applications: also the ended ones; only those to come back to by a day."""

    ended: bool = False
    follow_up_by: date | None = None
    before: int | None = None


def watch(session: Session, person_id: int, application_id: int) -> None:
    """Let a person follow an application; twice is the same."""
    row = insert(Watch).values(person_id=person_id, application_id=application_id)
    session.execute(row.on_conflict_do_nothing())


def unwatch(session: Session, person_id: int, application_id: int) -> None:
    """End that."""
    session.execute(delete(Watch).where(Watch.person_id == person_id, Watch.application_id == application_id))


def watches(session: Session, person_id: int, application_id: int) -> bool:
    """Whether a person follows an application."""
    return session.get(Watch, (person_id, application_id)) is not None


def watched_ids(session: Session, person_id: int, narrowed: Watched, limit: int) -> list[int]:
    """Ids of the applications a person follows, the newest application first."""
    query = select(Watch.application_id).where(Watch.person_id == person_id)
    if narrowed.before is not None:
        query = query.where(Watch.application_id < narrowed.before)
    if narrowed.follow_up_by is not None:
        query = query.where(
            Watch.application_id.in_(
                select(FollowUp.application_id).where(
                    FollowUp.person_id == person_id,
                    FollowUp.done_at.is_(None),
                    FollowUp.on_day <= narrowed.follow_up_by,
                )
            )
        )
    if not narrowed.ended:
        query = query.join(CreditApplication, CreditApplication.id == Watch.application_id).where(
            CreditApplication.status.not_in(DECIDED)
        )
    return list(session.scalars(query.order_by(Watch.application_id.desc()).limit(limit)))


def follow_up(session: Session, person_id: int, application_id: int, on_day: date, note: str) -> None:
    """Note a day to come back on; whoever wants to come back also watches."""
    session.add(FollowUp(person_id=person_id, application_id=application_id, on_day=on_day, note=note))
    watch(session, person_id, application_id)


def open_follow_ups(session: Session, person_id: int, application_ids: Sequence[int]) -> list[FollowUp]:
    """A person's open follow-ups of some applications, the next first."""
    query = select(FollowUp).where(
        FollowUp.application_id.in_(application_ids),
        FollowUp.person_id == person_id,
        FollowUp.done_at.is_(None),
    )
    return list(session.scalars(query.order_by(FollowUp.on_day, FollowUp.id)))


def follow_ups_due(
    session: Session, person_id: int, day: date, limit: int = 25
) -> list[tuple[FollowUp, CreditApplication, str | None]]:
    """What a person wanted to come back to by that day, the oldest first: with the application and its customer."""
    query = (
        select(FollowUp, CreditApplication, Customer.name)
        .join(CreditApplication, CreditApplication.id == FollowUp.application_id)
        .outerjoin(Customer, Customer.id == CreditApplication.customer_id)
        .where(FollowUp.person_id == person_id, FollowUp.done_at.is_(None), FollowUp.on_day <= day)
        .order_by(FollowUp.on_day, FollowUp.id)
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def count_due(session: Session, person_id: int, day: date) -> int:
    """How many follow-ups of a person are due."""
    query = select(func.count()).where(
        FollowUp.person_id == person_id, FollowUp.done_at.is_(None), FollowUp.on_day <= day
    )
    return int(session.scalar(query) or 0)
