"""Financial statements as a form: three years side by side, line by line."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from flask_wtf.file import FileField
from sqlalchemy.orm import Session, object_session
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FormField,
    RadioField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from credit_app.domain.errors import DomainError
from credit_app.domain.money import parse_amount
from credit_app.domain.statement_lines import LINES
from credit_app.facts.investigations import draft_of
from credit_app.forms.base import Form, Part, at_most
from credit_app.forms.drafts import show_texts, typed_texts
from credit_app.forms.fields import LONGEST_NUMBER, ChoiceField, typed
from credit_app.forms.uploads import Upload, checked_uploads
from credit_app.i18n import _l, said
from credit_app.models import CreditApplication, currency_codes

NODE = "enter_statements"
YEARS = 3
UNITS = {1: _l("in units"), 1000: _l("in thousands"), 1_000_000: _l("in millions")}


class FigureField(StringField):
    """A figure of a statement, also below zero: -1 250.50 or (1 250.50); `amount` is None when it is empty."""

    amount: Decimal | None = None

    def process_data(self, value: Any) -> None:
        """Show a stored figure grouped, as it would be typed."""
        self.amount = value
        below = isinstance(value, Decimal) and value < 0
        self.data = ("-" if below else "") + typed(abs(value)) if isinstance(value, Decimal) else value

    def pre_validate(self, _form: Any) -> None:
        """Read the text. Raises ValidationError with what was wrong and what is accepted."""
        text, self.amount = (self.data or "").strip()[: LONGEST_NUMBER + 1], None
        if not text:
            return
        below = text[0] in "-−("
        if below:
            text = text[1:].removesuffix(")")
        try:
            amount = parse_amount(text, 2)
        except DomainError as error:
            raise ValidationError(said(error.sentence)) from None
        self.amount = -amount if below else amount


@dataclass(frozen=True, slots=True)
class YearEntry:
    """One year as it was entered; `figures` line -> amount in the currency and unit of the answer."""

    place: str
    period_end: date | None
    months: int
    audited: bool
    figures: dict[str, Decimal]


@dataclass(frozen=True, slots=True)
class Statements:
    """The whole answer. `texts` is what was typed, for a draft."""

    choice: str = ""
    currency: str = ""
    unit: int = 1
    consolidated: bool = False
    source: str = ""
    years: tuple[YearEntry, ...] = ()
    remark: str = ""
    reason: str = ""
    file: Upload | None = None
    texts: dict[str, str] = field(default_factory=dict)


class YearHead(Part):
    """What every year has besides its lines."""

    period_end = DateField(_l("Year ended on"), [Optional()])
    months = StringField(_l("Months"), [at_most(2)], default="12")
    audited = BooleanField(_l("Audited"))


YearPart: type[YearHead] = type(
    "YearPart", (YearHead,), {line.key: FigureField(_l(line.label)) for line in LINES}
)


class StatementsForm(Form):
    """The statements as a form. Nothing is preselected."""

    choice = RadioField(
        _l("Statements"),
        choices=[
            SelectChoice("enter", _l("Enter statements")),
            SelectChoice("use_filed", _l("Use those on file")),
            SelectChoice("none", _l("No statements available")),
        ],
        validate_choice=False,
    )
    currency = ChoiceField(_l("Currency"))
    unit = ChoiceField(
        _l("Unit"), choices=[SelectChoice(str(unit), words) for unit, words in UNITS.items()], default="1"
    )
    consolidated = BooleanField(_l("Consolidated"))
    source = StringField(
        _l("Source"), [at_most(300)], description=_l("For example: annual report, commercial register")
    )
    years = FieldList(FormField(YearPart), min_entries=YEARS, max_entries=YEARS)
    file = FileField(_l("Document"))
    remark = TextAreaField(
        _l("What explains the unusual figures"), [at_most(1000)], description=_l("Only where the page asks")
    )
    reason = TextAreaField(_l("Why there are none"), [at_most(4000)])

    def offer(self, session: Session) -> None:
        """Fill the currencies."""
        codes = currency_codes(session)
        self.currency.choices = [SelectChoice("", "–"), *(SelectChoice(code, code) for code in codes)]

    def show(self, application: CreditApplication) -> None:
        """Show the draft, else the currency of the application."""
        session = object_session(application)
        texts = draft_of(session, application, NODE) if session is not None else {}
        if texts:
            show_texts(self, texts)
        else:
            self.currency.data = application.currency or ""

    def answer(self, _session: Session) -> Statements:
        """What was entered. Raises InvalidAnswer for a file that is not accepted."""
        files = checked_uploads([self.file.data] if self.file.data else [], "file")
        return Statements(
            self.choice.data or "",
            self.currency.data or "",
            int(self.unit.data or 1),
            bool(self.consolidated.data),
            self.source.data or "",
            tuple(self._year(entry) for entry in self.years),
            self.remark.data or "",
            self.reason.data or "",
            files[0] if files else None,
            typed_texts(self),
        )

    @staticmethod
    def _year(entry: Any) -> YearEntry:
        part = entry.form
        amounts = {line.key: part[line.key].amount for line in LINES}
        months = (part.months.data or "").strip()
        return YearEntry(
            entry.name,
            part.period_end.data,
            int(months) if months.isascii() and months.isdigit() else 0,
            bool(part.audited.data),
            {key: amount for key, amount in amounts.items() if amount is not None},
        )
