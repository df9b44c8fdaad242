"""What the analyst makes of a rating, as a form."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session
from wtforms import HiddenField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice

from credit_app.forms.base import Form, at_most
from credit_app.forms.fields import NumberField
from credit_app.i18n import _l
from credit_app.models import GRADES, CreditApplication


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The answer; `grade` and `points` of judgement only count for `override`."""

    choice: str
    grade: str = ""
    points: Decimal | None = None
    reason: str = ""
    version: int = 0


class ConfirmationForm(Form):
    """The confirmation as a form. Nothing is preselected."""

    version = HiddenField()
    choice = RadioField(
        _l("Rating"),
        choices=[
            SelectChoice("confirm", _l("Confirm")),
            SelectChoice("override", _l("Override")),
            SelectChoice("investigate", _l("Investigate again")),
        ],
        validate_choice=False,
    )
    grade = SelectField(
        _l("Grade"),
        choices=[SelectChoice("", "–"), *(SelectChoice(grade, grade) for grade in GRADES)],
        validate_choice=False,
    )
    points = NumberField(
        _l("Judgement in points"), description=_l("Up or down, for example 5 or -3; they move the score")
    )
    reason = TextAreaField(_l("Reason"), [at_most(4000)])

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, application: CreditApplication) -> None:
        """Know what was seen."""
        self.version.data = str(application.version)

    def answer(self, _session: Session) -> Confirmation:
        """What was decided."""
        version = (self.version.data or "").strip()
        return Confirmation(
            self.choice.data or "",
            self.grade.data or "",
            self.points.number,
            self.reason.data or "",
            int(version) if version.isdigit() and len(version) < 10 else 0,
        )
