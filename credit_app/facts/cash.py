"""An entry of a bank statement in the hands of a person: what is suggested, and what becomes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import literal_column, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from credit_app.domain import matching as matching_rules
from credit_app.domain.matching import Match, MatchingPolicy, by_amount_only
from credit_app.facts import ledger, ledger_allocations, ledger_items, ledger_receipts, matching
from credit_app.facts.bounced import TakenBack, candidates, take_back
from credit_app.facts.cash_booking import SOURCE, receipt_key
from credit_app.facts.reachable import addressees
from credit_app.i18n import _
from credit_app.models import (
    BankEntry,
    Customer,
    ItemBalance,
    PayerAccount,
    Person,
    Receipt,
    ReceivableItem,
    policy_values,
)
from credit_app.models.ledger import plain_key
from credit_app.permissions import branches_of
from workflows import Action, Conflict, InvalidAnswer, NotFound

MOST_ITEMS = 100
ROLE = "receivables"


@dataclass(frozen=True, slots=True)
class Part:
    """What is paid of an item; with `rest_off` the rest of it is written off. `place`: the form's row."""

    place: str
    item_id: int
    amount: Decimal
    rest_off: bool = False


def get_entry(session: Session, entry_id: int) -> BankEntry:
    """The entry with that id. Raises NotFound."""
    found = session.get(BankEntry, entry_id)
    if found is None:
        raise NotFound(_("There is no such entry of a bank statement."))
    return found


def entry_of(action: Action) -> BankEntry:
    """The entry that a case is about. Raises NotFound."""
    return get_entry(action.session, action.subject_id)


def hold_entry(action: Action) -> BankEntry:
    """The entry, held until the commit. Raises Conflict when it was dealt with already."""
    entry = entry_of(action)
    action.session.refresh(entry, with_for_update=True)
    if entry.status != "matching":
        raise Conflict(_("This entry was dealt with already."))
    return entry


def policy_of(session: Session, day: date) -> MatchingPolicy:
    """The matching policy in force."""
    return MatchingPolicy.from_policy(policy_values(session, day))


def ranked(session: Session, entry: BankEntry, day: date) -> list[Match]:
    """What the entry may pay as the books stand now, the surest first; nothing for money that left."""
    if entry.amount <= 0:
        return []
    plain = matching.Entry(
        entry.id, entry.amount, entry.currency, entry.payer, entry.payer_account, entry.remittance,
        entry.end_to_end_id,
    )  # fmt: skip
    return matching.suggestions(session, plain, day, policy_of(session, day))


def suggested(session: Session, entry: BankEntry, day: date) -> list[Match]:
    """What a person is suggested: what is ranked, and last what only the amount speaks for."""
    known = ranked(session, entry, day)
    if entry.amount <= 0:
        return known
    same = matching.of_amount(session, entry.amount, entry.currency, day)
    return known + by_amount_only(same, known, policy_of(session, day))


def receipts_taken_back(
    session: Session, entry: BankEntry, branches: frozenset[int] | None
) -> list[TakenBack]:
    """The receipts that the entry may have taken back, of customers of these branches (None: all)."""
    if entry.amount >= 0:
        return []
    found = candidates(session, entry)
    seen = customers_of(session, [one.receipt.customer_id for one in found], branches)
    return [one for one in found if one.receipt.customer_id in seen]


# --- whose customers a person sees --------------------------------------------------------------------------------


def acting_branches(action: Action) -> frozenset[int] | None:
    """The branches in which whoever acts keeps the receivables; None: all."""
    person = action.session.get(Person, action.actor.on_behalf_of or action.actor.person_id or 0)
    return branches_of(person, [ROLE]) if person is not None else frozenset()


def customers_named(
    session: Session, words: str, branches: frozenset[int] | None, most: int = 8
) -> list[Customer]:
    """Customers by the start of their number, a part of their name, or the number of an item of theirs."""
    words = words.strip()[:100]
    if not words:
        return []
    like = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    wanted = or_(Customer.number.ilike(f"{like}%"), Customer.name.ilike(f"%{like}%"))
    if key := matching_rules.plain_key(words):
        of_number = literal_column(plain_key("receivable_item.number")).startswith(key, autoescape=True)
        wanted |= Customer.id.in_(select(ReceivableItem.customer_id).where(of_number).limit(50))
    query = select(Customer).where(wanted, _seen(branches)).order_by(Customer.name, Customer.id)
    return list(session.scalars(query.limit(most)))


def customer_numbered(session: Session, typed: str, branches: frozenset[int] | None) -> Customer | None:
    """The customer whose number stands at the beginning of what was typed; None when there is none to see."""
    number = (typed.split() or [""])[0].upper()[:40]
    return session.scalar(select(Customer).where(Customer.number == number, _seen(branches)))


def customers_of(
    session: Session, ids: Sequence[int], branches: frozenset[int] | None
) -> dict[int, Customer]:
    """Those of the customers that may be seen, by id."""
    query = select(Customer).where(Customer.id.in_(ids), _seen(branches))
    return {row.id: row for row in session.scalars(query)}


