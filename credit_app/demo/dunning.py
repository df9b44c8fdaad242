"""Letters of the demo: one of each status, to customers that are overdue, and where our letters come from."""

from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from credit_app.facts import dunning_sending as sending
from credit_app.facts.dunning import compose, compose_reminder
from credit_app.facts.dunning_proof import Proof, record_proof
from credit_app.models import Customer, ItemBalance, Person, Policy, ReceivableItem
from workflows import clock

SENDER = ["Am Sandtorkai 1", "20457 Hamburg", "+49 40 5550 100"]
ACCOUNTS = {
    "EUR": "Hansebank Hamburg, DE75 5121 0800 1245 1261 99",
    "*": "Hansebank Hamburg, DE02 1203 0000 0000 2020 51",
}
# What each of the most overdue customers was sent last, the most overdue first.
STORIES = (
    "lawyer_letter",
    "final_demand",
    "final_demand",
    "letter_2",
    "letter_1",
    "letter_1",
    "friendly_notice",
)
AGO = timedelta(days=6)


def add_letters(session: Session, collector: Person, today: date, now: datetime) -> None:
    """Two letters wait for release, one was taken out, one is on paper, one is delivered, one is on its way."""
    since = today - timedelta(days=365)
    session.add_all(
        [
            Policy(key="dunning.sender", valid_from=since, value=SENDER, source="The demo company"),
            Policy(key="dunning.bank_accounts", valid_from=since, value=ACCOUNTS, source="The demo company"),
        ]
    )
    session.flush()
    with clock.at(now - AGO):
        day = today - AGO
        made = [
            compose(session, customer, level, day, clock.now(), day)
            for customer, level in zip(_overdue(session, day), STORIES, strict=False)
        ]
    letters = [one for one in made if one is not None]
    for place, letter in enumerate(letters):
        if place < 2:
            continue
        with clock.at(now - AGO):
            sending.dispatch(session, letter, sending.queue_for(session, letter))
        if letter.status == "queued" and place != len(letters) - 1:
            sending.handed_over(session, letter.id, letter.letter_on, held=False)
    sent = next((one for one in letters if one.status == "sent"), None)
    if sent is not None:
        proof = Proof("failed", sent.letter_on + timedelta(days=2), note="Came back: moved")
        record_proof(session, sent, proof, today, now, person_id=collector.id)
    if len(letters) > 1:
        sending.exclude(session, letters[1], "Visit agreed for next week", collector.id, now)
    for customer in _falling_due(session, today):
        reminder = compose_reminder(session, customer, today, now)
        if reminder is not None:
            sending.dispatch(session, reminder, sending.queue_for(session, reminder))
            break


def _overdue(session: Session, day: date) -> list[Customer]:
    """Customers with debts past due, the oldest debt first."""
    oldest = (
        select(ItemBalance.customer_id, func.min(ItemBalance.due_date).label("due"))
        .where(ItemBalance.open_amount > 0, ItemBalance.kind == "invoice", ItemBalance.due_date < day)
        .group_by(ItemBalance.customer_id)
        .subquery()
    )
    query = select(Customer).join(oldest, oldest.c.customer_id == Customer.id)
    return list(session.scalars(query.order_by(oldest.c.due, Customer.id).limit(len(STORIES))))


def _falling_due(session: Session, today: date) -> list[Customer]:
    soon = select(ReceivableItem.customer_id).where(
        ReceivableItem.due_date.between(today, today + timedelta(days=7))
    )
    return list(
        session.scalars(select(Customer).where(Customer.id.in_(soon)).order_by(Customer.id).limit(20))
    )
