"""The analyst's proposal as a form: limit, terms, warning line and securities."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session, object_session
from wtforms import (
    DateField,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from credit_app.domain.warning_line import WATCHED, is_share, watched_name
from credit_app.facts.application import proposals_of
from credit_app.facts.exposure_reading import SECURITY_WORDS
from credit_app.facts.payment_words import PAYMENT_WORDS
from credit_app.facts.securities import securities_of
from credit_app.forms.base import Form, Part, at_most
from credit_app.forms.fields import AmountField, ChoiceField, NumberField, ShareField, WholeField
from credit_app.i18n import _l
from credit_app.models import GRADES, PAYMENT_METHODS, SECURITY_KINDS, CreditApplication

SECURITIES = 3  # rows offered at a time
WATCHED_ROWS = 2


@dataclass(frozen=True, slots=True)
class SecurityEntry:
    """One security asked for; shares from 0 to 1, None: as policy says for its kind."""

    place: str
    kind: str
    amount: Decimal | None
    haircut: Decimal | None = None
    cover: Decimal | None = None
    provider: str = ""
    expires_on: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class WatchedEntry:
    """One figure of the warning line with its bound; a share as a fraction."""

    place: str
    figure: str
    bound: Decimal | None


@dataclass(frozen=True, slots=True)
class ProposalAnswer:
    """The whole answer; amounts in the application's currency, discount in per cent."""

    choice: str
    version: int = 0
    limit: Decimal | None = None
    terms_days: int | None = None
    payment_method: str = ""
    discount: Decimal | None = None
    conditions: str = ""
    warning_score: int | None = None
    warning_grade: str = ""
    warning_utilisation: Decimal | None = None
    warning_measures: str = ""
    watched: tuple[WatchedEntry, ...] = ()
    securities: tuple[SecurityEntry, ...] = ()
    reason: str = ""


class SecurityPart(Part):
    """One security asked for."""

    kind = ChoiceField(
        _l("Security"),
        choices=[
            SelectChoice("", "–"),
            *(SelectChoice(kind, SECURITY_WORDS[kind]) for kind in SECURITY_KINDS),
        ],
    )
    amount = AmountField(_l("Amount"))
    haircut = ShareField(_l("Haircut in per cent"), description=_l("Empty: policy's for this kind"))
    cover = ShareField(_l("Insured share in per cent"), description=_l("For credit insurance only"))
    provider = StringField(_l("Provider"), [at_most(300)])
    expires_on = DateField(_l("Has to hold until"), [Optional()])
    note = StringField(_l("Note"), [at_most(4000)])


class WatchedPart(Part):
    """One figure that the warning line watches."""

    figure = ChoiceField(
        _l("Figure"),
        choices=[
            SelectChoice("", "–"),
            *(SelectChoice(key, _l(watched_name(key).template)) for key in WATCHED),
        ],
    )
    bound = NumberField(_l("Line"), description=_l("Shares in per cent, else days or times"))


