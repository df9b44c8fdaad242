"""Begins holds of customers, asks for their release, and follows the collection cases behind them."""

import logging
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from credit_app.domain.dates import day_in_zone
from credit_app.domain.holds import SCOPES
from credit_app.facts.collection import open_case
from credit_app.facts.holds import LEAST_WORDS, note_step, running_of
from credit_app.i18n import _
from credit_app.models import CollectionCase, Company, Customer, next_case_number, the_company
from credit_app.models.holds import BEFORE_THE_STOP, CustomerHold, HoldStep
from workflows import SYSTEM, Action, Actor, Conflict, Engine, InvalidAnswer, NotFound, NotWaiting, clock

PROCESS = "customer_hold"
JOB = "job:follow_holds"
log = logging.getLogger(__name__)


def today_of(session: Session) -> date:
    """The company's date."""
    return day_in_zone(clock.now(), the_company(session).time_zone)


def start(
    session: Session,
    engine: Engine,
    customer_id: int,
    actor: Actor,
    source: str,
    *,
    scope: str = "all",
    from_amount: Decimal | None = None,
    ground: str = "",
) -> CustomerHold:
    """Propose a hold and begin its process; the caller commits. Raises Conflict while another one runs, NotFound."""
    # Two proposals at once queue up here: the second sees the first.
    held = select(Customer).where(Customer.id == customer_id).with_for_update(key_share=True)
    customer = session.scalar(held)
    if customer is None:
        raise NotFound(_("There is no such customer, or it is not yours to see."))
    running = running_of(session, customer_id)
    if running is not None:
        raise Conflict(_("A hold of this customer is under way already: %(number)s.", number=running.number))
    case, day = open_case(session, customer_id), today_of(session)
    row = CustomerHold(
        number=next_case_number(session, PROCESS, day.year), customer_id=customer_id, status="proposed",
        amount=case.amount if case is not None else None, currency=the_company(session).base_currency,
        case_id=case.id if case is not None else None, scope=scope, from_amount=from_amount, ground=ground,
        made_by=actor.person_id, created_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    note_step(session, row, "proposed", day, ground, actor.person_id)
    rest = engine.start(session, PROCESS, row.id, {"hold_id": row.id}, actor, source)
    row.instance_id = rest.instance_id
    session.flush()
    return row


def propose(
    session: Session,
    engine: Engine,
    customer_id: int,
    person_id: int,
    scope: str,
    from_amount: Decimal | None,
    ground: str,
) -> CustomerHold:
    """Propose a hold by hand. Raises InvalidAnswer naming the field, Conflict, NotFound; the caller commits."""
    check_scope(scope, from_amount)
    if len(ground) < LEAST_WORDS:
        raise InvalidAnswer("ground", _("Say in a few words why deliveries are to stop."))
    amount = from_amount if scope == "above" else None
    return start(
        session, engine, customer_id, Actor(person_id), "screen:collection.propose_hold",
        scope=scope, from_amount=amount, ground=ground,
    )  # fmt: skip


def check_scope(scope: str, from_amount: Decimal | None) -> None:
    """Refuse a scope that does not say which orders stop. Raises InvalidAnswer."""
    if scope not in SCOPES:
        raise InvalidAnswer("scope", _("Choose which orders stop."))
    if scope == "above" and (from_amount is None or from_amount <= 0):
        raise InvalidAnswer("from_amount", _("Give the amount from which orders stop."))


def ask_release(session: Session, engine: Engine, hold: CustomerHold, ground: str, person_id: int) -> None:
    """Ask by hand for the release of an active hold; a credit manager decides.

    Raises InvalidAnswer, Conflict when it is not active (any more); the caller commits.
    """
    if len(ground) < LEAST_WORDS:
        raise InvalidAnswer("ground", _("Say in a few words why deliveries are to go on."))
    session.refresh(hold, with_for_update=True)
    if hold.status != "active":
        raise Conflict(_("Only an active hold is released; this one is not."))
    _want_release(session, engine, hold, ground, Actor(person_id), "screen:collection.ask_release")


# --- the job -------------------------------------------------------------------------------------------------------


def to_follow(session: Session) -> list[int]:
    """The holds whose customers have cleared their case: proposals to drop, and active ones to put up for release.

    The release is put up once for every case that is cleared: a hold that is kept after that stays until somebody asks.
    """
    if session.get(Company, 1) is None:
        return []
    open_one = exists().where(
        CollectionCase.customer_id == CustomerHold.customer_id, CollectionCase.status == "open"
    )
    cleared = exists().where(CollectionCase.id == CustomerHold.case_id, CollectionCase.status == "cleared")
    last_cleared = (
        select(func.max(CollectionCase.closed_on))
        .where(CollectionCase.customer_id == CustomerHold.customer_id, CollectionCase.status == "cleared")
        .scalar_subquery()
    )
    asked = exists().where(
        HoldStep.hold_id == CustomerHold.id,
        HoldStep.kind == "release_asked",
        HoldStep.made_by.is_(None),
        HoldStep.done_on >= last_cleared,
    )
    dropping = CustomerHold.status.in_(BEFORE_THE_STOP) & cleared
    releasing = (CustomerHold.status == "active") & (last_cleared >= CustomerHold.noticed_on) & ~asked
    query = select(CustomerHold.id).where(~open_one, dropping | releasing).order_by(CustomerHold.id)
    return list(session.scalars(query))


def follow(session: Session, engine: Engine, hold_id: int) -> bool:
    """Drop the proposal, or put the active hold up for release; False when it moved on meanwhile.

    The caller commits.
    """
    hold = session.get_one(CustomerHold, hold_id, with_for_update=True)
    day = today_of(session)

    def dropped(_action: Action) -> None:
        hold.status = "dropped"
        note_step(session, hold, "dropped", day)

    try:
        if hold.status in BEFORE_THE_STOP:
            _send(session, engine, hold, "case_cleared", dropped, SYSTEM, JOB)
        elif hold.status == "active":
            _want_release(session, engine, hold, "", SYSTEM, JOB)
        else:
            return False
    except NotWaiting:
        return False
    return True


def _want_release(
    session: Session, engine: Engine, hold: CustomerHold, ground: str, actor: Actor, source: str
) -> None:
    def asked(_action: Action) -> None:
        hold.status = "releasing"
        note_step(session, hold, "release_asked", today_of(session), ground, actor.person_id)

    _send(session, engine, hold, "release_wanted", asked, actor, source)


def _send(
    session: Session, engine: Engine, hold: CustomerHold, message: str, before: Any, actor: Actor, source: str
) -> None:
    if hold.instance_id is None:
        raise Conflict(_("The process of this case has not begun yet; try again in a moment."))
    engine.send(session, hold.instance_id, message, actor, source, before=before)
    session.flush()
