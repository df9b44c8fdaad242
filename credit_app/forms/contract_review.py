"""The forms of a contract's review: the draft, the checklist, an opinion, the drafter's answers, the decision."""

from typing import Any

from flask_wtf.file import FileField
from sqlalchemy.orm import Session, object_session
from wtforms import (
    DateField,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional

from credit_app.domain.contracts import (
    CLAUSE_STATES,
    COMMENT_KINDS,
    MOST_CLAUSES,
    RENEWALS,
    RETENTION_FROM,
    TERMS,
)
from credit_app.domain.countries import is_country
from credit_app.facts.contract_cases import review_of
from credit_app.facts.contract_drafting import LONGEST_TYPED, Checked, Drafted, suggestions
from credit_app.facts.contract_opinions import (
    ANSWERS,
    ObjectionDecision,
    Opinion,
    Point,
    PointAnswer,
    area_of,
    own_points,
)
from credit_app.facts.contract_review import begins_from, open_points
from credit_app.facts.contract_texts import texts_for
from credit_app.facts.contract_words import (
    CLAUSE_STATE_WORDS,
    COMMENT_KIND_WORDS,
    LANGUAGE_WORDS,
    RENEWAL_WORDS,
    RETENTION_WORDS,
    TERM_WORDS,
)
from credit_app.facts.payment_words import PAYMENT_WORDS
from credit_app.forms.base import Form, Part, at_most, options
from credit_app.forms.fields import AmountField, ChoiceField, ShareField, WholeField
from credit_app.forms.uploads import checked_upload
from credit_app.i18n import _, _l
from credit_app.models import PAYMENT_METHODS, currency_codes
from credit_app.models.contract import LANGUAGES
from credit_app.models.contract_review import ContractReview
from workflows import Action, InvalidAnswer

ANSWER_WORDS = {
    "take_up": _l("Take it up in a new version"),
    "accept": _l("Accept the condition"),
    "insist": _l("The text stays"),
}
MOST_POINTS = 20
MOST_OPEN = 200
FILES = _l("PDF, PNG, JPEG, Word or Excel, at most 10 MB")
LONGEST_ID = 18


def number_of(text: object) -> int | None:
    """A row's number as it was sent; None for anything else."""
    plain = str(text or "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= LONGEST_ID else None


class DraftForm(Form):
    """Terms and text of a version; a draft after another one begins with the terms of that one."""

    goods = TextAreaField(TERM_WORDS["goods"], [at_most(2000)])
    specification = TextAreaField(TERM_WORDS["specification"], [at_most(4000)])
    quantity = AmountField(TERM_WORDS["quantity"], currency_field="")
    unit = StringField(TERM_WORDS["unit"], [at_most(30)])
    quality = TextAreaField(TERM_WORDS["quality"], [at_most(2000)])
    delivery_terms = StringField(TERM_WORDS["delivery_terms"], [at_most(200)])
    delivery_place = StringField(TERM_WORDS["delivery_place"], [at_most(300)])
    delivery_on = DateField(TERM_WORDS["delivery_on"], [Optional()])
    amount = AmountField(TERM_WORDS["amount"])
    currency = ChoiceField(TERM_WORDS["currency"], default="")
    payment_days = WholeField(TERM_WORDS["payment_days"])
    payment_method = ChoiceField(TERM_WORDS["payment_method"], default="")
    payment_terms = StringField(TERM_WORDS["payment_terms"], [at_most(200)])
    retention_share = ShareField(_l("Retention in per cent"))
    retention_days = WholeField(TERM_WORDS["retention_days"])
    retention_from = ChoiceField(TERM_WORDS["retention_from"], default="invoice")
    warranty_months = WholeField(TERM_WORDS["warranty_months"], most=600)
    breach_liability = TextAreaField(TERM_WORDS["breach_liability"], [at_most(2000)])
    liability_cap = AmountField(TERM_WORDS["liability_cap"])
    security = TextAreaField(TERM_WORDS["security"], [at_most(2000)])
    governing_law = StringField(
        TERM_WORDS["governing_law"], [at_most(2)], description=_l("Two letters, such as DE")
    )
    forum = StringField(TERM_WORDS["forum"], [at_most(300)])
    starts_on = DateField(TERM_WORDS["starts_on"], [Optional()])
    ends_on = DateField(TERM_WORDS["ends_on"], [Optional()])
    renewal = ChoiceField(TERM_WORDS["renewal"], default="none")
    renewal_notice_days = WholeField(TERM_WORDS["renewal_notice_days"])
    special = TextAreaField(TERM_WORDS["special"], [at_most(4000)])
    source = RadioField(_l("Where the text comes from"), validate_choice=False)
    template = ChoiceField(_l("Template"), default="", validate_choice=False)
    language = ChoiceField(_l("Language of the text"), default="")
    text = TextAreaField(_l("Text"), [at_most(LONGEST_TYPED)])
    file = FileField(_l("Document"), description=FILES)
    note = TextAreaField(_l("What changed"), [at_most(2000)])

    def offer(self, session: Session) -> None:
        """Currencies, methods, languages and the templates of both sides."""
        self.currency.choices = options(((code, code) for code in currency_codes(session)), "–")
        self.payment_method.choices = options(((code, PAYMENT_WORDS[code]) for code in PAYMENT_METHODS), "–")
        self.renewal.choices = options((code, RENEWAL_WORDS[code]) for code in RENEWALS)
        self.retention_from.choices = options((code, RETENTION_WORDS[code]) for code in RETENTION_FROM)
        self.language.choices = options(((code, LANGUAGE_WORDS[code]) for code in LANGUAGES), "–")
        texts = [text for side in ("sales", "purchase") for text in texts_for(session, side)]
        self.template.choices = options(((text.key, text.title) for text in texts), "–")

    def show(self, review: ContractReview) -> None:
        """Begin with the terms in force or drafted before, and with their text; where it comes from is chosen anew."""
        session = object_session(review)
        before = begins_from(session, review) if session is not None else None
        if before is None:
            return
        for name in TERMS:
            self[name].process_data(getattr(before, name))
            if isinstance(self[name], ChoiceField | StringField) and self[name].data is None:
                self[name].data = ""
        self.language.data = before.language
        if before.filename is None:  # what a document says is not written on, but handed in anew
            self.text.data = before.text

    def answer(self, _session: Session) -> Drafted:
        """The version as it was entered. Raises InvalidAnswer for a file or a country that is not taken."""
        given = self.file.data
        handed = self.source.data == "upload" and given is not None and given.filename
        document = checked_upload(given, "file") if handed else None
        return Drafted(
            self._terms(), self.source.data or "", self.template.data or "", self.language.data or "en",
            (self.text.data or "").replace("\r\n", "\n"), document, self.note.data or "",
        )  # fmt: skip

    def _terms(self) -> dict[str, Any]:
        terms: dict[str, Any] = {}
        for name in TERMS:
            item = self[name]
            if isinstance(item, AmountField):
                terms[name] = item.amount
            elif isinstance(item, WholeField):
                terms[name] = item.number
            elif isinstance(item, ShareField):
                terms[name] = item.share
            else:
                terms[name] = item.data if isinstance(item, DateField) else item.data or ""
        for name in ("currency", "payment_method", "governing_law"):
            terms[name] = terms[name] or None
        terms["renewal"] = terms["renewal"] or "none"
        terms["retention_from"] = terms["retention_from"] or "invoice"
        if terms["quantity"] is not None and terms["quantity"] <= 0:
            raise InvalidAnswer("quantity", _("Give a quantity above zero."))
        if terms["governing_law"] is not None:
            terms["governing_law"] = terms["governing_law"].upper()
            if not is_country(terms["governing_law"]):
                raise InvalidAnswer("governing_law", _("Give the two letters of a country, such as DE."))
        return terms


class ClausePart(Part):
    """A line of the checklist."""

    clause = HiddenField()
    state = ChoiceField(
        _l("Compared with policy"),
        choices=options(((one, CLAUSE_STATE_WORDS[one]) for one in CLAUSE_STATES), "–"),
    )
    quoted = TextAreaField(_l("Quoted"), [at_most(500)])
    reason = TextAreaField(_l("Reason"), [at_most(1000)])


class ChecklistForm(Form):
    """The checklist: what the text seems to say stands in it, the drafter confirms or changes it."""

    seen = HiddenField()
    rows = FieldList(FormField(ClausePart), max_entries=MOST_CLAUSES)

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, review: ContractReview) -> None:
        """Which version the page shows."""
        self.seen.data = str(review.version_id)

    def look(self, _session: Session, action: Action, _args: Any) -> None:
        """What the text seems to say of each clause."""
        for one in suggestions(action, review_of(action)):
            self.rows.append_entry(
                {"clause": one.clause.code, "state": one.state, "quoted": one.quoted, "reason": one.reason}
            )

    def answer(self, _session: Session) -> tuple[list[Checked], str]:
        """The lines as they were answered, and the version that they are about."""
        rows = [
            Checked(
                entry.name, entry.form.clause.data or "", entry.form.state.data or "", entry.form.quoted.data or "",
                entry.form.reason.data or "",
            )
            for entry in self.rows.entries
        ]  # fmt: skip
        return rows, self.seen.data or ""


class PointPart(Part):
    """Something that a reviewer asks."""

    clause = ChoiceField(_l("Clause"), validate_choice=False, choices=[])
    kind = ChoiceField(
        _l("What you ask"), choices=options(((one, COMMENT_KIND_WORDS[one]) for one in COMMENT_KINDS), "–")
    )
    body = TextAreaField(_l("What and why"), [at_most(4000)])
    wording = TextAreaField(_l("Wording proposed"), [at_most(4000)])


class OwnPart(Part):
    """An earlier point of the area that the drafter insists against."""

    comment = HiddenField()
    choice = ChoiceField(
        _l("Your earlier point"),
        choices=options((("keep", _l("I keep it")), ("take_back", _l("I take it back"))), "–"),
    )


class OpinionForm(Form):
    """An area's opinion; nothing is preselected. `own` says of each earlier point what becomes of it."""

    seen = HiddenField()
    verdict = RadioField(_l("Your opinion"), validate_choice=False)
    note = TextAreaField(_l("Note"), [at_most(4000)])
    points = FieldList(FormField(PointPart), min_entries=MOST_POINTS, max_entries=MOST_POINTS)
    own = FieldList(FormField(OwnPart), max_entries=MOST_OPEN)

    def offer(self, _session: Session) -> None:
        """The clauses are those of the version: see the step's page."""

    def show(self, review: ContractReview) -> None:
        """Which version the page shows."""
        self.seen.data = str(review.version_id)

    def look(self, session: Session, action: Action, _args: Any) -> None:
        """A row for each earlier point of the area that is still open."""
        for row in own_points(session, review_of(action), area_of(action)):
            self.own.append_entry({"comment": str(row.id)})

    def answer(self, _session: Session) -> Opinion:
        """The opinion; rows in which nothing stands are left out."""
        points = []
        for entry in self.points.entries:
            row = entry.form
            if row.body.data or row.wording.data or row.kind.data:
                points.append(
                    Point(
                        entry.name, row.clause.data or "", row.kind.data or "", row.body.data or "",
                        row.wording.data or "",
                    )
                )  # fmt: skip
        own = {
            number_of(entry.form.comment.data) or 0: (entry.name, entry.form.choice.data or "")
            for entry in self.own.entries
        }
        return Opinion(self.verdict.data or "", self.note.data or "", points, own, self.seen.data or "")


class AnswerPart(Part):
    """The drafter's answer to a point."""

    comment = HiddenField()
    choice = ChoiceField(
        _l("Your answer"), choices=options(((one, ANSWER_WORDS[one]) for one in ANSWERS), "–")
    )
    note = TextAreaField(_l("Reason or note"), [at_most(2000)])


class AnswersForm(Form):
    """An answer for each open point; nothing is preselected."""

    rows = FieldList(FormField(AnswerPart), max_entries=MOST_OPEN)

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, _review: ContractReview) -> None:
        """Nothing stands in it before it is known what is asked."""

    def look(self, session: Session, action: Action, _args: Any) -> None:
        """A row for each open point."""
        for row in open_points(session, review_of(action)):
            self.rows.append_entry({"comment": str(row.id)})

    def answer(self, _session: Session) -> list[PointAnswer]:
        """The answers."""
        return [
            PointAnswer(
                entry.name, number_of(entry.form.comment.data) or 0, entry.form.choice.data or "",
                entry.form.note.data or "",
            )
            for entry in self.rows.entries
        ]  # fmt: skip


class ObjectionForm(Form):
    """The decision on what stays open; nothing is preselected."""

    seen = HiddenField()
    choice = RadioField(_l("Your decision"), validate_choice=False)
    upheld = SelectMultipleField(_l("Upheld"), validate_choice=False, choices=[])
    reason = TextAreaField(_l("Reason"), [at_most(1000)])

    def offer(self, _session: Session) -> None:
        """The points stand on the page."""

    def show(self, review: ContractReview) -> None:
        """Which version the page shows."""
        self.seen.data = str(review.version_id)

    def answer(self, _session: Session) -> ObjectionDecision:
        """The decision."""
        upheld = frozenset(number for number in map(number_of, self.upheld.data or []) if number is not None)
        return ObjectionDecision(self.choice.data or "", upheld, self.reason.data or "", self.seen.data or "")
