"""Letters that no process sends: reminders before due, and letters that somebody has released."""

from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.domain.dates import day_in_zone
from credit_app.facts.dunning import compose_reminder, policy_of, renew
from credit_app.facts.dunning_sending import (
    INSOLVENT,
    SETTLED,
    claim_released,
    count_done,
    dispatch,
    queue_for,
    take_out,
)
from credit_app.facts.insolvency import insolvency_of
from credit_app.models import Company, Customer, the_company
from credit_app.models.dunning import DunningLetter, DunningRun
from workflows import clock

# Customers with something that falls due, was not reminded of yet, and an e-mail address to write to.
_DUE = text("""
    SELECT DISTINCT b.customer_id FROM item_balance b
    JOIN receivable_item i ON i.id = b.item_id
    WHERE i.due_date BETWEEN :today AND :until AND b.open_amount > 0 AND b.kind <> 'credit_note'
        AND NOT EXISTS (SELECT FROM dunning_item d WHERE d.item_id = b.item_id AND d.demands)
        AND EXISTS (SELECT FROM contact c WHERE c.customer_id = b.customer_id AND c.email <> '')
    ORDER BY b.customer_id
""")


def today_of(session: Session) -> date:
    """The company's date."""
    return day_in_zone(clock.now(), the_company(session).time_zone)


def reminders_due(session: Session) -> list[int]:
    """The customers that may have to be reminded before due today; `remind` decides."""
    if session.get(Company, 1) is None:
        return []
    day = today_of(session)
    days = policy_of(session, day).remind_before
    if days == 0:
        return []
    values = {"today": day, "until": day + timedelta(days=days)}
    return list(session.scalars(_DUE, values))


def remind(session: Session, customer_id: int) -> DunningLetter | None:
    """Remind a customer of what falls due, each debt once; the caller commits. None when there is nothing to say."""
    customer = session.get(Customer, customer_id)
    if customer is None:
        return None
    letter = compose_reminder(session, customer, today_of(session), clock.now())
    if letter is not None:
        dispatch(session, letter, queue_for(session, letter))
    return letter


class NotSent(Exception):
    """A released letter could not be written or handed on; the cause says why."""

    def __init__(self, letter_id: int) -> None:
        super().__init__(f"letter {letter_id}")
        self.letter_id = letter_id


def send_released(session: Session, after: int = 0) -> DunningLetter | None:
    """Send the next released letter behind `after`, written anew from the books of today; the caller commits.

    One of which nothing is owed any more is taken out. None: none waits. Raises NotSent.
    """
    letter = claim_released(session, after)
    if letter is None:
        return None
    letter_id = letter.id
    try:
        _send(session, letter)
    except Exception as error:
        raise NotSent(letter_id) from error
    return letter


def _send(session: Session, letter: DunningLetter) -> None:
    run_id = letter.run_id or 0
    if renew(session, letter, today_of(session)):
        dispatch(session, letter, queue_for(session, letter), session.get_one(DunningRun, run_id).released_by)
    else:
        known = insolvency_of(session, letter.customer_id, today_of(session))
        take_out(session, letter, SETTLED if known is None else INSOLVENT, None)
    count_done(session, run_id, clock.now())
