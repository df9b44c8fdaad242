"""The forms of the collector's day: a contact, a case given to others, paused or given up, and what is watched."""

from dataclasses import dataclass
from datetime import date

from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from credit_app.domain.collection import REASON_CODES
from credit_app.domain.worklist import WATCH_TAGS
from credit_app.forms.base import Form, at_most, options
from credit_app.forms.collection import REASON_WORDS
from credit_app.i18n import _l

CHANNEL_WORDS = {
    "call": _l("telephone"),
    "email": _l("e-mail"),
    "sms": _l("SMS"),
    "meeting": _l("meeting"),
}
DIRECTION_WORDS = {"out": _l("from us"), "in": _l("from the debtor")}
TAG_WORDS = {
    "protected": _l("distressed but protected"),
    "heavy_arrears": _l("heavy old arrears"),
    "mobile": _l("highly mobile"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A contact as it was entered; `choice` is one of facts.contacts.CHOICES."""

    channel: str
    direction: str
    choice: str
    reason_code: str | None
    reached: str
    note: str
    follow_up_on: date | None


class ContactForm(Form):
    """What was tried or said, by whichever way; what came of it is not preselected."""

    channel = SelectField(_l("Channel"), choices=options(CHANNEL_WORDS.items()), validate_choice=False)
    direction = SelectField(_l("From whom"), choices=options(DIRECTION_WORDS.items()), validate_choice=False)
    choice = RadioField(_l("What came of it"), validate_choice=False)
    reached = StringField(_l("Whom you spoke with"), [at_most(200)])
    reason_code = SelectField(
        _l("Why it is not paid"),
        choices=options(((one, REASON_WORDS[one]) for one in REASON_CODES), _l("not known")),
        validate_choice=False,
    )
    note = TextAreaField(_l("What was said"), [at_most(2000)])
    follow_up_on = DateField(_l("Look again on"), [Optional()])

    def answer(self) -> Said:
        """What was entered."""
        return Said(
            self.channel.data or "", self.direction.data or "", self.choice.data or "", self.reason_code.data or None,
            self.reached.data or "", self.note.data or "", self.follow_up_on.data,
        )  # fmt: skip


class ReassignForm(Form):
    """Who is to have the cases, and why; the cases themselves are ticked in the list."""

    collector_id = StringField(_l("Collector"))
    reason = StringField(_l("Reason"), [at_most(500)])


class PauseForm(Form):
    """Until when a case waits, and why."""

    until = DateField(_l("Pause until"), [Optional()])
    ground = TextAreaField(_l("Ground"), [at_most(500)])


class GiveUpForm(Form):
    """Why nothing more of a case is collected."""

    close_note = TextAreaField(_l("Ground"), [at_most(500)])


class TagForm(Form):
    """What is watched about a customer, and why."""

    tag = SelectField(
        _l("Watch as"),
        choices=options(((one, TAG_WORDS[one]) for one in WATCH_TAGS), _l("choose")),
        validate_choice=False,
    )
    reason = StringField(_l("Reason"), [at_most(500)])
