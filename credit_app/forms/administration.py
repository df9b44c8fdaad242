"""Forms of the administration: holidays as a list, currencies and rates, branches and departments."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, DateField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import Optional

from credit_app.forms.base import Form, NotBlank, at_most, needed, options
from credit_app.forms.people import optional_number
from credit_app.i18n import _, _l

MOST_HOLIDAYS = 400
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
_RATE = re.compile(r"[0-9]{1,10}(\.[0-9]{1,8})?\Z")


class HolidayListForm(Form):
    """Holidays as a list, one a line: the day, then its name. `days` are those read."""

    holidays = TextAreaField(
        _l("Holidays, one a line"),
        [NotBlank(), at_most(40_000)],
        description=_l("Day and name, for example: 2026-12-25 Christmas Day"),
    )
    days: dict[date, str]

    def validate_holidays(self, field: Any) -> None:
        """Every line is a day between 2000 and 2100 and a name; the first that is not is named."""
        self.days = {}
        lines = [line.strip() for line in (field.data or "").splitlines() if line.strip()]
        if len(lines) > MOST_HOLIDAYS:
            raise ValidationError(_("At most %(most)s lines, please.", most=MOST_HOLIDAYS))
        for number, line in enumerate(lines, 1):
            found = re.fullmatch(r"(\d{4}-\d\d-\d\d)[\s,;]+(.{1,200})", line)
            day = read_day(found[1]) if found else None
            if found is None or day is None or not found[2].strip():
                raise ValidationError(
                    _(
                        "Line %(number)s, “%(line)s”, is no day between 2000 and 2100 with a name.",
                        number=number,
                        line=line[:60],
                    )
                )
            self.days[day] = found[2].strip()


def read_day(text: str) -> date | None:
    """A day that the calendar knows; None for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


class CurrencyForm(Form):
    """A currency to take into use."""

    code = StringField(
        _l("Code"), [NotBlank()], description=_l("Three letters as in ISO 4217, for example SEK")
    )
    name = StringField(_l("Name"), [NotBlank(), at_most(100)])
    minor_units = SelectField(
        _l("Decimals"), choices=options([("2", "2"), ("1", "1"), ("0", "0")]), default="2"
    )

    def validate_code(self, field: Any) -> None:
        """Three capital letters."""
        field.data = (field.data or "").upper()
        if not re.fullmatch(r"[A-Z]{3}", field.data):
            raise ValidationError(_("A currency has three letters, for example SEK."))


class RateForm(Form):
    """The rate of a pair on a day; `rate` is exact."""

    base = SelectField(_l("One unit of"), [needed()])
    quote = SelectField(_l("costs in"), [needed()])
    rate = StringField(_l("Rate"), [NotBlank()], description=_l("With a point, for example 1.0832"))
    day = DateField(_l("Day"), [needed(_l("Please give a date."))])
    source = StringField(
        _l("Source"),
        [NotBlank(), at_most(200)],
        description=_l("Example: reference rate of the central bank"),
    )

    checked = BooleanField(
        _l("I have checked this rate: it is right although it departs from the one before")
    )

    def offer(self, codes: list[str]) -> "RateForm":
        """Fill the selects."""
        self.base.choices = self.quote.choices = options([(code, code) for code in codes], _("choose"))
        return self

    def validate_quote(self, field: Any) -> None:
        """A currency costs 1 of itself."""
        if field.data and field.data == self.base.data:
            raise ValidationError(_("Choose two different currencies."))

    def validate_rate(self, field: Any) -> None:
        """A number above zero, read in one way only."""
        text = (field.data or "").replace(" ", "")
        if not _RATE.match(text) or Decimal(text) <= 0:
            raise ValidationError(_("Enter a number above zero with a point, for example 1.0832."))

    @property
    def exact(self) -> Decimal:
        """The rate that was typed."""
        return Decimal((self.rate.data or "").replace(" ", ""))


class BranchForm(Form):
    """A branch with its short code."""

    code = StringField(_l("Code"), [NotBlank(), at_most(20)], description=_l("Example: N"))
    name = StringField(_l("Name"), [NotBlank(), at_most(200)], description=_l("Example: North"))


class DepartmentForm(Form):
    """A department of one branch or of the whole company."""

    name = StringField(_l("Name"), [NotBlank(), at_most(200)], description=_l("Example: Key accounts"))
    branch_id = SelectField(_l("Branch"), [Optional()], coerce=optional_number)

    def offer(self, branches: list[tuple[int, str]]) -> "DepartmentForm":
        """Fill the select."""
        self.branch_id.choices = options(branches, _("whole company"))
        return self
