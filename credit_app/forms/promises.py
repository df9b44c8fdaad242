"""The forms of promises, payment plans and extensions: asking for one, deciding, changing it, judging what came."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask_wtf.file import FileField
from sqlalchemy.orm import Session
from wtforms import (
    DateField,
    FieldList,
    FormField,
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

from credit_app.domain.promises import MOST_INSTALMENTS, equal_parts
from credit_app.facts.agreements import Decision
from credit_app.facts.extensions import Terms
from credit_app.facts.plans import Schedule
from credit_app.facts.promises import Given
from credit_app.forms.base import Form, NotBlank, Part, at_most, needed, options
from credit_app.forms.fields import AmountField, WholeField
from credit_app.forms.uploads import checked_upload
from credit_app.i18n import _, _l
from credit_app.models.promises import PaymentExtension, PaymentPlan, PromiseToPay

ROWS = 6  # what the page has room for at first
LONGEST_ID = 18
CHANNEL_WORDS = (
    ("call", _l("telephone")),
    ("email", _l("e-mail")),
    ("sms", _l("SMS")),
    ("letter", _l("letter")),
    ("visit", _l("visit")),
    ("meeting", _l("meeting")),
)
YES_NO = (("yes", _l("yes")), ("no", _l("no")))


def item_id(text: Any) -> int:
    """An item as it was sent; 0, which is none, for anything else."""
    plain = str(text or "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= LONGEST_ID else 0


class ItemsField(SelectMultipleField):
    """The ids of the items that were ticked; whether they may be chosen is the rules' to say."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, coerce=item_id, choices=[], validate_choice=False, **kwargs)

    @property
    def ids(self) -> tuple[int, ...]:
        """Each once, in order."""
        return tuple(sorted(set(self.data or ())))


class PromiseForm(Form):
    """What a debtor promises. Nothing ticked: the oldest debts."""

    items = ItemsField(_l("Items"))
    amount = AmountField(_l("Amount"), description=_l("For example 12 500.00"))
    currency = SelectField(_l("Currency"), [needed()])
    due_on = DateField(_l("Promised for"), [needed(_l("Please give a date."))])
    promised_by = StringField(
        _l("Who promised"), [NotBlank(), at_most(200)], description=_l("Name and position at the customer")
    )
    channel = SelectField(_l("How"), [needed()])
    file = FileField(
        _l("Written promise"),
        description=_l("Only where it was made in writing: PDF, PNG, JPEG, Word or Excel"),
    )
    note = TextAreaField(_l("Note"), [at_most(500)])

    def offer(self, currencies: Sequence[str]) -> "PromiseForm":
        """Fill the selects."""
        first = None if len(currencies) == 1 else _("choose")
        self.currency.choices = options(((code, code) for code in currencies), first)
        self.channel.choices = options(CHANNEL_WORDS, _("choose"))
        return self

    def validate_amount(self, field: Any) -> None:
        """It is there, above zero."""
        if not field.errors and (field.amount is None or field.amount <= 0):
            raise ValidationError(_("Enter the amount that was promised."))

    def answer(self) -> Given:
        """What was entered. Raises InvalidAnswer for a file that is not taken."""
        given = self.file.data
        document = checked_upload(given, "file") if given is not None and given.filename else None
        return Given(
            self.amount.given, self.currency.data, self.due_on.data or date.min, self.items.ids,
            self.promised_by.data or "", self.channel.data, document, self.note.data or "",
        )  # fmt: skip


class InstalmentRow(Part):
    """One instalment."""

    due_on = DateField(_l("Due"), [Optional()])
    amount = AmountField(_l("Amount"))


class _Agreed(Form):
    """What plans and extensions agree on besides their days."""

    with_interest = RadioField(
        _l("Does late interest go on during this time?"),
        choices=[SelectChoice(*one) for one in YES_NO],
        validate_choice=False,
    )
    security = StringField(_l("Security offered"), [at_most(500)])
    ground = TextAreaField(_l("Ground"), [NotBlank(), at_most(1000)])

    @property
    def interest(self) -> bool | None:
        """None where nothing was chosen."""
        return {"yes": True, "no": False}.get(self.with_interest.data or "")


