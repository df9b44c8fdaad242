"""The tasks of a limit review as forms: measures taken, what becomes of the limit, what the customer needs."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session
from wtforms import FieldList, FormField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from credit_app.facts.review_reading import ACTION_WORDS
from credit_app.facts.reviews import measures_of
from credit_app.forms.base import Form, Part, at_most
from credit_app.forms.fields import AmountField, WholeField
from credit_app.i18n import _l
from credit_app.models import CreditApplication

MOST_MEASURES = 50


def version_of(field: HiddenField) -> int:
    """The version of the row that the page was made from; 0 for anything else."""
    version = (field.data or "").strip()
    return int(version) if version.isdigit() and len(version) < 10 else 0


@dataclass(frozen=True, slots=True)
class Measure:
    """What became of one measure; `place` is its row in the form."""

    place: str
    result: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Measures:
    """The whole answer, in the order of the measures."""

    rows: tuple[Measure, ...]


class MeasurePart(Part):
    """One measure."""

    result = RadioField(
        _l("Result"),
        choices=[SelectChoice("taken", _l("Taken")), SelectChoice("left", _l("Not taken"))],
        validate_choice=False,
    )
    note = StringField(_l("Note"), [at_most(1000)])


class MeasuresForm(Form):
    """Each measure of the warning line; nothing is preselected."""

    rows = FieldList(FormField(MeasurePart), max_entries=MOST_MEASURES)

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, application: CreditApplication) -> None:
        """One row a measure."""
        for _measure in measures_of(application)[:MOST_MEASURES]:
            self.rows.append_entry()

    def answer(self, _session: Session) -> Measures:
        """What became of each."""
        return Measures(
            tuple(
                Measure(f"rows-{number}", row.result.data or "", row.note.data or "")
                for number, row in enumerate(entry.form for entry in self.rows)
            )
        )


@dataclass(frozen=True, slots=True)
class ProposedAction:
    """What the analyst proposes to do with the limit, and why."""

    version: int
    action: str
    reason: str = ""


class ActionForm(Form):
    """The proposal of a review. Nothing is preselected."""

    version = HiddenField()
    action = RadioField(
        _l("Proposal"),
        choices=[SelectChoice(action, word) for action, word in ACTION_WORDS.items()],
        validate_choice=False,
    )
    reason = TextAreaField(_l("Reason"), [at_most(4000)])

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, application: CreditApplication) -> None:
        """Only the version; the choice is never preselected."""
        self.version.data = str(application.version)

    def answer(self, _session: Session) -> ProposedAction:
        """What is proposed."""
        return ProposedAction(version_of(self.version), self.action.data or "", self.reason.data or "")


@dataclass(frozen=True, slots=True)
class Need:
    """What the customer needs from now on; amounts in the limit's currency."""

    version: int
    requested_limit: Decimal | None = None
    terms_days: int | None = None
    yearly_purchases: Decimal | None = None
    purpose: str = ""


class NeedForm(Form):
    """The need of the customer as the sales rep sees it; starts with what is known."""

    version = HiddenField()
    requested_limit = AmountField(_l("Limit needed"))
    terms_days = WholeField(_l("Credit terms"), description=_l("Days from invoice to due date"))
    yearly_purchases = AmountField(_l("Expected yearly purchases"), description=_l("Without tax"))
    purpose = TextAreaField(_l("Answer"), [at_most(4000)], description=_l("What was asked for, and why"))

    def offer(self, _session: Any) -> None:
        """There are no choices from the tables."""

    def show(self, application: CreditApplication) -> None:
        """Show the figures of today."""
        self.version.data = str(application.version)
        self.requested_limit.process_data(application.requested_limit)
        self.terms_days.process_data(application.terms_days)
        self.yearly_purchases.process_data(application.yearly_purchases)

    def answer(self, _session: Session) -> Need:
        """What is needed."""
        return Need(
            version_of(self.version),
            self.requested_limit.amount,
            self.terms_days.number,
            self.yearly_purchases.amount,
            self.purpose.data or "",
        )
