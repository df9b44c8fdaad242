"""The decision of one approval level as a form; nothing is preselected."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from wtforms import (
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from credit_app.facts.application import limit_in_question, payment_method_in_question, terms_in_question
from credit_app.facts.payment_words import PAYMENT_WORDS
from credit_app.forms.base import Form, at_most, options
from credit_app.forms.fields import AmountField, WholeField
from credit_app.i18n import _, _l
from credit_app.models import CreditApplication

MOST_PEOPLE = 50
LARGEST_ID = 2**63 - 1
REWORK_WORDS = {
    "entry": _l("Entry"),
    "investigation": _l("Investigation"),
    "rating": _l("Rating"),
    "proposal": _l("Proposal"),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of one level. What a choice does not need does not count.

    `limit` to `conditions` belong to `approve_with_changes`, `rework_to` to `send_back`, `people` to `due_on` to
    `ask_opinion`, `added` to `add_approver`; discounts are per cent.
    """

    version: int
    decision: str
    limit: Decimal | None = None
    terms_days: int | None = None
    conditions: str = ""
    reason: str = ""
    payment_method: str = ""
    discount: Decimal | None = None
    rework_to: str = "entry"
    people: tuple[int, ...] = ()
    question: str = ""
    due_on: date | None = None
    added: int | None = None


class PercentField(StringField):
    """A percentage as people type it, `1.5` or `1,5`; `percent` is the Decimal, None when the field is empty."""

    percent: Decimal | None = None

    def process_data(self, value: Any) -> None:
        """Show a stored percentage without needless zeros."""
        self.percent = value
        self.data = f"{value.normalize():f}" if isinstance(value, Decimal) else ""

    def pre_validate(self, _form: Any) -> None:
        """Read the text. Raises ValidationError when it is no percentage."""
        typed, self.percent = (self.data or "").strip().removesuffix("%").strip(), None
        if not typed:
            return
        try:
            number = Decimal(typed.replace(",", ".")) if len(typed) <= 6 and typed.isascii() else None
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite() or not 0 <= number <= 100 or round(number, 2) != number:
            raise ValidationError(_("Enter per cent between 0 and 100, for example 2.5."))
        self.percent = number


class DecisionForm(Form):
    """The decision as a form. Nothing is preselected."""

    version = HiddenField()
    decision = RadioField(
        _l("Decision"),
        choices=[
            SelectChoice("approve", _l("Approve")),
            SelectChoice("approve_with_changes", _l("Approve with changes")),
            SelectChoice("send_back", _l("Send back")),
            SelectChoice("refuse", _l("Refuse")),
            SelectChoice("ask_opinion", _l("Ask for opinions")),
            SelectChoice("add_approver", _l("Add an approver")),
        ],
        validate_choice=False,
    )
    limit = AmountField(_l("Limit"))
    terms_days = WholeField(_l("Credit terms"), description=_l("Days from invoice to due date"))
    payment_method = SelectField(
        _l("Payment method"), choices=options(PAYMENT_WORDS.items(), ""), validate_choice=False
    )
    discount = PercentField(_l("Discount"), description=_l("Per cent of the invoice, for example 2.5"))
    conditions = TextAreaField(_l("Conditions"), [at_most(4000)])
    rework_to = RadioField(_l("Return to"), choices=options(REWORK_WORDS.items()), validate_choice=False)
    people = SelectMultipleField(_l("Colleagues"), choices=[], validate_choice=False)
    question = TextAreaField(_l("Question"), [at_most(4000)])
    due_on = DateField(
        _l("Answer until"), [Optional()], description=_l("Empty: the policy's number of business days")
    )
    added = SelectField(_l("Approver"), choices=[], validate_choice=False)
    reason = TextAreaField(_l("Reason"), [at_most(4000)])

    def offer(self, _session: Any) -> None:
        """There are no choices from the tables; the page lists the people that may be asked."""

    def show(self, application: CreditApplication) -> None:
        """Show the figures in question; the decision itself is never preselected."""
        self.version.data = str(application.version)
        self.limit.process_data(limit_in_question(application))
        self.terms_days.process_data(terms_in_question(application))
        self.payment_method.data = payment_method_in_question(application)
        self.discount.process_data(application.discount)
        self.conditions.data = application.approved_conditions or ""

    def answer(self, _session: Any) -> Decision:
        """What was decided."""
        return Decision(
            whole(self.version.data, 10**9) or 0,
            self.decision.data or "",
            self.limit.amount,
            self.terms_days.number,
            (self.conditions.data or "").strip(),
            (self.reason.data or "").strip(),
            self.payment_method.data or "",
            self.discount.percent,
            self.rework_to.data or "",
            chosen(self.people.data or ()),
            (self.question.data or "").strip(),
            self.due_on.data,
            whole(self.added.data),
        )


def whole(typed: str | None, below: int = LARGEST_ID) -> int | None:
    """A number that a page sent; None when it is none."""
    text = (typed or "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        return None
    return int(text) if int(text) < below else None


def chosen(values: Iterable[str]) -> tuple[int, ...]:
    """The ids that a page sent, each once."""
    found = (whole(value) for value in list(values)[:MOST_PEOPLE])
    return tuple(dict.fromkeys(one for one in found if one is not None))
