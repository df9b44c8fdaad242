"""The forms of contracts: the need, and what a change is to do."""

from flask_wtf.file import FileField
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from credit_app.domain.contracts import CONTRACT_KINDS, SIDES
from credit_app.forms.base import Form, NotBlank, at_most, options
from credit_app.i18n import _l

SIDE_WORDS = {"sales": _l("Sale"), "purchase": _l("Purchase")}
DOCUMENT_WORDS = {
    "signed": _l("Signed copy"),
    "notice": _l("Notice"),
    "delivery": _l("Delivery paper"),
    "acceptance": _l("Acceptance"),
    "correspondence": _l("Correspondence"),
    "other": _l("Other paper"),
}
# Signed copies come in where the other side's signature is recorded.
FILED_BY_HAND = tuple(kind for kind in DOCUMENT_WORDS if kind != "signed")
MOST_TYPED = 250  # the other side: its number and its name
KIND_WORDS = {
    "goods": _l("Goods"),
    "service": _l("Service"),
    "framework": _l("Framework contract"),
    "cooperation": _l("Cooperation"),
}


class NeedForm(Form):
    """With whom, and what is wanted."""

    with_whom = StringField(
        _l("With"),
        [NotBlank(), at_most(MOST_TYPED)],
        description=_l("Customer, supplier or partner: type a name or number and choose"),
    )
    side = SelectField(
        _l("Side"), choices=lambda: options((one, SIDE_WORDS[one]) for one in SIDES), validate_choice=False
    )
    kind = SelectField(
        _l("About"),
        choices=lambda: options((one, KIND_WORDS[one]) for one in CONTRACT_KINDS),
        validate_choice=False,
    )
    title = StringField(_l("Title of the contract"), [NotBlank(), at_most(300)])
    need = TextAreaField(_l("What is wanted"), [NotBlank(), at_most(4000)])
    need_by = DateField(_l("By when"), [Optional()])
    why_us = TextAreaField(_l("Why us"), [at_most(2000)])
    frame = StringField(
        _l("Under the framework contract"), [at_most(30)], description=_l("Its number, if there is one")
    )


class ChangeForm(Form):
    """What is to change and why."""

    changes = TextAreaField(_l("What is to change, and why"), [NotBlank(), at_most(4000)])


class WithdrawForm(Form):
    """Why a review is withdrawn."""

    reason = TextAreaField(_l("Reason"), [NotBlank(), at_most(500)])


class PaperForm(Form):
    """A paper beside the versions."""

    kind = SelectField(
        _l("Kind"), choices=lambda: options((one, DOCUMENT_WORDS[one]) for one in FILED_BY_HAND)
    )
    file = FileField(_l("File"), description=_l("PDF, PNG, JPEG, Word or Excel, at most 10 MB"))
