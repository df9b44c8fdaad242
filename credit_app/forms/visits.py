"""The forms of a visit on site: the plan, the report, the signed statement, and what was agreed."""

from dataclasses import dataclass
from datetime import date

from flask_wtf.file import FileField
from sqlalchemy.orm import Session
from wtforms import (
    BooleanField,
    DateField,
    MultipleFileField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional

from credit_app.domain.visits import FINDINGS, WILLINGNESS
from credit_app.facts.visits import visitors
from credit_app.forms.base import Form, at_most, options
from credit_app.forms.uploads import Upload, checked_upload, checked_uploads
from credit_app.i18n import _, _l
from credit_app.models.visits import SiteVisit

FINDING_WORDS = {
    "met": _l("somebody was met"),
    "nobody_there": _l("nobody was there"),
    "moved_away": _l("moved away"),
    "closed_down": _l("closed down"),
    "not_let_in": _l("not let in"),
}
WILLINGNESS_WORDS = {
    "willing": _l("willing to pay"),
    "hesitant": _l("hesitant"),
    "unwilling": _l("unwilling to pay"),
}


@dataclass(frozen=True, slots=True)
class Planned:
    """Who goes when, where and to what end; `choice` is planned or not_needed."""

    choice: str
    visitor_id: int | None
    planned_on: date | None
    address: str
    purpose: str
    bring: str
    anyway: bool
    reason: str


class PlanForm(Form):
    """The plan of a visit."""

    choice = RadioField(_l("How it goes on"), validate_choice=False)
    visitor = SelectField(_l("Who goes"), validate_choice=False)
    planned_on = DateField(_l("Day of the visit"), [Optional()])
    address = StringField(_l("Where"), [at_most(300)])
    purpose = TextAreaField(_l("Purpose"), [at_most(500)])
    bring = TextAreaField(_l("What to bring"), [at_most(500)])
    anyway = BooleanField(_l("The day is meant, although nobody works then or the visitor has another visit"))
    reason = TextAreaField(_l("Reason"), [at_most(500)])

    def offer(self, _session: Session) -> None:
        """Who can go depends on the customer; see `look`."""
        self.visitor.choices = []

    def show(self, visit: SiteVisit) -> None:
        """What is known of where it is."""
        self.address.data = visit.address

    def offer_visitors(self, session: Session, visit: SiteVisit) -> None:
        """Those who collect in the customer's branch."""
        self.visitor.choices = options(((str(one.id), one.name) for one in visitors(session, visit)), "–")

    def answer(self, _session: Session) -> Planned:
        """What was entered."""
        number = str(self.visitor.data or "")
        return Planned(
            self.choice.data or "", int(number) if number.isascii() and number.isdigit() else None,
            self.planned_on.data, self.address.data or "", self.purpose.data or "", self.bring.data or "",
            bool(self.anyway.data), self.reason.data or "",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reported:
    """What became of a visit; `choice` is visited, put_off or cancelled."""

    choice: str
    visited_on: date | None
    finding: str
    whom_met: str
    premises: str
    stocks: str
    willingness: str
    note: str
    photos: tuple[Upload, ...]
    documents: tuple[Upload, ...]
    planned_on: date | None
    anyway: bool
    reason: str


class ReportForm(Form):
    """The report, or another day; nothing is preselected."""

    choice = RadioField(_l("What became of the visit"), validate_choice=False)
    visited_on = DateField(_l("Day of the visit"), [Optional()])
    finding = SelectField(_l("What was found"), validate_choice=False)
    whom_met = StringField(_l("Whom you met"), [at_most(200)])
    premises = TextAreaField(_l("Premises"), [at_most(1000)])
    stocks = TextAreaField(_l("Stocks and work in hand"), [at_most(1000)])
    willingness = SelectField(_l("Willingness to pay"), validate_choice=False)
    note = TextAreaField(_l("What was said"), [at_most(2000)])
    photos = MultipleFileField(_l("Photos"), description=_l("PNG or JPEG, at most 10 MB each"))
    documents = MultipleFileField(
        _l("Documents"), description=_l("PDF, PNG, JPEG, Word or Excel, at most 10 MB")
    )
    planned_on = DateField(_l("New day"), [Optional()])
    anyway = BooleanField(_l("The day is meant, although nobody works then or the visitor has another visit"))
    reason = TextAreaField(_l("Reason"), [at_most(500)])

    def offer(self, _session: Session) -> None:
        """What one can find, and how willing the debtor is."""
        self.finding.choices = options(((code, FINDING_WORDS[code]) for code in FINDINGS), "–")
        self.willingness.choices = options(
            ((code, WILLINGNESS_WORDS[code]) for code in WILLINGNESS), _("not known")
        )

    def show(self, _visit: SiteVisit) -> None:
        """A page that is opened begins empty."""

    def answer(self, _session: Session) -> Reported:
        """What was entered. Raises InvalidAnswer for a file that is not taken."""
        return Reported(
            self.choice.data or "", self.visited_on.data, self.finding.data or "", self.whom_met.data or "",
            self.premises.data or "", self.stocks.data or "", self.willingness.data or "", self.note.data or "",
            checked_uploads(self.photos.data or [], "photos"),
            checked_uploads(self.documents.data or [], "documents"), self.planned_on.data,
            bool(self.anyway.data), self.reason.data or "",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Signed:
    """The statement as the debtor signed it; `choice` is signed or not_signed."""

    choice: str
    signed_on: date | None
    statement_on: date | None
    signed_by: str
    document: Upload | None
    reason: str


class SignatureForm(Form):
    """The signed statement, or why there is none."""

    choice = RadioField(_l("Was the statement signed?"), validate_choice=False)
    signed_on = DateField(_l("Signed on"), [Optional()])
    statement_on = DateField(_l("Day of the statement"), [Optional()])
    signed_by = StringField(_l("Who signed"), [at_most(200)])
    file = FileField(_l("Signed statement"), description=_l("PDF, PNG, JPEG, Word or Excel, at most 10 MB"))
    reason = TextAreaField(_l("Reason"), [at_most(500)])

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, visit: SiteVisit) -> None:
        """The day of the visit."""
        self.signed_on.data = self.statement_on.data = visit.visited_on

    def answer(self, _session: Session) -> Signed:
        """What was entered. Raises InvalidAnswer for a file that is not taken."""
        given = self.file.data
        document = checked_upload(given, "file") if given is not None and given.filename else None
        return Signed(
            self.choice.data or "", self.signed_on.data, self.statement_on.data, self.signed_by.data or "",
            document, self.reason.data or "",
        )  # fmt: skip


class AgreementForm(Form):
    """What was agreed; nothing is preselected."""

    choice = RadioField(_l("What was agreed"), validate_choice=False)
    note = TextAreaField(_l("What was said"), [at_most(1000)])

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, _visit: SiteVisit) -> None:
        """A page that is opened begins empty."""

    def answer(self, _session: Session) -> tuple[str, str]:
        """(choice, what was said)."""
        return self.choice.data or "", self.note.data or ""
