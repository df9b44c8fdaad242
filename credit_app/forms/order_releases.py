"""The forms of a release: asking for one, assessing the order, the security given for it, and deciding."""

from typing import Any

from flask_wtf.file import FileField
from sqlalchemy.orm import Session
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from credit_app.facts.exposure_reading import SECURITY_WORDS
from credit_app.facts.order_releases import Decision, Given, Terms
from credit_app.forms.base import Form, NotBlank, at_most, options
from credit_app.forms.fields import AmountField
from credit_app.forms.uploads import checked_upload
from credit_app.i18n import _, _l
from credit_app.models import SECURITY_KINDS
from credit_app.models.orders import OrderRelease
from credit_app.releases import Wanted

YES_NO = {"yes": True, "no": False}


class AskForm(Form):
    """What sales asks for, and why."""

    kind = RadioField(
        _l("How far it is to go"),
        choices=[
            SelectChoice("once", _l("This order once")),
            SelectChoice("until", _l("All orders of the customer until a day")),
        ],
        validate_choice=False,
    )
    valid_until = DateField(_l("Last day"), [Optional()])
    ground = TextAreaField(_l("Ground"), [at_most(1000)])

    def wanted(self) -> Wanted:
        """What was entered."""
        return Wanted(self.kind.data or "", self.valid_until.data, (self.ground.data or "").strip())


class WithdrawForm(Form):
    """Why sales gives the request up."""

    reason = TextAreaField(_l("Reason"), [NotBlank(), at_most(1000)])


class _Bare(Form):
    """A form without choices from the tables, which opens empty."""

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, _release: OrderRelease) -> None:
        """A page that is opened begins empty."""


class AssessForm(_Bare):
    """How the analyst sees the risk, and what is proposed."""

    choice = RadioField(_l("What you propose"), validate_choice=False)
    assessment = TextAreaField(_l("How you see the risk"), [at_most(2000)])
    kind = SelectField(_l("How far it goes"), validate_choice=False)
    valid_until = DateField(_l("Last day"), [Optional()])
    up_to = AmountField(_l("Up to the amount"))
    security_asked = TextAreaField(_l("Security asked for"), [at_most(1000)])
    security_counts = RadioField(
        _l("Does the security that was handed in count?"),
        choices=[SelectChoice("yes", _l("yes")), SelectChoice("no", _l("no"))],
        validate_choice=False,
    )

    def offer(self, _session: Session) -> None:
        """How far a release can go."""
        words = (
            ("once", _l("This order once")),
            ("until", _l("All orders of the customer until a day")),
            ("up_to", _l("All orders of the customer up to an amount")),
        )
        self.kind.choices = options(words, _("choose"))

    def show(self, release: OrderRelease) -> None:
        """What was assessed before it was sent back; what is proposed is chosen anew."""
        self.assessment.data, self.valid_until.data = release.assessment, release.valid_until

    def answer(self, _session: Session) -> Terms:
        """What was entered."""
        return Terms(
            self.choice.data or "", self.kind.data or "", self.valid_until.data, self.up_to.amount,
            (self.assessment.data or "").strip(), (self.security_asked.data or "").strip(),
            YES_NO.get(self.security_counts.data or ""),
        )  # fmt: skip


class SecurityForm(_Bare):
    """The security with the document that shows it, or why there is none."""

    choice = RadioField(_l("How it goes on"), validate_choice=False)
    kind = SelectField(_l("Kind"))
    amount = AmountField(_l("Amount"))
    provider = StringField(_l("Provider"), [at_most(300)])
    expires_on = DateField(_l("Expires on"), [Optional()])
    file = FileField(_l("Document"))
    note = TextAreaField(_l("Why there is none"), [at_most(500)])

    def offer(self, _session: Session) -> None:
        """The kinds of security."""
        self.kind.choices = options((kind, SECURITY_WORDS[kind]) for kind in SECURITY_KINDS)

    def answer(self, _session: Session) -> Given:
        """What was entered. Raises InvalidAnswer for a file that is not taken."""
        file: Any = self.file.data
        upload = checked_upload(file, "file") if file is not None and file.filename else None
        return Given(
            self.choice.data or "", self.kind.data, self.amount.amount, (self.provider.data or "").strip(),
            self.expires_on.data, upload, (self.note.data or "").strip(),
        )  # fmt: skip


class DecideForm(_Bare):
    """Approve, refuse or send back; a reason is owed where it is not approved. `seen`: what the check said."""

    choice = RadioField(_l("Decision"), validate_choice=False)
    note = TextAreaField(_l("Reason"), [at_most(1000)])
    seen = HiddenField(filters=[lambda value: (value or "")[:40]])

    def answer(self, _session: Session) -> Decision:
        """What was chosen."""
        return Decision(self.choice.data or "", (self.note.data or "").strip(), self.seen.data or "")
