"""Forms beside a case: a comment, a day to come back to it, a name for a list's filter."""

from datetime import date, timedelta
from typing import Any

from wtforms import DateField, HiddenField, SelectMultipleField, StringField, TextAreaField, ValidationError
from wtforms.validators import Optional

from credit_app.forms.base import Form, NotBlank, at_most, needed, options
from credit_app.i18n import _, _l

LONGEST_FOLLOW_UP = timedelta(days=3 * 366)


class CommentForm(Form):
    """What somebody says, and whom it is to reach."""

    body = TextAreaField(
        _l("Comment"),
        [NotBlank(), at_most(4000)],
        description=_l("@ and a full name tells a colleague, for example @Anna Weiss."),
    )
    told = SelectMultipleField(_l("Tell"), [Optional()], coerce=int)
    request_key = HiddenField()

    def offer(self, people: list[tuple[int, str]]) -> "CommentForm":
        """Fill the list of people."""
        self.told.choices = options(people)
        return self


class FollowUpForm(Form):
    """When somebody wants to come back, and what for."""

    on_day = DateField(_l("Come back on"), [needed(_l("Please give a date."))])
    note = StringField(
        _l("Note"), [Optional(), at_most(1000)], description=_l("Example: ask for the balance sheet")
    )

    def check_from(self, today: date) -> "FollowUpForm":
        """Remember today, which the day must not lie before."""
        self.today = today
        return self

    def validate_on_day(self, field: Any) -> None:
        """A day in the past would never come; a typing error in the year would go unnoticed."""
        if field.data and not self.today <= field.data <= self.today + LONGEST_FOLLOW_UP:
            raise ValidationError(_("Please give a day from today on, within three years."))


class SavedFilterForm(Form):
    """A name for the list as it stands."""

    name = StringField(_l("Name"), [NotBlank(), at_most(100)])
