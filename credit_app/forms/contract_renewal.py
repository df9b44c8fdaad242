"""The forms of a renewal: what the owner decides, and the notice with its proof."""

from dataclasses import dataclass
from datetime import date

from flask_wtf.file import FileField
from sqlalchemy.orm import Session
from wtforms import DateField, RadioField, TextAreaField
from wtforms.validators import Optional

from credit_app.forms.base import Form, at_most
from credit_app.forms.uploads import Upload, checked_upload
from credit_app.i18n import _l


@dataclass(frozen=True, slots=True)
class Decided:
    """`choice` is renew, leave or notice; a renewal comes with what is to be agreed anew."""

    choice: str
    ground: str


class DecisionForm(Form):
    """Nothing is preselected."""

    choice = RadioField(_l("Your decision"), validate_choice=False)
    ground = TextAreaField(_l("Reason"), [at_most(1000)])

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, _row: object) -> None:
        """A page that is opened begins empty."""

    def answer(self, _session: Session) -> Decided:
        """What was chosen."""
        return Decided(self.choice.data or "", self.ground.data or "")


@dataclass(frozen=True, slots=True)
class Noticed:
    """`choice` is given or not_given; a notice that was given comes with its day and paper."""

    choice: str
    received_on: date | None
    paper: Upload | None
    note: str


class NoticeForm(Form):
    """What became of the notice."""

    choice = RadioField(_l("The notice"), validate_choice=False)
    received_on = DateField(_l("Received on"), [Optional()])
    file = FileField(
        _l("Notice with proof of receipt"), description=_l("PDF, PNG, JPEG, Word or Excel, at most 10 MB")
    )
    note = TextAreaField(_l("Note"), [at_most(1000)])

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, _row: object) -> None:
        """A page that is opened begins empty."""

    def answer(self, _session: Session) -> Noticed:
        """What was entered. Raises InvalidAnswer for a file that is not taken."""
        given = self.file.data
        paper = checked_upload(given, "file") if given is not None and given.filename else None
        return Noticed(self.choice.data or "", self.received_on.data, paper, self.note.data or "")
