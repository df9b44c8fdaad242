"""Check documents: a credit analyst says whether the documents of an application are complete."""

from typing import Any

from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice

from credit_app.facts.application import application_of
from credit_app.forms.base import Form as BaseForm
from credit_app.forms.base import at_most
from credit_app.i18n import _, _l
from workflows import Action, Assignment, InvalidAnswer


class Form(BaseForm):
    """The answer as a form. Nothing is preselected."""

    result = RadioField(
        _l("Documents"),
        choices=[SelectChoice("complete", _l("Complete")), SelectChoice("incomplete", _l("Incomplete"))],
        validate_choice=False,
    )
    missing = TextAreaField(_l("What is missing"), [at_most(1000)])

    def offer(self, _session: Any) -> None:
        """Fill choices from the tables; there are none."""

    def show(self, _application: Any) -> None:
        """Fill the form when the page opens; it opens empty."""

    def answer(self, _session: Any) -> tuple[str, str]:
        """What was typed, as plain values for `complete`."""
        return self.result.data or "", self.missing.data or ""


def assign(action: Action) -> Assignment:
    """The analysts of the application's branch. Without this function: everybody with the lane's role."""
    return Assignment("credit_analyst", application_of(action).branch_id)


def facts(action: Action) -> dict[str, Any]:
    """What the page shows beside the form."""
    application = application_of(action)
    return {
        "application": application,
        "attachments": application.attachments,
        "depth": action.data["depth"],
    }


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _("Are the documents of %(number)s complete?", number=application_of(action).number)


def choices(_action: Action) -> list[dict[str, Any]]:
    """The choices, each with what happens next."""
    return [
        {"value": "complete", "label": _("Complete"), "next": _("The check ends.")},
        {"value": "incomplete", "label": _("Incomplete"), "next": _("The sales rep is asked.")},
    ]


def complete(action: Action, answer: tuple[str, str]) -> dict[str, Any]:
    """Take the answer. What is returned goes to process data: outcomes and ids only."""
    result, missing = answer
    if result not in ("complete", "incomplete"):
        raise InvalidAnswer("result", _("Choose whether the documents are complete."))
    if result == "incomplete" and len(missing) < 5:
        raise InvalidAnswer("missing", _("Say what is missing."))
    action.note("checked", result=result, missing=missing)
    return {"complete": result == "complete"}
