"""The form for the token of another system."""

from wtforms import BooleanField, DateField, StringField

from credit_app.forms.base import Form, NotBlank, at_most, needed
from credit_app.i18n import _l
from credit_app.models import API_SCOPES


class TokenForm(Form):
    """Which system, what it may do, until when."""

    name = StringField(_l("System"), [NotBlank(), at_most(100)], description=_l("Example: ERP of the north"))
    source = StringField(
        _l("Source"),
        [NotBlank(), at_most(60)],
        description=_l(
            "Marks all that the system writes; small letters, digits, “.”, “-” and “_”. Example: erp_north"
        ),
    )
    customers_read = BooleanField(_l("Read customers"))
    customers_write = BooleanField(_l("Enter and change customers"))
    ledger_read = BooleanField(_l("Read open items and statements"))
    ledger_write = BooleanField(_l("Enter invoices, receipts and what they pay"))
    orders_check = BooleanField(_l("Check orders and see how they stand"))
    orders_write = BooleanField(_l("Enter and change orders"))
    sms_report = BooleanField(_l("Report the delivery of short messages"))
    expires_on = DateField(
        _l("Last day"), [needed(_l("Please give a date."))], description=_l("Two years ahead at most.")
    )

    @property
    def scopes(self) -> list[str]:
        """The scopes that are ticked."""
        return [scope for scope in API_SCOPES if self[scope.replace(".", "_")].data]