class ProposalForm(Form):
    """The proposal as a form. The decision is never preselected; figures start with the system's proposal."""

    version = HiddenField()
    choice = RadioField(
        _l("Proposal"),
        choices=[
            SelectChoice("propose", _l("Propose")),
            SelectChoice("send_back", _l("Send back")),
        ],
        validate_choice=False,
    )
    limit = AmountField(_l("Limit"))
    terms_days = WholeField(_l("Credit terms"), description=_l("Days from invoice to due date"))
    payment_method = ChoiceField(
        _l("Payment method"),
        choices=[
            SelectChoice("", "–"),
            *(SelectChoice(name, PAYMENT_WORDS[name]) for name in PAYMENT_METHODS),
        ],
    )
    discount = ShareField(_l("Discount in per cent"), description=_l("For early payment; empty: none"))
    conditions = TextAreaField(_l("Conditions"), [at_most(4000)])
    warning_score = WholeField(_l("Score down to"), description=_l("Of 100 points"), most=100)
    warning_grade = ChoiceField(
        _l("Grade down to"),
        choices=[SelectChoice("", "–"), *(SelectChoice(grade, grade) for grade in GRADES)],
    )
    warning_utilisation = ShareField(
        _l("Utilisation up to"), description=_l("Per cent of the limit, for example 90"), most=999
    )
    watched = FieldList(FormField(WatchedPart), min_entries=WATCHED_ROWS, max_entries=10)
    warning_measures = TextAreaField(
        _l("Measures when it is crossed"),
        [at_most(4000)],
        description=_l("Who does what, for example: hold orders"),
    )
    securities = FieldList(FormField(SecurityPart), min_entries=SECURITIES, max_entries=10)
    reason = TextAreaField(_l("Reason"), [at_most(4000)])

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, application: CreditApplication) -> None:
        """Show the last proposal, else what the system proposes; the choice itself is never preselected."""
        session = object_session(application)
        rows = proposals_of(session, application) if session is not None else []
        computed = next((row.amount for row in rows if row.method == "proposed"), None)
        before = application.proposed_limit
        self.version.data = str(application.version)
        self.limit.process_data(before if before is not None else computed)
        days = application.proposed_terms_days
        self.terms_days.process_data(days if days is not None else application.terms_days)
        self.payment_method.data = application.proposed_payment_method or application.payment_method or ""
        self.discount.process_data(application.discount / 100 if application.discount is not None else None)
        self.conditions.data = application.approved_conditions or ""
        score = application.warning_score
        self.warning_score.process_data(int(score) if score is not None else None)
        self.warning_grade.data = application.warning_grade or ""
        self.warning_utilisation.process_data(application.warning_utilisation)
        self.warning_measures.data = application.warning_measures
        self._show_watched(application)
        if session is not None:
            self._show_securities(session, application)

    def _show_watched(self, application: CreditApplication) -> None:
        for number, (key, bound) in enumerate((application.warning_indicators or {}).items()):
            if number >= 10:
                break
            while len(self.watched) <= number:
                self.watched.append_entry()
            part = self.watched[number].form
            part.figure.data = key
            part.bound.process_data(Decimal(bound) * (100 if is_share(key) else 1))

    def _show_securities(self, session: Session, application: CreditApplication) -> None:
        for number, row in enumerate(securities_of(session, application)):
            if row.status != "required" or number >= 10:
                continue
            while len(self.securities) <= number:
                self.securities.append_entry()
            part = self.securities[number].form
            part.kind.data, part.provider.data, part.note.data = row.kind, row.provider, row.note
            part.amount.process_data(row.amount)
            part.haircut.process_data(row.haircut)
            part.cover.process_data(row.cover)
            part.expires_on.data = row.expires_on

    def answer(self, _session: Session) -> ProposalAnswer:
        """What was proposed."""
        version = (self.version.data or "").strip()
        discount = self.discount.share
        return ProposalAnswer(
            self.choice.data or "",
            int(version) if version.isdigit() and len(version) < 10 else 0,
            self.limit.amount,
            self.terms_days.number,
            self.payment_method.data or "",
            discount * 100 if discount is not None else None,
            self.conditions.data or "",
            self.warning_score.number,
            self.warning_grade.data or "",
            self.warning_utilisation.share,
            self.warning_measures.data or "",
            tuple(_watched(entry) for entry in self.watched if any(field.data for field in entry.form)),
            tuple(_security(entry) for entry in self.securities if any(field.data for field in entry.form)),
            self.reason.data or "",
        )


def _watched(entry: Any) -> WatchedEntry:
    figure, bound = entry.form.figure.data or "", entry.form.bound.number
    share = bound is not None and figure in WATCHED and is_share(figure)
    return WatchedEntry(entry.name, figure, bound / 100 if share else bound)


def _security(entry: Any) -> SecurityEntry:
    part = entry.form
    return SecurityEntry(
        entry.name,
        part.kind.data or "",
        part.amount.amount,
        part.haircut.share,
        part.cover.share,
        part.provider.data or "",
        part.expires_on.data,
        part.note.data or "",
    )
