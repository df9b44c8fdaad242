"""The forms of a write-off: what is proposed, what is decided, and a recovery."""

from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session
from wtforms import RadioField, SelectField, SelectMultipleField, TextAreaField, ValidationError

from credit_app.facts.write_off import Proposal
from credit_app.forms.base import Form, at_most, needed, options
from credit_app.forms.fields import AmountField
from credit_app.i18n import _, _l
from credit_app.models.write_off import WriteOff

GROUND_WORDS = {
    "insolvency": _l("insolvency, no assets"),
    "enforcement_failed": _l("enforcement failed"),
    "untraceable": _l("debtor cannot be found"),
    "age": _l("too old"),
    "small_amount": _l("too small to pursue"),
}
LONGEST_ID = 18


class ProposalForm(Form):
    """The debts are ticked in the table; nothing is preselected."""

    choice = RadioField(_l("How it goes on"), validate_choice=False)
    items = SelectMultipleField(_l("Debts"), validate_choice=False)
    ground = SelectField(_l("Ground"), validate_choice=False)
    documents = SelectMultipleField(_l("Evidence"), validate_choice=False)
    note = TextAreaField(_l("What was tried, and why nothing more is expected"), [at_most(2000)])

    def offer(self, _session: Session) -> None:
        """The grounds."""
        self.ground.choices = options(GROUND_WORDS.items(), _("choose"))

    def show(self, row: WriteOff) -> None:
        """What was proposed before, when it was sent back."""
        self.items.data = [str(one.item_id) for one in row.items]
        self.ground.data, self.note.data = row.ground or "", row.note
        self.documents.data = [str(one.document_id) for one in row.evidence]

    def answer(self, _session: Session) -> Proposal:
        """What was entered; what is no id is left out."""
        return Proposal(
            self.choice.data or "", _ids(self.items.data), self.ground.data or "", _ids(self.documents.data),
            self.note.data or "",
        )  # fmt: skip


class DecisionForm(Form):
    """Nothing is preselected; a reason is owed unless it is approved."""

    choice = RadioField(_l("Your decision"), validate_choice=False)
    reason = TextAreaField(_l("Reason"), [at_most(2000)])

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, _row: WriteOff) -> None:
        """A page that is opened begins empty."""

    def answer(self, _session: Session) -> tuple[str, str]:
        """(choice, reason)."""
        return self.choice.data or "", self.reason.data or ""


class RecoveryForm(Form):
    """A part of a receipt that is booked for a claim."""

    claim = SelectField(_l("Claim"), [needed()])
    receipt = SelectField(_l("Receipt"), [needed()])
    amount = AmountField(_l("Amount"), description=_l("At most what is left of the claim and of the receipt"))

    def offer(self, claims: list[tuple[str, str]], receipts: list[tuple[str, str]]) -> "RecoveryForm":
        """Fill the selects."""
        self.claim.choices = options(claims, _("choose"))
        self.receipt.choices = options(receipts, _("choose"))
        return self

    def validate_amount(self, field: Any) -> None:
        """It is there, above zero."""
        if not field.errors and (field.amount is None or field.amount <= Decimal(0)):
            raise ValidationError(_("Enter the amount that is booked."))


def _ids(texts: Any) -> list[int]:
    return [
        int(one)
        for one in texts or []
        if str(one).isascii() and str(one).isdigit() and len(one) <= LONGEST_ID
    ]
