"""The answer to a balance confirmation: what the customer names otherwise, what becomes of it, and limitation."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from credit_app.domain.money import format_amount
from credit_app.facts import ledger_items, recovery
from credit_app.facts.confirmation import LEAST_REASON, confirmation_of, hold, policy_of, statement_in
from credit_app.facts.customer_access import log_access
from credit_app.facts.customer_documents import Handed, file_under
from credit_app.facts.ledger import hold_item
from credit_app.facts.statement import Statement
from credit_app.i18n import _, said, written_day
from credit_app.models import (
    BalanceConfirmation,
    ConfirmationDifference,
    ItemBalance,
    LimitationInterruption,
    OpenItem,
    ReceivableItem,
)
from workflows import Action, Conflict, InvalidAnswer, Refused

GROUND = "balance_confirmed"


@dataclass(frozen=True, slots=True)
class Named:
    """A difference as the customer named it; `item` as typed, empty where the statement lacks it. `place`: the row."""

    place: str
    item: str
    amount: Decimal | None
    currency: str
    note: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the customer answered; `choice` is agreed or differences."""

    choice: str
    answered_on: date
    answered_by: str
    signed: bool
    document: Handed | None
    named: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of a difference: `outcome` is dispute, correction or none; `item` is typed where it named none."""

    place: str
    difference_id: int
    outcome: str
    item: str
    note: str


def record(action: Action, answer: Answer) -> None:
    """Write the answer down with its document and the differences named. Raises InvalidAnswer naming the field."""
    confirmation, session = hold(action, "sent"), action.session
    _check(action, confirmation, answer)
    rows = differences_named(statement_in(confirmation), answer.named)
    who, customer_id = action.actor.person_id or 0, confirmation.customer_id
    if answer.document is not None:
        filed = file_under(session, customer_id, [answer.document], "other", who, action.now)
        confirmation.document_id = filed[0].id
        details = {"document": [None, answer.document.filename]}
        log_access(session, customer_id, who, "change", "documents", action.now, details=details)
    confirmation.answered_on, confirmation.answered_by = answer.answered_on, answer.answered_by
    confirmation.signed, confirmation.status = answer.signed, answer.choice
    session.add_all(
        ConfirmationDifference(confirmation_id=confirmation.id, **row, created_at=action.now) for row in rows
    )
    session.flush()


def _check(action: Action, confirmation: BalanceConfirmation, answer: Answer) -> None:
    if not confirmation.as_of <= answer.answered_on <= action.today:
        raise InvalidAnswer(
            "answered_on",
            _(
                "Give a day from %(first)s, the day of the statement, to today.",
                first=written_day(confirmation.as_of),
            ),
        )
    if answer.signed and answer.document is None:
        raise InvalidAnswer("file", _("Hand in the document that bears the signature."))
    if answer.choice == "agreed" and answer.named:
        raise InvalidAnswer(
            "choice", _("Differences are entered below: choose that differences are named, or empty them.")
        )
    if answer.choice == "differences" and not answer.named:
        raise InvalidAnswer(
            "rows-0-amount", _("Enter at least one difference, with its amount and what is said.")
        )


def differences_named(statement: Statement, named: Sequence[Named]) -> list[dict[str, Any]]:
    """The differences as rows to keep. Raises InvalidAnswer for one that does not fit the statement."""
    known, taken = labelled(statement), dict[int, Decimal]()
    rows: list[dict[str, Any]] = []
    currencies = [account.currency for account in statement.accounts]
    for one in named:
        if one.amount is None or one.amount <= 0:
            raise InvalidAnswer(f"{one.place}-amount", _("Give an amount above zero."))
        if not one.note:
            raise InvalidAnswer(f"{one.place}-note", _("Say in a few words what the customer says."))
        item = known.get(one.item.upper()) if one.item else None
        if one.item and item is None:
            raise InvalidAnswer(
                f"{one.place}-item", _("“%(number)s” is not open in this statement.", number=one.item[:60])
            )
        if item is None and one.currency not in currencies:
            raise InvalidAnswer(
                f"{one.place}-currency",
                _("Choose one of the currencies of the statement, or name the invoice."),
            )
        if item is not None:
            taken[item.item_id] = taken.get(item.item_id, Decimal(0)) + one.amount
            _within(item, taken[item.item_id], one.place)
        rows.append(
            {
                "item_id": item.item_id if item else None,
                "amount": one.amount,
                "currency": item.currency if item else one.currency,
                "note": one.note,
            }
        )
    return rows


def _within(item: OpenItem, amount: Decimal, place: str) -> None:
    if amount > abs(item.open_amount):
        raise InvalidAnswer(
            f"{place}-amount",
            _(
                "The statement has %(open)s open of %(number)s; a difference of %(amount)s is more than that.",
                open=format_amount(abs(item.open_amount)),
                number=item.number,
                amount=format_amount(amount),
            ),
        )


def labels(items: Iterable[OpenItem]) -> list[tuple[str, OpenItem]]:
    """What names each item among these: its number, with the due date where several bear the same number."""
    items = list(items)
    bearers = Counter(item.number.upper() for item in items)
    return [
        (item.number if bearers[item.number.upper()] == 1 else f"{item.number} {item.due_date}", item)
        for item in items
    ]


def labelled(statement: Statement) -> Mapping[str, OpenItem]:
    """The items of a statement by what names one, in capitals."""
    items = [item for account in statement.accounts for item in account.items]
    return {label.upper(): item for label, item in labels(items)}


# --- settling it ---------------------------------------------------------------------------------------------------


def settle(action: Action, chosen: Sequence[Settled]) -> None:
    """Make each difference a dispute, a correction of its item, or nothing with a ground.

    Raises InvalidAnswer naming the field, Conflict when the differences are not those of the page any more.
    """
    confirmation = hold(action, "differences")
    known = {row.id: row for row in confirmation.differences}
    if sorted(one.difference_id for one in chosen) != sorted(known):
        raise Conflict(_("These are not the differences of this confirmation; open the task again."))
    for one in chosen:
        _become(action, known[one.difference_id], one)
    confirmation.status = "settled"
    details = {one.outcome: [None, _amount(known[one.difference_id])] for one in chosen}
    who, customer_id = action.actor.person_id or 0, confirmation.customer_id
    log_access(action.session, customer_id, who, "change", "account", action.now, details=details)
    action.session.flush()


def _become(action: Action, row: ConfirmationDifference, one: Settled) -> None:
    session, today, who = action.session, action.today, action.actor.person_id
    if one.outcome not in ("dispute", "correction", "none"):
        raise InvalidAnswer(f"{one.place}-outcome", _("Choose what becomes of this difference."))
    if one.outcome == "none":
        if len(one.note) < LEAST_REASON:
            raise InvalidAnswer(f"{one.place}-note", _("Say why nothing becomes of it."))
    else:
        item, note = _item_of(session, row, one), one.note or row.note
        row.item_id = item.id
        try:
            if one.outcome == "dispute":
                mark = ledger_items.mark_item(
                    session, item, "disputed", row.amount, today, note, today, made_by=who
                )
                row.mark_id = mark.id
                action.start_process(
                    "dispute", mark_id=mark.id, reason="amount", claim=note,
                    claimed_by=row.confirmation.answered_by,
                )  # fmt: skip
            else:
                claimed = recovery.written_off_of(session, item.id)
                if claimed > 0:
                    # The statement has it as owed; our books have not: the write-off gives back what is corrected.
                    missing = row.amount - hold_item(session, item.id).open_amount
                    if missing > 0:
                        recovery.take_back(session, item.id, min(missing, claimed), today, who)
                entry = ledger_items.adjust_item(
                    session, item, -row.amount, today, "correction", note, today, made_by=who
                )
                row.adjustment_id = entry.id
        except Refused as refused:
            raise InvalidAnswer(f"{one.place}-outcome", said(refused)) from None
    row.outcome, row.outcome_note = one.outcome, one.note


def _item_of(session: Session, row: ConfirmationDifference, one: Settled) -> ReceivableItem:
    """The item that the customer named, else the open one that is typed now. Raises InvalidAnswer."""
    if row.item_id is not None:
        return session.get_one(ReceivableItem, row.item_id)
    query = (
        select(ReceivableItem)
        .join(ItemBalance, ItemBalance.item_id == ReceivableItem.id)
        .where(
            ReceivableItem.customer_id == row.confirmation.customer_id,
            ReceivableItem.currency == row.currency,
            ReceivableItem.number == one.item,
            ItemBalance.open_amount != 0,
        )
        .order_by(ReceivableItem.due_date, ReceivableItem.id)
    )
    found = session.scalars(query.limit(1)).first() if one.item else None
    if found is None:
        raise InvalidAnswer(
            f"{one.place}-item",
            _("Name an open item of this customer in %(currency)s by its number.", currency=row.currency),
        )
    return found


def _amount(row: ConfirmationDifference) -> str:
    return f"{row.currency} {row.amount}"


# --- limitation ---------------------------------------------------------------------------------------------------


def interrupt_limitation(action: Action) -> int:
    """Note for every debt of an agreed statement that limitation runs anew; returns of how many, 0 where it does not.

    The policy of the day of the answer decides.
    """
    confirmation, session = confirmation_of(action), action.session
    day = confirmation.answered_on or action.today
    policy = policy_of(session, day)
    if not policy.interrupts(confirmation.customer.country, signed=confirmation.signed):
        return 0
    rows = [
        {
            "item_id": item.item_id,
            "interrupted_on": day,
            "ground": GROUND,
            "confirmation_id": confirmation.id,
            "document_id": confirmation.document_id,
            "created_at": action.now,
        }
        for account in statement_in(confirmation).accounts
        for item in account.items
        if item.kind != "credit_note"
    ]
    if rows:
        session.execute(insert(LimitationInterruption), rows)
    action.note("limitation", items=len(rows), interrupted_on=day.isoformat())
    return len(rows)


def interrupted_by(session: Session, confirmation: BalanceConfirmation) -> int:
    """Of how many debts a confirmation has restarted limitation."""
    query = select(func.count()).where(LimitationInterruption.confirmation_id == confirmation.id)
    return session.scalar(query) or 0
