"""What a collector has at hand while speaking with a debtor: what is owed, what was said, and whom to speak with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.models import (
    CollectionCase,
    CollectionContact,
    CollectionMove,
    Contact,
    OpenItem,
    open_items,
    unallocated_amounts,
)

MOST_CONTACTS = 10


@dataclass(frozen=True, slots=True)
class CallSheet:
    """`overdue` and `not_due` oldest first; `on_account` is money that pays nothing yet, by currency."""

    overdue: Sequence[OpenItem]
    not_due: Sequence[OpenItem]
    on_account: Sequence[tuple[Decimal, str]]
    people: Sequence[Contact]
    contacts: Sequence[CollectionContact]
    moves: Sequence[CollectionMove]


def call_sheet(session: Session, case: CollectionCase, day: date) -> CallSheet:
    """The sheet of a case as of a day."""
    items = open_items(session, [case.customer_id], day)
    people = select(Contact).where(Contact.customer_id == case.customer_id).order_by(Contact.id)
    said = select(CollectionContact).where(CollectionContact.customer_id == case.customer_id)
    said = said.order_by(CollectionContact.made_at.desc(), CollectionContact.id.desc()).limit(MOST_CONTACTS)
    moves = select(CollectionMove).where(CollectionMove.case_id == case.id).order_by(CollectionMove.id.desc())
    return CallSheet(
        [item for item in items if item.days_overdue > 0],
        [item for item in items if item.days_overdue <= 0],
        [(amount, code) for _id, code, amount in unallocated_amounts(session, [case.customer_id], day)],
        session.scalars(people).all(),
        session.scalars(said).all(),
        session.scalars(moves).all(),
    )
