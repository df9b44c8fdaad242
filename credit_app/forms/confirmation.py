"""The forms of a balance confirmation: the customer's answer, what becomes of differences, and silence."""

from typing import Any

from flask_wtf.file import FileField
from sqlalchemy.orm import Session
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    StringField,
    TextAreaField,
)

from credit_app.facts.confirmation_answer import Answer, Named, Settled
from credit_app.forms.base import Form, NotBlank, Part, at_most, needed
from credit_app.forms.customer_information import not_in_the_future
from credit_app.forms.fields import AmountField
from credit_app.forms.uploads import checked_upload
from credit_app.i18n import _l
from credit_app.models import BalanceConfirmation

ROWS = 5  # what the page has room for at first; a longer answer sends more
MOST_ROWS = 50
LONGEST_ID = 18


class DifferenceRow(Part):
    """One difference as the customer names it."""

    item = StringField(_l("Invoice"), [at_most(80)])
    amount = AmountField(_l("Amount"))
    currency = StringField(_l("Currency"), [at_most(3)])
    note = StringField(_l("What the customer says"), [at_most(500)])


class AnswerForm(Form):
    """Nothing is preselected."""

    choice = RadioField(_l("What the customer says"), validate_choice=False)
    answered_on = DateField(_l("Day of the answer"), [needed(_l("Please give a date.")), not_in_the_future])
    answered_by = StringField(
        _l("Who answered"), [NotBlank(), at_most(200)], description=_l("Name and position of whoever signed")
    )
    file = FileField(_l("Document"), description=_l("PDF, PNG, JPEG, Word or Excel, at most 10 MB"))
    signed = BooleanField(_l("The document bears the customer's signature"))
    rows = FieldList(FormField(DifferenceRow), min_entries=ROWS, max_entries=MOST_ROWS)

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, _row: BalanceConfirmation) -> None:
        """A page that is opened begins empty."""

    def answer(self, _session: Session) -> Answer:
        """What was entered; rows without anything are left out. Raises InvalidAnswer for a file that is not taken."""
        given = self.file.data
        document = checked_upload(given, "file") if given is not None and given.filename else None
        rows = []
        for row in self.rows:
            part = row.form
            if part.item.data or part.amount.amount is not None or part.note.data:
                rows.append(
                    Named(
                        row.name, part.item.data or "", part.amount.amount, part.currency.data or "",
                        part.note.data or "",
                    )
                )  # fmt: skip
        return Answer(
            self.choice.data or "", self.answered_on.data, self.answered_by.data or "", bool(self.signed.data),
            document, tuple(rows),
        )  # fmt: skip


class SettledRow(Part):
    """What becomes of one difference."""

    difference = HiddenField()
    outcome = RadioField(_l("What becomes of it"), validate_choice=False)
    item = StringField(_l("Invoice"), [at_most(80)])
    note = StringField(_l("Note"), [at_most(500)])


class SettlingForm(Form):
    """A row for every difference; nothing is preselected."""

    rows = FieldList(FormField(SettledRow), max_entries=MOST_ROWS)

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, row: BalanceConfirmation) -> None:
        """One row for each difference."""
        for difference in row.differences:
            self.rows.append_entry({"difference": str(difference.id)})

    def answer(self, _session: Session) -> tuple[Settled, ...]:
        """What was chosen for each."""
        return tuple(
            Settled(
                row.name, _number(row.form.difference.data), row.form.outcome.data or "",
                row.form.item.data or "", row.form.note.data or "",
            )
            for row in self.rows
        )  # fmt: skip


class SilenceForm(Form):
    """How it goes on; a reason is owed when it ends."""

    choice = RadioField(_l("How it goes on"), validate_choice=False)
    reason = TextAreaField(_l("Reason"), [at_most(500)])

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, _row: BalanceConfirmation) -> None:
        """A page that is opened begins empty."""

    def answer(self, _session: Session) -> tuple[str, str]:
        """(choice, reason)."""
        return self.choice.data or "", self.reason.data or ""


def _number(text: Any) -> int:
    """A row's number as it was sent; 0, which is no row's, for anything else."""
    plain = str(text or "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= LONGEST_ID else 0
