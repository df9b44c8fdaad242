"""Running a provision by hand, and reserving for one debt by itself."""

from typing import Any

from wtforms import BooleanField, DateField, StringField, ValidationError

from credit_app.forms.base import Form, NotBlank, at_most, needed
from credit_app.forms.fields import AmountField
from credit_app.i18n import _, _l


class RunForm(Form):
    """Up to which month end provisions are run."""

    month = DateField(_l("Month end"), [needed(_l("Please give a date."))])


class ReserveForm(Form):
    """An amount for one debt, or its way back into the matrix."""

    number = StringField(_l("Number of the debt"), [NotBlank(), at_most(60)])
    amount = AmountField(_l("Reserve"), description=_l("In the currency of the debt"))
    released = BooleanField(_l("Back into the matrix"))
    reason = StringField(_l("Reason"), [NotBlank(), at_most(500)])

    def validate_amount(self, field: Any) -> None:
        """It is there, unless the debt goes back into the matrix."""
        if not field.errors and field.amount is None and not self.released.data:
            raise ValidationError(
                _("Enter the amount that is reserved, or put the debt back into the matrix.")
            )
