"""The forms of collection: what came of a call, whether to escalate, and the case in the hands of who leads."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session
from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from credit_app.domain.collection import REASON_CODES
from credit_app.forms.base import Form, at_most, options
from credit_app.i18n import _, _l
from credit_app.models import CollectionCase

REASON_WORDS = {
    "cannot_pay": _l("cannot pay"),
    "will_not_pay": _l("will not pay"),
    "dispute": _l("dispute"),
    "administrative": _l("administrative"),
}


@dataclass(frozen=True, slots=True)
class Called:
    """What came of a call."""

    outcome: str
    reason_code: str | None
    reached: str
    note: str
    follow_up_on: date | None


class CallForm(Form):
    """What was said; nothing is preselected."""

    choice = RadioField(_l("What came of it"), validate_choice=False)
    reached = StringField(_l("Whom you spoke with"), [at_most(200)])
    reason_code = SelectField(_l("Why it is not paid"), validate_choice=False)
    note = TextAreaField(_l("What was said"), [at_most(2000)])
    follow_up_on = DateField(_l("Look again on"), [Optional()])

    def offer(self, _session: Session) -> None:
        """The reason codes."""
        self.reason_code.choices = options(
            ((code, REASON_WORDS[code]) for code in REASON_CODES), _("not known")
        )

    def show(self, _case: CollectionCase) -> None:
        """A page that is opened begins empty."""

    def answer(self, _session: Session) -> Called:
        """What was entered."""
        return Called(
            self.choice.data or "", self.reason_code.data or None, self.reached.data or "", self.note.data or "",
            self.follow_up_on.data,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Escalated:
    """Whether the case goes on to its stage, or waits until a day."""

    choice: str
    until: date | None
    reason: str


class EscalationForm(Form):
    """Go on, or wait; nothing is preselected."""

    choice = RadioField(_l("How it goes on"), validate_choice=False)
    until = DateField(_l("Wait until"), [Optional()])
    reason = TextAreaField(_l("Reason"), [at_most(500)])

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, _case: CollectionCase) -> None:
        """A page that is opened begins empty."""

    def answer(self, _session: Session) -> Escalated:
        """What was chosen."""
        return Escalated(self.choice.data or "", self.until.data, self.reason.data or "")


class LawyersLetterForm(Form):
    """Send the letter, with a note for the file."""

    note = TextAreaField(_l("Note"), [at_most(500)])

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, _case: CollectionCase) -> None:
        """A page that is opened begins empty."""

    def answer(self, _session: Session) -> str:
        """The note."""
        return self.note.data or ""
