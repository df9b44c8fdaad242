"""Letters: why one is taken out, proof of its delivery, and the text of a level."""

from typing import Any

from flask_wtf.file import FileField
from wtforms import DateField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from credit_app.domain.dunning_text import LONGEST_BODY, LONGEST_SUBJECT
from credit_app.facts.dunning_proof import Proof
from credit_app.forms.base import Form, NotBlank, at_most, needed
from credit_app.forms.customer_information import not_in_the_future
from credit_app.forms.uploads import Upload, checked_upload
from credit_app.i18n import _l


class ExcludeForm(Form):
    """Why a letter does not go out."""

    reason = StringField(_l("Reason"), [NotBlank(), at_most(500)])


class ProofForm(Form):
    """What shows that a letter arrived, or did not; nothing is preselected."""

    kind = RadioField(
        _l("What happened"),
        choices=[
            SelectChoice("delivered", _l("It was delivered")),
            SelectChoice("failed", _l("It came back or was refused")),
        ],
        validate_choice=True,
    )
    happened_on = DateField(_l("Day"), [needed(_l("Please give a date.")), not_in_the_future])
    received_by = StringField(_l("Who received it"), [at_most(200)], description=_l("Name and position"))
    reference = StringField(
        _l("Number of the consignment"), [at_most(100)], description=_l("As on the receipt of the post")
    )
    note = StringField(_l("Note"), [at_most(500)])
    file = FileField(_l("Receipt"), description=_l("PDF, PNG, JPEG, Word or Excel, at most 10 MB"))

    def proof(self) -> Proof:
        """What was entered."""
        return Proof(
            self.kind.data or "", self.happened_on.data, self.received_by.data or "", self.reference.data or "",
            self.note.data or "",
        )  # fmt: skip

    def document(self) -> Upload | None:
        """The file that was handed in. Raises InvalidAnswer."""
        given: Any = self.file.data
        return checked_upload(given, "file") if given is not None and given.filename else None


class TextForm(Form):
    """The text of letters of a level; `version` is the one that the person has seen."""

    subject = StringField(_l("Subject"), [at_most(LONGEST_SUBJECT)])
    body = TextAreaField(_l("Text"), [NotBlank(), at_most(LONGEST_BODY)])
    customer = StringField(
        _l("Preview with the figures of"),
        [at_most(40)],
        description=_l("Number of a customer, such as C-000123"),
    )
    version = HiddenField()
