"""Fields that several steps share: money as typed, whole days, files."""

import re
from decimal import Decimal
from typing import Any

from wtforms import SelectField, StringField, ValidationError

from credit_app.domain.errors import DomainError
from credit_app.domain.money import format_amount, minor_units, parse_amount
from credit_app.i18n import _, said

LONGEST_NUMBER = 40
LONGEST_DAYS = 3650  # what the columns take
DECIMALS = 2
SHARE = re.compile(r"[0-9]{1,3}([.,][0-9]{1,2})?")
NUMBER = re.compile(r"[-−]?[0-9]{1,6}([.,][0-9]{1,2})?")


def typed(amount: Decimal) -> str:
    """An amount as a person would type it, readable in one way only: `250 000`, `1 250.50`."""
    written = format_amount(amount).replace(",", " ")
    return written.removesuffix(".00")


class AmountField(StringField):
    """An amount of money as people type it; `amount` is the Decimal, None when the field is empty.

    Ambiguous input is asked back. `currency_field` names the form's field with the currency, for its minor units.
    """

    def __init__(self, *args: Any, currency_field: str = "currency", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency_field = currency_field
        self.amount: Decimal | None = None

    @property
    def given(self) -> Decimal:
        """The amount of a form that was validated to have one."""
        assert self.amount is not None, "the form's own check asks for the amount"  # noqa: S101
        return self.amount

    def process_data(self, value: Any) -> None:
        """Show a stored amount grouped, as it would be typed."""
        self.amount = value
        self.data = typed(value) if isinstance(value, Decimal) else value

    def pre_validate(self, form: Any) -> None:
        """Read the text. Raises ValidationError with what was wrong and what is accepted."""
        text = (self.data or "").strip()
        self.amount = None
        if not text:
            return
        currency = getattr(getattr(form, self.currency_field, None), "data", None) or ""
        try:
            self.amount = parse_amount(text[: LONGEST_NUMBER + 1], min(DECIMALS, minor_units(currency)))
        except DomainError as error:
            raise ValidationError(said(error.sentence)) from None


class ChoiceField(SelectField):
    """A select that may be left out: a part of the page that another choice has closed sends nothing."""

    def pre_validate(self, form: Any) -> None:
        """Only what was sent has to be one of the choices."""
        if self.raw_data:
            super().pre_validate(form)


class WholeField(StringField):
    """A whole number of days or pieces; `number` is the int, None when the field is empty."""

    number: int | None = None

    def __init__(self, *args: Any, most: int = LONGEST_DAYS, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most = most

    def process_data(self, value: Any) -> None:
        """Show a stored number."""
        self.number = value
        self.data = str(value) if value is not None else ""

    def pre_validate(self, _form: Any) -> None:
        """Read the text. Raises ValidationError when it is no whole number."""
        typed = (self.data or "").strip()
        self.number = None
        if not typed:
            return
        if not (typed.isascii() and typed.isdigit() and len(typed) <= 6):
            raise ValidationError(_("Enter a whole number, for example 30."))
        if int(typed) > self.most:
            raise ValidationError(_("Enter a whole number of at most %(most)s.", most=self.most))
        self.number = int(typed)


class ShareField(StringField):
    """A percentage as people type it, 12.5 or 12,5; `share` is the Decimal from 0 to 1, None when it is empty."""

    share: Decimal | None = None

    def __init__(self, *args: Any, most: int = 100, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most = most

    def process_data(self, value: Any) -> None:
        """Show a stored share in per cent."""
        self.share = value
        self.data = f"{(value * 100).normalize():f}" if isinstance(value, Decimal) else value

    def pre_validate(self, _form: Any) -> None:
        """Read the text. Raises ValidationError when it is no percentage of at most two decimals."""
        text, self.share = (self.data or "").strip().removesuffix("%").strip(), None
        if not text:
            return
        if not SHARE.fullmatch(text) or Decimal(text.replace(",", ".")) > self.most:
            raise ValidationError(
                _("Enter per cent between 0 and %(most)s, for example 12.5.", most=self.most)
            )
        self.share = Decimal(text.replace(",", ".")) / 100


class NumberField(StringField):
    """A number as people type it, 1.2 or -3,5; `number` is the Decimal, None when the field is empty."""

    number: Decimal | None = None

    def process_data(self, value: Any) -> None:
        """Show a stored number."""
        self.number = value
        self.data = f"{value.normalize():f}" if isinstance(value, Decimal) else value

    def pre_validate(self, _form: Any) -> None:
        """Read the text. Raises ValidationError when it is no number of at most two decimals."""
        text, self.number = (self.data or "").strip().removesuffix("%").strip(), None
        if not text:
            return
        if (not text.isascii() and "−" not in text) or not NUMBER.fullmatch(text):
            raise ValidationError(_("Enter a number with at most two decimals, for example 1.25."))
        self.number = Decimal(text.replace(",", ".").replace("−", "-"))
