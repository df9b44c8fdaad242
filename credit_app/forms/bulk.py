"""Several decisions at a time: what is decided, and why."""

from wtforms import HiddenField, TextAreaField
from wtforms.validators import Length

from credit_app.forms.base import Form, NotBlank, at_most
from credit_app.i18n import _l


class BulkForm(Form):
    """The reason that every one of the decisions carries."""

    reason = TextAreaField(
        _l("Reason"),
        [
            NotBlank(),
            at_most(4000),
            Length(min=5, message=_l("Give a reason that the sales rep and the auditor understand.")),
        ],
        description=_l("It stands with every one of the decisions."),
    )
    batch = HiddenField()
