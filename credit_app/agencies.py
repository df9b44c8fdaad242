"""Begins placements with collection agencies, records what they recover, and ends the placements."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from credit_app.domain.dates import day_in_zone
from credit_app.facts import agencies as facts_of
from credit_app.facts.agencies import LEAST_WORDS, running_of
from credit_app.facts.collection import open_case
from credit_app.i18n import _
from credit_app.models import (
    CollectionCase,
    Company,
    Customer,
    ItemBalance,
    Receipt,
    next_case_number,
    the_company,
)
from credit_app.models.agencies import AgencyPlacement, AgencyRecovery, PlacementItem
from workflows import SYSTEM, Action, Actor, Conflict, Engine, InvalidAnswer, NotFound, NotWaiting, clock

PROCESS = "agency_placement"
MESSAGE = "placement_over"
JOB = "job:follow_placements"
LONGEST_NOTICE = 180
BEFORE_HANDING_OVER = ("choosing", "approving", "handing")
# The agency has the documents: nothing is dropped any more, but it ends when the debts are paid.
AT_THE_AGENCY = ("running", "returning")


def today_of(session: Session) -> date:
    """The company's date."""
    return day_in_zone(clock.now(), the_company(session).time_zone)


def start(session: Session, engine: Engine, customer_id: int, actor: Actor, source: str) -> AgencyPlacement:
    """Begin a placement; the caller commits. Raises Conflict while another one runs, NotFound."""
    # Two requests at once queue up here: the second sees the first.
    held = select(Customer).where(Customer.id == customer_id).with_for_update(key_share=True)
    if session.scalar(held) is None:
        raise NotFound(_("There is no such customer, or it is not yours to see."))
    running = running_of(session, customer_id)
    if running is not None:
        raise Conflict(
            _("A placement of this customer is under way already: %(number)s.", number=running.number)
        )
    case, day = open_case(session, customer_id), today_of(session)
    row = AgencyPlacement(
        number=next_case_number(session, PROCESS, day.year), customer_id=customer_id, status="choosing",
        amount=case.amount if case is not None else None, currency=the_company(session).base_currency,
        case_id=case.id if case is not None else None, made_by=actor.person_id, created_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    rest = engine.start(session, PROCESS, row.id, {"placement_id": row.id}, actor, source)
    row.instance_id = rest.instance_id
    session.flush()
    return row


def recover(
    session: Session,
    placement: AgencyPlacement,
    on: date | None,
    amount: Decimal | None,
    fee: Decimal,
    paid_to: str,
    receipt_id: int | None,
    note: str,
    person_id: int,
    *,
    chargeable: bool,
) -> AgencyRecovery:
    """Record what the agency says that it recovered; the caller commits.

    Raises InvalidAnswer naming the field, Conflict. No entry of the ledger, but for the fee where the debtor owes it:
    that becomes an item of kind cost.
    """
    session.refresh(placement, with_for_update=True)
    if placement.status not in AT_THE_AGENCY:
        raise Conflict(_("The agency does not work on these debts."))
    if paid_to not in ("agency", "us"):
        raise InvalidAnswer("paid_to", _("Choose to whom it was paid."))
    receipt = _receipt(session, placement, receipt_id)
    today = today_of(session)
    facts_of.check_recovery(session, placement, on, amount, fee, today, receipt)
    assert amount is not None, "checked"  # noqa: S101
    cost = facts_of.charge(session, placement, fee, today, person_id, clock.now()) if chargeable else None
    row = AgencyRecovery(
        placement_id=placement.id, recovered_on=on, amount=amount, fee=fee, paid_to=paid_to,
        receipt_id=receipt.id if receipt is not None else None, cost_item_id=cost.id if cost is not None else None,
        note=note, made_by=person_id, created_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _receipt(session: Session, placement: AgencyPlacement, receipt_id: int | None) -> Receipt | None:
    if receipt_id is None:
        return None
    found = next((one for one in facts_of.receipts_of(session, placement) if one.id == receipt_id), None)
    if found is None:
        raise InvalidAnswer(
            "receipt", _("Choose one of the receipts of this customer since the handing over.")
        )
    return found


def recall(
    session: Session,
    engine: Engine,
    placement: AgencyPlacement,
    days: int | None,
    reason: str,
    person_id: int,
) -> None:
    """Recall the debts, with so many calendar days of notice. Raises InvalidAnswer, Conflict; the caller commits."""
    _still_running(session, placement)
    if len(reason) < LEAST_WORDS:
        raise InvalidAnswer("reason", _("Say in a few words why."))
    today = today_of(session)
    least = facts_of.policy_of(session, today).recall_days
    if days is None or not least <= days <= LONGEST_NOTICE:
        raise InvalidAnswer(
            "days", _("Give from %(least)s days of notice to %(most)s.", least=least, most=LONGEST_NOTICE)
        )

    def recalled(_action: Action) -> None:
        placement.status, placement.over, placement.over_note = "returning", "recalled", reason
        placement.recall_on = today + timedelta(days=days)

    _send(session, engine, placement, "recalled", recalled, Actor(person_id), "screen:collection.recall")


def give_back(
    session: Session, engine: Engine, placement: AgencyPlacement, reason: str, person_id: int
) -> None:
    """The agency gives the debts back without success. Raises InvalidAnswer, Conflict; the caller commits."""
    _still_running(session, placement)
    if len(reason) < LEAST_WORDS:
        raise InvalidAnswer("reason", _("Say in a few words why."))

    def returned(_action: Action) -> None:
        placement.status, placement.over, placement.over_note = "returning", "returned", reason

    _send(session, engine, placement, "returned", returned, Actor(person_id), "screen:collection.give_back")


def _still_running(session: Session, placement: AgencyPlacement) -> None:
    session.refresh(placement, with_for_update=True)
    if placement.over == "recalled":
        raise Conflict(_("These debts were recalled already."))
    if placement.status != "running":
        raise Conflict(_("The agency does not work on these debts."))


# --- the job -------------------------------------------------------------------------------------------------------


def to_follow(session: Session) -> list[int]:
    """The placements of which nothing is open any more, and those not handed over yet whose case is cleared."""
    if session.get(Company, 1) is None:
        return []
    placed = exists().where(PlacementItem.placement_id == AgencyPlacement.id)
    still_open = exists().where(
        PlacementItem.placement_id == AgencyPlacement.id,
        ItemBalance.item_id == PlacementItem.item_id,
        ItemBalance.open_amount > 0,
    )
    cleared = exists().where(CollectionCase.id == AgencyPlacement.case_id, CollectionCase.status == "cleared")
    early = AgencyPlacement.status.in_(BEFORE_HANDING_OVER)
    over = AgencyPlacement.status.in_(AT_THE_AGENCY) | early
    query = select(AgencyPlacement.id).where((over & placed & ~still_open) | (early & cleared))
    return list(session.scalars(query.order_by(AgencyPlacement.id)))


def follow(session: Session, engine: Engine, placement_id: int) -> bool:
    """End a placement of which nothing is open any more; False when it moved on meanwhile. The caller commits."""
    placement = session.get_one(AgencyPlacement, placement_id, with_for_update=True)
    if placement.status not in (*BEFORE_HANDING_OVER, *AT_THE_AGENCY):
        return False
    end = "dropped" if placement.status in BEFORE_HANDING_OVER else "paid"

    def ended(_action: Action) -> None:
        # Debts that were recalled or given back are paid on the way: that they were stays.
        placement.status, placement.over = end, placement.over or "paid"

    try:
        _send(session, engine, placement, "paid", ended, SYSTEM, JOB)
    except NotWaiting:
        return False
    return True


def _send(
    session: Session, engine: Engine, placement: AgencyPlacement, over: str, before: Any, actor: Actor, source: str
) -> None:  # fmt: skip
    if placement.instance_id is None:
        raise Conflict(_("The process of this case has not begun yet; try again in a moment."))
    engine.send(session, placement.instance_id, MESSAGE, actor, source, data={"over": over}, before=before)
    session.flush()
