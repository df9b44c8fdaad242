"""A third party's report as a form: recorded, the valid one used, or why none is needed."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask_wtf.file import FileField
from sqlalchemy.orm import Session, object_session
from wtforms import DateField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from credit_app.facts.reports import ordered_report
from credit_app.forms.base import Form, at_most
from credit_app.forms.fields import AmountField, ChoiceField
from credit_app.forms.uploads import Upload, checked_uploads
from credit_app.i18n import _l
from credit_app.models import CreditApplication, currency_codes


@dataclass(frozen=True, slots=True)
class ReportAnswer:
    """What is known of the report; days as dates, the cost in `currency`."""

    choice: str = ""
    provider: str = ""
    ordered_on: date | None = None
    reported_on: date | None = None
    valid_until: date | None = None
    cost: Decimal | None = None
    currency: str | None = None
    provider_grade: str = ""
    recommended_limit: Decimal | None = None
    note: str = ""
    file: Upload | None = None


class ReportForm(Form):
    """The report as a form. Nothing is preselected."""

    choice = RadioField(
        _l("Report"),
        choices=[
            SelectChoice("record", _l("Record a report")),
            SelectChoice("use_valid", _l("Use the report that is still valid")),
            SelectChoice("not_needed", _l("No report is needed")),
        ],
        validate_choice=False,
    )
    provider = StringField(_l("Provider"), [at_most(200)], description=_l("For example Creditreform"))
    ordered_on = DateField(_l("Ordered on"), [Optional()])
    reported_on = DateField(_l("Dated"), [Optional()])
    valid_until = DateField(
        _l("Valid until"), [Optional()], description=_l("Empty: the months that policy names")
    )
    cost = AmountField(_l("Cost"))
    currency = ChoiceField(_l("Currency"))
    provider_grade = StringField(
        _l("Provider's grade"), [at_most(60)], description=_l("As it stands in the report")
    )
    recommended_limit = AmountField(_l("Recommended limit"))
    note = TextAreaField(_l("Note or reason"), [at_most(4000)])
    file = FileField(_l("Document"))

    def offer(self, session: Session) -> None:
        """Fill the currencies."""
        codes = currency_codes(session)
        self.currency.choices = [SelectChoice("", "–"), *(SelectChoice(code, code) for code in codes)]

    def show(self, application: CreditApplication) -> None:
        """Show the order that is under way, if there is one."""
        session = object_session(application)
        ordered = ordered_report(session, application) if session is not None else None
        if ordered is None:
            return
        self.provider.data, self.note.data = ordered.provider, ordered.note
        self.ordered_on.data = ordered.ordered_on
        self.cost.process_data(ordered.cost)
        self.currency.data = ordered.currency or ""

    def answer(self, _session: Session) -> ReportAnswer:
        """What was entered. Raises InvalidAnswer for a file that is not accepted."""
        files = checked_uploads([self.file.data] if self.file.data else [], "file")
        return ReportAnswer(
            self.choice.data or "",
            self.provider.data or "",
            self.ordered_on.data,
            self.reported_on.data,
            self.valid_until.data,
            self.cost.amount,
            self.currency.data or None,
            self.provider_grade.data or "",
            self.recommended_limit.amount,
            self.note.data or "",
            files[0] if files else None,
        )