class _Planned(_Agreed):
    """Instalments; equal ones can be filled in."""

    rows = FieldList(FormField(InstalmentRow), min_entries=ROWS, max_entries=MOST_INSTALMENTS)
    count = WholeField(_l("How many"), most=MOST_INSTALMENTS)
    first_on = DateField(_l("First day"), [Optional()])

    def fill_in(self, total: Decimal, days: Sequence[date]) -> None:
        """Equal instalments on these days."""
        while self.rows.entries:
            self.rows.pop_entry()
        for day, amount in zip(days, equal_parts(total, len(days)), strict=True):
            self.rows.append_entry({"due_on": day, "amount": amount})

    def schedule(self) -> Schedule:
        """The rows in which anything stands."""
        rows = tuple(
            (row.form.due_on.data, row.form.amount.amount)
            for row in self.rows
            if row.form.due_on.data is not None or row.form.amount.amount is not None
        )
        return Schedule(rows, self.interest, self.security.data or "", self.ground.data or "")


class PlanForm(_Planned):
    """A payment plan over the items that are ticked."""

    items = ItemsField(_l("Items"))


class ReworkPlanForm(_Planned):
    """Other instalments for the same items, or none at all."""

    choice = RadioField(_l("How it goes on"), validate_choice=False)

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, row: PaymentPlan) -> None:
        """What was asked for, to be changed."""
        while self.rows.entries:
            self.rows.pop_entry()
        for one in row.instalments:
            self.rows.append_entry({"due_on": one.due_on, "amount": one.amount})
        while len(self.rows.entries) < ROWS:
            self.rows.append_entry()
        self.security.data, self.ground.data = row.security, row.ground

    def answer(self, _session: Session) -> tuple[str, Schedule]:
        """(choice, schedule)."""
        return self.choice.data or "", self.schedule()


class ExtensionForm(_Agreed):
    """A debtor's request to pay the items that are ticked later."""

    items = ItemsField(_l("Items"))
    new_on = DateField(_l("New day"), [needed(_l("Please give a date."))])
    asked_by = StringField(
        _l("Who asked"), [NotBlank(), at_most(200)], description=_l("Name and position at the customer")
    )

    def terms(self) -> Terms:
        """What was entered."""
        return Terms(
            self.new_on.data or date.min, self.interest, self.security.data or "", self.ground.data or ""
        )


class ReworkExtensionForm(_Agreed):
    """Another day for the same items, or none at all."""

    choice = RadioField(_l("How it goes on"), validate_choice=False)
    new_on = DateField(_l("New day"), [needed(_l("Please give a date."))])

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, row: PaymentExtension) -> None:
        """What was asked for, to be changed."""
        self.new_on.data, self.security.data, self.ground.data = row.new_on, row.security, row.ground

    def answer(self, _session: Session) -> tuple[str, Terms]:
        """(choice, terms)."""
        terms = Terms(
            self.new_on.data or date.min, self.interest, self.security.data or "", self.ground.data or ""
        )
        return self.choice.data or "", terms


class DecisionForm(Form):
    """Approve, refuse or send back; a reason is owed where it is not approved. `seen`: what was open on the page."""

    choice = RadioField(_l("Decision"), validate_choice=False)
    note = TextAreaField(_l("Reason"), [at_most(500)])
    seen = HiddenField(filters=[lambda value: (value or "")[:40]])

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, _row: Any) -> None:
        """A page that is opened begins empty."""

    def answer(self, _session: Session) -> Decision:
        """What was chosen."""
        return Decision(self.choice.data or "", self.note.data or "", self.seen.data or "")


class JudgeForm(Form):
    """What becomes of a promise that was kept in part."""

    choice = RadioField(_l("What becomes of it"), validate_choice=False)
    new_day = DateField(_l("New day"), [Optional()])
    note = TextAreaField(_l("Reason"), [at_most(500)])

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, _row: PromiseToPay) -> None:
        """A page that is opened begins empty."""

    def answer(self, _session: Session) -> tuple[str, date | None, str]:
        """(choice, new day, reason)."""
        return self.choice.data or "", self.new_day.data, self.note.data or ""
