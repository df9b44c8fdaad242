"""The forms of old debts: the class of a debtor, a campaign with its targets, and its end."""

from collections.abc import Sequence

from wtforms import DateField, FieldList, FormField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from credit_app.domain.legacy import LEGACY_CLASSES
from credit_app.facts.legacy_campaign import Target
from credit_app.forms.base import Form, Part, at_most, options
from credit_app.forms.disputes import number
from credit_app.forms.fields import AmountField
from credit_app.i18n import _l
from credit_app.models import Branch

MOST_BRANCHES = 200
CLASS_WORDS = {
    "cannot_pay": _l("cannot pay"),
    "will_not_pay": _l("will not pay"),
    "protected": _l("protected by government"),
    "heavy_old_arrears": _l("heavy old arrears"),
    "highly_mobile": _l("highly mobile"),
}


class ClassForm(Form):
    """The class of a debtor; another one than is suggested owes a reason."""

    chosen = SelectField(_l("Class"), validate_choice=False)
    reason = StringField(_l("Reason"), [at_most(500)])

    def offer(self) -> "ClassForm":
        """The classes."""
        self.chosen.choices = options((one, CLASS_WORDS[one]) for one in LEGACY_CLASSES)
        return self


class TargetRow(Part):
    """What one branch is to recover."""

    branch = HiddenField()
    amount = AmountField(_l("Target"))
    due_on = DateField(_l("Until"), [Optional()])


class CampaignForm(Form):
    """A campaign with a target for each branch that takes part."""

    name = StringField(_l("Name"), [at_most(200)])
    ends_on = DateField(_l("Last day"), [Optional()])
    rows = FieldList(FormField(TargetRow), max_entries=MOST_BRANCHES)

    def show(self, branches: Sequence[Branch]) -> None:
        """One row for each branch."""
        for branch in branches:
            self.rows.append_entry({"branch": str(branch.id)})

    def targets(self) -> list[Target]:
        """What was entered."""
        return [
            Target(row.name, number(row.form.branch.data), row.form.amount.amount, row.form.due_on.data)
            for row in self.rows
        ]


class ResultForm(Form):
    """What a campaign has brought."""

    result = TextAreaField(_l("What it has brought"), [at_most(2000)])
