"""The decision of one approval level as a form; nothing is preselected."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice

from credit_app.facts.application import limit_in_question, terms_in_question
from credit_app.forms.base import Form, at_most
from credit_app.forms.fields import AmountField, WholeField
from credit_app.i18n import _l
from credit_app.models import CreditApplication


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of one level; limit and terms only count for `approve_with_changes`."""

    version: int
    decision: str
    limit: Decimal | None = None
    terms_days: int | None = None
    conditions: str = ""
    reason: str = ""


class DecisionForm(Form):
    """The decision as a form. Nothing is preselected."""

    version = HiddenField()
    decision = RadioField(
        _l("Decision"),
        choices=[
            SelectChoice("approve", _l("Approve")),
            SelectChoice("approve_with_changes", _l("Approve with changes")),
            SelectChoice("send_back", _l("Send back")),
            SelectChoice("refuse", _l("Refuse")),
        ],
        validate_choice=False,
    )
    limit = AmountField(_l("Limit"))
    terms_days = WholeField(_l("Credit terms"), description=_l("Days from invoice to due date"))
    conditions = TextAreaField(_l("Conditions"), [at_most(4000)])
    reason = TextAreaField(_l("Reason"), [at_most(4000)])

    def offer(self, _session: Any) -> None:
        """There are no choices from the tables."""

    def show(self, application: CreditApplication) -> None:
        """Show the figures in question; the decision itself is never preselected."""
        self.version.data = str(application.version)
        self.limit.process_data(limit_in_question(application))
        self.terms_days.process_data(terms_in_question(application))
        self.conditions.data = application.approved_conditions or ""

    def answer(self, _session: Any) -> Decision:
        """What was decided."""
        version = (self.version.data or "").strip()
        return Decision(
            int(version) if version.isdigit() and len(version) < 10 else 0,
            self.decision.data or "",
            self.limit.amount,
            self.terms_days.number,
            (self.conditions.data or "").strip(),
            (self.reason.data or "").strip(),
        )
