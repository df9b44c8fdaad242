"""A placement with a collection agency under way: the agencies and debts to choose from, and what was recovered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, selectinload

from credit_app.domain.agencies import AgencyPolicy, FeeBand, fee_of, percent_of
from credit_app.domain.money import format_amount
from credit_app.facts.deadlines import close_of
from credit_app.facts.ledger import OWN_SOURCE
from credit_app.i18n import _, written_day
from credit_app.models import (
    ItemBalance,
    OpenItem,
    Receipt,
    ReceivableItem,
    convert,
    open_items,
    policy_values,
    the_company,
)
from credit_app.models.agencies import (
    RUNNING_PLACEMENTS,
    Agency,
    AgencyPlacement,
    AgencyRecovery,
    PlacementItem,
)
from workflows import Action, Conflict, InvalidAnswer, NotFound

LEAST_WORDS = 5


def placement_of(action: Action) -> AgencyPlacement:
    """The placement that a process is about. Raises NotFound."""
    found = action.session.get(AgencyPlacement, action.subject_id)
    if found is None:
        raise NotFound(_("There is no such placement, or it is not yours to see."))
    return found


def locked(action: Action, *statuses: str) -> AgencyPlacement:
    """The placement, held until the commit. Raises Conflict when it is in none of these statuses any more."""
    found = placement_of(action)
    action.session.refresh(found, with_for_update=True)
    if found.status not in statuses:
        raise Conflict(_("This placement was dealt with already."))
    return found


def running_of(session: Session, customer_id: int) -> AgencyPlacement | None:
    """The placement of a customer's debts that is under way."""
    query = select(AgencyPlacement).where(
        AgencyPlacement.customer_id == customer_id, AgencyPlacement.status.in_(RUNNING_PLACEMENTS)
    )
    return session.scalar(query)


def policy_of(session: Session, day: date) -> AgencyPolicy:
    """The policy of `day`."""
    return AgencyPolicy.from_policy(policy_values(session, day))


# --- agencies and debts to choose from -----------------------------------------------------------------------------


def agencies_for(session: Session, country: str | None, day: date) -> list[Agency]:
    """The agencies that may take debts in a country, the best score first."""
    query = (
        select(Agency)
        .where(Agency.active, or_(Agency.contract_ends_on.is_(None), Agency.contract_ends_on >= day))
        .options(selectinload(Agency.fees))
        .order_by(Agency.score.desc().nulls_last(), Agency.name)
    )
    found = session.scalars(query).all()
    return [one for one in found if not one.countries or (country or "") in one.countries.split()]


def bands_of(agency: Agency) -> list[FeeBand]:
    """The fee scale of an agency."""
    return [FeeBand(row.up_to_days, row.up_to_amount, row.percent) for row in agency.fees]


def overdue_of(session: Session, customer_id: int, day: date) -> list[OpenItem]:
    """The overdue debts of a customer, oldest first."""
    return [
        item
        for item in open_items(session, [customer_id], day)
        if item.kind != "credit_note" and item.days_overdue > 0
    ]


@dataclass(frozen=True, slots=True)
class Offer:
    """What an agency would ask for the debts of one currency, were all of them recovered."""

    agency: Agency
    currency: str
    amount: Decimal
    fee: Decimal


def offers(agencies: Iterable[Agency], items: Sequence[OpenItem]) -> list[Offer]:
    """The fee estimate of each agency over all debts that can be placed, by currency."""
    free = [item for item in items if not item.disputed]
    found = []
    for agency in agencies:
        bands = bands_of(agency)
        for code in sorted({item.currency for item in free}):
            mine = [item for item in free if item.currency == code]
            fees = (
                fee_of(item.open_amount, percent_of(bands, item.days_overdue, item.open_amount))
                for item in mine
            )
            found.append(
                Offer(agency, code, sum((one.open_amount for one in mine), Decimal(0)), sum(fees, Decimal(0)))
            )
    return found


def choose(
    action: Action, placement: AgencyPlacement, agency_id: int | None, item_ids: Sequence[int]
) -> None:
    """Place these debts with an agency: what is open of each, the fee, and who approves.

    Raises InvalidAnswer: no agency for this country, or a debt that is paid, disputed, placed already or in another
    currency.
    """
    session, day = action.session, action.today
    offered = agencies_for(session, placement.customer.country, day)
    agency = next((one for one in offered if one.id == agency_id), None)
    if agency is None:
        raise InvalidAnswer("agency", _("Choose one of the agencies that work in this country."))
    items = _to_place(session, placement, item_ids, day)
    bands = bands_of(agency)
    placement.items.clear()
    session.flush()
    for item in items:
        percent = percent_of(bands, item.days_overdue, item.open_amount)
        placement.items.append(PlacementItem(item_id=item.item_id, amount=item.open_amount, percent=percent))
    placement.agency_id, placement.currency = agency.id, items[0].currency
    placement.amount = sum((item.open_amount for item in items), Decimal(0))
    placement.fee_estimate = sum((fee_of(row.amount, row.percent) for row in placement.items), Decimal(0))
    worth = convert(session, placement.amount, items[0].currency, the_company(session).base_currency, day)
    placement.level = policy_of(session, day).approver(worth)
    session.flush()


