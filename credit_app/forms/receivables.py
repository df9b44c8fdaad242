"""What is entered into the ledger by hand: receipts, allocations, reversals, adjustments, marks."""

from decimal import Decimal
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from credit_app.forms.base import Form, NotBlank, at_most, needed, options
from credit_app.forms.customer_information import not_in_the_future
from credit_app.forms.fields import AmountField
from credit_app.i18n import _, _l

HOW = (
    ("oldest", _l("Pay the oldest debts: costs, then interest, then invoices")),
    ("chosen", _l("Pay the amounts entered beside the items")),
    ("account", _l("Keep it on account for now")),
)


class ReceiptForm(Form):
    """Money received, and what it pays."""

    amount = AmountField(_l("Amount"), description=_l("For example 12 500.00"))
    currency = SelectField(_l("Currency"), [needed()])
    received_on = DateField(_l("Received on"), [needed(_l("Please give a date.")), not_in_the_future])
    reference = StringField(_l("Reference"), [at_most(200)], description=_l("As the payer wrote it"))
    payer = StringField(_l("Payer"), [at_most(200)], description=_l("Where it is not the customer itself"))
    how = RadioField(_l("What it pays"), choices=[SelectChoice(*one) for one in HOW], default="oldest")
    again = BooleanField(_l("It is another receipt of the same amount"))

    def offer(self, currencies: list[str]) -> "ReceiptForm":
        """Fill the select."""
        self.currency.choices = options(((code, code) for code in currencies), _("choose"))
        return self

    def validate_amount(self, field: Any) -> None:
        """It is there."""
        if field.amount is None and not field.errors:
            raise ValidationError(_("Enter the amount that was received."))


class AllocateForm(Form):
    """What is left of a receipt, or a credit note, and what it pays from a day on."""

    on = DateField(_l("Counts from"), [needed(_l("Please give a date.")), not_in_the_future])
    how = RadioField(_l("What it pays"), choices=[SelectChoice(*one) for one in HOW[:2]], default="oldest")


class UndoForm(Form):
    """From which day on an allocation is taken back."""

    on = DateField(_l("Counts from"), [needed(_l("Please give a date.")), not_in_the_future])


class ReverseForm(Form):
    """A receipt that the bank took back or that was booked in error."""

    kind = SelectField(_l("What happened"), [needed()])
    on = DateField(_l("Counts from"), [needed(_l("Please give a date.")), not_in_the_future])
    reason = StringField(_l("Reason"), [NotBlank(), at_most(500)])

    def offer(self) -> "ReverseForm":
        """Fill the select."""
        words = [("bounced", _("The bank took it back")), ("reversed", _("It was booked in error"))]
        self.kind.choices = options(words, _("choose"))
        return self


class AdjustForm(Form):
    """A correction of what an item asks."""

    direction = SelectField(_l("Direction"), [needed()])
    amount = AmountField(_l("Amount"), description=_l("For example 250.00"))
    on = DateField(_l("Counts from"), [needed(_l("Please give a date.")), not_in_the_future])
    reason = SelectField(_l("Reason"), [needed()])
    note = TextAreaField(_l("What is corrected"), [NotBlank(), at_most(500)])

    def offer(self, reasons: list[tuple[str, str]]) -> "AdjustForm":
        """Fill the selects."""
        self.direction.choices = options([("less", _("ask less")), ("more", _("ask more"))], _("choose"))
        self.reason.choices = options(reasons, _("choose"))
        return self

    def validate_amount(self, field: Any) -> None:
        """It is there."""
        if field.amount is None and not field.errors:
            raise ValidationError(_("Enter the amount of the correction."))

    @property
    def signed(self) -> Decimal:
        """The correction, below zero where less is asked."""
        amount = self.amount.given
        return -amount if self.direction.data == "less" else amount


class MarkForm(Form):
    """A part of an item that is disputed, or promised for a day."""

    kind = SelectField(_l("Kind"), [needed()])
    amount = AmountField(_l("Amount"), description=_l("The part that is meant"))
    on = DateField(_l("Since"), [needed(_l("Please give a date.")), not_in_the_future])
    due_on = DateField(_l("Promised for"), [Optional()])
    reason = StringField(_l("Reason"), [NotBlank(), at_most(500)])

    def offer(self) -> "MarkForm":
        """Fill the select."""
        self.kind.choices = options(
            [("disputed", _("disputed")), ("promised", _("payment promised"))], _("choose")
        )
        return self

    def validate_amount(self, field: Any) -> None:
        """It is there."""
        if field.amount is None and not field.errors:
            raise ValidationError(_("Enter the amount that is meant."))


class EndMarkForm(Form):
    """From which day on a mark holds no more, and why."""

    on = DateField(_l("Counts from"), [needed(_l("Please give a date.")), not_in_the_future])
    reason = StringField(_l("Reason"), [NotBlank(), at_most(500)])
