"""Promises to pay: taking one down, looking whether it was kept, what follows, and how many a debtor keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from credit_app.domain.dates import day_in_zone
from credit_app.domain.money import format_amount
from credit_app.domain.promises import NotAgreeable, PromisePolicy, TooFar, TooLittle, kept_rate, spread
from credit_app.facts import promised
from credit_app.facts.collection import log_contact
from credit_app.facts.customer_access import log_access
from credit_app.facts.customer_documents import Handed, file_under
from credit_app.facts.ledger_allocations import debts_of
from credit_app.i18n import _, said
from credit_app.models import Customer, next_case_number, policy_values, the_company
from credit_app.models.promises import PROMISE_RUNNING, PromiseToPay
from workflows import Action, InvalidAnswer, NotAllowed

KIND = "promise"
ROLE = "collector"
RATE_DAYS = 365  # a promise counts in the rate for a year after its end


@dataclass(frozen=True, slots=True)
class Given:
    """A promise as it was typed; without `items` it is for the oldest debts in `currency`."""

    amount: Decimal
    currency: str
    due_on: date
    items: tuple[int, ...]
    promised_by: str
    channel: str
    document: Handed | None = None
    note: str = ""


def policy_of(session: Session, day: date) -> PromisePolicy:
    """The policy of `day`."""
    return PromisePolicy.from_policy(policy_values(session, day))


def broken_lately(session: Session, customer_id: int, today: date) -> int:
    """How many promises of a customer were broken within the time that policy looks back."""
    since = today - timedelta(days=policy_of(session, today).broken_days)
    query = select(func.count()).where(
        PromiseToPay.customer_id == customer_id,
        PromiseToPay.status == "broken",
        PromiseToPay.closed_on >= since,
    )
    return session.scalar(query) or 0


def take_down(
    session: Session, customer: Customer, given: Given, who: int, now: datetime, *, may_go_beyond: bool
) -> PromiseToPay:
    """The promise with its items, held from now on; its process is still to be started. The caller commits.

    `may_go_beyond`: whoever takes it down may accept one although too many were broken.
    Raises InvalidAnswer naming the field, NotAllowed.
    """
    today, policy = _day(session, now), policy_of(session, _day(session, now))
    broken = broken_lately(session, customer.id, today)
    if broken >= policy.most_broken and not may_go_beyond:
        raise NotAllowed(
            _(
                "%(count)s promises of %(name)s were broken already; only a credit manager accepts another one.",
                count=broken,
                name=customer.name,
            )
        )
    parts = _parts(session, customer.id, given, today)
    _check(session, policy, customer.id, given, today)
    row = PromiseToPay(
        number=next_case_number(session, KIND, today.year), customer_id=customer.id, status="open",
        amount=given.amount, currency=given.currency, made_by=who, created_at=now, promised_on=today,
        due_on=given.due_on, promised_by=given.promised_by, channel=given.channel, note=given.note[:500],
        beyond=broken >= policy.most_broken,
    )  # fmt: skip
    if given.document is not None:
        row.document_id = file_under(session, customer.id, [given.document], "other", who, now)[0].id
        log_access(
            session,
            customer.id,
            who,
            "change",
            "documents",
            now,
            details={"document": [None, given.document.filename]},
        )
    session.add(row)
    promised.keep(session, row, parts)
    return row


def _parts(session: Session, customer_id: int, given: Given, today: date) -> list[Any]:
    """(item, amount, open) of the chosen items, or of the oldest debts that stand in nothing else."""
    if given.items:
        found = promised.take(session, customer_id, given.items, today)
        if found[0].item.currency != given.currency:
            raise InvalidAnswer("items", _("Choose items in %(currency)s.", currency=given.currency))
    else:
        debts_of(session, customer_id, given.currency, lock=True)
        found = [
            debt
            for debt in promised.debts(session, customer_id, today)
            if debt.item.currency == given.currency and debt.free > 0 and not debt.held_by
        ]
    room = sum((debt.free for debt in found), Decimal(0))
    if given.amount > room:
        raise InvalidAnswer(
            "amount",
            _(
                "Only %(open)s can be promised of these items; a promise of %(amount)s is more than that.",
                open=format_amount(room),
                amount=format_amount(given.amount),
            ),
        )
    amounts = spread(given.amount, [debt.free for debt in found])
    return [
        (debt.item, amount, debt.open_amount)
        for debt, amount in zip(found, amounts, strict=True)
        if amount > 0
    ]


def _check(session: Session, policy: PromisePolicy, customer_id: int, given: Given, today: date) -> None:
    try:
        policy.check_day(given.due_on, today)
        policy.check_amount(given.amount, promised.overdue_of(session, customer_id, given.currency, today))
    except TooLittle as error:
        raise InvalidAnswer("amount", said(error.sentence)) from None
    except NotAgreeable as error:
        raise InvalidAnswer("due_on", said(error.sentence)) from None


# --- its process --------------------------------------------------------------------------------------------------


def promise_of(action: Action) -> PromiseToPay:
    """The promise that a process is about."""
    return action.session.get_one(PromiseToPay, action.subject_id)


def begin(action: Action) -> dict[str, Any]:
    """Mark the items, log the contact once, restart limitation where it was written; says when to look (`check_at`)."""
    session, row, today = action.session, promise_of(action), action.today
    row.status, row.check_at = "open", promised.days_after(session, row.due_on, promised.GRACE, today)
    until = _day(session, row.check_at)
    if row.reopened_on is not None:
        action.note("reopened", paid=f"{row.currency} {row.paid}")
    elif row.first_due_on is None:
        log_contact(
            session, row.customer_id, row.channel, "promise", direction="in", reached=row.promised_by,
            note=_note(row), follow_up_on=until, document_id=row.document_id, made_by=row.made_by,
        )  # fmt: skip
        _restart(action, row)
    if row.check_at > action.now:  # one that is reopened may be over: then nothing is waited for
        promised.mark(action, row, until)
    return {"check_at": row.check_at.isoformat()}


def _restart(action: Action, row: PromiseToPay) -> None:
    interrupting = policy_of(action.session, row.promised_on).interrupting
    if row.document_id is not None and row.customer.country in interrupting:
        promised.restart_limitation(action, row, "promise", row.promised_on, row.document_id)


def look(action: Action) -> dict[str, Any]:
    """What came of it by now: kept, partly (something came, or lies on account), or broken (`promise_result`)."""
    row = promised.hold(action, PromiseToPay, "open")
    row.paid = promised.came(action.session, row)
    action.note("paid", amount=f"{row.currency} {row.paid}")
    if row.paid >= (row.amount or 0):
        close(action, row, "kept")
        return {"promise_result": "kept"}
    if row.paid > 0 or promised.on_account(action.session, row, row.promised_on) > 0:
        row.status = "in_part"
        return {"promise_result": "partly"}
    return {"promise_result": "broken"}


def judge(action: Action, choice: str, new_day: date | None, note: str) -> None:
    """What a person makes of a promise that was kept in part. Raises InvalidAnswer naming the field, Conflict."""
    row, session = promised.hold(action, PromiseToPay, "in_part"), action.session
    row.paid = promised.came(session, row)
    if choice == "kept":
        if row.paid < (row.amount or 0):
            raise InvalidAnswer(
                "choice", _("It is not paid yet: %(paid)s has come.", paid=format_amount(row.paid))
            )
        close(action, row, "kept")
        return
    if not note:
        raise InvalidAnswer("note", _("Say why."))
    row.note = note[:500]
    if choice == "new_day":
        _new_day(action, row, new_day)


def _new_day(action: Action, row: PromiseToPay, new_day: date | None) -> None:
    """Wait for another day, once; what was paid meanwhile stays counted."""
    if row.first_due_on is not None:
        raise InvalidAnswer("choice", _("A new day was accepted once already; it is kept or broken now."))
    if new_day is None:
        raise InvalidAnswer("new_day", _("Please give a date."))
    try:
        policy_of(action.session, action.today).check_day(new_day, action.today)
    except TooFar as error:
        raise InvalidAnswer("new_day", said(error.sentence)) from None
    except NotAgreeable as error:
        raise InvalidAnswer("new_day", said(error.sentence)) from None
    _unmark(action, row)
    row.first_due_on, row.due_on = row.due_on, new_day


def _unmark(action: Action, row: PromiseToPay) -> None:
    """End the marks of the first day; the items stay in the promise."""
    promised.free(action, row)
    for part in row.items:
        part.live = True
    action.session.flush()


def fail(action: Action) -> None:
    """It is broken: the case moves up, the log says so, the collector is told."""
    row, session = promised.hold(action, PromiseToPay, *PROMISE_RUNNING), action.session
    row.paid = promised.came(session, row)
    close(action, row, "broken")
    promised.move_up(session, row)
    log_contact(session, row.customer_id, row.channel, "noted", direction="in", note=_broken_note(row))
    action.mail(promised.told(session, row), "promise_broken", agreed_kind=KIND, agreed_id=row.id)


def close(action: Action, row: PromiseToPay, status: str) -> None:
    """It has come to its end, kept or broken."""
    row.status, row.closed_on = status, action.today
    promised.free(action, row)


def _note(row: PromiseToPay) -> str:
    return f"{row.number}: {row.currency} {row.amount}, {row.due_on.isoformat()}"


def _broken_note(row: PromiseToPay) -> str:
    return _("Promise %(number)s was broken.", number=row.number)


# --- how many are kept --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Record:
    """How many promises of the last year were kept and broken; `rate` is None where none has come to its end."""

    kept: int
    broken: int

    @property
    def rate(self) -> Decimal | None:
        """The share that was kept."""
        return kept_rate(self.kept, self.broken)


def record_of_customer(session: Session, customer_id: int, today: date) -> Record:
    """Of one customer."""
    return _record(session, PromiseToPay.customer_id == customer_id, today)


def record_of_collector(session: Session, person_id: int, today: date) -> Record:
    """Of those that one person took down."""
    return _record(session, PromiseToPay.made_by == person_id, today)


def records_of_collectors(session: Session, today: date) -> dict[int, Record]:
    """Of everybody who took promises down in the last year, by person."""
    query = select(PromiseToPay.made_by, PromiseToPay.status, func.count()).where(
        _ended(today), PromiseToPay.made_by.is_not(None)
    )
    found: dict[int, dict[str, int]] = {}
    for row in session.execute(query.group_by(PromiseToPay.made_by, PromiseToPay.status)):
        found.setdefault(row[0] or 0, {})[row[1]] = row[2]
    return {person: Record(one.get("kept", 0), one.get("broken", 0)) for person, one in found.items()}


def _record(session: Session, whose: ColumnElement[bool], today: date) -> Record:
    query = (
        select(PromiseToPay.status, func.count()).where(whose, _ended(today)).group_by(PromiseToPay.status)
    )
    counts = {row[0]: row[1] for row in session.execute(query)}
    return Record(counts.get("kept", 0), counts.get("broken", 0))


def _ended(today: date) -> ColumnElement[bool]:
    return PromiseToPay.status.in_(("kept", "broken")) & (
        PromiseToPay.closed_on >= today - timedelta(days=RATE_DAYS)
    )


def running_of(session: Session, customer_id: int) -> Sequence[PromiseToPay]:
    """The promises of a customer that are waited for."""
    query = select(PromiseToPay).where(
        PromiseToPay.customer_id == customer_id, PromiseToPay.status.in_(PROMISE_RUNNING)
    )
    return session.scalars(query.order_by(PromiseToPay.due_on, PromiseToPay.id)).all()


def _day(session: Session, instant: datetime) -> date:
    return day_in_zone(instant, the_company(session).time_zone)
