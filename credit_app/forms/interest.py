"""Late interest: what is waived and why, and the rate that was agreed with a customer."""

from decimal import Decimal
from typing import Any

from wtforms import BooleanField, DateField, StringField, TextAreaField, ValidationError

from credit_app.forms.base import Form, NotBlank, at_most, needed
from credit_app.i18n import _, _l

HIGHEST_RATE = 100


class ClaimForm(Form):
    """The items are ticked in the table."""


class WaiveForm(Form):
    """What is waived is ticked in the tables."""

    reason = TextAreaField(_l("Why it is waived"), [NotBlank(), at_most(500)])


class AgreementForm(Form):
    """What was agreed with the customer about late interest."""

    valid_from = DateField(_l("For debts in default from"), [needed(_l("Please give a date."))])
    rate = StringField(
        _l("Rate in per cent a year"),
        [at_most(10)],
        description=_l("Empty: what the law gives, for example 8.5"),
    )
    small_enterprise = BooleanField(_l("The rules for small enterprises protect these debts"))
    ground = StringField(_l("Where it was agreed"), [NotBlank(), at_most(500)])
    number: Decimal | None = None

    def validate_rate(self, field: Any) -> None:
        """A number of per cent, or nothing."""
        text = (field.data or "").replace("%", "").replace(",", ".").strip()
        self.number = None
        if not text:
            return
        whole, _point, decimals = text.partition(".")
        plain = (whole + decimals).isascii() and (whole + decimals).isdigit() and len(decimals) <= 4
        if not plain or not whole or Decimal(text) > HIGHEST_RATE:
            raise ValidationError(_("Write a number of per cent from 0 to 100 such as 8.5."))
        self.number = Decimal(text)
