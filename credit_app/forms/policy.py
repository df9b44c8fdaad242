"""Forms of the policy: the new value of a figure, the rows of a table, and from when and why it rules."""

from wtforms import DateField, StringField, TextAreaField
from wtforms.validators import Optional

from credit_app.forms.base import Form, NotBlank, at_most, needed
from credit_app.i18n import _l


class PublishForm(Form):
    """From which day a new version rules, and why."""

    valid_from = DateField(
        _l("In force from"),
        [needed(_l("Please give a date."))],
        description=_l("Today or a later day: what was decided before stays as it was."),
    )
    reason = TextAreaField(
        _l("Reason for the change"),
        [NotBlank(), at_most(1000)],
        description=_l("The auditor reads it years later. Example: losses of small customers halved in 2025"),
    )


class FigureForm(PublishForm):
    """A new value of a policy figure."""

    value = TextAreaField(_l("New value"), [NotBlank(), at_most(200_000)])
    source = StringField(
        _l("Source of the figure"),
        [Optional(), at_most(500)],
        description=_l("Example: resolution of the credit committee of 3 March"),
    )
