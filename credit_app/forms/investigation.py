"""The investigation as a form: a finding for each channel, owners, legal records, the summary."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from flask_wtf.file import FileField
from sqlalchemy.orm import Session, object_session
from wtforms import BooleanField, DateField, FieldList, FormField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from credit_app.facts.investigations import draft_of
from credit_app.forms.base import Form, Part, at_most
from credit_app.forms.credit_application import find_customer
from credit_app.forms.drafts import show_texts, typed_texts
from credit_app.forms.fields import AmountField, ChoiceField, ShareField
from credit_app.forms.uploads import Upload, checked_uploads
from credit_app.i18n import _l
from credit_app.models import ASSESSMENTS, CHANNELS, CreditApplication, currency_codes
from workflows import InvalidAnswer

NODE = "investigate_customer"
OWNERS, LEGAL_RECORDS = 4, 3  # rows offered at a time
CHANNEL_WORDS = {
    "registration": _l("Commercial register"),
    "industry_association": _l("Industry association"),
    "credit_platform": _l("Credit information platform"),
    "market": _l("Market and competitors"),
    "references": _l("Bank and trade references"),
    "site_visit": _l("Site visit"),
    "customer_statement": _l("The customer's own statement"),
}
ASSESSMENT_WORDS = {
    "positive": _l("Positive"),
    "neutral": _l("Neutral"),
    "negative": _l("Negative"),
}
LEGAL_WORDS = {
    "litigation": _l("Litigation"),
    "administrative_penalty": _l("Administrative penalty"),
    "insolvency": _l("Insolvency"),
    "dishonesty_list": _l("List of dishonest debtors"),
}
OWNER_WORDS = {"person": _l("Person"), "company": _l("Company")}


@dataclass(frozen=True, slots=True)
class FindingEntry:
    """What one channel said; `place` is the name of its row on the page."""

    place: str
    channel: str
    source: str
    found_on: date | None
    finding: str
    assessment: str
    file: Upload | None = None


@dataclass(frozen=True, slots=True)
class OwnerEntry:
    """An owner with its share (0 to 1) or None where it is not known."""

    place: str
    kind: str
    name: str
    country: str
    share: Decimal | None
    customer_id: int | None
    source: str


@dataclass(frozen=True, slots=True)
class LegalEntry:
    """A court case, penalty, insolvency or list entry."""

    place: str
    kind: str
    opened_on: date | None
    closed_on: date | None
    authority: str
    subject: str
    amount: Decimal | None
    currency: str
    source: str


@dataclass(frozen=True, slots=True)
class Investigated:
    """The whole answer. `texts` is what was typed, for a draft."""

    findings: tuple[FindingEntry, ...] = ()
    owners: tuple[OwnerEntry, ...] = ()
    parent_id: int | None = None
    legal_records: tuple[LegalEntry, ...] = ()
    nothing_on_record: bool = False
    record_source: str = ""
    summary: str = ""
    texts: dict[str, str] = field(default_factory=dict)


class FindingPart(Part):
    """One channel."""

    source = StringField(_l("Source"), [at_most(300)])
    found_on = DateField(_l("Day"), [Optional()])
    finding = TextAreaField(_l("Finding"), [at_most(4000)])
    assessment = ChoiceField(
        _l("Assessment"),
        choices=[
            SelectChoice("", "–"),
            *(SelectChoice(word, ASSESSMENT_WORDS[word]) for word in ASSESSMENTS),
        ],
    )
    file = FileField(_l("Document"))


class OwnerPart(Part):
    """One owner."""

    name = StringField(_l("Name"), [at_most(300)])
    kind = ChoiceField(
        _l("Kind"), choices=[SelectChoice("", "–"), *(SelectChoice(*pair) for pair in OWNER_WORDS.items())]
    )
    country = StringField(_l("Country"), [at_most(60)])
    share = ShareField(_l("Share in per cent"))
    customer = StringField(_l("Customer number, if it is one"), [at_most(300)])
    source = StringField(_l("Source"), [at_most(300)])


class LegalPart(Part):
    """One legal record."""

    kind = ChoiceField(
        _l("Kind"), choices=[SelectChoice("", "–"), *(SelectChoice(*pair) for pair in LEGAL_WORDS.items())]
    )
    opened_on = DateField(_l("Since"), [Optional()])
    closed_on = DateField(_l("Closed on"), [Optional()])
    authority = StringField(_l("Court or authority"), [at_most(300)])
    subject = StringField(_l("What it is about"), [at_most(1000)])
    amount = AmountField(_l("Amount"))
    currency = StringField(_l("Currency"), [at_most(3)])
    source = StringField(_l("Source"), [at_most(300)])


class InvestigationForm(Form):
    """The investigation as a form; the channels stand in their fixed order."""

    findings = FieldList(FormField(FindingPart), min_entries=len(CHANNELS), max_entries=len(CHANNELS))
    owners = FieldList(FormField(OwnerPart), min_entries=OWNERS, max_entries=20)
    parent = StringField(
        _l("Parent company"),
        [at_most(300)],
        description=_l("The customer of ours that it belongs to, by number or name; or leave empty"),
    )
    legal_records = FieldList(FormField(LegalPart), min_entries=LEGAL_RECORDS, max_entries=20)
    nothing_on_record = BooleanField(_l("Searched: no litigation, penalty, insolvency or list entry"))
    record_source = StringField(_l("Where it was searched"), [at_most(300)])
    summary = TextAreaField(_l("Summary"), [at_most(4000)])

    def offer(self, session: Session) -> None:
        """Know the currencies."""
        self.currencies = frozenset(currency_codes(session))

    def show(self, application: CreditApplication) -> None:
        """Show the draft, else the parent that is on file."""
        session = object_session(application)
        texts = draft_of(session, application, NODE) if session is not None else {}
        customer = application.customer
        if texts:
            show_texts(self, texts)
        elif customer is not None and customer.parent is not None:
            self.parent.data = f"{customer.parent.number} {customer.parent.name}"

    def answer(self, session: Session) -> Investigated:
        """What was entered. Raises InvalidAnswer for a customer that cannot be told, or a file not accepted."""
        return Investigated(
            tuple(self._finding(number) for number in range(len(CHANNELS))),
            tuple(_owner(session, entry) for entry in self.owners if _touched(entry)),
            _customer(session, self.parent.data, "parent"),
            tuple(self._legal(entry) for entry in self.legal_records if _touched(entry)),
            bool(self.nothing_on_record.data),
            self.record_source.data or "",
            self.summary.data or "",
            typed_texts(self),
        )

    def _finding(self, number: int) -> FindingEntry:
        part, place = self.findings[number].form, self.findings[number].name
        files = checked_uploads([part.file.data] if part.file.data else [], f"{place}-file")
        return FindingEntry(
            place,
            CHANNELS[number],
            part.source.data or "",
            part.found_on.data,
            part.finding.data or "",
            part.assessment.data or "",
            files[0] if files else None,
        )

    def _legal(self, entry: Any) -> LegalEntry:
        part = entry.form
        currency = (part.currency.data or "").upper()
        if part.amount.amount is not None and currency not in self.currencies:
            raise InvalidAnswer(
                f"{entry.name}-currency", str(_l("Enter the currency of the amount, for example EUR."))
            )
        return LegalEntry(
            entry.name,
            part.kind.data or "",
            part.opened_on.data,
            part.closed_on.data,
            part.authority.data or "",
            part.subject.data or "",
            part.amount.amount,
            currency,
            part.source.data or "",
        )


def _touched(entry: Any) -> bool:
    """Whether somebody typed something into the row."""
    return any(field.data for field in entry.form)


def _owner(session: Session, entry: Any) -> OwnerEntry:
    part = entry.form
    return OwnerEntry(
        entry.name,
        part.kind.data or "",
        part.name.data or "",
        (part.country.data or "").upper(),
        part.share.share,
        _customer(session, part.customer.data, f"{entry.name}-customer"),
        part.source.data or "",
    )


def _customer(session: Session, typed: str | None, place: str) -> int | None:
    try:
        return find_customer(session, typed or "")
    except InvalidAnswer as unknown:
        raise InvalidAnswer(place, str(unknown)) from None
