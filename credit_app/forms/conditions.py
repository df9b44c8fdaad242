"""Confirming the securities of a limit, as a form with one row for each."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_wtf.file import FileField
from sqlalchemy.orm import Session, object_session
from wtforms import DateField, FieldList, FormField, HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from credit_app.facts.securities import unconfirmed
from credit_app.forms.base import Form, Part, at_most
from credit_app.forms.fields import AmountField
from credit_app.forms.uploads import Upload, checked_uploads
from credit_app.i18n import _l
from credit_app.models import CreditApplication

MOST = 10


@dataclass(frozen=True, slots=True)
class SecurityGiven:
    """What became of one security."""

    place: str
    security_id: int
    result: str
    amount: Decimal | None = None
    provider: str = ""
    reference: str = ""
    valid_from: date | None = None
    expires_on: date | None = None
    note: str = ""
    file: Upload | None = None


@dataclass(frozen=True, slots=True)
class ConditionsAnswer:
    """What became of each."""

    rows: tuple[SecurityGiven, ...] = ()


class GivenPart(Part):
    """One security."""

    security_id = HiddenField()
    result = RadioField(
        _l("What became of it"),
        choices=[
            SelectChoice("confirmed", _l("Confirmed")),
            SelectChoice("not_given", _l("Not given")),
        ],
        validate_choice=False,
    )
    amount = AmountField(_l("Amount"))
    provider = StringField(_l("Provider"), [at_most(300)])
    reference = StringField(_l("Reference"), [at_most(100)], description=_l("Number of the deed or policy"))
    valid_from = DateField(_l("Valid from"), [Optional()])
    expires_on = DateField(_l("Expires on"), [Optional()])
    note = StringField(_l("Note or reason"), [at_most(4000)])
    file = FileField(_l("Document"))


class ConditionsForm(Form):
    """The securities as a form. Nothing is preselected."""

    rows = FieldList(FormField(GivenPart), max_entries=MOST)

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, application: CreditApplication) -> None:
        """One row for each security that is not confirmed yet, with what was asked for."""
        session = object_session(application)
        for security in unconfirmed(session, application) if session is not None else []:
            part = self.rows.append_entry().form
            part.security_id.data = str(security.id)
            part.amount.process_data(security.amount)
            part.provider.data, part.expires_on.data = security.provider, security.expires_on

    def answer(self, _session: Session) -> ConditionsAnswer:
        """What became of each. Raises InvalidAnswer for a file that is not accepted."""
        return ConditionsAnswer(tuple(_given(entry) for entry in self.rows))


def _given(entry: Any) -> SecurityGiven:
    part = entry.form
    number = (part.security_id.data or "").strip()
    files = checked_uploads([part.file.data] if part.file.data else [], f"{entry.name}-file")
    return SecurityGiven(
        entry.name,
        int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0,
        part.result.data or "",
        part.amount.amount,
        part.provider.data or "",
        part.reference.data or "",
        part.valid_from.data,
        part.expires_on.data,
        part.note.data or "",
        files[0] if files else None,
    )
