"""What a collector has at hand while speaking with a debtor: what is owed, what was said, and whom to speak with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from credit_app.domain.late_interest import Interest
from credit_app.domain.policy_values import whole_of
from credit_app.domain.time_zones import SEVERAL, local_time
from credit_app.domain.worklist import script_of
from credit_app.facts.breaches import open_breaches
from credit_app.facts.contact_outcomes import outcomes_of
from credit_app.facts.late_interest import InterestRefused, interest_of
from credit_app.facts.promise_record import Promises, promises_of
from credit_app.i18n import in_chinese
from credit_app.models import (
    CollectionCase,
    CollectionContact,
    CollectionMove,
    Contact,
    ItemBalance,
    ItemMark,
    MissingRate,
    OpenItem,
    ReceivableItem,
    open_items,
    policy_values,
    unallocated_amounts,
)
from credit_app.models.performance import ContractBreach
from workflows import clock

MOST_CONTACTS = 10


@dataclass(frozen=True, slots=True)
class CallSheet:
    """`overdue` and `not_due` oldest first; `on_account` is money that pays nothing yet, by currency.

    `marks` are the parts of open items that are disputed or promised now; `promises` how those of a year ended;
    `breaches` of contracts that are not settled, by either side;
    `outcomes` what came of each contact, by id; `interest` what an invoice bears by law so far, by item, empty where a
    rate is missing. `local` is the time at the debtor now, None without a country; `by_zones` whether clocks differ
    within that country. `script` is what policy has a collector say at the stage.
    """

    overdue: Sequence[OpenItem]
    not_due: Sequence[OpenItem]
    on_account: Sequence[tuple[Decimal, str]]
    people: Sequence[Contact]
    contacts: Sequence[CollectionContact]
    outcomes: Mapping[int, str]
    moves: Sequence[CollectionMove]
    marks: Sequence[ItemMark]
    promises: Promises
    breaches: Sequence[ContractBreach]
    interest: Mapping[int, Interest]
    local: datetime | None
    by_zones: bool
    script: str

    @property
    def totals(self) -> Sequence[tuple[str, Decimal, Decimal]]:
        """By currency, in order of its code: what is overdue in all, credit notes taken off, and its late interest."""
        owed: dict[str, Decimal] = {}
        bears: dict[str, Decimal] = {}
        for item in self.overdue:
            owed[item.currency] = owed.get(item.currency, Decimal(0)) + item.open_amount
            found = self.interest.get(item.item_id)
            bears[item.currency] = bears.get(item.currency, Decimal(0)) + (
                found.amount if found else Decimal(0)
            )
        return [(code, owed[code], bears[code]) for code in sorted(owed)]


def call_sheet(session: Session, case: CollectionCase, day: date) -> CallSheet:
    """The sheet of a case as of a day."""
    items = open_items(session, [case.customer_id], day)
    people = select(Contact).where(Contact.customer_id == case.customer_id).order_by(Contact.id)
    said = select(CollectionContact).where(CollectionContact.customer_id == case.customer_id)
    said = said.order_by(CollectionContact.made_at.desc(), CollectionContact.id.desc()).limit(MOST_CONTACTS)
    contacts = session.scalars(said.options(joinedload(CollectionContact.maker))).all()
    moves = select(CollectionMove).where(CollectionMove.case_id == case.id).order_by(CollectionMove.id.desc())
    steps = session.scalars(moves.options(joinedload(CollectionMove.maker))).all()
    country = case.customer.country
    since = day - timedelta(days=whole_of(policy_values(session, day), "worklist.broken_promise_days"))
    return CallSheet(
        [item for item in items if item.days_overdue > 0],
        [item for item in items if item.days_overdue <= 0],
        [(amount, code) for _id, code, amount in unallocated_amounts(session, [case.customer_id], day)],
        session.scalars(people).all(),
        contacts,
        outcomes_of(session, contacts),
        steps,
        live_marks(session, case.customer_id, day),
        promises_of(session, case.customer_id, since),
        open_breaches(session, case.customer_id),
        _interest(session, [item.item_id for item in items if item.days_overdue > 0], country, day),
        local_time(country, clock.now()),
        country in SEVERAL,
        script_of(policy_values(session, day), _said_at(case, steps), "zh" if in_chinese() else "en")
        if case.status == "open"
        else "",
    )


def _said_at(case: CollectionCase, steps: Sequence[CollectionMove]) -> str:
    """The stage whose words hold: while the next one is only proposed, the last that has begun."""
    if not case.proposed:
        return case.stage
    begun = (step.to_stage for step in steps if step.to_stage is not None and not step.proposed)
    return next(begun, case.stage)


def live_marks(session: Session, customer_id: int, day: date) -> Sequence[ItemMark]:
    """The disputes and promises of the customer's open items that hold on a day, the oldest first."""
    ended = aliased(ItemMark)
    query = (
        select(ItemMark)
        .join(ItemMark.item)
        .join(ItemBalance, ItemBalance.item_id == ItemMark.item_id)
        .where(
            ReceivableItem.customer_id == customer_id,
            ItemBalance.open_amount > 0,
            ItemMark.ends_id.is_(None),
            or_(ItemMark.due_on.is_(None), ItemMark.due_on >= day),
            ~exists().where(ended.ends_id == ItemMark.id),
        )
        .order_by(ItemMark.id)
        .options(joinedload(ItemMark.item))
    )
    return session.scalars(query).all()


def _interest(session: Session, ids: Sequence[int], country: str | None, day: date) -> Mapping[int, Interest]:
    """Late interest by item: a rate that is missing keeps nobody from calling; the page of the interest names it."""
    try:
        return interest_of(session, ids, country, day)
    except (InterestRefused, MissingRate):
        return {}
