"""The forms of a dispute: taking it down, what was found, the decision on a credit note, and settling a flag."""

from flask_wtf.file import MultipleFileField
from sqlalchemy.orm import Session
from wtforms import (
    DateField,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional

from credit_app.domain.disputes import DISPUTE_REASONS, ROOT_CAUSES
from credit_app.facts.dispute_decision import Decision
from credit_app.facts.dispute_investigation import Found
from credit_app.facts.dispute_opening import Claim, Part
from credit_app.forms.base import Form, NotBlank, at_most, needed, options
from credit_app.forms.base import Part as RowForm
from credit_app.forms.fields import AmountField
from credit_app.forms.uploads import checked_uploads
from credit_app.i18n import _, _l
from credit_app.models.disputes import Dispute

ROWS = 4  # what the page has room for at first
MOST_ROWS = 50
LONGEST_ID = 18
REASON_WORDS = {
    "amount": _l("amount or price"),
    "quality": _l("quality of the goods"),
    "service": _l("service"),
    "delivery": _l("delivery"),
    "terms": _l("terms of payment"),
    "unclear_clause": _l("unclear contract clause"),
}
CAUSE_WORDS = {
    "wrong_price": _l("wrong price or discount"),
    "wrong_invoice": _l("mistake in the invoice"),
    "payment_not_booked": _l("payment or credit not booked"),
    "defective_goods": _l("defective goods"),
    "wrong_delivery": _l("wrong or short delivery"),
    "late_delivery": _l("late delivery"),
    "poor_service": _l("poor service"),
    "unclear_contract": _l("unclear contract"),
    "customer_error": _l("the customer's own mistake"),
    "no_fault": _l("no fault found"),
}
CHANNEL_WORDS = (
    ("call", _l("telephone")),
    ("email", _l("e-mail")),
    ("letter", _l("letter")),
    ("visit", _l("visit")),
    ("meeting", _l("meeting")),
)


class PartRow(RowForm):
    """The disputed part of one item."""

    item = StringField(_l("Invoice"), [at_most(80)])
    amount = AmountField(_l("Disputed part"))


class DisputeForm(Form):
    """What the customer disputes."""

    reason = SelectField(_l("Reason"), [needed()])
    claimed_by = StringField(
        _l("Who disputes it"), [NotBlank(), at_most(200)], description=_l("Name and position at the customer")
    )
    channel = SelectField(_l("How it came in"), [needed()])
    claim = TextAreaField(_l("What the customer claims"), [NotBlank(), at_most(2000)])
    answer_by = DateField(
        _l("Answer by"), [Optional()], description=_l("Leave it empty for the days that the policy gives")
    )
    files = MultipleFileField(
        _l("Documents"), description=_l("PDF, PNG, JPEG, Word or Excel, at most 10 MB each")
    )
    rows = FieldList(FormField(PartRow), min_entries=ROWS, max_entries=MOST_ROWS)

    def offer(self) -> "DisputeForm":
        """Fill the selects."""
        self.reason.choices = options(((one, REASON_WORDS[one]) for one in DISPUTE_REASONS), _("choose"))
        self.channel.choices = options(CHANNEL_WORDS, _("choose"))
        return self

    def given(self) -> Claim:
        """What was entered; rows without anything are left out. Raises InvalidAnswer for a file that is not taken."""
        parts = tuple(
            Part(row.name, row.form.item.data or "", row.form.amount.amount)
            for row in self.rows
            if row.form.item.data or row.form.amount.amount is not None
        )
        return Claim(
            self.reason.data or "", self.claim.data or "", self.claimed_by.data or "", self.channel.data, parts,
            self.answer_by.data, checked_uploads(self.files.data or [], "files"),
        )  # fmt: skip


class CreditRow(RowForm):
    """What is to be credited of one part."""

    part = HiddenField()
    amount = AmountField(_l("Credit"))


class InvestigationForm(Form):
    """What was found; nothing is preselected."""

    choice = RadioField(_l("Your proposal"), validate_choice=False)
    cause = SelectField(_l("Root cause"), validate_choice=False)
    finding = TextAreaField(_l("What was found"), [at_most(2000)])
    ground = TextAreaField(_l("Ground for what is not credited"), [at_most(1000)])
    rows = FieldList(FormField(CreditRow), max_entries=MOST_ROWS)

    def offer(self, _session: Session) -> None:
        """The root causes."""
        self.cause.choices = options(((one, CAUSE_WORDS[one]) for one in ROOT_CAUSES), _("choose"))

    def show(self, row: Dispute) -> None:
        """One row for each part that is still disputed."""
        for part in row.items:
            if part.live:
                self.rows.append_entry({"part": str(part.id)})

    def answer(self, _session: Session) -> Found:
        """What was entered."""
        credits = {number(row.form.part.data): (row.name, row.form.amount.amount) for row in self.rows}
        return Found(
            self.choice.data or "",
            self.cause.data or "",
            self.finding.data or "",
            self.ground.data or "",
            credits,
        )


class CreditForm(Form):
    """Approve, refuse or send back; nothing is preselected."""

    choice = RadioField(_l("Your decision"), validate_choice=False)
    note = TextAreaField(_l("Reason"), [at_most(1000)])
    seen = HiddenField()

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, _row: Dispute) -> None:
        """A page that is opened begins empty."""

    def answer(self, _session: Session) -> Decision:
        """What was chosen."""
        return Decision(self.choice.data or "", self.note.data or "", self.seen.data or "")


class SettleFlagForm(Form):
    """How a dispute that an invoice came in with was settled."""

    reason = StringField(_l("How it was settled"), [at_most(500)])


def number(text: object) -> int:
    """A part's id as it was sent; 0, which is none, for anything else."""
    plain = str(text or "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= LONGEST_ID else 0
