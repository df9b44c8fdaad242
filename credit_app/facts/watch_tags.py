"""What collection watches about a customer: set and taken away with who, when and why."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from credit_app.domain.worklist import WATCH_TAGS
from credit_app.i18n import _
from credit_app.models.worklist import WatchTag
from workflows import Conflict, InvalidAnswer, clock

LEAST_REASON = 5


def tags_of(session: Session, customer_ids: Iterable[int]) -> dict[int, list[WatchTag]]:
    """The tags that are set, by customer, in the order in which they were set."""
    query = (
        select(WatchTag)
        .where(WatchTag.customer_id.in_(list(customer_ids)), WatchTag.ended_at.is_(None))
        .options(joinedload(WatchTag.maker))
        .order_by(WatchTag.id)
    )
    found: dict[int, list[WatchTag]] = {}
    for row in session.scalars(query):
        found.setdefault(row.customer_id, []).append(row)
    return found


def set_tag(
    session: Session,
    customer_id: int,
    tag: str,
    reason: str,
    person_id: int | None,
    now: datetime | None = None,
) -> WatchTag:
    """Set a tag; None as `person_id` is the system. Raises InvalidAnswer, Conflict when it is set already."""
    if tag not in WATCH_TAGS:
        raise InvalidAnswer("tag", _("Choose one of the tags."))
    if len(reason.strip()) < LEAST_REASON:
        raise InvalidAnswer("reason", _("Say in a few words why the customer is watched."))
    if any(one.tag == tag for one in tags_of(session, [customer_id]).get(customer_id, ())):
        raise Conflict(_("This tag is set already."))
    row = WatchTag(
        customer_id=customer_id,
        tag=tag,
        reason=reason.strip(),
        made_by=person_id,
        created_at=now or clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def end_tag(session: Session, row: WatchTag, person_id: int) -> None:
    """Take a tag away; the row stays. Raises Conflict when it was taken away already."""
    session.refresh(row, with_for_update={"of": WatchTag})
    if row.ended_at is not None:
        raise Conflict(_("This tag was taken away already."))
    row.ended_at, row.ended_by = clock.now(), person_id
    session.flush()
