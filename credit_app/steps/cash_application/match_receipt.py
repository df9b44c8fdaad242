"""Match receipt: which items an entry of the bank statement pays, or what else becomes of it."""

from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from credit_app.domain.matching import Match
from credit_app.domain.money import format_amount
from credit_app.facts import cash
from credit_app.facts.deadlines import due_after
from credit_app.forms.matching import Matching, MatchingForm
from credit_app.i18n import _
from credit_app.models import Customer, ItemBalance, ReceivableItem
from workflows import Action, Assignment, InvalidAnswer

Form = MatchingForm
SHORTEST_NOTE = 5


def assign(action: Action) -> Assignment:
    """Everybody who keeps receivables; due as policy says."""
    due = due_after(action.session, action.now, action.today, "matching.due_after_days")
    return Assignment(cash.ROLE, due_at=due)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    entry = cash.entry_of(action)
    if entry.amount < 0:
        return _(
            "Which receipt of %(name)s did the bank take back?", name=entry.payer or _("an unknown payer")
        )
    return _("What does the payment of %(name)s settle?", name=entry.payer or _("an unknown payer"))


def facts(action: Action) -> dict[str, Any]:
    """The entry, ranked suggestions with customer and items, and receipts that it may have taken back."""
    session, entry = action.session, cash.entry_of(action)
    matches = cash.suggested(session, entry, action.today)
    customers = cash.customers_of(
        session, [match.customer_id for match in matches], cash.acting_branches(action)
    )
    return {
        "entry": entry,
        "suggestions": [
            {
                "match": match,
                "place": place,
                "customer": customers[match.customer_id],
                "items": _items(session, match),
            }
            for place, match in enumerate(matches)
            if match.customer_id in customers
        ],
        "taken_back": [
            {"receipt": one.receipt, "reason": one.reason, "customer": one.receipt.customer}
            for one in cash.receipts_taken_back(session, entry, cash.acting_branches(action))
        ],
        "small_difference": cash.policy_of(session, action.today).small_difference,
        "asked": session.get(Customer, entry.asked_customer_id) if entry.asked_customer_id else None,
    }


def form_facts(action: Action, form: MatchingForm) -> dict[str, Any]:
    """The customer that the form names with its open items beside the rows, and who else a search found."""
    session, entry, branches = action.session, cash.entry_of(action), cash.acting_branches(action)
    customer = cash.customer_numbered(session, form.customer.data or "", branches)
    debts = cash.open_debts(session, customer.id, entry.currency, form.item_ids()) if customer else []
    found = [] if customer else cash.customers_named(session, form.customer.data or "", branches)
    return {
        "customer": customer,
        "debts": {item.id: (item, open_amount) for item, open_amount in debts},
        "found": found,
        "searched": bool(form.customer.data),
    }


def choices(action: Action) -> list[dict[str, Any]]:
    """The ways on, each with what it does."""
    if cash.entry_of(action).amount < 0:
        return [
            _choice("returned", _("Reverse the receipt"), _("All that it paid is open again.")),
            _choice("set_aside", _("Set the entry aside"), _("No customer's payment was taken back.")),
        ]
    return [
        _choice("matched", _("Book and pay the chosen items"), _("What is over stays on account.")),
        _choice("on_account", _("Book on account"), _("The customer is known, what it pays is not.")),
        _choice("ask", _("Ask the customer"), _("A mail goes to its contact; the entry comes back."))
        | {"is_open": True},
        _choice("set_aside", _("Set the entry aside"), _("It is no customer's payment.")),
    ]


def complete(action: Action, answer: Matching) -> dict[str, Any]:
    """Carry the choice out. Raises InvalidAnswer naming the field, LedgerRefused, Conflict."""
    entry = cash.hold_entry(action)
    if answer.choice not in {choice["value"] for choice in choices(action)}:
        raise InvalidAnswer("choice", _("Choose what becomes of the entry."))
    if answer.choice == "set_aside":
        if len(answer.note) < SHORTEST_NOTE:
            raise InvalidAnswer("note", _("Say why the entry is no customer's payment."))
        cash.set_aside(action, entry, answer.note)
    elif answer.choice == "returned":
        if answer.receipt_id is None:
            raise InvalidAnswer("receipt", _("Choose one of the receipts of this amount."))
        cash.reverse(action, entry, answer.receipt_id, answer.note)
    else:
        _with_customer(action, answer)
    return {"outcome": answer.choice}


# --- inside ---------------------------------------------------------------------------------------------------------


def _with_customer(action: Action, answer: Matching) -> None:
    entry, session = cash.entry_of(action), action.session
    customer = cash.customer_numbered(session, answer.customer, cash.acting_branches(action))
    if customer is None:
        raise InvalidAnswer(
            "customer", _("Name the customer by its number; search for it if you do not know it.")
        )
    if answer.choice == "ask":
        cash.ask(action, entry, customer, answer.note)
        return
    if answer.choice == "on_account":
        cash.book(action, entry, customer, (), answer.note)
        return
    if not answer.parts:
        raise InvalidAnswer(
            "customer", _("Enter an amount at one of the items at least, or book on account.")
        )
    total = sum((part.amount for part in answer.parts), Decimal(0))
    if total > entry.amount:
        raise InvalidAnswer(
            f"{answer.parts[0].place}-amount",
            _(
                "The amounts come to %(total)s, but only %(there)s was paid.",
                total=format_amount(total),
                there=format_amount(entry.amount),
            ),
        )
    for part in answer.parts:
        if part.amount <= 0:
            raise InvalidAnswer(f"{part.place}-amount", _("Give an amount above zero."))
    cash.book(action, entry, customer, answer.parts, answer.note)


def _items(session: Session, match: Match) -> list[dict[str, Any]]:
    rows = []
    for item_id, amount in match.parts[:10]:
        item, balance = session.get_one(ReceivableItem, item_id), session.get_one(ItemBalance, item_id)
        rows.append({"item": item, "amount": amount, "open": balance.open_amount})
    return rows


def _choice(value: str, label: str, note: str) -> dict[str, Any]:
    return {"value": value, "label": label, "act": label, "sets": {"outcome": value}, "note": note}
