"""The forms of placements with agencies: the register, choice, approval, handing over, reports, recoveries, the end."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from flask_wtf.file import FileField
from sqlalchemy.orm import Session
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import NumberRange, Optional

from credit_app.domain.agencies import FeeBand
from credit_app.forms.base import Form, NotBlank, Part, at_most
from credit_app.forms.fields import AmountField
from credit_app.forms.uploads import Upload, checked_upload
from credit_app.i18n import _, _l
from credit_app.models.agencies import Agency, AgencyPlacement
from workflows import InvalidAnswer

LINES = 5
LONGEST_ID = 18
PAID_TO_WORDS = {"agency": _l("the agency"), "us": _l("us")}


class FeeRow(Part):
    """A line of a fee scale."""

    up_to_days = IntegerField(_l("Up to days past due"), [Optional(), NumberRange(0, 3650)])
    up_to_amount = AmountField(_l("Up to amount"))
    percent = StringField(_l("Fee in per cent"), [at_most(8)])


class AgencyForm(Form):
    """An agency with its fee scale."""

    name = StringField(_l("Name"), [NotBlank(), at_most(200)])
    email = StringField(_l("E-mail"), [at_most(200)])
    countries = StringField(
        _l("Countries"), [at_most(300)], description=_l("Two letters each, such as DE FR; empty: all")
    )
    contract_ends_on = DateField(_l("Contract ends"), [Optional()])
    score = IntegerField(
        _l("Score"), [Optional(), NumberRange(0, 100)], description=_l("From 0 to 100, our own")
    )
    note = TextAreaField(_l("Note"), [at_most(500)])
    active = BooleanField(_l("May take debts"))
    fees = FieldList(FormField(FeeRow), min_entries=LINES, max_entries=LINES)

    def show(self, agency: Agency | None) -> None:
        """The agency as it stands; a new one may take debts."""
        if agency is None:
            self.active.data = True
            return
        self.name.data, self.email.data, self.countries.data = agency.name, agency.email, agency.countries
        self.contract_ends_on.data, self.score.data = agency.contract_ends_on, agency.score
        self.note.data, self.active.data = agency.note, agency.active
        for entry, band in zip(self.fees.entries, agency.fees, strict=False):
            entry.form.up_to_days.data = band.up_to_days
            entry.form.up_to_amount.process_data(band.up_to_amount)
            entry.form.percent.data = f"{band.percent:f}"

    def bands(self) -> list[FeeBand]:
        """The fee scale; lines without a fee are left out. Raises InvalidAnswer for what is no number."""
        found = []
        for entry in self.fees.entries:
            row = entry.form
            if row.percent.data:
                found.append(
                    FeeBand(
                        row.up_to_days.data, row.up_to_amount.amount, _percent(entry.name, row.percent.data)
                    )
                )
        return found


def _percent(place: str, text: str) -> Decimal:
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise InvalidAnswer(f"{place}-percent", _("Give a number of per cent such as 15."))
    return number


class _Bare(Form):
    """A form without choices from the tables, which opens empty."""

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, _placement: AgencyPlacement) -> None:
        """A page that is opened begins empty."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which debts go to which agency; `choice` is place or withdraw."""

    choice: str
    agency_id: int | None
    item_ids: tuple[int, ...]
    reason: str


class ChoiceForm(_Bare):
    """Agency and debts; nothing is preselected."""

    choice = RadioField(_l("How it goes on"), validate_choice=False)
    agency = SelectField(_l("Agency"), validate_choice=False, choices=[])
    items = SelectMultipleField(_l("Debts"), validate_choice=False, choices=[])
    reason = TextAreaField(_l("Reason"), [at_most(500)])

    def answer(self, _session: Session) -> Chosen:
        """What was chosen."""
        chosen = tuple(number for number in map(number_of, self.items.data or []) if number is not None)
        return Chosen(self.choice.data or "", number_of(self.agency.data), chosen, self.reason.data or "")


class PlacementApprovalForm(_Bare):
    """Nothing is preselected."""

    choice = RadioField(_l("Your decision"), validate_choice=False)
    reason = TextAreaField(_l("Reason"), [at_most(500)])

    def answer(self, _session: Session) -> tuple[str, str]:
        """(choice, reason)."""
        return self.choice.data or "", self.reason.data or ""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The documents as they went over, with the proof."""

    handed_on: date | None
    handed_to: str
    what: str
    document: Upload | None


class HandingForm(_Bare):
    """What went over, when and to whom."""

    handed_on = DateField(_l("Handed over on"), [Optional()])
    handed_to = StringField(_l("Who took them"), [at_most(200)])
    what = TextAreaField(_l("Documents"), [at_most(1000)])
    file = FileField(_l("Proof"), description=_l("PDF, PNG, JPEG, Word or Excel, at most 10 MB"))

    def answer(self, _session: Session) -> HandedOver:
        """What was entered. Raises InvalidAnswer for a file that is not taken."""
        given = self.file.data
        document = checked_upload(given, "file") if given is not None and given.filename else None
        return HandedOver(self.handed_on.data, self.handed_to.data or "", self.what.data or "", document)


class AgencyReportForm(_Bare):
    """The report, or that it did not come."""

    choice = RadioField(_l("The report"), validate_choice=False)
    note = TextAreaField(_l("What the agency reports"), [at_most(1000)])

    def answer(self, _session: Session) -> tuple[str, str]:
        """(choice, note)."""
        return self.choice.data or "", self.note.data or ""


class BackForm(_Bare):
    """What came back, and what follows."""

    choice = RadioField(_l("What follows"), validate_choice=False)
    back_on = DateField(_l("Debts back on"), [Optional()])
    note = TextAreaField(_l("Note"), [at_most(1000)])

    def answer(self, _session: Session) -> tuple[str, date | None, str]:
        """(choice, day, note)."""
        return self.choice.data or "", self.back_on.data, self.note.data or ""


class RecoveryForm(Form):
    """What the agency says that it recovered."""

    recovered_on = DateField(_l("Paid on"), [Optional()])
    amount = AmountField(_l("Amount"))
    fee = AmountField(_l("Fee"))
    paid_to = SelectField(_l("Paid to"), validate_choice=False, choices=[])
    receipt = SelectField(_l("Receipt"), validate_choice=False, choices=[])
    chargeable = BooleanField(_l("The debtor owes the fee"))
    note = TextAreaField(_l("Note"), [at_most(500)])


class RecallForm(Form):
    """Why the debts come back, and with how many days of notice."""

    days = IntegerField(_l("Days of notice"), [Optional()])
    reason = TextAreaField(_l("Reason"), [at_most(500)])


def number_of(text: object) -> int | None:
    """A row's number as it was sent; None for anything else."""
    plain = str(text or "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= LONGEST_ID else None
