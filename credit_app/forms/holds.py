"""The forms of a hold: its proposal, the harm it would do, approval, the proof of delivery, and the release."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask_wtf.file import FileField
from sqlalchemy.orm import Session
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from credit_app.domain.holds import SCOPES
from credit_app.forms.base import Form, at_most, options
from credit_app.forms.fields import AmountField
from credit_app.forms.uploads import Upload, checked_upload
from credit_app.i18n import _l
from credit_app.models.holds import CustomerHold

SCOPE_WORDS = {"all": _l("all orders"), "above": _l("orders from an amount on")}


def scopes() -> list[SelectChoice]:
    """The choices of which orders stop."""
    return options((scope, SCOPE_WORDS[scope]) for scope in SCOPES)


class _Bare(Form):
    """A form without choices from the tables, which opens empty."""

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, _hold: CustomerHold) -> None:
        """A page that is opened begins empty."""


class ProposalForm(Form):
    """Which orders stop, and why."""

    scope = SelectField(_l("Which orders"), validate_choice=False)
    from_amount = AmountField(_l("From this amount on"))
    ground = TextAreaField(_l("Ground"), [at_most(500)])

    def offer(self) -> None:
        """Which orders can stop."""
        self.scope.choices = scopes()


class ReleaseForm(Form):
    """Why deliveries are to go on."""

    ground = TextAreaField(_l("Ground"), [at_most(500)])


@dataclass(frozen=True, slots=True)
class Assessed:
    """What a stop would do, and whether it goes on; `choice` is stop or withdraw."""

    choice: str
    scope: str
    from_amount: Decimal | None
    harm_life: bool
    harm_property: bool
    harm_contract: bool
    harm_note: str
    sales_view: str
    alternative: str
    reason: str


class HarmForm(Form):
    """The harm of a stop, with the view of sales."""

    choice = RadioField(_l("How it goes on"), validate_choice=False)
    scope = SelectField(_l("Which orders"), validate_choice=False)
    from_amount = AmountField(_l("From this amount on"))
    harm_life = BooleanField(_l("Life or health of people is at stake"))
    harm_property = BooleanField(_l("Property would be damaged"))
    harm_contract = BooleanField(_l("A contract makes us pay for a stop"))
    harm_note = TextAreaField(_l("What a stop would do"), [at_most(1000)])
    sales_view = TextAreaField(_l("What the sales rep says"), [at_most(1000)])
    alternative = TextAreaField(_l("What could be done instead"), [at_most(1000)])
    reason = TextAreaField(_l("Reason"), [at_most(500)])

    def offer(self, _session: Session) -> None:
        """Which orders can stop."""
        self.scope.choices = scopes()

    def show(self, hold: CustomerHold) -> None:
        """What was proposed, and what was assessed before it was sent back."""
        self.scope.data, self.harm_note.data = hold.scope, hold.harm_note
        self.from_amount.process_data(hold.from_amount)
        self.harm_life.data, self.harm_property.data = hold.harm_life, hold.harm_property
        self.harm_contract.data = hold.harm_contract
        self.sales_view.data, self.alternative.data = hold.sales_view, hold.alternative

    def answer(self, _session: Session) -> Assessed:
        """What was entered."""
        return Assessed(
            self.choice.data or "", self.scope.data or "", self.from_amount.amount, bool(self.harm_life.data),
            bool(self.harm_property.data), bool(self.harm_contract.data), self.harm_note.data or "",
            self.sales_view.data or "", self.alternative.data or "", self.reason.data or "",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Approved:
    """`choice` is approve, refuse or send_back; `notice_days` calendar days, None: as policy says."""

    choice: str
    notice_days: int | None
    reason: str


class HoldApprovalForm(_Bare):
    """Nothing is preselected."""

    choice = RadioField(_l("Your decision"), validate_choice=False)
    notice_days = IntegerField(_l("Days of notice"), [Optional()])
    reason = TextAreaField(_l("Reason"), [at_most(500)])

    def answer(self, _session: Session) -> Approved:
        """What was chosen."""
        return Approved(self.choice.data or "", self.notice_days.data, self.reason.data or "")


@dataclass(frozen=True, slots=True)
class Delivered:
    """`choice` is delivered or not_delivered; the rest proves a delivery."""

    choice: str
    delivered_on: date | None
    received_by: str
    document: Upload | None
    note: str


class DeliveryForm(_Bare):
    """What became of the notice."""

    choice = RadioField(_l("What became of the notice"), validate_choice=False)
    delivered_on = DateField(_l("Day of the delivery"), [Optional()])
    received_by = StringField(_l("Who received it"), [at_most(200)])
    file = FileField(_l("Proof"), description=_l("PDF, PNG, JPEG, Word or Excel, at most 10 MB"))
    note = TextAreaField(_l("Note"), [at_most(500)])

    def answer(self, _session: Session) -> Delivered:
        """What was entered. Raises InvalidAnswer for a file that is not taken."""
        given = self.file.data
        document = checked_upload(given, "file") if given is not None and given.filename else None
        return Delivered(
            self.choice.data or "", self.delivered_on.data, self.received_by.data or "", document,
            self.note.data or "",
        )  # fmt: skip


class ReleaseDecisionForm(_Bare):
    """Release or keep; a reason is owed to keep."""

    choice = RadioField(_l("Your decision"), validate_choice=False)
    reason = TextAreaField(_l("Reason"), [at_most(500)])

    def answer(self, _session: Session) -> tuple[str, str]:
        """(choice, reason)."""
        return self.choice.data or "", self.reason.data or ""