def _seen(branches: frozenset[int] | None) -> Any:
    if branches is None:
        return Customer.id.is_not(None)
    return or_(Customer.branch_id.is_(None), Customer.branch_id.in_(branches))


def open_debts(
    session: Session, customer_id: int, currency: str, first: Sequence[int] = ()
) -> list[tuple[ReceivableItem, Decimal]]:
    """(item, what is open of it), those in `first` before the others, then the oldest; at most a hundred."""
    query = (
        select(ReceivableItem, ItemBalance.open_amount)
        .join(ItemBalance, ItemBalance.item_id == ReceivableItem.id)
        .where(
            ItemBalance.customer_id == customer_id,
            ItemBalance.currency == currency,
            ItemBalance.open_amount != 0,
            ItemBalance.kind != "credit_note",
        )
        .order_by(ReceivableItem.id.not_in(first), ItemBalance.due_date, ItemBalance.item_id)
        .limit(MOST_ITEMS)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


# --- what becomes of it -------------------------------------------------------------------------------------------


def book(action: Action, entry: BankEntry, customer: Customer, parts: Sequence[Part], note: str) -> Receipt:
    """The receipt with its allocations; what is over stays on account. The payer's account is remembered.

    Raises InvalidAnswer naming the row, LedgerRefused, Conflict.
    """
    session, today, who = action.session, action.today, action.actor.person_id
    if entry.amount <= 0:
        raise InvalidAnswer("choice", _("This money left the account; it is no receipt."))
    key = receipt_key(entry.account, entry.reference)
    if session.scalar(select(Receipt.id).where(Receipt.source == SOURCE, Receipt.external_id == key)):
        raise Conflict(_("A receipt for this entry was entered already by other means; set the entry aside."))
    on = max(entry.booked_on, ledger.first_open_day(session, today))
    receipt = ledger_receipts.enter_receipt(
        session, customer.id, entry.amount, entry.currency, on, today,
        reference=entry.remittance or entry.end_to_end_id, payer=entry.payer, source=SOURCE, external_id=key,
        made_by=who,
    )  # fmt: skip
    if parts:
        chosen = {part.item_id: part.amount for part in parts}
        ledger_allocations.allocate_chosen(session, receipt, chosen, on, today, who)
        _write_off(action, entry, [part for part in parts if part.rest_off])
    _decide(action, entry, "matched", note)
    entry.receipt_id = receipt.id
    _teach(session, entry, customer)
    session.flush()
    return receipt


def _write_off(action: Action, entry: BankEntry, parts: Sequence[Part]) -> None:
    """What is left of these items, within the small difference that policy allows for the whole entry."""
    session, total = action.session, Decimal(0)
    most = policy_of(session, action.today).small_difference
    for part in parts:
        item = session.get_one(ReceivableItem, part.item_id)
        rest = ledger.hold_item(session, item.id).open_amount
        total += rest
        if total > most:
            raise InvalidAnswer(
                f"{part.place}-amount",
                _(
                    "%(rest)s would be written off; while matching it is at most %(most)s for an entry.",
                    rest=total,
                    most=most,
                ),
            )
        if rest:
            first = ledger.first_open_day(session, action.today)
            on = max(entry.booked_on, item.document_date, first)
            note = _(
                "Difference to the payment of %(day)s, bank entry %(reference)s",
                day=entry.booked_on,
                reference=entry.reference,
            )
            who = action.actor.person_id
            ledger_items.adjust_item(
                session, item, -rest, on, "small_difference", note, action.today, made_by=who
            )


def _teach(session: Session, entry: BankEntry, customer: Customer) -> None:
    if entry.payer_account:
        row = insert(PayerAccount).values(account=entry.payer_account, customer_id=customer.id)
        session.execute(row.on_conflict_do_nothing())


def reverse(action: Action, entry: BankEntry, receipt_id: int, note: str) -> None:
    """The receipt that the bank took back is reversed. Raises InvalidAnswer for one that is not offered."""
    offered = {
        one.receipt.id: one.receipt
        for one in receipts_taken_back(action.session, entry, acting_branches(action))
    }
    if receipt_id not in offered:
        raise InvalidAnswer("receipt", _("Choose one of the receipts of this amount."))
    take_back(
        action.session, entry, offered[receipt_id], action.today, action.now, rule="person",
        made_by=action.actor.person_id, note=note,
    )  # fmt: skip


def set_aside(action: Action, entry: BankEntry, note: str) -> None:
    """No customer's money, for the reason given."""
    _decide(action, entry, "set_aside", note)


def ask(action: Action, entry: BankEntry, customer: Customer, note: str) -> None:
    """The customer is to be asked. Raises InvalidAnswer when there is nobody to write to."""
    if not addressees(action.session, customer.id):
        raise InvalidAnswer(
            "customer",
            _("%(name)s has no contact with an e-mail address; add one in its file.", name=customer.name),
        )
    entry.asked_customer_id, entry.note = customer.id, note[:500]


def _decide(action: Action, entry: BankEntry, status: str, note: str) -> None:
    entry.status, entry.rule, entry.note = status, "person", note[:500]
    entry.decided_by, entry.decided_at = action.actor.person_id, action.now
