"""The forms of contract templates: a new one, the next version of one, and taking it out of use."""

from typing import Any

from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Regexp

from credit_app.domain.contracts import SIDES
from credit_app.facts.contract_templates import LONGEST_BODY, Seen, Typed
from credit_app.facts.contract_words import LANGUAGE_WORDS
from credit_app.forms.base import Form, NotBlank, at_most, options
from credit_app.forms.contracts import SIDE_WORDS
from credit_app.i18n import _l
from credit_app.models.contract import LANGUAGES, ContractTemplateDraft


class SeenForm(Form):
    """Which version and which draft the page showed; what is no number is one that never was."""

    seen_version = HiddenField()
    seen_draft = HiddenField()

    def show(self, version: int, draft: ContractTemplateDraft | None) -> None:
        """Keep what the page shows."""
        self.seen_version.data = str(version)
        self.seen_draft.data = str(draft.version if draft is not None else 0)

    def seen(self) -> Seen:
        """What the page showed."""
        return Seen(_number(self.seen_version.data), _number(self.seen_draft.data))


class TemplateForm(SeenForm):
    """Title and text of the next version, what changed, and the contract that the preview is filled from."""

    title = StringField(_l("Title of the template"), [NotBlank(), at_most(200)])
    body = TextAreaField(_l("Text"), [NotBlank(), at_most(LONGEST_BODY)])
    note = TextAreaField(
        _l("What changed, and why"), [at_most(1000)], description=_l("Owed when the version is published.")
    )
    contract = StringField(
        _l("Preview with the contract"),
        [at_most(30)],
        description=_l("Its number, such as CTR-2026-00012; without one the preview is made up."),
    )

    def typed(self) -> Typed:
        """What was typed."""
        body = (self.body.data or "").replace("\r\n", "\n")
        return Typed(self.title.data or "", body, (self.note.data or "").replace("\r\n", "\n"))


class NewTemplateForm(TemplateForm):
    """A template that there is not yet, or not in this language."""

    code = StringField(
        _l("Short name"),
        [
            NotBlank(),
            Regexp(
                r"^[a-z][a-z0-9_]{1,39}$",
                message=_l("Give 2 to 40 small Latin letters, digits and underscores, a letter first."),
            ),
        ],
        description=_l("Such as sale_of_goods; both languages of a template have the same."),
    )
    side = SelectField(
        _l("Side"), choices=lambda: options((one, SIDE_WORDS[one]) for one in SIDES), validate_choice=False
    )
    language = SelectField(
        _l("Language of the text"),
        choices=lambda: options((one, LANGUAGE_WORDS[one]) for one in LANGUAGES),
        validate_choice=False,
    )


class WithdrawTemplateForm(SeenForm):
    """Why a template is taken out of use."""

    reason = TextAreaField(_l("Reason"), [NotBlank(), at_most(1000)])


def _number(text: Any) -> int:
    plain = str(text or "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= 9 else -1
