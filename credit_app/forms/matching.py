"""The form of an entry to match: what becomes of it, whose it is, and how much of each item it pays."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session
from wtforms import BooleanField, FieldList, FormField, HiddenField, RadioField, StringField, TextAreaField

from credit_app.facts import cash
from credit_app.facts.cash import MOST_ITEMS, Part
from credit_app.forms.base import Form, at_most
from credit_app.forms.base import Part as RowOfForm
from credit_app.forms.fields import AmountField
from credit_app.i18n import _l
from credit_app.models import BankEntry
from workflows import Action

LONGEST_ID = 18


@dataclass(frozen=True, slots=True)
class Matching:
    """The whole answer; `receipt_id` is the receipt that was taken back."""

    choice: str
    customer: str
    parts: tuple[Part, ...]
    receipt_id: int | None
    note: str


class ItemRow(RowOfForm):
    """One open item: how much of it is paid, and whether the rest is written off."""

    item = HiddenField()
    amount = AmountField(_l("Amount"))
    rest_off = BooleanField(_l("write the rest off"))


class MatchingForm(Form):
    """Nothing is preselected but the amounts of the suggestion that the address names."""

    choice = RadioField(_l("What becomes of the entry"), validate_choice=False)
    customer = StringField(
        _l("Customer"), [at_most(200)], description=_l("Number, name, or the number of an invoice")
    )
    rows = FieldList(FormField(ItemRow), max_entries=MOST_ITEMS)
    receipt = RadioField(_l("Receipt"), validate_choice=False)
    note = TextAreaField(_l("Note"), [at_most(500)])

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, _entry: BankEntry) -> None:
        """A page that is opened begins empty; see `look`."""

    def look(self, session: Session, action: Action, args: Mapping[str, str]) -> None:
        """Fill in the customer that the address names, its open items, and the amounts of the chosen suggestion."""
        entry, branches = cash.entry_of(action), cash.acting_branches(action)
        matches = cash.suggested(session, entry, action.today)
        place = args.get("match", "")
        chosen = (
            matches[int(place)]
            if place.isascii() and place.isdigit() and int(place[:4]) < len(matches)
            else None
        )
        typed = (args.get("customer") or "").strip()[:200]
        if chosen is not None and not typed:
            found = cash.customers_of(session, [chosen.customer_id], branches).get(chosen.customer_id)
            typed = f"{found.number} {found.name}" if found is not None else ""
        self.customer.data = typed
        customer = cash.customer_numbered(session, typed, branches)
        if customer is None:
            return
        self.customer.data = f"{customer.number} {customer.name}"
        parts = dict(chosen.parts) if chosen is not None and chosen.customer_id == customer.id else {}
        for item, _open in cash.open_debts(session, customer.id, entry.currency, list(parts)):
            self.rows.append_entry({"item": str(item.id), "amount": parts.get(item.id)})

    def item_ids(self) -> list[int]:
        """The items of the rows."""
        return [number for row in self.rows if (number := _number(row.form.item.data)) is not None]

    def answer(self, _session: Session) -> Matching:
        """What was entered; rows without an amount are left out."""
        parts = []
        for row in self.rows:
            number, amount = _number(row.form.item.data), row.form.amount.amount
            if number is not None and amount is not None:
                parts.append(Part(row.name, number, amount, bool(row.form.rest_off.data)))
        return Matching(
            self.choice.data or "", self.customer.data or "", tuple(parts), _number(self.receipt.data),
            self.note.data or "",
        )  # fmt: skip


def _number(text: Any) -> int | None:
    """A row's number as it was sent; None for anything else."""
    plain = str(text or "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= LONGEST_ID else None