def _to_place(
    session: Session, placement: AgencyPlacement, item_ids: Sequence[int], day: date
) -> list[OpenItem]:
    known = {item.item_id: item for item in overdue_of(session, placement.customer_id, day)}
    if not item_ids:
        raise InvalidAnswer("items", _("Choose at least one debt."))
    for number in item_ids:
        item = known.get(number)
        if item is None:
            raise InvalidAnswer(
                "items", _("Only debts of this customer that are open and overdue are placed.")
            )
        if item.disputed:
            raise InvalidAnswer(
                "items",
                _("%(number)s is disputed; settle the dispute before it is placed.", number=item.number),
            )
    items = [known[number] for number in dict.fromkeys(item_ids)]
    if len({item.currency for item in items}) > 1:
        raise InvalidAnswer("items", _("Debts of one currency are placed at a time."))
    return items


# --- running -------------------------------------------------------------------------------------------------------


def next_report(action: Action, days: int) -> datetime:
    """Expect the next report in so many calendar days; returns the instant at which it is asked for."""
    placement = placement_of(action)
    placement.report_due_on = action.today + timedelta(days=days)
    return close_of(action.session, placement.report_due_on, action.today)


def open_of(session: Session, placement: AgencyPlacement) -> Decimal:
    """What is open now of the debts that are placed."""
    return sum(open_by_item(session, placement).values(), Decimal(0))


def open_by_item(session: Session, placement: AgencyPlacement) -> dict[int, Decimal]:
    """What is open now of each debt that is placed, by item."""
    ids = [row.item_id for row in placement.items]
    query = select(ItemBalance).where(ItemBalance.item_id.in_(ids))
    return {
        row.item_id: row.open_amount
        for row in session.scalars(query.execution_options(populate_existing=True))
    }


def take_payments_off(session: Session, placement: AgencyPlacement) -> None:
    """Lower what is placed to what is still open, and the fee with it; a debt that is paid is placed no more.

    A payment that was taken back does not raise it: more than was chosen is never handed over. Raises Conflict when
    nothing is open any more.
    """
    now_open = open_by_item(session, placement)
    for row in list(placement.items):
        row.amount = min(row.amount, now_open.get(row.item_id, Decimal(0)))
        if row.amount <= 0:
            placement.items.remove(row)
    if not placement.items:
        raise Conflict(_("All debts of this placement are paid; it ends by itself in a moment."))
    placement.amount = sum((row.amount for row in placement.items), Decimal(0))
    placement.fee_estimate = sum((fee_of(row.amount, row.percent) for row in placement.items), Decimal(0))
    session.flush()


def recovered_of(placement: AgencyPlacement) -> Decimal:
    """What the agency has recovered so far, as it says."""
    return sum((row.amount for row in placement.recoveries), Decimal(0))


def receipts_of(session: Session, placement: AgencyPlacement) -> Sequence[Receipt]:
    """The customer's receipts since the documents went over that no recovery is tied to yet, newest first."""
    tied = exists().where(AgencyRecovery.receipt_id == Receipt.id)
    query = (
        select(Receipt)
        .where(
            Receipt.customer_id == placement.customer_id,
            Receipt.currency == placement.currency,
            Receipt.received_on >= (placement.handed_on or date.max),
            ~tied,
        )
        .order_by(Receipt.received_on.desc(), Receipt.id.desc())
        .limit(50)
    )
    return session.scalars(query).all()


def check_recovery(
    session: Session, placement: AgencyPlacement, on: date | None, amount: Decimal | None, fee: Decimal, today: date,
    receipt: Receipt | None,
) -> None:  # fmt: skip
    """Refuse a recovery that cannot be. Raises InvalidAnswer naming the field."""
    handed = placement.handed_on or today
    if on is None or not handed <= on <= today:
        raise InvalidAnswer(
            "recovered_on",
            _(
                "Give a day from %(first)s, when the debts were handed over, to today.",
                first=written_day(handed),
            ),
        )
    if amount is None or amount <= 0:
        raise InvalidAnswer("amount", _("Give an amount above zero."))
    # Money that has come has paid the debts already; what the agency still holds has not.
    left = (placement.amount or Decimal(0)) - recovered_of(placement)
    left = left if receipt is not None else min(left, open_of(session, placement))
    if amount > left:
        raise InvalidAnswer(
            "amount",
            _(
                "Only %(left)s is left of the debts that are placed.",
                left=f"{placement.currency} {format_amount(left)}",
            ),
        )
    if receipt is not None and amount > receipt.amount:
        raise InvalidAnswer(
            "amount", _("The receipt is of %(amount)s.", amount=format_amount(receipt.amount))
        )
    if not 0 <= fee <= amount:
        raise InvalidAnswer("fee", _("A fee is from 0 to 100 per cent of what is recovered."))


def charge(
    session: Session, placement: AgencyPlacement, fee: Decimal, today: date, made_by: int, instant: datetime
) -> ReceivableItem:
    """Ask the debtor for the agency's fee. Raises InvalidAnswer where the law does not let us."""
    if placement.customer.country not in policy_of(session, today).chargeable:
        raise InvalidAnswer("chargeable", _("In this country the debtor does not owe the fee of an agency."))
    if fee <= 0:
        raise InvalidAnswer("chargeable", _("There is no fee to charge."))
    number = f"{placement.number}-{len(placement.recoveries) + 1}"
    item = ReceivableItem(
        source=OWN_SOURCE, external_id=f"agency:{number}", customer_id=placement.customer_id, kind="cost",
        number=number, document_date=today, due_date=today, amount=fee, currency=placement.currency or "",
        made_by=made_by, created_at=instant,
    )  # fmt: skip
    session.add(item)
    session.flush()
    return item
