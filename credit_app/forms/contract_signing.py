"""The forms of signing a contract: a level's decision, and the other side's copy."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_wtf.file import FileField
from sqlalchemy.orm import Session
from wtforms import DateField, HiddenField, RadioField, TextAreaField
from wtforms.validators import Optional

from credit_app.forms.base import Form, at_most
from credit_app.forms.uploads import Upload, checked_upload
from credit_app.i18n import _l


@dataclass(frozen=True, slots=True)
class Signing:
    """`choice` is sign, send_back or refuse; `seen` the digest of the version that the page showed."""

    choice: str
    note: str
    seen: str


class _Bare(Form):
    """A form without choices from the tables, which opens empty."""

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, _review: Any) -> None:
        """A page that is opened begins empty."""


class SigningForm(_Bare):
    """Nothing is preselected."""

    choice = RadioField(_l("Your decision"), validate_choice=False)
    note = TextAreaField(_l("Reason"), [at_most(2000)])
    seen = HiddenField()

    def answer(self, _session: Session) -> Signing:
        """What was chosen."""
        return Signing(self.choice.data or "", self.note.data or "", self.seen.data or "")


@dataclass(frozen=True, slots=True)
class Countersigned:
    """`choice` is signed, changes or declined; a signed copy comes with its day."""

    choice: str
    signed_on: date | None
    copy: Upload | None
    note: str


class CountersignatureForm(_Bare):
    """What became of the other side's signature."""

    choice = RadioField(_l("What the other side did"), validate_choice=False)
    signed_on = DateField(_l("Signed on"), [Optional()])
    file = FileField(_l("Signed copy"), description=_l("PDF, PNG, JPEG, Word or Excel, at most 10 MB"))
    note = TextAreaField(_l("Note"), [at_most(1000)])

    def answer(self, _session: Session) -> Countersigned:
        """What was entered. Raises InvalidAnswer for a file that is not taken."""
        given = self.file.data
        copy = checked_upload(given, "file") if given is not None and given.filename else None
        return Countersigned(self.choice.data or "", self.signed_on.data, copy, self.note.data or "")
