"""Forms of the customer file: the reason for opening it, master data, contacts."""

from wtforms import TextAreaField

from credit_app.forms.base import Form, NotBlank, at_most
from credit_app.i18n import _l


class ReasonForm(Form):
    """Why somebody opens a file that is not theirs."""

    reason = TextAreaField(
        _l("Reason"),
        [NotBlank(), at_most(1000)],
        description=_l("Example: the parent company is my customer and asks for a group limit"),
    )
